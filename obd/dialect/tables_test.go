package dialect_test

import (
	"math"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// conversions are the ways from a device's unit to the unit of a signal, without sign.
var conversions = map[[2]string]float64{
	{"%", "percent"}: 1, {"km", "m"}: 1000, {"km", "km"}: 1, {"m", "m"}: 1, {"km/h", "km/h"}: 1,
	{"kW", "W"}: 1000, {"kW", "kW"}: 1, {"W", "W"}: 1, {"V", "V"}: 1, {"A", "A"}: 1, {"Ah", "Ah"}: 1, {"kWh", "kWh"}: 1,
	{"degC", "Celsius"}: 1, {"deg", "degrees"}: 1, {"rpm", "rpm"}: 1, {"Nm", "Nm"}: 1, {"kOhm", "kOhm"}: 1, {"g/s", "g/s"}: 1,
	{"bar", "kPa"}: 100, {"psi", "kPa"}: 6.894757293168361, {"kPa", "kPa"}: 1, {"MPa", "MPa"}: 1,
	{"h", "s"}: 3600, {"min", "s"}: 60, {"s", "s"}: 1, {"l/100km", "l/100km"}: 1, {"kg/100km", "kg/100km"}: 1,
	{"mg/kg", "mg/kg"}: 1, {"", ""}: 1, {"bool", ""}: 1, {"text", ""}: 1, {"enum", ""}: 1, {"time", "iso8601"}: 1,
}

// shownOnly are units of values that are not stored.
var shownOnly = []string{"Wh/km", "m/s^2", "B", "dBm", "mi"}

func TestTables(t *testing.T) {
	t.Parallel()
	for table, rows := range dialect.Tables() {
		keys, names := map[string]bool{}, map[string]bool{}
		for _, r := range rows {
			if r.Key == "" || r.Name == "" || keys[r.Key] || names[r.Name] {
				t.Errorf("%s: key %q or name %q is empty or given twice", table, r.Key, r.Name)
			}
			keys[r.Key], names[r.Name] = true, true
			if r.Signal == "" {
				if !knownUnit(r.Unit) {
					t.Errorf("%s: %s has the unknown unit %q", table, r.Key, r.Unit)
				}
				continue
			}
			checkSignal(t, table, r)
		}
	}
}

func checkSignal(t *testing.T, table string, r dialect.Row) {
	t.Helper()
	def, known := vehicle.Lookup(r.Signal)
	if !known {
		t.Errorf("%s: %s is stored as %s, which is neither in VSS nor an extension", table, r.Key, r.Signal)
		return
	}
	factor, ok := conversions[[2]string{r.Unit, def.Unit}]
	scale := math.Abs(r.Scale)
	if scale == 0 {
		scale = 1
	}
	if !ok || scale != factor {
		t.Errorf("%s: %s in %q times %v is no %s in %q", table, r.Key, r.Unit, r.Scale, r.Signal, def.Unit)
	}
	kind, single := def.Type.Kind()
	want := map[string]vehicle.Kind{"bool": vehicle.KindBool, "text": vehicle.KindText, "time": vehicle.KindText}
	if w, fixed := want[r.Unit]; !single || fixed && w != kind || !fixed && r.Unit != "enum" && kind != vehicle.KindNumber {
		t.Errorf("%s: %s with unit %q cannot be %s of type %s", table, r.Key, r.Unit, r.Signal, def.Type)
	}
}

func knownUnit(unit string) bool {
	for pair := range conversions {
		if pair[0] == unit {
			return true
		}
	}
	return slices.Contains(shownOnly, unit)
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	all := dialect.All()
	if !slices.IsSortedFunc(all, func(a, b dialect.Dialect) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}) {
		t.Error("dialects are not in order of name")
	}
	for _, d := range all {
		if found, ok := dialect.Lookup(d.Name); !ok || found.Name != d.Name || d.About == "" || d.Decode == nil {
			t.Errorf("%q: %+v", d.Name, d)
		}
	}
	if _, ok := dialect.Lookup("nobody"); ok {
		t.Error("found a dialect that does not exist")
	}
}
