package evaluate

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// The observer is who could know best of tyres, whose sensors are off by as much for the life
// of a tyre: the pace of each as exactly as the oracle, and its wear as all of its readings
// together tell it. What orders are raised in time by the observer is about the most that can be.
const observed = predict.Tyres

// freshFor is how long a tyre is new: what its sensor shows then is what it is off.
const freshFor = 21 * 24 * time.Hour

// misreadings are by how much readings are off, as variances of wear.
type misreadings struct {
	usual          float64 // what sensors are off on average
	steady, single float64 // of sensors: for the life of a part, and beside that of one reading
	workshop       float64
}

// misread is by how much the readings of a part are off until a time: of its sensor, those of
// the new part first, and of workshops.
func (h *hindsight) misread(life Life, at time.Time) (sensor, fresh, workshop []float64) {
	for _, r := range h.seen(life, at) {
		truth, ok := damageAt(h.Damage[life.Component], r.Time)
		switch off := r.Wear - truth; {
		case !ok:
		case !r.Sensed():
			workshop = append(workshop, off)
		default:
			sensor = append(sensor, off)
			if r.Time.Sub(life.From) < freshFor {
				fresh = append(fresh, off)
			}
		}
	}
	return sensor, fresh, workshop
}

// misreadingTally adds up how readings are off in the vehicles that teach.
type misreadingTally struct{ steady, single, workshop []float64 }

func (m *misreadingTally) add(v *Vehicle) {
	const enough = 20 // readings, for their mean to be what the sensor is off
	h := newHindsight(v)
	for _, life := range v.Lives {
		if life.Component != observed {
			continue
		}
		sensor, _, workshop := h.misread(life, v.Until)
		if len(sensor) >= enough {
			mean, variance := stat.MeanVariance(sensor, nil)
			m.steady, m.single = append(m.steady, mean), append(m.single, variance)
		}
		for _, off := range workshop {
			m.workshop = append(m.workshop, off*off)
		}
	}
}

func (m *misreadingTally) variances() misreadings {
	usual, steady := stat.MeanVariance(m.steady, nil)
	return misreadings{usual, steady, stat.Mean(m.single, nil), stat.Mean(m.workshop, nil)}
}

// observe is the days left of a part as the observer sees them, and the standard deviation of
// that; NaN where nothing is seen.
func (m misreadings) observe(h *hindsight, life Life, at time.Time, oracle float64) (left, sd float64) {
	now, ok := damageAt(h.Damage[life.Component], at)
	sensor, fresh, workshop := h.misread(life, at)
	if !ok || len(sensor) == 0 || !(oracle > 0) || !(m.steady > 0 && m.single > 0 && m.workshop > 0) {
		return math.NaN(), math.NaN()
	}
	shown := stat.Mean(sensor, nil)
	off, weight := m.usual/m.steady, 1/m.steady
	for _, w := range workshop {
		off, weight = off+(shown-w)/m.workshop, weight+1/m.workshop
	}
	for _, f := range fresh {
		off, weight = off+f/m.single, weight+1/m.single
	}
	perDay := (1 - now) / oracle
	return oracle - (shown-off/weight)/perDay, 1 / (math.Sqrt(weight) * perDay)
}

// observerOrders raises the order of each part when the observer sees its limit so near, and
// as much earlier as the limit is not known.
func (g group) observerOrders(answers []answer) outcomes {
	ahead := g.oracleAhead()
	return g.ordersBy(answers, func(a *answer) float64 { return a.observed - a.observedSD - ahead })
}
