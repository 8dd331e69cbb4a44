package gbt32960_test

import (
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// layouts are the units of the standard with one element in each list, and how
// many bytes they take.
func layouts() []struct {
	edition gbt32960.Edition
	unit    gbt32960.Unit
	bytes   int
} {
	motors := &gbt32960.Motors{List: make([]gbt32960.Motor, 1)}
	cells := &gbt32960.CellVoltages{Groups: []gbt32960.CellGroup{{Cells: make([]gbt32960.CellVoltage, 3)}}}
	probes := &gbt32960.Temperatures{Groups: []gbt32960.ProbeGroup{{Probes: make([]gbt32960.Temperature, 3)}}}
	alarm := &gbt32960.Alarm{Motor: gbt32960.FaultList{Codes: make([]uint32, 2)}, Levels: gbt32960.LevelList{List: make([]gbt32960.AlarmLevel, 1)}}
	const e16, e25 = gbt32960.Edition2016, gbt32960.Edition2025
	return []struct {
		edition gbt32960.Edition
		unit    gbt32960.Unit
		bytes   int
	}{
		{e16, &gbt32960.Vehicle{}, 20},
		{e25, &gbt32960.Vehicle{}, 18},
		{e16, motors, 1 + 12},
		{e25, motors, 1 + 10},
		{e16, &gbt32960.FuelCell{Temperatures: make([]gbt32960.Temperature, 2)}, 18 + 2},
		{e16, &gbt32960.Engine{}, 5},
		{e25, &gbt32960.Engine{}, 2},
		{e16, &gbt32960.Position{}, 9},
		{e25, &gbt32960.Position{}, 10},
		{e16, &gbt32960.Extremes{}, 14},
		{e16, alarm, 9 + 2*4},
		{e25, alarm, 10 + 2*4 + 2},
		{e16, cells, 1 + 10 + 3*2},
		{e25, cells, 1 + 7 + 3*2},
		{e16, probes, 1 + 3 + 3},
		{e25, probes, 1 + 3 + 3},
		{e16, &gbt32960.Maker{Kind: 0x80, Data: make([]byte, 5)}, 2 + 5},
		{e25, &gbt32960.Signature{R: make([]byte, 3), S: make([]byte, 4)}, 1 + 2 + 3 + 2 + 4},
	}
}

func TestLayoutsHaveTheSizeOfTheStandard(t *testing.T) {
	t.Parallel()
	for _, l := range layouts() {
		kind, ok := l.unit.Type(l.edition)
		c := gbt32960.Collect(l.unit, l.edition)
		if !ok || c.Bytes != l.bytes {
			t.Errorf("edition %s unit %02X %T: %d bytes, want %d", l.edition, kind, l.unit, c.Bytes, l.bytes)
		}
		slices.Sort(c.Names)
		if unique := slices.Compact(slices.Clone(c.Names)); len(unique) != len(c.Names) {
			t.Errorf("edition %s unit %02X: a name twice in %q", l.edition, kind, c.Names)
		}
	}
}

// TestFieldTable lints the table: scales, ranges, and that every signal is in the
// dictionary with the unit the values come in.
func TestFieldTable(t *testing.T) {
	t.Parallel()
	fields := 0
	for _, l := range layouts() {
		for _, f := range gbt32960.Collect(l.unit, l.edition).Fields {
			fields++
			if f.Per == 0 || f.Size != 1 && f.Size != 2 && f.Size != 4 || f.HighRaw >= f.Marks {
				t.Errorf("%s: scale or range cannot be right: %+v", f.Name, f)
			}
			if f.Signal == "" {
				continue
			}
			def, ok := vehicle.Lookup(f.Signal)
			if !ok {
				t.Errorf("%s: %s is not in the dictionary", f.Name, f.Signal)
				continue
			}
			factor := f.Factor
			if factor == 0 {
				factor = 1
			}
			conversion := def.Unit == f.Unit && (factor == 1 || factor == -1) || f.Unit == "km" && def.Unit == "m" && factor == 1000
			if !conversion {
				t.Errorf("%s: %s times %v is not %s of %s", f.Name, f.Unit, factor, def.Unit, f.Signal)
			}
			if f.Limited && (!def.Contains(f.Low*factor) || !def.Contains(f.High*factor)) {
				t.Errorf("%s: %v to %v is not within %s", f.Name, f.Low, f.High, f.Signal)
			}
		}
	}
	if fields < 50 {
		t.Errorf("only %d fields", fields)
	}
}

func TestAlarmName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for bit := range uint8(28) {
		name := gbt32960.AlarmName(bit)
		if name == "" || seen[name] {
			t.Errorf("bit %d: name %q", bit, name)
		}
		seen[name] = true
	}
	for bit, want := range map[uint8]string{0: "temperature_difference", 11: "insulation", 18: "storage_overcharge", 19: "motor_overspeed", 27: "fuel_cell_stack_over_temperature", 31: "bit_31"} {
		if got := gbt32960.AlarmName(bit); got != want {
			t.Errorf("bit %d: got %q, want %q", bit, got, want)
		}
	}
}
