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

// summed adds the checksum.
func summed(text string) string {
	sum := byte(0)
	for i := range len(text) {
		sum += text[i]
	}
	return fmt.Sprintf("%s*%X", text, sum)
}

func TestFreematics(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		payload string
		want    said
	}{
		"PIDs": {summed("CAR#0:1000,11:251126,10:8000000,10C:1726,10D:19,105:55,12F:25,142:13.8,24:1252"), said{Device: "CAR", Stored: []string{
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.Speed=1726",
			"2026-11-25 08:00:00 Speed=19",
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.EngineCoolant.Temperature=55",
			"2026-11-25 08:00:00 Powertrain.FuelSystem.RelativeLevel=25",
			"2026-11-25 08:00:00 LowVoltageBattery.CurrentVoltage=13.8",
		}}},
		"wheels before receiver, in any order": {summed("CAR#0:1,11:251126,10:8000000,D:50,10d:48,A:1,B:2"), said{Device: "CAR", Stored: []string{
			"2026-11-25 08:00:00 Speed=48", "2026-11-25 08:00:00 CurrentLocation.Latitude=1", "2026-11-25 08:00:00 CurrentLocation.Longitude=2",
		}}},
		"one date for all, then by age": {summed("CAR#0:1000,11:251126,10:1020304,10C:800,0:2000,10:1020404,10C:900,0:3000,10C:1000,"), said{Device: "CAR", Stored: []string{
			"2026-11-25 01:02:03 Powertrain.CombustionEngine.Speed=800",
			"2026-11-25 01:02:04 Powertrain.CombustionEngine.Speed=900",
			"receiver -0s Powertrain.CombustionEngine.Speed=1000",
		}}},
		"age by uptime": {summed("CAR#0:1000,10C:800,0:3500,10C:900"), said{Device: "CAR", Stored: []string{
			"age -2.5s Powertrain.CombustionEngine.Speed=800", "receiver -0s Powertrain.CombustionEngine.Speed=900",
		}}},
		"a restart in between":        {summed("CAR#0:9000,10C:800,0:10,10C:900"), said{Device: "CAR", Stored: []string{"receiver -0s Powertrain.CombustionEngine.Speed=800", "receiver -0s Powertrain.CombustionEngine.Speed=900"}}},
		"unknown PID and key":         {summed("CAR#0:1,114:5,1FE:3,30:7"), said{Device: "CAR", Stored: []string{"receiver -0s freematics.114=5", "receiver -0s freematics.1FE=3", "receiver -0s freematics.30=7"}}},
		"no fix":                      {summed("CAR#0:1,A:0.0,B:0.000,C:5,D:3"), said{Device: "CAR", Refused: []string{"A, byte 8: latitude and longitude are 0: the receiver has no fix"}}},
		"the board's own battery":     {summed("CAR#0:1,24:300"), said{Device: "CAR"}},
		"a date that is none":         {summed("CAR#0:1,11:310226,10:0,10C:1"), said{Device: "CAR", Refused: []string{`10, byte 18: want a date ddmmyy and a time hhmmsscc that exist, got "310226" and "0"`}}},
		"wrong values":                {summed("CAR#0:x,10C:fast,zz:1,oops,10D:20,20:1;b;3,31:nan"), said{Device: "CAR", Stored: []string{"receiver -0s Speed=20"}, Refused: []string{"oops, byte 22: want a key, : and a value", `0, byte 4: want the uptime in milliseconds, got "x"`, "zz, byte 17: want a key of hexadecimal digits", `10C, byte 8: want a number, got "fast"`, "20, byte 34: want numbers between semicolons", "31, byte 43: not a finite number"}}},
		"wrong checksum":              {"CAR#0:1*00", said{Device: "CAR", Err: `checksum, byte 8: want 94, got "00"`}},
		"no checksum":                 {"CAR#0:1", said{Err: "byte 7: want * and a checksum at the end"}},
		"no id":                       {summed("#0:1"), said{Err: "byte 0: want the id of the device and #"}},
		"nothing":                     {"", said{Err: "byte 0: want the id of the device and #"}},
		"an event with a wrong VIN":   {summed("CAR#EV=1,VIN=X"), said{Device: "CAR", Refused: []string{`VIN, byte 9: not a VIN: parse VIN "X": length at byte 1`}}},
		"an event that is no number":  {summed("CAR#EV=x"), said{Device: "CAR", Refused: []string{`EV, byte 4: want the number of an event, got "x"`}}},
		"the end of a line is no sum": {summed("CAR#0:1,10D:20") + "\r\n", said{Device: "CAR", Stored: []string{"receiver -0s Speed=20"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(readAs(t, "freematics", "", tc.payload))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.payload, diff)
			}
		})
	}
}

func TestFreematicsEvents(t *testing.T) {
	t.Parallel()
	r, err := readAs(t, "freematics", "", summed("CAR#EV=1,TS=77,ID=ESP32,VIN=WBATEST0000000001"))
	if err != nil || r.VIN != vehicle.VIN("WBATEST0000000001") || r.Online == nil || !*r.Online || r.Details["event"] != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	r, err = readAs(t, "freematics", "", "CAR#EV=1*00")
	if err == nil || r.Details["checksum_valid"] != false {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestFreematicsKeepsMomentsApart: where values are too many, those that are
// read stay in the sample they came in.
func TestFreematicsKeepsMomentsApart(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("CAR#0:1000,10C:700,0:2000,10D:20")
	for i := range 4000 {
		fmt.Fprintf(&text, ",%X:1", 0x1000+i)
	}
	text.WriteString(",0:3000,0:4000,10C:900")
	r, err := readAs(t, "freematics", "", summed(text.String()))
	if err != nil || len(r.Samples) != 2 || len(r.Refusals) == 0 {
		t.Fatalf("got %d samples, %v, %v", len(r.Samples), r.Refusals, err)
	}
	if r.Samples[1].Readings[0] != vehicle.Measure(vehicle.Speed, 20) || !r.Samples[1].Time.Equal(receivedAt.Add(-2*time.Second)) {
		t.Errorf("got %+v at %v", r.Samples[1].Readings[0], r.Samples[1].Time)
	}
}

func FuzzFreematics(f *testing.F) {
	for _, s := range []string{"CAR#0:1000,11:251126,10:8000000,10C:1726", "1#EV=2,TS=1871902,ID=X", "1#0:5,20:0;0;0,A:1,B:2,0:4294967295,10:0", "x#=,:,0=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, payload := range []string{text, summed(text)} {
			r, err := readAs(t, "freematics", "", payload)
			checkSane(t, payload, r, err)
		}
	})
}

func BenchmarkFreematics(b *testing.B) {
	d, _ := dialect.Lookup("freematics")
	one := "0:1000,11:251126,10:8000000,A:49.2,B:18.7,C:410,D:20,10C:1726,10D:19,105:55,24:1252"
	m := dialect.Message{Payload: []byte(summed("CAR#" + strings.Join([]string{one, one, one, one}, ","))), Received: receivedAt}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(m); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleDialect_freematics() {
	d, _ := dialect.Lookup("freematics")
	_, err := d.Decode(dialect.Message{Payload: []byte("M0ZR4X0#0:33770,11:140221,10:8445000,10C:1726,24:1252*AB")})
	fmt.Println(err)
	r, _ := d.Decode(dialect.Message{Payload: []byte("M0ZR4X0#0:33770,11:140221,10:8445000,10C:1726,24:1252*4")})
	for _, s := range r.Samples {
		for _, reading := range s.Readings {
			fmt.Println(s.Time, reading.Signal, reading.Value)
		}
	}
	// Output:
	// checksum, byte 54: want 4, got "AB"
	// 2021-02-14 08:44:50 +0000 UTC Vehicle.Powertrain.CombustionEngine.Speed 1726
	// 2021-02-14 08:44:50 +0000 UTC Vehicle.LowVoltageBattery.CurrentVoltage 12.52
}
