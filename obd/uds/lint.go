package uds

import (
	"fmt"
	"math"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxDIDBytes is the most data of a DID: an ISO-TP message has 4095 bytes.
const MaxDIDBytes = 4095 - 3

// Lint checks a table and returns what is wrong with it, nil when it is sound:
//
//	layout      bits lie within the bytes of the DID and do not overlap
//	names       of letters, digits and _, and no two the same; no DID comes twice for an ECU
//	numbers     Num, Den, Offset and Scale are finite, and so is what they make of the bits
//	absent      the raw value fits the bits; With names another signal that has one
//	units       Unit is known; with a VSS signal, Scale is the conversion to its
//	            unit, or that with the sign changed
//	vss         the signal is in the dictionary, a number or a boolean of one bit, and
//	            its limits and the range of the bits have values in common
//
// The Place of a refusal is "DID 0101, soc_pct"; its Offset is 0.
func (t *Table) Lint() []*vehicle.Refusal {
	l := linter{names: make(map[string]bool), dids: make(map[string]bool)}
	switch t.Cluster {
	case "", "km", "mi":
	default:
		l.report("cluster", "unit %q: want km or mi", t.Cluster)
	}
	for i := range t.DIDs {
		l.did(&t.DIDs[i])
	}
	return l.found
}

type linter struct {
	found []*vehicle.Refusal
	names map[string]bool
	dids  map[string]bool
}

func (l *linter) report(place, format string, args ...any) {
	l.found = append(l.found, &vehicle.Refusal{Place: place, Reason: fmt.Sprintf(format, args...)})
}

func (l *linter) did(d *DID) {
	place := "DID " + d.Number.String()
	if _, err := can.ParseID(d.ECU); d.ECU != "" && err != nil {
		l.report(place, "ECU %q: want a CAN id of 3 or 8 hexadecimal digits", d.ECU)
	}
	if d.Bytes < 1 || d.Bytes > MaxDIDBytes {
		l.report(place, "%d bytes: want 1 to %d", d.Bytes, MaxDIDBytes)
		return
	}
	key := d.ECU + " " + place
	if l.dids[key] {
		l.report(place, "comes twice for one ECU")
	}
	l.dids[key] = true
	taken := make(map[int]string)
	for i := range d.Signals {
		s := &d.Signals[i]
		at := place + ", " + s.Name
		switch {
		case s.Name == "" || !isName(s.Name):
			l.report(at, "name: want letters, digits and _")
			continue
		case l.names[s.Name]:
			l.report(at, "name comes twice in the table")
		}
		l.names[s.Name] = true
		if !l.layout(at, d, s, taken) || !l.numbers(at, s) {
			continue
		}
		l.absent(at, d, s)
		l.unit(at, s)
	}
}

func (l *linter) layout(at string, d *DID, s *Signal, taken map[int]string) bool {
	switch {
	case s.Bits < 1 || s.Bits > MaxBits:
		l.report(at, "%d bits: want 1 to %d", s.Bits, MaxBits)
		return false
	case s.Bit < 0 || s.Bit > 8*d.Bytes-s.Bits:
		l.report(at, "bit %d with %d bits: not within %d bytes", s.Bit, s.Bits, d.Bytes)
		return false
	}
	for bit := s.Bit; bit < s.Bit+s.Bits; bit++ {
		if taken[bit] != "" {
			l.report(at, "bit %d belongs to %s", bit, taken[bit])
			return false
		}
		taken[bit] = s.Name
	}
	return true
}

func (l *linter) numbers(at string, s *Signal) bool {
	lo, hi := s.Range()
	for _, f := range []float64{s.Num, s.Den, s.Offset, s.Scale, lo, hi} {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			l.report(at, "num, den, offset and scale must be finite, and so must what they make of the bits")
			return false
		}
	}
	return true
}

func (l *linter) absent(at string, d *DID, s *Signal) {
	switch {
	case !s.HasAbsent && (s.Absent != 0 || s.With != ""):
		l.report(at, "has a mark for no reading, and HasAbsent is not set")
	case !s.HasAbsent:
	case s.Absent > 1<<s.Bits-1:
		l.report(at, "absent %d does not fit %d bits", s.Absent, s.Bits)
	case s.With != "":
		for i := range d.Signals {
			if with := &d.Signals[i]; with != s && with.Name == s.With && with.HasAbsent {
				return
			}
		}
		l.report(at, "with %q: want another signal of the DID that can be absent", s.With)
	}
}

func (l *linter) unit(at string, s *Signal) {
	if _, known := unitNames[s.Unit]; !known {
		l.report(at, "unit %q is not known", s.Unit)
		return
	}
	if s.VSS == "" {
		if s.Scale != 0 {
			l.report(at, "scale without a VSS signal")
		}
		return
	}
	def, known := vehicle.Lookup(s.VSS)
	if !known {
		l.report(at, "signal %s is neither in VSS %s nor an extension", s.VSS, vehicle.VSSVersion)
		return
	}
	switch kind, ok := def.Type.Kind(); {
	case !ok || kind == vehicle.KindText:
		l.report(at, "signal %s is no number", s.VSS)
		return
	case kind == vehicle.KindBool && s.Bits != 1:
		l.report(at, "signal %s is a boolean and has %d bits, want 1", s.VSS, s.Bits)
		return
	case s.Unit == UnitCluster && (s.VSS != vehicle.TraveledDistance || s.Scale != 0):
		l.report(at, "unit %s: want signal %s and no scale", UnitCluster, vehicle.TraveledDistance)
		return
	}
	l.scale(at, s, def)
}

func (l *linter) scale(at string, s *Signal, def vehicle.Definition) {
	factor, ok := conversion(s.Unit, def.Unit)
	scale := s.Scale
	if scale == 0 {
		scale = 1
	}
	switch {
	case s.Unit == UnitCluster:
		return
	case !ok:
		l.report(at, "unit %q cannot become %q of %s", s.Unit, def.Unit, s.VSS)
		return
	case math.Abs(math.Abs(scale)-factor) > 1e-9*factor:
		l.report(at, "scale %v: want %v or %v, from %q to %q", scale, factor, -factor, s.Unit, def.Unit)
		return
	}
	lo, hi := s.Range()
	lo, hi = min(lo*scale, hi*scale), max(lo*scale, hi*scale)
	if hi < def.Min || lo > def.Max {
		l.report(at, "bits carry %v to %v, and %s is %v to %v", lo, hi, s.VSS, def.Min, def.Max)
	}
}

func isName(s string) bool {
	for _, c := range []byte(s) {
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}
