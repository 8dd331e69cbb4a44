package simulator

import "math"

// PackDay is what messages tell of the traction battery over a day, as roll-ups of their
// samples add it up; 0 where they do not tell it.
type PackDay struct {
	DischargeKWh float64
	FastKWh      float64 // charged at more than 50 kW
	HotHours     float64 // parked at 30 °C or more and 80 % or more
	MeanC        float64 // NaN without a traction battery
}

// packWatch adds a PackDay up.
type packWatch struct {
	day PackDay
	now packStay
	sum float64 // of the temperatures told
	n   int
}

// packStay is the battery of a car that stands; zero: nobody has looked yet.
type packStay struct {
	at       int64
	c, share float64
}

// parkedHot reports whether a stay between two looks is hot and full.
func parkedHot(a, b packStay) bool { return (a.c+b.c)/2 >= 30 && (a.share+b.share)/2 >= 0.8 }

const daySeconds = 86_400

// depart looks at the battery at the start of a trip, and at what came since the one
// before. Roll-ups are of UTC days: over midnight each look tells its own side.
func (p *packWatch) depart(r *run, d drive) {
	now := packStay{r.clock(d.start - 20), r.packTemperature(0), r.soc}
	midnight := now.at - now.at%daySeconds
	switch {
	case p.now.at >= midnight:
		if parkedHot(p.now, now) {
			p.day.HotHours += float64(now.at-p.now.at) / 3600
		}
	default:
		if p.now.at > 0 && parkedHot(p.now, p.now) {
			p.day.HotHours += float64(daySeconds-p.now.at%daySeconds) / 3600
		}
		if parkedHot(now, now) {
			p.day.HotHours += float64(now.at-midnight) / 3600
		}
	}
	p.fast(r, now.at, midnight)
	p.now = now
	p.see(now.c)
	n := r.today.moments()
	for k := range n {
		after := d.moment(k, n)
		_, km := d.place(after)
		p.drop(r, r.chargeAfter(km))
		p.see(r.packTemperature(after))
	}
}

// drop takes the charge of the next look on the way: what is less was used, where
// nothing else tells it.
func (p *packWatch) drop(r *run, share float64) {
	if used := p.now.share - share; !r.car.PackSensors && used > 0 {
		p.day.DischargeKWh += used * r.packSize()
	}
	p.now.share = share
}

// fast counts the charge before a trip if it is seen to be fast: from when the car was
// plugged in, where it tells that, or from its arrival.
func (p *packWatch) fast(r *run, until, midnight int64) {
	from := p.now.at
	if r.car.PackSensors {
		from = until - int64(r.charged.seconds) - 10
	}
	rise := r.soc - r.charged.from
	if kWh := rise * r.packSize(); r.charged.seconds > 0 && rise >= 0.05 && from >= midnight && kWh/float64(until-from)*3600 > 50 {
		p.day.FastKWh += kWh
	}
}

// packSize is the capacity that a roll-up takes the battery for.
func (r *run) packSize() float64 {
	if r.car.PackSensors {
		return math.Round(r.car.packKWh)
	}
	return 60
}

// arrive looks at the battery at the end of a trip.
func (p *packWatch) arrive(r *run) {
	p.drop(r, r.soc)
	p.now = packStay{r.now, r.packTemperature(2400), r.soc}
	p.see(p.now.c)
}

func (p *packWatch) see(c float64) { p.sum, p.n = p.sum+c, p.n+1 }

// told is the day, if there is a battery to tell of.
func (p *packWatch) told(r *run) PackDay {
	if r.car.packKWh == 0 {
		return PackDay{MeanC: math.NaN()}
	}
	p.day.MeanC = p.sum / float64(p.n)
	return p.day
}
