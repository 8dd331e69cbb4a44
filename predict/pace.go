package predict

import (
	"math"
	"sort"
)

// Clock names what wears a component beside the calendar. Where a day does not tell
// it, the distance stands in, at the vehicle's own mean.
type Clock string

// The clocks. Each runs in equivalent kilometres: a day of 30 km of short trips in
// frost may cost the oil as much as 60.
const (
	ByKm          Clock = ""
	ByOilStress   Clock = "oil"         // revolutions, those of cold or hot oil counting for more
	ByRevolutions Clock = "revolutions" // of the engine
	ByBraking     Clock = "braking"     // work of the brakes
	ByTread       Clock = "tread"       // distance, in warmth counting for more
)

// What an ordinary kilometre costs, so that equivalent kilometres of ordinary use are
// kilometres: 2,000 rpm at 50 km/h, of which a third is run cold; 1.6 stops from
// 36 km/h. The fleet's prior takes out what is left of the difference.
const (
	turnsPerKm  = 2400
	oilPerKm    = 1.4 * turnsPerKm
	brakingJPer = 80 // J/kg a km
)

// equivalent is what a day cost, in km; 0 when the day does not tell.
func (c Clock) equivalent(d *Day) float64 {
	switch c {
	case ByOilStress:
		return d.OilStress / oilPerKm
	case ByRevolutions:
		return d.EngineTurns / turnsPerKm
	case ByBraking:
		return d.BrakingWork / brakingJPer
	case ByTread:
		// Hot and dry wears twice as fast as cold and wet, some 30 K apart (trade).
		if !(math.Abs(d.AirTempC) < 60) {
			return 0
		}
		return d.DistanceKm * min(max(math.Exp2((d.AirTempC-15)/30), 0.6), 1.6)
	case ByKm:
	}
	return 0
}

// pace is a clock that does not run evenly: how far it has run at a point of the even
// one, the odometer or the day.
type pace struct {
	x, y   []float64 // ascending
	before float64   // how fast it ran before the first point
	ahead  float64   // and will run after the last

	// After the last it runs as a year before, where there was one: how far it had run
	// a year before, and runs in a year.
	yearAgo, year float64
}

// at is how far the clock has run at a point; a nil clock runs evenly.
func (p *pace) at(x float64) float64 {
	if p == nil || len(p.x) == 0 {
		return x
	}
	last := len(p.x) - 1
	switch i := sort.SearchFloat64s(p.x, x); {
	case x <= p.x[0]:
		return p.y[0] - (p.x[0]-x)*p.before
	case x > p.x[last]:
		return p.y[last] + p.beyond(x-p.x[last])
	default:
		share := (x - p.x[i-1]) / (p.x[i] - p.x[i-1])
		return p.y[i-1] + share*(p.y[i]-p.y[i-1])
	}
}

// beyond is how far it runs in a stretch after the last point.
func (p *pace) beyond(dx float64) float64 {
	if p.year == 0 {
		return dx * p.ahead
	}
	whole, rest := math.Modf(dx / yearDays)
	return whole*p.year + p.at(p.x[len(p.x)-1]+(rest-1)*yearDays) - p.yearAgo
}

// What a vehicle's own pace is shrunk by, and how much of the past says how it runs on.
const (
	shrinkKm, recentDays = 500.0, 91
	slowest, fastest     = 0.2, 5.0 // equivalent km a km that are believed
)

// worked is the clock of a component over the odometer, nil where no day tells it.
func (t *timeline) worked(c Clock) *pace {
	var sum, km, recent, recentKm float64
	t.cost = t.cost[:0]
	for i := range t.days {
		d := &t.days[i]
		e := c.equivalent(d)
		if !(e > slowest*d.DistanceKm && e < fastest*d.DistanceKm) {
			t.cost = append(t.cost, 0)
			continue
		}
		t.cost = append(t.cost, e)
		sum, km = sum+e, km+d.DistanceKm
		if t.days[len(t.days)-1].Day-d.Day < recentDays {
			recent, recentKm = recent+e, recentKm+d.DistanceKm
		}
	}
	if km == 0 {
		return nil
	}
	own := (sum + shrinkKm) / (km + shrinkKm)
	x := t.points()
	run := x[0]
	p := &pace{x: x, y: append(make([]float64, 0, len(x)), run), before: own, ahead: (recent + shrinkKm*own) / (recentKm + shrinkKm)}
	for i, e := range t.cost {
		ratio := own
		if e > 0 {
			ratio = e / t.days[i].DistanceKm
		}
		if at := x[len(p.y)-1]; t.days[i].OdometerKm > at {
			run += ratio * (t.days[i].OdometerKm - at)
			p.y = append(p.y, run)
		}
	}
	return p
}

// points are the odometers between which the clocks of work are straight: at the end
// of each day on which it moved.
func (t *timeline) points() []float64 {
	if t.kms == nil {
		at := t.days[0].OdometerKm - t.days[0].DistanceKm
		t.kms = append(make([]float64, 0, len(t.days)+1), at)
		for i := range t.days {
			if km := t.days[i].OdometerKm; km > at {
				at = km
				t.kms = append(t.kms, at)
			}
		}
	}
	return t.kms
}

// aged is the calendar of a battery: it ages twice as fast when it is 9 K warmer
// (Arrhenius; Battery University BU-806a has 8 to 10), and under a bonnet or a floor
// it follows the air by about a half. nil where no day has a temperature.
func aged(days []Day, airTempC float64) *pace {
	if math.IsNaN(airTempC) {
		return nil
	}
	rate := func(airC float64) float64 { return math.Exp2((min(max(airC, -30), 45) - 12) / 18) }
	p := &pace{}
	at := float64(days[0].Day)
	run := at
	p.x, p.y = append(make([]float64, 0, len(days)+1), at), append(make([]float64, 0, len(days)+1), run)
	for i := range days {
		air := days[i].AirTempC
		if !(math.Abs(air) < 60) {
			air = airTempC
		}
		end := float64(days[i].Day) + 1
		run += rate(air) * (end - at)
		at = end
		p.x, p.y = append(p.x, at), append(p.y, run)
	}
	p.before = (run - p.y[0]) / (at - p.x[0])
	p.ahead = p.before
	if ago := at - yearDays; ago >= p.x[0] {
		p.yearAgo = p.at(ago)
		p.year = run - p.yearAgo
	}
	return p
}
