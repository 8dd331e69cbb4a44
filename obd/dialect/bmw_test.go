package dialect_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var receivedAt = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)

// readAs decodes a message received at receivedAt.
func readAs(t testing.TB, name, topic, payload string) (dialect.Result, error) {
	t.Helper()
	d, ok := dialect.Lookup(name)
	if !ok {
		t.Fatalf("no dialect %q", name)
	}
	return d.Decode(dialect.Message{Topic: topic, Payload: []byte(payload), Received: receivedAt})
}

// said is a result as short lines: what is stored, what was refused.
type said struct {
	Device  string
	Stored  []string
	Refused []string
	Err     string
}

func brief(r dialect.Result, err error) said {
	s := said{Device: r.Device}
	for _, sample := range r.Samples {
		for _, reading := range sample.Readings {
			at := sample.Time.Format(time.DateTime)
			if sample.TimeSource != vehicle.TimeFromDevice {
				at = fmt.Sprintf("%s -%s", [...]string{"", "age", "receiver"}[sample.TimeSource], receivedAt.Sub(sample.Time))
			}
			quality := [...]string{"", " abnormal", " invalid", " out of range"}[reading.Quality]
			s.Stored = append(s.Stored, fmt.Sprintf("%s %s=%s%s", at, strings.TrimPrefix(string(reading.Signal), "Vehicle."), reading.Value, quality))
		}
	}
	for _, refusal := range r.Refusals {
		s.Refused = append(s.Refused, refusal.Error())
	}
	if err != nil {
		s.Err = err.Error()
	}
	return s
}

// checkSane holds for every result, whatever the bytes.
func checkSane(t *testing.T, payload string, r dialect.Result, err error) {
	t.Helper()
	var refusal *vehicle.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("error is no refusal: %v", err)
	}
	for _, f := range append(r.Refusals, refusal) {
		if f != nil && (f.Offset < 0 && f.Place == "" || f.Offset > len(payload) || f.Reason == "") {
			t.Fatalf("refusal %+v in %d bytes", f, len(payload))
		}
	}
	if len(r.Points) > len(payload) || len(r.Refusals) > len(payload)+1 {
		t.Fatalf("%d points and %d refusals of %d bytes", len(r.Points), len(r.Refusals), len(payload))
	}
	for _, s := range r.Samples {
		seen := map[vehicle.Signal]bool{}
		if s.Time.Year() < 2000 || s.Time.Sub(receivedAt) >= vehicle.MaxClockLead {
			t.Fatalf("sample at %v", s.Time)
		}
		for _, reading := range s.Readings {
			if seen[reading.Signal] || math.IsNaN(reading.Value.Num) || math.IsInf(reading.Value.Num, 0) {
				t.Fatalf("reading %+v in %+v", reading, s)
			}
			seen[reading.Signal] = true
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Fatal(err)
	}
}

const bmwTopic = "gcid-0001/WBATEST0000000001"

func TestBMWCarData(t *testing.T) {
	t.Parallel()
	const vin = "WBATEST0000000001"
	for name, tc := range map[string]struct {
		topic, payload string
		want           said
	}{
		"each point has its own time": {bmwTopic, `{"vin":"WBATEST0000000001","timestamp":"2026-11-25T09:59:00Z","data":{
			"vehicle.vehicle.travelledDistance":{"timestamp":"2026-11-25T08:00:00Z","value":"61570","unit":"km"},
			"vehicle.drivetrain.electricEngine.charging.timeRemaining":{"timestamp":"2026-11-25T09:00:00Z","value":90,"unit":"minutes"},
			"vehicle.drivetrain.batteryManagement.maxEnergy":{"timestamp":"2026-11-25T08:00:00.000Z","value":"61","unit":"kWh"}}}`, said{Device: vin, Stored: []string{
			"2026-11-25 08:00:00 TraveledDistance=6.157e+07",
			"2026-11-25 08:00:00 Powertrain.TractionBattery.NetCapacity=61",
			"2026-11-25 09:00:00 Powertrain.TractionBattery.Charging.TimeToComplete=5400",
		}}},
		"REST form, the VIN in the topic": {bmwTopic, `{"telematicData":{"vehicle.chassis.axle.row2.wheel.left.tire.pressure":{"timestamp":"2026-11-25T08:00:00Z","value":"2.6","unit":"bar"}}}`,
			said{Device: vin, Stored: []string{"2026-11-25 08:00:00 Chassis.Axle.Row2.Wheel.Left.Tire.Pressure=260"}}},
		"list form": {"", `{"vin":"WBATEST0000000001","data":[{"name":"vehicle.vehicle.travelledDistance","value":100,"unit":"mi","timestamp":1764060000}]}`,
			said{Device: vin, Stored: []string{"2025-11-25 08:40:00 TraveledDistance=160934.4"}}},
		"words": {bmwTopic, `{"data":{"vehicle.drivetrain.electricEngine.charging.hvStatus":{"timestamp":"2026-11-25T08:00:00Z","value":"INVALID"},
			"vehicle.drivetrain.electricEngine.charging.status":{"timestamp":"2026-11-25T08:00:00Z","value":"CHARGINGACTIVE"},
			"vehicle.isMoving":{"timestamp":"2026-11-25T08:00:00Z","value":"false"}}}`,
			said{Device: vin, Stored: []string{"2026-11-25 08:00:00 Powertrain.TractionBattery.Charging.IsCharging=true", "2026-11-25 08:00:00 IsMoving=false"}}},
		"the better source counts": {bmwTopic, `{"data":{"vehicle.drivetrain.electricEngine.charging.level":{"timestamp":"2026-11-25T08:00:00Z","value":"74","unit":"%"},
			"vehicle.drivetrain.batteryManagement.header":{"timestamp":"2026-11-25T08:00:00Z","value":"75","unit":"%"}}}`,
			said{Device: vin, Stored: []string{"2026-11-25 08:00:00 Powertrain.TractionBattery.StateOfCharge.Current=75"}}},
		"null values, and no time": {bmwTopic, `{"timestamp":"2026-11-25T09:00:00Z","data":{"vehicle.vehicle.travelledDistance":{"timestamp":null,"value":null,"unit":null},"x.y":{"value":"7"},"z":null}}`,
			said{Device: vin, Stored: []string{"2026-11-25 09:00:00 bmw_cardata.x.y=7"}}},
		"undated message": {bmwTopic, `{"data":{"x.y":{"value":7}}}`, said{Device: vin, Stored: []string{"receiver -0s bmw_cardata.x.y=7"}}},
		"no fix": {bmwTopic, `{"data":{"vehicle.cabin.infotainment.navigation.currentLocation.latitude":{"value":0},"vehicle.cabin.infotainment.navigation.currentLocation.longitude":{"value":0}}}`,
			said{Device: vin, Refused: []string{"vehicle.cabin.infotainment.navigation.currentLocation.latitude, byte 9: latitude and longitude are 0: the receiver has no fix"}}},
		"wrong values do not spoil the others": {bmwTopic, `{"data":{
			"vehicle.vehicle.travelledDistance":{"timestamp":"2026-11-25T08:00:00Z","value":"61570","unit":"furlong"},
			"vehicle.drivetrain.batteryManagement.header":{"timestamp":"2026-11-25T08:00:00Z","value":"NaN","unit":"%"},
			"vehicle.isMoving":{"timestamp":"2026-11-25T08:00:00Z","value":{}},
			"vehicle.drivetrain.fuelSystem.level":{"timestamp":"2026-11-25T08:00:00Z","value":140,"unit":"%"},
			"a":5, "b":{"timestamp":"1970-01-01T00:00:00Z","value":1}, "c":{"timestamp":"soon","value":1}, "d":{"value":"inf"}}}`, said{
			Device: vin,
			Stored: []string{"2026-11-25 08:00:00 Powertrain.FuelSystem.RelativeLevel=140 out of range"},
			Refused: []string{
				"a, byte 408: a data point is an object with value and time",
				"b, byte 415: time is before the year 2000: the clock was not set",
				`c, byte 467: want a time that exists, as 2026-11-22T10:00:00Z, got "soon"`,
				`vehicle.vehicle.travelledDistance, byte 13: want a unit that converts to m, got "furlong"`,
				`vehicle.drivetrain.batteryManagement.header, byte 123: want a number, got "NaN"`,
				"vehicle.isMoving, byte 235: want one value, got an object or a list",
				"d, byte 503: not a finite number",
			},
		}},
		"another vehicle":    {bmwTopic, `{"vin":"WBATEST0000000002","data":{}}`, said{Err: "vin, byte 1: another VIN than in the topic, WBATEST0000000001"}},
		"no VIN":             {"", `{"vin":"car 7","data":{}}`, said{Device: "car 7", Refused: []string{`vin, byte 1: not a VIN: parse VIN "car 7": length at byte 3`}}},
		"not even an object": {bmwTopic, `[1]`, said{Err: "byte 0: want an object with data points"}},
		"cut":                {bmwTopic, `{"data":`, said{Err: "byte 8: JSON ends in the middle"}},
		"list of no points": {bmwTopic, `{"data":[1,2,{"value":3}]}`, said{Device: vin, Refused: []string{
			"data[0], byte 1: a data point is an object with value and time", "data[1], byte 1: a data point is an object with value and time", "data[2], byte 1: a data point has a name, a value and a time",
		}}},
		"data is a text": {bmwTopic, `{"data":"x"}`, said{Device: vin, Refused: []string{"data, byte 1: want an object or a list of data points"}}},
		"nothing at all": {bmwTopic, `null`, said{Device: vin}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(readAs(t, "bmw_cardata", tc.topic, tc.payload))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBMWMalformedBatchesSayNothing(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{`{}`, `{"vin":null,"data":{}}`, `{"vin":"","data":[]}`, `{"vin":"WBATEST0000000001"}`, `{"vin":7,"data":null}`} {
		if r, err := readAs(t, "bmw_cardata", "", payload); err != nil || len(r.Points) > 0 || len(r.Samples) > 0 {
			t.Errorf("%s: got %+v, %v", payload, r, err)
		}
	}
}

func TestBMWListName(t *testing.T) {
	t.Parallel()
	if d, ok := dialect.Lookup("bmw_cardata_list"); !ok || d.Name != "bmw_cardata" {
		t.Errorf("got %q, %v", d.Name, ok)
	}
}

func FuzzBMWCarData(f *testing.F) {
	for _, s := range []string{
		`{"vin":"WBATEST0000000001","data":{"vehicle.vehicle.travelledDistance":{"timestamp":"2026-11-25T08:00:00Z","value":"61570","unit":"km"}}}`,
		`{"telematicData":{"a":{"value":null}}}`, `{"data":[{"name":"b","value":1,"timestamp":1764060000}]}`, `{"data":{"c":{"timestamp":-1e300,"value":1e308,"unit":"K"}}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		r, err := readAs(t, "bmw_cardata", bmwTopic, payload)
		checkSane(t, payload, r, err)
	})
}

func BenchmarkBMWCarData(b *testing.B) {
	payload := `{"vin":"WBATEST0000000001","timestamp":"2026-11-25T09:59:00Z","data":{
		"vehicle.vehicle.travelledDistance":{"timestamp":"2026-11-25T08:00:00Z","value":"61570","unit":"km"},
		"vehicle.drivetrain.batteryManagement.header":{"timestamp":"2026-11-25T09:00:00Z","value":"75","unit":"%"}}}`
	d, _ := dialect.Lookup("bmw_cardata")
	m := dialect.Message{Topic: bmwTopic, Payload: []byte(payload), Received: receivedAt}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(m); err != nil {
			b.Fatal(err)
		}
	}
}
