package evaluate

import (
	"math/rand/v2"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/vehicle/planted"
)

// swapRounds is how often a swap is planted in each card.
const swapRounds = 5

// swapFigures count what the ledger makes of readings, by card.
type swapFigures struct {
	found, all, dropped, asTyped pooled
}

// swapRows plants a replaced cluster and wrong readings in cards in which the ledger
// sees none, and counts what it finds of the one and drops of the good ones.
func swapRows(cards []*fuelCard) []Row {
	n := len(cards)
	f := swapFigures{newPooled(n), newPooled(n), newPooled(n), newPooled(n)}
	random := rand.New(rand.NewPCG(1985, 2017))
	for i, c := range cards {
		whole := ledgerOf(c.readings)
		if planted.SeveralVehicles(c.readings) {
			continue // whose readings are right there is not known
		}
		refused := planted.Refused(whole)
		for k, r := range c.readings {
			if planted.Good(c.readings, k) {
				f.asTyped.add(i, share(planted.Dropped(refused[r.ID()])))
			}
		}
		if !planted.HasOdometer(c.readings, 0.9) || len(whole.Segments) != 1 {
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

// plant replaces a cluster and counts what the ledger finds.
func (f *swapFigures) plant(card int, s []vehicle.OdometerReading, random *rand.Rand) {
	w, ok := planted.NewSwap(random, s)
	if !ok {
		return
	}
	l := ledgerOf(w.Readings)
	w.Judge(l, func(_ int, good bool, refused vehicle.OdometerKind) {
		if good {
			f.dropped.add(card, share(planted.Dropped(refused)))
		}
	})
	_, found := w.Found(l)
	f.all.add(card, share(found))
	if !w.Hidden {
		f.found.add(card, share(found))
	}
}
