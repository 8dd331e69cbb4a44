package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// swapRounds is how often a swap is planted in each card.
const swapRounds = 5

// swapFigures count what the ledger makes of readings, by card.
type swapFigures struct {
	found, all, dropped, asTyped pooled
}

// swapRows plants a replaced cluster in cards in which the ledger sees none:
// about every second time a new one that shows up to 50 miles, else a used one
// that shows anything up to twice the present distance. One reading in a hundred
// is made wrong in a known way. A swap is found when a segment begins with one of
// the two readings from it on, or when they are refused as turned back, which a
// used cluster that shows less deserves. A good reading fits both of its
// neighbours.
func swapRows(cards []*fuelCard) []Row {
	n := len(cards)
	f := swapFigures{newPooled(n), newPooled(n), newPooled(n), newPooled(n)}
	random := rand.New(rand.NewPCG(1985, 2017))
	for i, c := range cards {
		whole := ledgerOf(c.readings)
		if severalVehicles(c.readings) {
			continue // whose readings are right there is not known
		}
		f.countDropped(f.asTyped, i, c.readings, c.readings, nil, whole)
		if !c.hasOdometer(0.9) || len(whole.Segments) != 1 {
			continue
		}
		for range swapRounds {
			f.plant(i, c.readings, random)
		}
	}
	row := func(task, metric string, p pooled, must Bound, beside ...Baseline) Row {
		r := Row{Task: task, Metric: metric, Units: p.units(), Must: must, Baselines: beside}
		r.Ours, r.Sure = p.figure()
		return r
	}
	return []Row{
		row("planted cluster swaps", "share found", f.found, AtLeast(0.95), Baseline{"with those no reading can tell", f.all.mean()}),
		row("good readings, as typed", "share dropped", f.asTyped, AtMost(0.01)),
		row("good readings, swaps and outliers planted", "share dropped", f.dropped, AtMost(0.01)),
	}
}

// plant replaces the cluster at a good reading, six readings or more from either
// end, and counts what the ledger finds.
func (f *swapFigures) plant(card int, s []vehicle.OdometerReading, random *rand.Rand) {
	if len(s) < 13 {
		return
	}
	at := 6 + random.IntN(len(s)-12)
	for !goodReading(s, at) { // not where a driver mistyped: the new dial starts from there
		if at++; at+6 > len(s) {
			return
		}
	}
	dial, hidden := random.Float64()*50*metresPerMile, false
	if random.IntN(2) == 0 {
		dial = random.Float64() * 2 * s[at].Metres
		hidden = cannotTell(s, at, dial)
	}
	given, spoiled := slices.Clone(s), make([]bool, len(s))
	for k := range given {
		raw := given[k].Raw
		if k >= at {
			raw = math.Floor((s[k].Metres - s[at].Metres + dial) / metresPerMile)
		}
		if random.IntN(100) == 0 {
			was := raw
			raw = spoil(random, raw)
			spoiled[k] = raw != was
		}
		given[k] = vehicle.ReadOdometer(s[k].Time, s[k].Source, raw, vehicle.Miles)
	}
	l := ledgerOf(given)
	f.countDropped(f.dropped, card, s, given, spoiled, l)
	found := share(swapFound(l, s, at))
	f.all.add(card, found)
	if !hidden {
		f.found.add(card, found)
	}
}

// countDropped counts the good readings that were refused. Those of a dial that a
// person has to look at are not dropped, nor is what came twice.
func (f *swapFigures) countDropped(into pooled, card int, s, given []vehicle.OdometerReading, spoiled []bool, l vehicle.OdometerLedger) {
	refused := map[string]bool{}
	for _, r := range l.Refused {
		if r.Kind != vehicle.OdometerRollback && r.Kind != vehicle.OdometerDuplicate {
			refused[r.Reading.ID()] = true
		}
	}
	for k := range given {
		if (spoiled == nil || !spoiled[k]) && goodReading(s, k) {
			into.add(card, share(refused[given[k].ID()]))
		}
	}
}

func swapFound(l vehicle.OdometerLedger, s []vehicle.OdometerReading, at int) bool {
	within := func(r vehicle.OdometerReading) bool {
		return !r.Time.Before(s[at].Time) && !r.Time.After(s[at+1].Time)
	}
	for _, g := range l.Segments {
		if g.Kind != vehicle.OdometerFirst && within(vehicle.OdometerReading{Time: g.Start}) {
			return true
		}
	}
	for _, r := range l.Refused {
		if r.Kind == vehicle.OdometerRollback && within(r.Reading) {
			return true
		}
	}
	return false
}

func goodReading(s []vehicle.OdometerReading, k int) bool {
	return k > 0 && k+1 < len(s) && follows(s[k-1], s[k]) && follows(s[k], s[k+1])
}

// severalVehicles says whether a card goes more than once from three readings
// that follow each other to three others that do but do not follow those: no
// cluster is replaced that often.
func severalVehicles(s []vehicle.OdometerReading) bool {
	breaks := 0
	for k := 3; k+2 < len(s); k++ {
		onward := !goodReading(s, k-2) || !goodReading(s, k+1)
		for _, a := range s[k-3 : k] {
			for _, b := range s[k : k+3] {
				onward = onward || follows(a, b)
			}
		}
		if !onward {
			breaks++
		}
	}
	return breaks > 1
}

// cannotTell says whether the readings after a swap are what an instrument that
// was not replaced may show, too: no more than could have been driven, so little
// less that four readings later it is forgotten, or about what it would be in the
// other unit.
func cannotTell(s []vehicle.OdometerReading, at int, dial float64) bool {
	drop := s[at-1].Metres - dial
	possible := (daysBetween(s[at-1].Time, s[at].Time) + 1) * vehicle.BusKmPerDay * 1000
	if drop <= s[at+5].Metres-s[at].Metres && -drop <= possible {
		return true
	}
	ratio := dial / s[at].Metres
	return math.Abs(ratio/kmPerMile-1) < 0.05 || math.Abs(ratio*kmPerMile-1) < 0.05
}

// spoil makes a reading what a hand or a wrong setting makes of it: a digit too
// many or too few, kilometres, two digits swapped.
func spoil(random *rand.Rand, raw float64) float64 {
	switch random.IntN(4) {
	case 0:
		return raw * 10
	case 1:
		return math.Floor(raw / 10)
	case 2:
		return math.Floor(raw * kmPerMile)
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
