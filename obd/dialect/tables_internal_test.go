package dialect

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// tables are the tables of all dialects.
func tables() map[string][]key {
	var wheels []key
	for _, w := range ovmsWheels() {
		k := w.key
		k.signal = wheelFL + w.leaf
		wheels = append(wheels, k)
	}
	return map[string][]key{
		"autopi": autopiTable(), "bmw_cardata": bmwTable(), "freematics": freematicsTable(),
		"ovms3": ovmsTable(), "ovms3 lists": ovmsLists(), "ovms3 wheels": wheels, "saic": saicTable(),
		"teslamate": teslamateTable(), "teslamate route": teslamateRoute(), "torque": torqueTable(),
		"traccar": append(traccarTable(), traccarPlace()...), "wican": wicanTable(),
	}
}

// TestTables lints the tables: each row has a key of its own, a known unit, and a
// signal of the dictionary whose type and unit the device's become.
func TestTables(t *testing.T) {
	t.Parallel()
	for name, rows := range tables() {
		seen := map[string]bool{}
		for _, k := range rows {
			if k.key == "" || seen[k.key] {
				t.Errorf("%s: key %q is empty or there twice", name, k.key)
			}
			seen[k.key] = true
			if !knownUnit(k.unit) || !knownUnit(k.wire) {
				t.Errorf("%s: %s has the unknown unit %q or %q", name, k.key, k.unit, k.wire)
			}
			if _, ok := convert(1, k.wire, k.unit); k.wire != "" && k.unit != "" && !ok {
				t.Errorf("%s: %s comes in %s, which does not convert to %s", name, k.key, k.wire, k.unit)
			}
			if k.signal != "" {
				checkSignal(t, name, k)
			}
		}
	}
}

func checkSignal(t *testing.T, table string, k key) {
	t.Helper()
	def, known := vehicle.Lookup(k.signal)
	if !known {
		t.Errorf("%s: %s is stored as %s, which is neither in VSS nor an extension", table, k.key, k.signal)
		return
	}
	kind, single := def.Type.Kind()
	from := cmp.Or(k.wire, k.unit)
	want := vehicle.KindNumber
	switch {
	case k.words != nil, from == "bool":
		want = vehicle.KindBool
	case from == "text", from == "time":
		want = vehicle.KindText
	}
	_, converts := convert(1, from, def.Unit)
	switch {
	case !single || from != "enum" && kind != want:
		t.Errorf("%s: %s in %q cannot be %s of type %s", table, k.key, from, k.signal, def.Type)
	case kind == vehicle.KindNumber && !converts:
		t.Errorf("%s: %s in %q does not convert to %s in %q", table, k.key, from, k.signal, def.Unit)
	case k.out && kind != vehicle.KindNumber:
		t.Errorf("%s: %s is no number and has a direction", table, k.key)
	}
}

func knownUnit(unit string) bool {
	_, ok := unitOf(unit)
	return ok || slices.Contains([]string{"", "bool", "text", "enum", "time", "Wh/km", "m/s^2", "B", "dBm"}, unit)
}

func TestAutopiPIDsAreMeasures(t *testing.T) {
	t.Parallel()
	for name, pid := range autopiPIDs {
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
