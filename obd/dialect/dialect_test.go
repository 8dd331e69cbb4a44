package dialect_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var received = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// message is one message and what has to come of it.
type message struct {
	name, topic, payload string

	device   string
	points   []string // "hv_soc=96.3 %"
	stored   []string // "Vehicle.Speed=12", in order of signal
	codes    []string
	online   string // "true", "false", or empty
	details  map[string]any
	refusals []string // "place@offset: reason", or the beginning of it
	fails    string   // the beginning of the error: nothing can be used
}

func run(t *testing.T, name string, messages []message) {
	t.Helper()
	d, ok := dialect.Lookup(name)
	if !ok {
		t.Fatalf("no dialect %s", name)
	}
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r, err := d.Decode(dialect.Message{Topic: m.topic, Payload: []byte(m.payload), Received: received})
			if m.fails != "" {
				checkError(t, err, m.fails)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := message{
				name: m.name, topic: m.topic, payload: m.payload, device: r.Device,
				points: points(r), stored: stored(r), codes: codes(r), details: r.Details,
			}
			if r.Online != nil {
				got.online = fmt.Sprint(*r.Online)
			}
			got.refusals = shorten(refusals(r), m.refusals)
			if diff := cmp.Diff(m, got, cmp.AllowUnexported(message{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	var refusal *vehicle.Refusal
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusalText(refusal), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func points(r dialect.Result) (all []string) {
	for _, p := range r.Points {
		value := p.Value.String()
		switch {
		case p.None:
			value = "none"
		case p.List != nil:
			value = fmt.Sprint(p.List)
		}
		all = append(all, strings.TrimSpace(p.Name+"="+value+" "+p.Unit))
	}
	return all
}

func stored(r dialect.Result) (all []string) {
	for _, s := range r.Samples {
		for _, reading := range s.Readings {
			quality := [...]string{"", " abnormal", " invalid", " out of range"}[reading.Quality]
			all = append(all, fmt.Sprintf("%s=%v%s", strings.TrimPrefix(string(reading.Signal), "Vehicle."), reading.Value, quality))
		}
	}
	sort.Strings(all)
	return all
}

func codes(r dialect.Result) (all []string) {
	for _, report := range r.Codes {
		for _, c := range report.Codes {
			text := string(c.Code)
			if c.Severity != nil {
				text += fmt.Sprintf(" %02X", *c.Severity)
			}
			all = append(all, text)
		}
	}
	return all
}

func refusals(r dialect.Result) (all []string) {
	for _, f := range r.Refusals {
		all = append(all, refusalText(f))
	}
	return all
}

func refusalText(f *vehicle.Refusal) string {
	return fmt.Sprintf("%s@%d: %s", f.Place, f.Offset, f.Reason)
}

// shorten cuts what was got to the length of what is wanted.
func shorten(got, want []string) []string {
	for i := range got {
		if i < len(want) && strings.HasPrefix(got[i], want[i]) {
			got[i] = want[i]
		}
	}
	return got
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dialect, topic, payload string
		want                    time.Time
		source                  vehicle.TimeSource
	}{
		{"ovms3", "ovms/a/b/metric/v/b/soc", "50", received, vehicle.TimeFromReceiver},
		{"teslamate", "teslamate/cars/1/speed", "50", received, vehicle.TimeFromReceiver},
		{"wican", "wican/a1b2c3d4e5f6/can/rx", `{"SOC":50}`, received, vehicle.TimeFromReceiver},
		{"saic", "saic/me/vehicles/LSJW74090PZ000001/drivetrain/soc", "50", received, vehicle.TimeFromReceiver},
		{"emqx_gbt32960", "gbt32960/x/upstream/info", emqx(`{"Type":"Vehicle","Speed":10}`), time.Date(2016, 1, 31, 18, 59, 0, 0, time.UTC), vehicle.TimeFromDevice},
	} {
		d, _ := dialect.Lookup(test.dialect)
		r, err := d.Decode(dialect.Message{Topic: test.topic, Payload: []byte(test.payload), Received: received})
		if err != nil || len(r.Samples) != 1 || !r.Samples[0].Time.Equal(test.want) || r.Samples[0].TimeSource != test.source {
			t.Errorf("%s: got %+v, %v", test.dialect, r.Samples, err)
		}
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	for _, d := range dialect.All() {
		_, err := d.Decode(dialect.Message{Topic: "x", Payload: make([]byte, dialect.MaxPayload+1), Received: received})
		checkError(t, err, "@2097152: payload of 2097153 bytes is larger than 2097152")
	}
}

// TestManyFaults refuses each part of a message that is nothing but faults, and
// lists the first of them.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	d, _ := dialect.Lookup("wican")
	payload := `{"frame":[` + strings.Repeat("1,", 1000) + `{"id":2024,"data":[3,65,13,60]}]}`
	r, err := d.Decode(dialect.Message{Topic: "wican/a1b2c3d4e5f6/can/rx", Payload: []byte(payload), Received: received})
	if err != nil || len(r.Refusals) != 257 || len(r.Samples) != 1 {
		t.Errorf("got %d refusals, %d samples, %v", len(r.Refusals), len(r.Samples), err)
	}
}

// FuzzDecode hands any topic and payload to every dialect. Whatever comes, there is
// no panic, the result is bounded by the payload, prints as JSON, and holds no time
// that cannot be.
func FuzzDecode(f *testing.F) {
	for _, seed := range [][2]string{
		{"ovms/alice/CAR1/metric/v/t/pressure", "220,221,219,"},
		{"ovms/alice/CAR1/notify/data/x/1/-120", "*-OVM-Utilization,1,86400,2"},
		{"teslamate/ns/cars/1/location", `{"latitude":48.1,"longitude":null}`},
		{"wican/a1b2c3d4e5f6/can/rx", `{"bus":0,"type":"rx","frame":[{"id":2024,"dlc":8,"extd":false,"data":[4,65,12,26,248,0,0,0]}]}`},
		{"wican/a1b2c3d4e5f6/can/tx", `{"frame":[{"id":2015,"dlc":8,"data":[3,34,241,144,0,0,0,0]}]};`},
		{"wican/a1b2c3d4e5f6/elm327", "41 0C 1A F8\r\r>"},
		{"wican/group", `{"SOC":66.7,"CHARGING":"on","X\u0000":1e999}`},
		{"saic/me/vehicles/LSJW74090PZ000001/drivetrain/mileage", "1234.5"},
		{"gbt32960/1G1BL52P7TR115520/upstream/info", emqx(`{"Type":"Vehicle","Speed":65535,"Gear":254}`)},
		{"gbt32960/1G1BL52P7TR115520/upstream/info", emqx(`{"Type":"Alarm","GeneralAlarmFlag":3,"MaxAlarmLevel":1,"FaultEngineList":["006F"]}`)},
		{"gbt32960/1G1BL52P7TR115520/upstream/reinfo", emqx(`{"Type":"DriveMotor","Motors":[{},7]},{"Type":"ChargeableVoltage","SubSystems":[{"CellsVoltage":[3700,"x"]}]},{"Type":"ChargeableTemp","SubSystems":[{"ProbesTemp":[60]}]}`)},
		{"gbt32960/gw/frames", string(gbtFrame("LSVAA4182E2184847", 50)) + string(gbtFrame("LSVAA4182E2184848", 60))},
		{"jtt808/gw", string(jttFrame("013812345678"))},
		{"", "id=1&time=1574906292241&kc=1000"},
		{"x", "1#0:1,24:425*21"},
		{"a/b", `{"vin":"WBATEST0000000001","data":{"x":{"timestamp":"2026-01-01T00:00:00Z","value":"1"}}}`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		for _, d := range dialect.All() {
			r, err := d.Decode(dialect.Message{Topic: topic, Payload: payload, Received: received})
			if err != nil {
				var refusal *vehicle.Refusal
				if !errors.As(err, &refusal) || refusal.Reason == "" || refusal.Offset < 0 && refusal.Place == "" || refusal.Offset > len(payload) {
					t.Fatalf("%s: %v", d.Name, err)
				}
				continue
			}
			checkResult(t, d.Name, r, len(payload))
		}
	})
}

func checkResult(t *testing.T, name string, r dialect.Result, size int) {
	t.Helper()
	if len(r.Points) > size+2 || len(r.Refusals) > 257 {
		t.Fatalf("%s: %d points and %d refusals of %d bytes", name, len(r.Points), len(r.Refusals), size)
	}
	for _, s := range r.Samples {
		if s.Time.Year() < 2000 || !s.Time.Before(received.Add(vehicle.MaxClockLead)) || len(s.Readings) == 0 {
			t.Fatalf("%s: sample %+v", name, s)
		}
		for _, reading := range s.Readings {
			if _, finite := reading.Value.Float(); reading.Value.Kind != vehicle.KindText && !finite {
				t.Fatalf("%s: %+v", name, reading)
			}
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range []struct{ dialect, topic, payload string }{
		{"ovms3", "ovms/alice/CAR1/metric/v/b/soc", "96.3"},
		{"teslamate", "teslamate/cars/1/odometer", "1653"},
		{"wican", "wican/a1b2c3d4e5f6/can/rx", `{"bus":"0","type":"rx","ts":100,"frame":[{"id":2024,"dlc":8,"rtr":false,"extd":false,"data":[4,65,12,18,52,170,170,170]}]}`},
		{"saic", "saic/me/vehicles/LSJW74090PZ000001/drivetrain/soc", "50"},
		{"emqx_gbt32960", "gbt32960/LSJW74090PZ000001/upstream/info", emqx(`{"AcceleratorPedal":90,"BrakePedal":0,"Charging":1,"Current":15000,"DC":1,"Gear":5,"Mileage":999999,"Mode":1,"Resistance":6000,"SOC":50,"Speed":2000,"Status":1,"Type":"Vehicle","Voltage":5000}`)},
		{"gbt32960", "gbt32960/gateway/frames", string(gbtFrame("LSVAA4182E2184847", 800))},
		{"jtt808", "jtt808/gateway", string(jttFrame("013812345678"))},
	} {
		d, _ := dialect.Lookup(m.dialect)
		b.Run(m.dialect, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Decode(dialect.Message{Topic: m.topic, Payload: []byte(m.payload), Received: received}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleLookup() {
	d, _ := dialect.Lookup("ovms3")
	r, err := d.Decode(dialect.Message{
		Topic:    "ovms/alice/CAR1/metric/v/p/odometer",
		Payload:  []byte("48213.4"),
		Received: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(r); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "device": "alice/CAR1",
	//   "samples": 1,
	//   "values": {
	//     "odometer": {
	//       "value": 48213.4,
	//       "unit": "km"
	//     }
	//   }
	// }
}
