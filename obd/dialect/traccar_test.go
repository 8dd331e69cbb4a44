package dialect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestTraccar(t *testing.T) {
	t.Parallel()
	const device = `,"device":{"id":7,"uniqueId":"car-7"}}`
	for name, tc := range map[string]struct {
		payload string
		want    said
	}{
		"units": {`{"position":{"deviceTime":"2026-11-25T08:00:00.000+00:00","fixTime":"2026-11-25T08:00:00.000+0000","valid":true,"latitude":49.2,"longitude":18.7,"altitude":410.0,"speed":10.0,"course":208.0,"accuracy":0.0,
			"attributes":{"odometer":57913100,"hours":5400000,"power":"12.52","battery":4.1,"fuelConsumption":1.5,"motion":true,"ignition":true,"io3":7}}` + device, said{Device: "car-7", Stored: []string{
			"2026-11-25 08:00:00 TraveledDistance=5.79131e+07",
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.EngineHours=1.5",
			"2026-11-25 08:00:00 OBD.FuelRate=1.5",
			"2026-11-25 08:00:00 LowVoltageBattery.CurrentVoltage=12.52",
			"2026-11-25 08:00:00 IsMoving=true",
			"2026-11-25 08:00:00 traccar.io3=7",
			"2026-11-25 08:00:00 CurrentLocation.Latitude=49.2",
			"2026-11-25 08:00:00 CurrentLocation.Longitude=18.7",
			"2026-11-25 08:00:00 CurrentLocation.Altitude=410",
			"2026-11-25 08:00:00 CurrentLocation.Heading=208",
			"2026-11-25 08:00:00 Speed=18.52",
		}}},
		"an older fix": {`{"position":{"deviceTime":"2026-11-25T08:00:00Z","fixTime":"2026-11-25T07:00:00Z","latitude":49.2,"longitude":18.7,"speed":10,"attributes":{"obdSpeed":20,"obdOdometer":2000,"odometer":1000}}` + device,
			said{Device: "car-7", Stored: []string{
				"2026-11-25 08:00:00 TraveledDistance=2000",
				"2026-11-25 08:00:00 Speed=20",
				"2026-11-25 07:00:00 CurrentLocation.Latitude=49.2",
				"2026-11-25 07:00:00 CurrentLocation.Longitude=18.7",
				"2026-11-25 07:00:00 Speed=18.52",
			}}},
		"wheels before receiver": {`{"position":{"deviceTime":"2026-11-25T08:00:00Z","latitude":0.0,"longitude":0,"speed":10,"attributes":{"obdSpeed":20}}` + device,
			said{Device: "car-7", Stored: []string{"2026-11-25 08:00:00 Speed=20"}, Refused: []string{"latitude, byte 49: latitude and longitude are 0: the receiver has no fix"}}},
		"no fix":            {`{"position":{"deviceTime":"2026-11-25T08:00:00Z","valid":false,"latitude":49.2,"longitude":18.7,"speed":10}` + device, said{Device: "car-7"}},
		"off the map":       {`{"position":{"deviceTime":"2026-11-25T08:00:00Z","latitude":91,"longitude":18.7,"speed":3}` + device, said{Device: "car-7", Refused: []string{"latitude, byte 49: latitude or longitude is out of range"}}},
		"only server time":  {`{"position":{"serverTime":"2026-11-25T09:59:00Z","attributes":{"rpm":800}}` + device, said{Device: "car-7", Stored: []string{"receiver -1m0s Powertrain.CombustionEngine.Speed=800"}}},
		"clock was not set": {`{"position":{"deviceTime":"1970-01-01T00:00:00Z","attributes":{"rpm":800,"dtcs":"P0171"}}` + device, said{Device: "car-7", Refused: []string{"deviceTime, byte 13: time is before the year 2000: the clock was not set"}}},
		"clock is ahead":    {`{"position":{"fixTime":"2026-11-27T00:00:00Z","attributes":{"rpm":800}}` + device, said{Device: "car-7", Refused: []string{"fixTime, byte 13: time is 24h0m0s or more ahead of the receive time"}}},
		"wrong values": {`{"position":{"deviceTime":1795593600000,"attributes":{"rpm":true,"fuelLevel":"full","coolantTemp":1e999,"engineLoad":-2,"dtcs":"P0171 oops","beacon":{"a":1},"vin":"?"}}` + device, said{
			Device: "car-7",
			Stored: []string{"2026-11-25 08:00:00 OBD.EngineLoad=-2"},
			Refused: []string{
				"rpm, byte 54: want a number or a text, got true",
				"coolantTemp, byte 84: number is too large",
				`fuelLevel, byte 65: want a number, got "full"`,
				"beacon, byte 140: want one value, got an object or a list",
				`vin, byte 157: not a VIN: parse VIN "?": length at byte 0`,
				`dtcs, byte 120: parse trouble code "oops": want 5 characters, or 8 with a failure type at byte 4`,
			},
		}},
		"words that are no JSON": {`{"position":{"deviceTime":"2026-11-25T08:00:00Z","attributes":{"rpm":NaN,"fuelLevel":-Infinity,"io1": Infinity ,"alarm":"NaN, \"Infinity","coolantTemp":80}}` + device, said{
			Device: "car-7",
			Stored: []string{"2026-11-25 08:00:00 Powertrain.CombustionEngine.EngineCoolant.Temperature=80"},
			Refused: []string{
				"rpm, byte 63: NaN is not a value",
				"fuelLevel, byte 73: -Infinity is not a value",
				"io1, byte 95: Infinity is not a value",
			},
		}},
		"cut behind such a word":      {`{"position":{"a":NaN,"b":NaN,`, said{Err: "byte 29: JSON ends in the middle"}},
		"wrong behind such a word":    {`{"position":{"a":NaN,"b":NaNs}}`, said{Err: "byte 28: JSON: invalid character 's' after object key:value pair"}},
		"deeper than it may, and NaN": {strings.Repeat("[", 33) + "NaN", said{Err: "byte 32: JSON is nested deeper than 32"}},
		"event":                       {`{"event":{"type":"deviceOffline"},"position":null` + device, said{Device: "car-7"}},
		"no object":                   {`[]`, said{Err: "position: want an object with position and device"}},
		"cut":                         {`{"position":{`, said{Err: "byte 13: JSON ends in the middle"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(readAs(t, "traccar", "positions", tc.payload))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTraccarCodes(t *testing.T) {
	t.Parallel()
	r, err := readAs(t, "traccar", "", `{"position":{"deviceTime":"2026-11-25T08:00:00Z","attributes":{"dtcs":"P0171 u0100  P0171"}}}`)
	want := []vehicle.CodeReport{{
		Time:   time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC),
		Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed},
		Codes:  []vehicle.CodeEntry{{Code: "P0171", Status: vehicle.CodeConfirmed}, {Code: "U0100", Status: vehicle.CodeConfirmed}},
	}}
	if diff := cmp.Diff(want, r.Codes); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	r, _ = readAs(t, "traccar", "", `{"position":{"deviceTime":"2026-11-25T08:00:00Z","attributes":{"dtcs":"P0171 oops u0100 oops"}}}`)
	want[0].Covers = []vehicle.CodeStatus{vehicle.CoversNone}
	if diff := cmp.Diff(want, r.Codes); diff != "" || len(r.Refusals) != 1 {
		t.Errorf("%v: with a text that is no code (-want +got):\n%s", r.Refusals, diff)
	}
	if r, _ := readAs(t, "traccar", "", `{"position":{"attributes":{"dtcs":" "}}}`); r.Codes != nil {
		t.Errorf("an empty text became %+v", r.Codes)
	}
}

func TestTraccarEvents(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"deviceOnline": "true", "deviceOffline": "false", "ignitionOn": "unsaid"} {
		r, err := readAs(t, "traccar", "events", `{"event":{"type":"`+kind+`"},"device":{"uniqueId":"x"}}`)
		got := "unsaid"
		if r.Online != nil {
			got = fmt.Sprint(*r.Online)
		}
		if err != nil || got != want || r.Details["event"] != kind {
			t.Errorf("%s: got %s, %v, %v", kind, got, r.Details, err)
		}
	}
}

func FuzzTraccar(f *testing.F) {
	for _, s := range []string{
		`{"position":{"deviceTime":"2026-11-25T08:00:00Z","fixTime":1,"latitude":1,"longitude":2,"speed":3,"attributes":{"rpm":1,"dtcs":"P0171","x":"y"}}}`,
		`{"event":{"type":"a"},"device":{"uniqueId":7}}`, `{"position":{"attributes":{"rpm":NaN,"x":[-Infinity],"dtcs":"?"}}}`, `{"position":{"serverTime":"2026-11-25T08:00:00"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		r, err := readAs(t, "traccar", "positions", payload)
		checkSane(t, payload, r, err)
	})
}

func BenchmarkTraccar(b *testing.B) {
	payload := `{"position":{"deviceTime":"2021-02-14T08:44:50.000+00:00","fixTime":"2021-02-14T08:44:50.000+00:00","valid":true,"latitude":49.21592,"longitude":18.737755,
		"altitude":410.0,"speed":10.0,"course":208.0,"attributes":{"odometer":57913100,"rpm":1726,"coolantTemp":55,"dtcs":"P1457 U029F"}},"device":{"uniqueId":"M0ZR4X0"}}`
	d, _ := dialect.Lookup("traccar")
	m := dialect.Message{Payload: []byte(payload), Received: receivedAt}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(m); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleDialect_traccar() {
	d, _ := dialect.Lookup("traccar")
	r, err := d.Decode(dialect.Message{
		Payload: []byte(`{"position":{"fixTime":"2026-11-25T08:00:00Z","latitude":49.2,"longitude":18.7,"speed":10},"device":{"uniqueId":"car-7"}}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, reading := range r.Samples[0].Readings {
		fmt.Println(r.Device, reading.Signal, reading.Value)
	}
	// Output:
	// car-7 Vehicle.CurrentLocation.Latitude 49.2
	// car-7 Vehicle.CurrentLocation.Longitude 18.7
	// car-7 Vehicle.Speed 18.52
}
