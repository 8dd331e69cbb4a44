package predict

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

// surePlans is for how many of the plan's intervals a part without a record is taken
// for the one of delivery: half an interval over it was done elsewhere, more likely
// than not at all.
const surePlans = 1.5

// fleetLives are the lives of a component: from one renewal to the next, or until now.
// One that ended in failure tells its length, any other that it is longer: how it would
// have gone on is not known (right-censored). One that had begun before anybody
// watched is there because it had lasted until then (left-truncated).
func (t *timeline) fleetLives(row int) []FleetPath {
	p := t.blank(row)
	p.prior = t.priorOf(row)
	p.model = p.prior.model(t.table.experts[row], false)
	p.open(t, row)
	p.begun = p.tau(p.at, p.km)
	watched := p.tau(t.watchedFrom())
	var out []FleetPath
	add := func(at time.Time, km float64, end Service) {
		if !p.known() || p.assumed {
			return
		}
		f := FleetPath{
			VIN: t.in.VIN, Component: p.spec.Component, Cycle: p.cycle(), Complete: !end.Time.IsZero(), Entry: max(watched-p.begun, 0),
			PerDay: p.clock.inADay(t.usage.KmPerDay.P50),
		}
		f.live(t)
		if f.Run, f.Failed = p.lived(at, km, end.Failed); f.Run > f.Entry {
			out = append(out, f)
		}
	}
	for _, s := range t.visits(row) {
		if s.OdometerKm == 0 {
			s.OdometerKm = t.odometer(s.Time)
		}
		if s.TopUp {
			p.topUp(t, s)
			continue
		}
		add(s.Time, s.OdometerKm, s)
		p.from, p.at, p.km, p.begun, p.gained = openRecorded, s.Time, s.OdometerKm, p.tau(s.Time, s.OdometerKm), 0
		p.assumed = false
	}
	add(t.until, t.usage.OdometerKm, Service{})
	return out
}

// lived is the clock to which the part on the path has lasted at a time, and if it has
// failed there. What comes long after its plan is no more of a part of delivery, as
// far as is known.
func (p *wearPath) lived(at time.Time, km float64, failed bool) (clock float64, end bool) {
	clock = max(p.tau(at, km)-p.begun-p.gained, 0)
	if p.from != openDelivered || p.spec.PlanKm == 0 && p.spec.PlanMonths == 0 {
		return clock, failed
	}
	if plans := p.planShare(at, Quantiles{km, km, km}).P50; plans > surePlans {
		return clock * surePlans / plans, false
	}
	return clock, failed
}

// watchedFrom is since when a failure would have been known of: the first data, or the
// first record where there are several from before. A single one may be no more
// than the last invoice, which is there because nothing failed since.
func (t *timeline) watchedFrom() (time.Time, float64) {
	data := t.until
	if len(t.days) > 0 {
		data = t.days[0].Day.Start()
	}
	first, visits := data, map[int]bool{}
	for _, services := range t.services {
		for _, s := range services {
			if s.Time.Before(data) {
				visits[int(dayNumber(s.Time))] = true
				first = earlier(first, s.Time)
			}
		}
	}
	if len(visits) < 2 {
		first = data
	}
	return first, t.odometer(first)
}

const (
	// What experts expect of the effects on the log of a life: a doubled use moves it by 35 % or
	// less, ten degrees by 50 %, and kinds of vehicle differ by a fifth.
	useEffect   = 0.5
	airEffect   = 0.05
	groupEffect = 0.2
	// What a fit takes of groups and of vehicles.
	mostGroups = 30
	mostFitted = 10_000
	// mostOfRates is how many vehicles' lives the wear of measured parts counts for: it
	// says how fast parts wear, less of when they fail.
	mostOfRates = 20.0
)

// learnLives learns the law of lives of a component from service histories in order of
// the VIN, with what was known as lives beside them: the expert's law, or what the wear
// of measured parts has shown. late is how many days owners take to the workshop: a part
// that is found failed had failed before. Nil where too few have failed.
func learnLives(s *Spec, shown LifePrior, own []FleetPath, late float64) *LifeLaw {
	l := &LifeLaw{Late: late}
	for i := range own {
		if own[i].Failed {
			l.Failures++
		}
	}
	if l.Failures < minComplete {
		return nil
	}
	l.LogKmCentre = centreOf(own, func(f *FleetPath) float64 { return math.Log(f.KmPerDay) })
	l.DegreesCentre = centreOf(own, func(f *FleetPath) float64 { return f.AirTempC })
	known, units := s.law().Weibull, expertUnits
	if shown.Units > 0 {
		known = weibullOf(shown.RatePer1000Km, math.Log1p(shown.CV*shown.CV))
		units += min(float64(shown.Units), mostOfRates)
	}
	fit := lifeFit{groups: groupsIn(own), effects: []float64{useEffect, airEffect}, units: units}
	for range fit.groups {
		fit.effects = append(fit.effects, groupEffect)
	}
	families := thin.Evenly(l.families(s, own, fit.groups), mostFitted)
	priors := [2]LifeForm{known, known.lognormal()}
	l.Share = fit.share(families, priors)
	laws, err := fit.both(l, priors, families)
	if err != nil || !l.usable() {
		return nil // the expert's law stands
	}
	if l.Unrecorded = l.unrecorded(laws, families); l.Unrecorded > worthAgain {
		if laws, err = fit.both(l, priors, l.single(laws, families)); err != nil || !l.usable() {
			return nil
		}
		l.Unrecorded = l.unrecorded(laws, families)
	}
	return l
}

// lifeFit is a fit of the law of lives.
type lifeFit struct {
	groups  []string
	effects []float64 // standard deviations that experts expect of the effects
	units   float64   // that what was known counts for
}

// of fits one form.
func (f *lifeFit) of(form survival.Form, expert LifeForm, families []survival.Family) (survival.Shared, error) {
	return survival.FitShared(families, survival.SharedOptions{
		Prior: survival.Shared{Form: form, Shape: expert.Shape, LogScale: math.Log(expert.Scale), Between: expert.Between},
		Units: f.units, EffectSD: f.effects,
	})
}

// both fits the forms that have a share, and puts them into the law.
func (f *lifeFit) both(l *LifeLaw, priors [2]LifeForm, families []survival.Family) (laws [2]survival.Shared, err error) {
	for i, form := range [2]*LifeForm{&l.Weibull, &l.Lognormal} {
		if i == int(survival.WeibullForm) && l.Share == 0 || i == int(survival.LognormalForm) && l.Share == 1 {
			continue
		}
		found, e := f.of(survival.Form(i), priors[i], families)
		laws[i], *form, err = found, f.named(found), errors.Join(err, e)
	}
	if l.Share == 0 || l.Share == 1 {
		return laws, err
	}
	if all, ok := oneForm([2]bool{laws[survival.WeibullForm].Alike(), laws[survival.LognormalForm].Alike()}); ok {
		if l.Share = all; all == 0 {
			l.Weibull = LifeForm{}
		} else {
			l.Lognormal = LifeForm{}
		}
	}
	return laws, err
}

// oneForm is the share of the Weibull law where one form fits best without any scatter of its own: that is
// not the form of the lives, and the other has all.
func oneForm(alike [2]bool) (share float64, ok bool) {
	if alike[survival.WeibullForm] == alike[survival.LognormalForm] {
		return 0, false
	}
	if alike[survival.WeibullForm] {
		return 0, true
	}
	return 1, true
}

func (f *lifeFit) named(s survival.Shared) LifeForm {
	l := LifeForm{Shape: s.Shape, Scale: math.Exp(s.LogScale), Between: s.Between}
	if len(s.Effects) != len(f.effects) {
		return l // it was not fitted
	}
	l.PerLogKm, l.PerDegree = s.Effects[0], s.Effects[1]
	for i, g := range f.groups {
		if l.Groups == nil {
			l.Groups = map[string]float64{}
		}
		l.Groups[g] = s.Effects[2+i]
	}
	return l
}

// decidedly is the share of a form from which it has all.
const decidedly = 0.99

// share of the Weibull law: each half of the vehicles is told by the laws of both forms
// that the other half has taught, and the forms count by how likely it was to them.
func (f *lifeFit) share(families []survival.Family, priors [2]LifeForm) float64 {
	var halves [2][]survival.Family
	for i, family := range families {
		halves[i%2] = append(halves[i%2], family)
	}
	gain := 0.0
	var alike [2]bool
	for i, half := range halves {
		var told [2]float64
		for form, prior := range priors {
			law, err := f.of(survival.Form(form), prior, half)
			if err != nil {
				return 1
			}
			told[form] = law.LogLikelihood(halves[1-i])
			alike[form] = alike[form] || law.Alike()
		}
		gain += told[survival.WeibullForm] - told[survival.LognormalForm]
	}
	if all, ok := oneForm(alike); ok {
		return all
	}
	switch share := 1 / (1 + math.Exp(-gain)); {
	case share > decidedly:
		return 1
	case share < 1-decidedly:
		return 0
	default:
		return share
	}
}

// families puts the lives of each vehicle together.
func (l *LifeLaw) families(s *Spec, own []FleetPath, groups []string) []survival.Family {
	var all []survival.Family
	for i := 0; i < len(own); {
		first := &own[i]
		f := survival.Family{X: make([]float64, 2+len(groups))}
		if v := math.Log(first.KmPerDay) - l.LogKmCentre; finite(v) {
			f.X[0] = v
		}
		if v := first.AirTempC - l.DegreesCentre; finite(v) {
			f.X[1] = v
		}
		for _, g := range first.groups() {
			if j := slices.Index(groups, g); j >= 0 {
				f.X[2+j] = 1
			}
		}
		pace := s.regen(first.Powertrain)
		for ; i < len(own) && own[i].VIN == first.VIN; i++ {
			life := survival.Life{Entry: own[i].Entry * pace, Exit: own[i].Run * pace, Failed: own[i].Failed}
			if life.Failed {
				life.Exit = max(life.Exit-l.Late*own[i].PerDay*pace, life.Entry+leastLife)
			}
			if survival.Check([]survival.Life{life}) == nil {
				f.Lives = append(f.Lives, life)
			}
		}
		all = append(all, f)
	}
	return all
}

// leastLife is the shortest that anything is put at, in 1,000 km.
const leastLife = 0.01

// groupsIn are the groups in which parts of enough vehicles have failed, and of enough
// vehicles outside of them, those with the most vehicles first. A climate that is all of its zone
// would say the same twice.
func groupsIn(own []FleetPath) []string {
	vehicles, zoneOf, all := map[string]int{}, map[string]string{}, 0
	for i := 0; i < len(own); {
		vin, groups, failed := own[i].VIN, own[i].groups(), false
		if climate := own[i].Climate; climate != "" {
			zoneOf[byClimate+own[i].TimeZone+" "+climate] = byZone + own[i].TimeZone
		}
		for ; i < len(own) && own[i].VIN == vin; i++ {
			failed = failed || own[i].Failed
		}
		if failed {
			all++
			for _, g := range groups {
				vehicles[g]++
			}
		}
	}
	var out []string
	for g, n := range vehicles {
		zone, part := zoneOf[g]
		if n >= minComplete && all-n >= minComplete && (!part || vehicles[zone] > n) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(vehicles[b], vehicles[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), mostGroups)]
}

// centreOf is the mean over what is known.
func centreOf(own []FleetPath, of func(f *FleetPath) float64) float64 {
	sum, n := 0.0, 0.0
	for i := range own {
		if v := of(&own[i]); finite(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / max(n, 1)
}

// lateness is how many days owners take from the failure of a part to the workshop: the
// median of where readings tell it, 0 where too few do.
func lateness(paths []FleetPath) float64 {
	var late []float64
	for i := range paths {
		if paths[i].Seen {
			late = append(late, paths[i].LateDays)
		}
	}
	if len(late) < minComplete {
		return 0
	}
	slices.Sort(late)
	return late[len(late)/2]
}
