package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// LifeLaw is how long parts last that nobody looks at, on the component's own clock: a
// Weibull law whose scale every vehicle has of its own, or a lognormal law, or their mean.
// It is learned from service histories; without one, Spec says it.
type LifeLaw struct {
	Weibull, Lognormal LifeForm
	Share              float64 // of the Weibull law, 0..1
	Failures           int     // lives behind it that ended in failure; 0: the expert's
	Late               float64 // days that owners take from the failure of a part to the workshop

	// Unrecorded is the share of renewals that leave no record, 0..1.
	Unrecorded float64 `json:",omitempty"`

	LogKmCentre, DegreesCentre float64 // use and climate that the effects are counted from
}

// LifeForm is the law of lives in one form. What explains part of the differences between
// vehicles moves the log of the life: by PerLogKm for each unit of log(km/day), by PerDegree for
// each kelvin of mean air temperature, and by what is in Groups for those that a vehicle
// belongs to (LifePrior.Groups).
type LifeForm struct {
	Shape     float64 // of the lives in one vehicle; Lognormal: one over the standard deviation of the log
	Scale     float64 // clock in 1,000 km by which 63 % of the parts of the middle vehicle have failed; Lognormal: half
	Between   float64 // standard deviation of the log of the scale between vehicles
	PerLogKm  float64
	PerDegree float64
	Groups    map[string]float64 `json:",omitempty"`
}

// partShare of the variance between lives belongs to the part, in the expert's eyes; the
// rest to the vehicle, its driver and its roads. Of tyres these make ten times what the
// make does (ADAC), pads differ by 0.35 to 0.5 between drivers.
const partShare = 0.2

// euler is the Euler-Mascheroni constant: the log of an exponential life has its negative
// as its mean.
const euler = 0.5772156649015329

// law is the expert's law of lives, a Weibull law. That of a row with a Life is this Life: it
// is not said how much of it lies between vehicles. A rate and its spread have a law with
// the same log-mean and log-variance.
func (s *Spec) law() LifeLaw {
	if s.Life.Shape > 0 && s.Life.Km > 0 {
		return LifeLaw{Weibull: LifeForm{Shape: s.Life.Shape, Scale: s.Life.Km / 1000}, Share: 1}
	}
	return LifeLaw{Weibull: weibullOf(s.RatePer1000Km, math.Log1p(s.RateCV*s.RateCV)), Share: 1}
}

// weibullOf is the Weibull form with the log-mean and log-variance of one over a rate.
func weibullOf(rate, variance float64) LifeForm {
	shape := math.Pi / math.Sqrt(6*partShare*variance)
	return LifeForm{Shape: shape, Scale: math.Exp(euler/shape) / rate, Between: math.Sqrt((1 - partShare) * variance)}
}

// lognormal is the lognormal form with the log-mean and log-variance of a Weibull one.
func (f LifeForm) lognormal() LifeForm {
	f.Scale *= math.Exp(-euler / f.Shape)
	f.Shape *= math.Sqrt(6) / math.Pi
	return f
}

// usable reports whether the law is one.
func (l *LifeLaw) usable() bool {
	ok := l.Share >= 0 && l.Share <= 1 && l.Late >= 0 && l.Late < 1e3 && l.Unrecorded >= 0 && l.Unrecorded <= mostUnrecorded && finite(l.LogKmCentre) && finite(l.DegreesCentre)
	return ok && (l.Share == 0 || l.Weibull.usable()) && (l.Share == 1 || l.Lognormal.usable())
}

func (f *LifeForm) usable() bool {
	return f.Shape > 0.1 && f.Shape < 50 && f.Scale > 0.1 && f.Scale < 1e6 && f.Between >= 0 && f.Between < 5 && finite(f.PerLogKm) && finite(f.PerDegree)
}

// asRate is the prior of wear that has the median and the spread of the lives, for parts
// whose wear the fleet has not shown.
func (l *LifeLaw) asRate() LifePrior {
	p := LifePrior{OfClass: true, Units: l.Failures, LogKmCentre: l.LogKmCentre, DegreesCentre: l.DegreesCentre}
	middle := lives{law: l, share: [2]float64{l.Share, 1 - l.Share}}
	for i, f := range [2]*LifeForm{&l.Weibull, &l.Lognormal} {
		middle.forms[i] = survival.Unit{Form: survival.Form(i), Shape: f.Shape, LogScale: math.Log(f.Scale), Between: f.Between}
		if share := middle.share[i]; share > 0 {
			p.PerLogKm -= share * f.PerLogKm
			p.PerDegree -= share * f.PerDegree
		}
	}
	rate, spread := middle.rate()
	p.RatePer1000Km, p.CV = math.Exp(rate), math.Sqrt(math.Expm1(spread))
	return p
}

// lives are what is known of the lives of a component in one vehicle: the law in each form,
// after the parts that the vehicle has had. Without a form it says nothing.
type lives struct {
	forms [2]survival.Unit
	share [2]float64 // of the forms; they add up to 1, or to 0
	law   *LifeLaw
	ended int // parts that the vehicle has had, and that count
}

// of is the law in a vehicle.
func (l *LifeLaw) of(t *timeline, pace float64) lives {
	out := lives{law: l, share: [2]float64{l.Share, 1 - l.Share}}
	for i, f := range [2]*LifeForm{&l.Weibull, &l.Lognormal} {
		if out.share[i] == 0 {
			continue
		}
		log := math.Log(f.Scale) - math.Log(pace)
		add := func(v float64) {
			if finite(v) { // a law is not to be trusted far outside the vehicles it was learned from
				log += min(max(v, -1), 1)
			}
		}
		if f.PerLogKm != 0 {
			add(f.PerLogKm * (math.Log(t.usage.KmPerDay.P50) - l.LogKmCentre))
		}
		add(f.PerDegree * (t.air.meanC - l.DegreesCentre))
		for _, g := range t.groups {
			add(f.Groups[g])
		}
		out.forms[i] = survival.Unit{Form: survival.Form(i), Shape: f.Shape, LogScale: log, Between: f.Between}
	}
	return out
}

// known reports whether anything is said of lives.
func (l *lives) known() bool { return l.law != nil }

// lived takes it that a part of the vehicle has lasted to a clock, and failed there or not.
func (l *lives) lived(clock float64, failed bool) {
	if l.isTwo(clock, failed) {
		return
	}
	l.ended++
	for i := range l.forms {
		if l.share[i] > 0 {
			l.forms[i].Lived(max(clock, leastLife), failed)
		}
	}
}

// rate is one over the median life, as a log, and the variance of the log of the life.
func (l *lives) rate() (log, variance float64) {
	for i := range l.forms {
		if u := &l.forms[i]; l.share[i] > 0 {
			_, known := u.Scale()
			log -= l.share[i] * u.Median()
			variance += l.share[i] * u.Form.Spread(u.Shape, known)
		}
	}
	return log, variance
}

// livesOf is the law of lives in this vehicle: the fleet's, or the expert's. Nothing where a
// version of the fleet has rates alone.
func (t *timeline) livesOf(row int) lives {
	s := &t.table.rows[row]
	law := &t.table.laws[row]
	switch learned, ok := t.in.Prior.Components[s.Component]; {
	case !ok:
	case learned.Life != nil && learned.Life.usable():
		law = learned.Life
	case usablePrior(learned):
		return lives{}
	}
	return law.of(t, s.regen(t.in.Powertrain))
}
