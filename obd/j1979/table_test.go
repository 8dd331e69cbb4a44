package j1979_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// vssUnits maps the units of the table to those of the dictionary. A unit that is
// not here is not one of the table's.
var vssUnits = map[string]string{
	"": "", "%": "percent", "degC": "Celsius", "deg": "degrees", "kPa": "kPa", "Pa": "Pa", "rpm": "rpm", "km/h": "km/h", "km": "km",
	"g/s": "g/s", "V": "V", "A": "A", "mA": "mA", "s": "s", "min": "min", "ratio": "ratio", "L/h": "l/h", "Nm": "Nm", "kg/h": "kg/h",
	"mg/stroke": "mg/stroke",
}

// conversions are the pairs of units that a Scale may connect.
var conversions = map[[2]string]float64{
	{"mA", "A"}: 0.001, {"km", "m"}: 1000, {"s", "h"}: 1.0 / 3600, {"A", "A"}: -1,
}

// TestTable lints the table of PIDs.
func TestTable(t *testing.T) {
	t.Parallel()
	last := -1
	for _, pid := range j1979.PIDs() {
		if int(pid.Number) <= last || pid.Name == "" || len(pid.Fields) == 0 {
			t.Errorf("PID %02X: out of order, twice, or without name or fields", pid.Number)
		}
		last = int(pid.Number)
		lintBits(t, pid)
		for _, f := range pid.Fields {
			lintScale(t, pid, f)
			lintSignal(t, pid, f)
		}
	}
}

// lintBits makes sure that fields lie in the data and that only flags overlap.
func lintBits(t *testing.T, pid j1979.PID) {
	t.Helper()
	taken := make([]string, 8*pid.Bytes)
	names := map[string]bool{}
	for _, f := range pid.Fields {
		if f.Bit < 0 || f.Bits < 1 || f.Bits > 32 || f.Bit+f.Bits > len(taken) {
			t.Errorf("PID %02X %s: bits %d+%d of %d", pid.Number, f.Name, f.Bit, f.Bits, len(taken))
			continue
		}
		if f.Name == "" || names[f.Name] {
			t.Errorf("PID %02X: field %q is without name or twice", pid.Number, f.Name)
		}
		names[f.Name] = true
		if f.Support < 0 || f.Support > 8 || f.Support > 0 && f.Bit < 8 {
			t.Errorf("PID %02X %s: support bit %d", pid.Number, f.Name, f.Support)
		}
		if f.Flag {
			continue
		}
		for i := f.Bit; i < f.Bit+f.Bits; i++ {
			if taken[i] != "" {
				t.Errorf("PID %02X: %s and %s share bit %d", pid.Number, f.Name, taken[i], i)
			}
			taken[i] = f.Name
		}
	}
}

func lintScale(t *testing.T, pid j1979.PID, f j1979.Field) {
	t.Helper()
	if (f.Num == 0) != (f.Den == 0) || f.Num < 0 || f.Den < 0 {
		t.Errorf("PID %02X %s: scale %v/%v", pid.Number, f.Name, f.Num, f.Den)
	}
	if lo, hi := f.Range(); lo >= hi || math.IsInf(hi-lo, 0) {
		t.Errorf("PID %02X %s: range %v to %v", pid.Number, f.Name, lo, hi)
	}
	if f.HasAbsent && f.Bits < 32 && f.Absent>>f.Bits != 0 {
		t.Errorf("PID %02X %s: absent value %X in %d bits", pid.Number, f.Name, f.Absent, f.Bits)
	}
	if _, known := vssUnits[f.Unit]; !known {
		t.Errorf("PID %02X %s: unit %q is not known", pid.Number, f.Name, f.Unit)
	}
}

// lintSignal makes sure that a signal is in the dictionary, in a unit that the field
// is converted to, and that it can hold something of what the field carries.
func lintSignal(t *testing.T, pid j1979.PID, f j1979.Field) {
	t.Helper()
	if f.Signal == "" {
		return
	}
	d, ok := vehicle.Lookup(f.Signal)
	if !ok {
		t.Errorf("PID %02X %s: %s is neither VSS nor an extension", pid.Number, f.Name, f.Signal)
		return
	}
	switch {
	case d.Unit == "":
	case f.Scale == 0 && vssUnits[f.Unit] != d.Unit:
		t.Errorf("PID %02X %s: %s as %s in %s", pid.Number, f.Name, f.Unit, f.Signal, d.Unit)
	case f.Scale != 0 && conversions[[2]string{f.Unit, d.Unit}] != f.Scale:
		t.Errorf("PID %02X %s: no conversion from %s to %s by %v", pid.Number, f.Name, f.Unit, d.Unit, f.Scale)
	}
	lo, hi := f.Range()
	if f.Scale != 0 {
		lo, hi = min(lo*f.Scale, hi*f.Scale), max(lo*f.Scale, hi*f.Scale)
	}
	if kind, _ := d.Type.Kind(); kind == vehicle.KindNumber && (hi < d.Min || lo > d.Max) {
		t.Errorf("PID %02X %s: %v to %v, and %s takes %v to %v", pid.Number, f.Name, lo, hi, f.Signal, d.Min, d.Max)
	}
}

// TestScalingTable lints the units of service 06.
func TestScalingTable(t *testing.T) {
	t.Parallel()
	last := 0
	for _, s := range j1979.Scalings() {
		if int(s.ID) <= last || s.Num <= 0 || s.Den <= 0 || !s.IsKnown {
			t.Errorf("scaling %02X: out of order, twice, or no number: %+v", s.ID, s)
		}
		last = int(s.ID)
		found, ok := j1979.LookupScaling(s.ID)
		if !ok || found != s {
			t.Errorf("scaling %02X: got %+v", s.ID, found)
		}
		// A signed id is the unsigned one with its top bit set.
		if twin, ok := j1979.LookupScaling(s.ID &^ 0x80); s.Signed() && ok && s.ID < 0xA0 && (twin.Unit != s.Unit || twin.Num/twin.Den != s.Num/s.Den) {
			t.Errorf("scaling %02X: %+v, and unsigned %+v", s.ID, s, twin)
		}
	}
	if s, ok := j1979.LookupScaling(0x7F); ok || s.IsKnown || s.Scale(0xFFFF) != 65535 {
		t.Errorf("unknown scaling: got %+v", s)
	}
	if s, _ := j1979.LookupScaling(0xF0); s.Scale(0xFFFF) != -1 {
		t.Errorf("unknown signed scaling: got %+v", s)
	}
}
