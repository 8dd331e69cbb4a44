package dialect

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// TestRowsConvert lints the tables whose units convert: each has a signal of the
// dictionary, a unit that converts to that of the signal, and a key of its own.
func TestRowsConvert(t *testing.T) {
	t.Parallel()
	for name, table := range map[string][]row{
		"autopi": autopiTable(), "bmw_cardata": bmwTable(), "freematics": freematicsTable(), "torque": torqueTable(),
		"traccar": append(traccarTable(), traccarPlace()...),
	} {
		seen := map[string]bool{}
		for _, r := range table {
			if seen[r.key.key] {
				t.Errorf("%s: %s is there twice", name, r.key.key)
			}
			seen[r.key.key] = true
			if r.scale != 0 || r.offset != 0 {
				t.Errorf("%s: %s has a scale: its unit converts", name, r.key.key)
			}
			if _, ok := convert(1, r.wire, r.unit); r.wire != "" && r.unit != "" && !ok {
				t.Errorf("%s: %s comes in %s, which does not convert to %s", name, r.key.key, r.wire, r.unit)
			}
			if r.signal == "" {
				continue
			}
			def, known := vehicle.Lookup(r.signal)
			kind, _ := def.Type.Kind()
			from := r.unit
			if r.wire != "" {
				from = r.wire
			}
			_, ok := convert(1, from, def.Unit)
			switch {
			case !known:
				t.Errorf("%s: %s is stored as %s, which is not in the dictionary", name, r.key.key, r.signal)
			case (kind == vehicle.KindBool) != (r.words != nil || r.unit == "bool"):
				t.Errorf("%s: %s and %s are not of one kind", name, r.key.key, r.signal)
			case kind == vehicle.KindNumber && !ok:
				t.Errorf("%s: %s comes in %q, which does not convert to %q", name, r.key.key, from, def.Unit)
			}
		}
	}
}

func TestAutopiPIDsAreMeasures(t *testing.T) {
	t.Parallel()
	for name, pid := range autopiPIDs() {
		if _, ok := pidField(pid); !ok {
			t.Errorf("%s: PID %02X has no single value", name, pid)
		}
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		v        float64
		from, to string
		want     float64
	}{
		{10, "kn", "km/h", 18.52},
		{57913100, "m", "km", 57913.1},
		{100, "mi", "m", 160934.4},
		{1252, "0.01V", "V", 12.52},
		{47, "0.1degC", "Celsius", 4.7},
		{212, "degF", "degC", 100},
		{50, "degC", "°F", 122},
		{300, "K", "degC", 26.85},
		{2.3, "bar", "kPa", 230},
		{90, "minutes", "s", 5400},
		{3600000, "ms", "h", 1},
		{75, "%", "percent", 75},
		{7.4, "kW", "W", 7400},
	} {
		if got, ok := convert(tc.v, tc.from, tc.to); !ok || math.Abs(got-tc.want) > 1e-9*tc.want {
			t.Errorf("%v %s: got %v %s, %v, want %v", tc.v, tc.from, got, tc.to, ok, tc.want)
		}
	}
	for _, pair := range [][2]string{{"km", "kWh"}, {"furlong", "m"}, {"m", "furlong"}, {"", "m"}} {
		if got, ok := convert(1, pair[0], pair[1]); ok {
			t.Errorf("%s to %s: got %v, want none", pair[0], pair[1], got)
		}
	}
}
