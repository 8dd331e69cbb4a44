package dialect_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestAutopi(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		topic, payload string
		want           said
	}{
		"value":                {"obd/rpm", `{"_stamp":"2026-11-25T08:00:00.500000","value":1726}`, said{Stored: []string{"2026-11-25 08:00:00 Powertrain.CombustionEngine.Speed=1726"}}},
		"type in the payload":  {"obd", `{"_stamp":"2026-11-25T08:00:00","_type":"speed","value":50.0}`, said{Stored: []string{"2026-11-25 08:00:00 Speed=50"}}},
		"unit in the payload":  {"obd/speed", `{"_stamp":"2026-11-25T08:00:00","value":10,"unit":"mph"}`, said{Stored: []string{"2026-11-25 08:00:00 Speed=16.09344"}}},
		"a unit nobody knows":  {"obd/speed", `{"_stamp":"2026-11-25T08:00:00","value":10,"unit":"warp"}`, said{Refused: []string{`speed: want a unit that converts to km/h, got "warp"`}}},
		"bridged":              {"vans/unit-3/obd/coolant_temp", `{"_stamp":"2026-11-25T08:00:00","value":"90"}`, said{Device: "vans/unit-3", Stored: []string{"2026-11-25 08:00:00 Powertrain.CombustionEngine.EngineCoolant.Temperature=90"}}},
		"more than a PID says": {"obd/speed", `{"_stamp":"2026-11-25T08:00:00","value":300}`, said{Stored: []string{"2026-11-25 08:00:00 Speed=300 out of range"}}},
		"unknown name":         {"obd/boost", `{"_stamp":"2026-11-25T08:00:00","value":1.5}`, said{Stored: []string{"2026-11-25 08:00:00 autopi.boost=1.5"}}},
		"dictionary":           {"obd/bat", `{"_stamp":"2026-11-25T08:00:00","_type":"bat","level":88,"voltage":12.4,"state":"discharging"}`, said{Stored: []string{"2026-11-25 08:00:00 LowVoltageBattery.CurrentVoltage=12.4"}}},
		"position": {"track/pos", `{"_stamp":"2026-11-25T08:00:00","_type":"pos","loc":{"lat":57.02,"lon":9.89},"alt":34,"cog":140.2,"sog":0,"nsat":9}`, said{Stored: []string{
			"2026-11-25 08:00:00 CurrentLocation.Altitude=34",
			"2026-11-25 08:00:00 CurrentLocation.Heading=140.2",
			"2026-11-25 08:00:00 CurrentLocation.Latitude=57.02",
			"2026-11-25 08:00:00 CurrentLocation.Longitude=9.89",
		}}},
		"half a position": {"track/pos", `{"_stamp":"2026-11-25T08:00:00","loc":{"lat":57.02}}`, said{Refused: []string{"loc, byte 32: latitude and longitude are worth nothing alone"}}},
		"no stamp":        {"obd/rpm", `{"value":800}`, said{Stored: []string{"receiver -0s Powertrain.CombustionEngine.Speed=800"}}},
		"wrong stamp":     {"obd/rpm", `{"_stamp":"2026-13-25T08:00:00","value":800}`, said{Refused: []string{`_stamp, byte 1: want a time that exists, as 2026-11-22T10:00:00Z, got "2026-13-25T08:00:00"`}}},
		"wrong value":     {"obd/rpm", `{"_stamp":"2026-11-25T08:00:00","value":"fast"}`, said{Refused: []string{`rpm: want a number, got "fast"`}}},
		"wrong list":      {"obd/x", `{"_stamp":"2026-11-25T08:00:00","values":[1,"a"]}`, said{Refused: []string{"x: want a list of numbers"}}},
		"no name":         {"", `{"value":1}`, said{Err: "_type: name is not 1 to 128 bytes long"}},
		"no object":       {"obd/rpm", `1726`, said{Err: `byte 0: want an object with "_stamp"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(readAs(t, "autopi", tc.topic, tc.payload))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAutopiLists(t *testing.T) {
	t.Parallel()
	r, err := readAs(t, "autopi", "obd/cells", `{"_stamp":"2026-11-25T08:00:00","values":[3.9,4]}`)
	if err != nil || len(r.Points) != 1 || !cmp.Equal(r.Points[0].List, []float64{3.9, 4}) {
		t.Errorf("got %+v, %v", r.Points, err)
	}
	want := []vehicle.CodeReport{{
		Time:   time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC),
		Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed},
		Codes:  []vehicle.CodeEntry{{Code: "P0171", Status: vehicle.CodeConfirmed}},
	}}
	for _, values := range []string{`["P0171"]`, `[{"code":"P0171","text":"lean"}]`, `[["P0171","lean"]]`} {
		r, err := readAs(t, "autopi", "obd/dtc", `{"_stamp":"2026-11-25T08:00:00","values":`+values+`}`)
		if diff := cmp.Diff(want, r.Codes); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", values, err, diff)
		}
	}
	r, err = readAs(t, "autopi", "obd/dtc", `{"_stamp":"2026-11-25T08:00:00","values":["P0171",7,["?"]]}`)
	want[0].Covers = []vehicle.CodeStatus{vehicle.CoversNone}
	if diff := cmp.Diff(want, r.Codes); diff != "" || err != nil || len(r.Refusals) != 2 || r.Refusals[0].Place != "values[1]" {
		t.Errorf("%v, %v: half a set of codes (-want +got):\n%s", err, r.Refusals, diff)
	}
	for _, values := range []string{`[7]`, `"P0171"`} {
		if r, _ := readAs(t, "autopi", "obd/dtc", `{"values":`+values+`}`); r.Codes != nil || len(r.Refusals) != 1 {
			t.Errorf("%s: got %+v", values, r)
		}
	}
}

// TestAutopiNames: points go by AutoPi's own names, without units, as it sends them.
func TestAutopiNames(t *testing.T) {
	t.Parallel()
	r, err := readAs(t, "autopi", "obd/bat", `{"_type":"bat","level":88,"voltage":12.4,"cell":{"low":3}}`)
	got := map[string]string{}
	for _, p := range r.Points {
		got[p.Key] = p.Name + " " + p.Value.String() + p.Unit
	}
	want := map[string]string{"bat.level": "level 88", "bat.voltage": "voltage 12.4", "bat.cell.low": "cell.low 3"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func FuzzAutopi(f *testing.F) {
	f.Add("obd/rpm", `{"_stamp":"2026-11-25T08:00:00.000000","value":1726}`)
	f.Add("track/pos", `{"_type":"pos","loc":{"lat":57.02,"lon":9.89},"x":{"y":[]}}`)
	f.Add("a/obd/dtc", `{"values":["P0171",["P0172"],{"code":1}]}`)
	f.Fuzz(func(t *testing.T, topic, payload string) {
		r, err := readAs(t, "autopi", topic, payload)
		checkSane(t, payload, r, err)
	})
}
