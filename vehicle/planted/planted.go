// Package planted puts faults of a known kind into odometer readings that have none, so
// that a ledger can be judged: a cluster that is replaced, and readings made wrong. Its
// rules know nothing of the ledger. Metres and miles are those of the instrument.
package planted

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const metresPerMile = 1609.344

// Follows says whether one reading can come after another: up, and by no more than
// 500 miles a day. It is all that this package knows of odometers.
func Follows(a, b vehicle.OdometerReading) bool {
	miles := (b.Metres - a.Metres) / metresPerMile
	return miles >= 0 && miles <= 500*(daysBetween(a, b)+1)
}

func daysBetween(a, b vehicle.OdometerReading) float64 { return b.Time.Sub(a.Time).Hours() / 24 }

// Good says whether the k-th reading fits both of its neighbours.
func Good(s []vehicle.OdometerReading, k int) bool {
	return k > 0 && k+1 < len(s) && Follows(s[k-1], s[k]) && Follows(s[k], s[k+1])
}

// HasOdometer tells readings of a vehicle from those of jerry cans, and from those for
// which drivers type one thing and another: that share of them goes up as a vehicle may.
func HasOdometer(s []vehicle.OdometerReading, least float64) bool {
	n := 0
	for k := 1; k < len(s); k++ {
		if Follows(s[k-1], s[k]) && s[k].Metres > s[k-1].Metres {
			n++
		}
	}
	return len(s) >= 5 && float64(n) >= least*float64(len(s)-1)
}

// SeveralVehicles says whether a series goes more than once from three readings that
// follow each other to three others that do but do not follow those: no cluster is
// replaced that often.
func SeveralVehicles(s []vehicle.OdometerReading) bool {
	breaks := 0
	for k := 3; k+2 < len(s); k++ {
		onward := !Good(s, k-2) || !Good(s, k+1)
		for _, a := range s[k-3 : k] {
			for _, b := range s[k : k+3] {
				onward = onward || Follows(a, b)
			}
		}
		if !onward {
			breaks++
		}
	}
	return breaks > 1
}

// Swap is a series in which a cluster was replaced, and one reading in a hundred made
// wrong in a known way.
type Swap struct {
	Readings []vehicle.OdometerReading // as they are typed now
	Spoiled  []bool                    // which of them are wrong
	At       int                       // the first of the other cluster
	New      bool                      // a new cluster, which shows up to 50 miles; else a used one
	Hidden   bool                      // nobody can tell by the readings
	was      []vehicle.OdometerReading
}

// NewSwap replaces the cluster at a good reading, six or more from either end: about
// every second time by a new one, else by a used one that shows anything up to twice the
// present distance. False for a series that is too short or has no such reading.
func NewSwap(random *rand.Rand, s []vehicle.OdometerReading) (Swap, bool) {
	if len(s) < 13 {
		return Swap{}, false
	}
	at := 6 + random.IntN(len(s)-12)
	for !Good(s, at) { // not where a driver mistyped: the new dial starts from there
		if at++; at+6 > len(s) {
			return Swap{}, false
		}
	}
	w := Swap{Readings: slices.Clone(s), Spoiled: make([]bool, len(s)), At: at, New: true, was: s}
	dial := random.Float64() * 50 * metresPerMile
	if random.IntN(2) == 0 {
		dial = random.Float64() * 2 * s[at].Metres
		w.New, w.Hidden = false, cannotTell(s, at, dial)
	}
	for k := range w.Readings {
		raw := s[k].Raw
		if k >= at {
			raw = math.Floor((s[k].Metres - s[at].Metres + dial) / metresPerMile)
		}
		if random.IntN(100) == 0 {
			was := raw
			raw = spoil(random, raw)
			w.Spoiled[k] = raw != was
		}
		w.Readings[k] = vehicle.ReadOdometer(s[k].Time, s[k].Source, raw, vehicle.Miles)
	}
	return w, true
}

// cannotTell says whether the readings after a swap are what an instrument that was
// not replaced may show, too: no more than could have been driven, so little less
// that four readings later it is forgotten, or about what it would be in the other
// unit.
func cannotTell(s []vehicle.OdometerReading, at int, dial float64) bool {
	drop := s[at-1].Metres - dial
	possible := (daysBetween(s[at-1], s[at]) + 1) * vehicle.BusKmPerDay * 1000
	if drop <= s[at+5].Metres-s[at].Metres && -drop <= possible {
		return true
	}
	const kmPerMile = metresPerMile / 1000
	ratio := dial / s[at].Metres
	return math.Abs(ratio/kmPerMile-1) < 0.05 || math.Abs(ratio*kmPerMile-1) < 0.05
}

// spoil makes a reading what a hand or a wrong setting makes of it: a digit too many or
// too few, kilometres, two digits swapped.
func spoil(random *rand.Rand, raw float64) float64 {
	switch random.IntN(4) {
	case 0:
		return raw * 10
	case 1:
		return math.Floor(raw / 10)
	case 2:
		return math.Floor(raw * metresPerMile / 1000)
	}
	digits := []byte(strconv.FormatFloat(raw, 'f', 0, 64))
	if len(digits) > 1 {
		digits[0], digits[1] = digits[1], digits[0]
	}
	out, err := strconv.ParseFloat(string(digits), 64)
	if err != nil {
		return raw
	}
	return out
}

// Found is what a ledger of the readings takes the swap for: a swap where a segment
// begins with one of the two readings from it on, a rollback where these are refused as
// turned back, which a used cluster that shows less deserves; nothing where it was missed.
func (w *Swap) Found(l vehicle.OdometerLedger) (vehicle.OdometerKind, bool) {
	within := func(r vehicle.OdometerReading) bool {
		return !r.Time.Before(w.was[w.At].Time) && !r.Time.After(w.was[w.At+1].Time)
	}
	for _, g := range l.Segments {
		if g.Kind != vehicle.OdometerFirst && within(vehicle.OdometerReading{Time: g.Start}) {
			return vehicle.OdometerSwap, true
		}
	}
	for _, r := range l.Refused {
		if r.Kind == vehicle.OdometerRollback && within(r.Reading) {
			return vehicle.OdometerRollback, true
		}
	}
	return "", false
}

// Judge says of each reading for what a ledger refused it, empty where it did not, and
// whether it is good: not made wrong, and fitting both of its neighbours before anything
// was planted.
func (w *Swap) Judge(l vehicle.OdometerLedger, each func(k int, good bool, refused vehicle.OdometerKind)) {
	refused := Refused(l)
	for k, r := range w.Readings {
		each(k, !w.Spoiled[k] && Good(w.was, k), refused[r.ID()])
	}
}

// Refused are the readings that a ledger refused, by id.
func Refused(l vehicle.OdometerLedger) map[string]vehicle.OdometerKind {
	refused := make(map[string]vehicle.OdometerKind, len(l.Refused))
	for _, r := range l.Refused {
		refused[r.Reading.ID()] = r.Kind
	}
	return refused
}

// Dropped says whether a refusal of this kind, empty for none, loses a reading. Those of
// a dial that a person has to look at are not lost, nor is what came twice.
func Dropped(kind vehicle.OdometerKind) bool {
	return kind != "" && kind != vehicle.OdometerRollback && kind != vehicle.OdometerDuplicate
}
