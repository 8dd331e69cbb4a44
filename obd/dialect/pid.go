package dialect

import (
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// pidField returns the value of a PID of SAE J1979 service 01. It is false for a
// PID that pitcrew does not know, for one of several values, since a device that
// sends one number does not say which, and for states that are no measures.
func pidField(pid byte) (j1979.Field, bool) {
	p, ok := j1979.Lookup(pid)
	if !ok || pid%0x20 == 0 { // 00, 20, ... say which PIDs there are
		return j1979.Field{}, false
	}
	fields := p.Measured()
	if len(fields) != 1 || fields[0].Bits == 1 {
		return j1979.Field{}, false
	}
	if def, known := vehicle.Lookup(fields[0].Signal); known {
		if kind, _ := def.Type.Kind(); kind != vehicle.KindNumber {
			return j1979.Field{}, false
		}
	}
	return fields[0], true
}

// pidName is what the dialects call a PID's value: the common name, else the
// field's name without the unit at its end.
func pidName(f j1979.Field) string {
	if name := commonName(f.Signal); name != "" {
		return name
	}
	for _, suffix := range []string{"_pct", "_c", "_kmh", "_km", "_v", "_kpa", "_pa", "_deg", "_g_s", "_l_h", "_kg_h", "_s", "_min"} {
		if short, ok := strings.CutSuffix(f.Name, suffix); ok {
			return short
		}
	}
	return f.Name
}

// pid adds the value of a PID that the device has scaled already, given as text.
// k is what the point shows; unit is what the message names, empty for the PID's
// own. A value that the PID cannot carry is out of range.
func (c *collector) pid(f j1979.Field, k key, text, unit string, offset int) {
	v, reason := parseNumber(text)
	scaled := v
	if unit != "" && unit != f.Unit && reason == "" {
		ok := false
		if scaled, ok = convert(v, unit, f.Unit); !ok {
			reason = wantUnit(f.Unit, unit)
		}
	}
	if reason != "" {
		c.unreadable(offset, k, reason)
		return
	}
	k.name = c.free(k)
	if !c.point(Point{Key: k.key, Name: k.name, Unit: k.unit, Value: vehicle.Number(v)}) || f.Signal == "" || c.has(f.Signal) {
		return
	}
	r := vehicle.Measure(f.Signal, j1979.Value{Field: &f, Number: scaled}.VSS())
	r.Value.Num = tidy(r.Value.Num)
	if lo, hi := f.Range(); scaled < lo || scaled > hi {
		r.Quality = vehicle.QualityOutOfRange
	}
	c.reading(k.key, r)
}
