package predict

import (
	"math"
	"sort"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// pace is a clock that does not run evenly: how far it has run at a point of the even
// one, the odometer or the day.
type pace struct {
	x, y   []float64 // ascending
	near   int       // where the last place was found
	before float64   // how fast it ran before the first point
	ahead  float64   // and will run after the last
	told   float64   // share of the way of which the days tell what it runs by
	by     lang.Text // what that is

	// Where it runs with the root: of how far it has run since it was there, with what that
	// is multiplied under the root; 0: it does not.
	begun, root float64

	// After the last it runs as a year before, where there was one: how far it had run
	// a year before, and runs in a year.
	yearAgo, year float64
}

// at is how far the clock has run at a point; a nil clock runs evenly.
func (p *pace) at(x float64) float64 {
	switch {
	case p == nil || len(p.x) == 0:
		return x
	case p.root > 0:
		return math.Sqrt(p.root * max(p.evenly(x)-p.begun, 0))
	}
	return p.evenly(x)
}

// evenly is at without the root.
func (p *pace) evenly(x float64) float64 {
	last := len(p.x) - 1
	switch {
	case x <= p.x[0]:
		return p.y[0] - (p.x[0]-x)*p.before
	case x > p.x[last]:
		return p.y[last] + p.beyond(x-p.x[last])
	}
	i := p.place(x)
	share := (x - p.x[i-1]) / (p.x[i] - p.x[i-1])
	return p.y[i-1] + share*(p.y[i]-p.y[i-1])
}

// strides is how many points from the last place the next one is looked for, before all are.
const strides = 16

// place is the first point at or after x, which lies above the first and not above the last.
// Who asks goes along a history, or around one place, so it is looked for from where it was
// last.
func (p *pace) place(x float64) int {
	i := max(p.near, 1)
	for range strides {
		switch {
		case p.x[i] < x:
			i++
		case p.x[i-1] >= x:
			i--
		default:
			p.near = i
			return i
		}
	}
	p.near = sort.SearchFloat64s(p.x, x)
	return p.near
}

// beyond is how far it runs in a stretch after the last point.
func (p *pace) beyond(dx float64) float64 {
	if p.year == 0 {
		return dx * p.ahead
	}
	whole, rest := math.Modf(dx / yearDays)
	return whole*p.year + p.evenly(p.x[len(p.x)-1]+(rest-1)*yearDays) - p.yearAgo
}

// What a vehicle's own pace is shrunk by, and how much of the past says how it runs on.
const (
	shrinkKm, recentDays = 500.0, 91
)

// worked is the clock of a component over the odometer, nil where no day tells it.
func (t *timeline) worked(c Clock) *pace {
	if len(t.days) == 0 {
		return nil
	}
	t.tabulate()
	k := c.costOf(t.slab, t.days, t.ways, t.driven/float64(len(t.days)))
	cost, since := t.cost[:len(t.ways)], t.recent()
	k.count(cost)
	low, high := c.believed()
	sum, km, recent, recentKm := 0.0, 0.0, 0.0, 0.0
	for i, way := range t.ways {
		e := cost[i]
		if !(e > low*way && e < high*way) || k.spans(i) {
			cost[i] = 0
			continue
		}
		cost[i] = e / way
		sum, km = sum+e, km+way
		if i >= since {
			recent, recentKm = recent+e, recentKm+way
		}
	}
	if km == 0 {
		return nil
	}
	own := (sum + shrinkKm) / (km + shrinkKm)
	// Habits have changed as far as what is told of late differs from what was told before, for as long.
	of := min((km-recentKm)/recentKm, 1)
	if recentKm == 0 {
		of = 0
	}
	return t.slab.pace(pace{
		x: t.kms, y: t.runs(own), before: own, ahead: own + of*((recent+shrinkKm*own)/(recentKm+shrinkKm)-own),
		told: km / t.driven, by: k.words(),
	})
}

// tabulate makes columns of what every clock asks of every day: days are large, and looking
// at each costs more than what is made of it.
func (t *timeline) tabulate() {
	if t.ways != nil {
		return
	}
	n := len(t.days)
	t.cost, t.ways, t.gaps = t.slab.column(n)[:n], t.slab.column(n)[:n], t.slab.column(n)[:n]
	at := t.dial.byDay[0]
	t.kms = append(t.slab.column(n+1), at)
	for i := range t.days {
		way := t.days[i].DistanceKm
		t.ways[i], t.driven = way, t.driven+way
		km := t.dial.byDay[i+1]
		if t.gaps[i] = max(km-at, 0); km > at {
			at = km
			t.kms = append(t.kms, at)
		}
	}
}

// recent is the first of the newest days, by which the rest of the way is driven.
func (t *timeline) recent() int {
	first, last := len(t.days), t.days[len(t.days)-1].Day
	for first > 0 && last-t.days[first-1].Day < recentDays {
		first--
	}
	return first
}

// runs is how far a clock has run at each of its points, by the cost of a km of each day, or its
// own where the day does not tell.
func (t *timeline) runs(own float64) []float64 {
	y := t.slab.column(len(t.kms))[:len(t.kms)]
	run, n, cost := t.kms[0], 0, t.cost[:len(t.gaps)]
	y[0] = run
	for i, gap := range t.gaps {
		if gap > 0 {
			ratio := cost[i]
			if ratio == 0 {
				ratio = own
			}
			run += ratio * gap
			n++
			y[n] = run
		}
	}
	return y
}

// aged is the calendar of a starter battery: it ages twice as fast when it is 9 K warmer
// (Arrhenius; Battery University BU-806a has 8 to 10), and under a bonnet it follows the
// air by about a half. nil where no day has a temperature.
func aged(room *slab, air *weather, days []Day) *pace {
	if math.IsNaN(air.meanC) {
		return nil
	}
	return ageing(room, air, days, func(d *Day) float64 {
		return elementary.Exp((min(max(air.of(d), -30), 45) - 12) * (math.Ln2 / 18))
	})
}

// What ages a traction battery that stands: it loses with the root of time, by
// exp(-Ea/RT), and nearly twice as fast while it is full (Wang et al. 2014; Keil et al.
// 2016). Activation energies of 25 to 60 kJ/mol are published; 32 double the loss in
// 16 K, and the time that a loss takes is its square. It follows the air by about a half,
// from 20 °C at 12 °C.
const (
	packDoublesK, fullTimes   = 8.0, 1.8 * 1.8
	packRestC, packFollowsAir = 14.0, 0.5
	rootDays                  = 10 * yearDays // by when the root has run as far as the days
	usualAge                  = 3 * yearDays  // of a vehicle when it is first heard of, where nobody says
)

// agedPack is the calendar of a traction battery that came in on a day, by its own
// temperature where a day tells it, and by the hours that it was parked hot and full. nil
// where no day tells of either.
func agedPack(room *slab, air *weather, days []Day, since float64) *pace {
	own, n, hot, told := 0.0, 0.0, 0.0, !math.IsNaN(air.meanC)
	for i := range days {
		d := &days[i]
		hot += min(max(d.HotHours, 0), 24) / float64(len(days))
		told = told || d.tellsPack() || d.HotHours > 0
		if d.tellsPack() && d.tellsAir() {
			own, n = own+d.PackC-packFollowsAir*d.AirTempC, n+1
		}
	}
	if !told {
		return nil
	}
	own = (own + packRestC) / (n + 1) // above the air's part in it
	p := ageing(room, air, days, func(d *Day) float64 {
		c := d.PackC
		if !d.tellsPack() {
			c = 20
			if outside := air.of(d); !math.IsNaN(outside) {
				c = own + packFollowsAir*outside
			}
		}
		hours := hot
		if !math.IsNaN(d.HotHours) {
			hours = min(max(d.HotHours, 0), 24)
		}
		return elementary.Exp((min(max(c, -20), 55)-20)*(math.Ln2/packDoublesK)) * (1 + (fullTimes-1)*hours/24)
	})
	p.begun, p.root = p.at(since), rootDays
	return p
}

// tellsPack reports whether the day has a temperature of the traction battery.
func (d *Day) tellsPack() bool { return d.PackC != 0 && math.Abs(d.PackC) < 100 }

// What the seasons stand in for: in days, a gap longer than a few, at once, and the longest.
const longGap, seasonDays, longestGap = 7, 10, 10 * 366

// ageing is a calendar that runs at a rate of each day, and over some days without one at that
// of the next. Where seasons are known they stand in for longer gaps, and for what is missing of the year that
// ends with the days.
func ageing(room *slab, air *weather, days []Day, rate func(*Day) float64) *pace {
	p := room.pace(pace{})
	begin, end := days[0].Day, days[len(days)-1].Day+1
	if air.seasonal {
		begin = min(begin, end-vehicle.Day(math.Ceil(yearDays)))
	}
	at := begin
	run := float64(at)
	missing := min(int(end)-int(begin)-len(days), longestGap)
	points := len(days) + 2 + missing/(longGap-2)
	p.x, p.y = append(room.column(points), run), append(room.column(points), run)
	pass := func(d *Day, until vehicle.Day) {
		run += rate(d) * float64(until-at)
		at = until
		p.x, p.y = append(p.x, float64(at)), append(p.y, run)
	}
	madeUp := Day{AirTempC: math.NaN(), HotHours: math.NaN()}
	for i := range days {
		d := &days[i]
		for air.seasonal && int(d.Day)-int(at) < longestGap && (d.Day-at > longGap || i == 0 && d.Day > at) {
			madeUp.Day = at
			pass(&madeUp, min(at+seasonDays, d.Day))
		}
		pass(d, d.Day+1)
	}
	p.before = (run - p.y[0]) / float64(at-begin)
	p.ahead = p.before
	if ago := float64(at) - yearDays; ago >= p.x[0] {
		p.yearAgo = p.at(ago)
		p.year = run - p.yearAgo
		if air.seasonal { // the mean of fifteen months has one season twice
			p.before = p.year / yearDays
		}
	}
	return p
}
