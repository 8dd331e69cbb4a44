package evaluate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// Forms and clocks that a component without a row of the table may have: wear as a
// power of the clock, and the share of the clock that is the calendar's.
var (
	ownShapes = []float64{1, 0.5, 0.7, 1.5, 2, 3, 4}
	ownShares = []float64{0, 0.5, 1}
)

const (
	fewestPoints = 3   // readings of a path that says something of its form
	mostPoints   = 30  // that a form is sought in, of one path
	leastGain    = 0.1 // wear between its ends
	clearly      = 2.8 // standard errors that it must be: chance alone makes every second path rise
	widePaths    = 3.0 // paths that the wide prior counts for beside the fleet's
	wideSpread   = 0.6 // standard deviation of the log-rate between units, where nothing is known
	darkSpread   = 1.5 // the same, where no path has shown more than its beginning
	usualRate    = 0.02
	leastSpread  = 0.05
	wholeWay     = 0.7            // wear that some paths must have shown to know their form
	ruledOut     = 6.0            // log-odds against a form,
	noneIsExact  = 0.7            // and those of each path, as the true form is none of these
	plainOdds    = 3.0            // log-odds for the plain form, 20 to 1: few readings are no ground for a curve
	refKmPerDay  = 15000 / 365.25 // at which the clock of any share runs alike, see predict.Spec
)

// spec is the row of a part: that of the table, or one made of what the paths show.
// read says whether values of it were read in any unit.
func (o *Own) spec(part int, g *ownGauge, paths []ownPath, read bool, factor float64) predict.Spec {
	p := &o.parts[part]
	if p.known {
		s, _ := o.table.Of(p.id)
		s.Powertrains, s.Optional = nil, false // of a unit that has it
		if read && s.Measure == predict.NotMeasured {
			s.Measure = ownMeasure
		}
		return s
	}
	s := predict.Spec{
		Component: p.id, Name: lang.Text{EN: p.name, ZH: p.name}, ResetBy: []string{string(p.id)},
		Safety: predict.SafetyComfort, Amber: 0.8, Red: 1, Shape: 1,
	}
	if read {
		s.Measure = ownMeasure
		f := bestForm(g, paths, factor)
		s.Shape, s.CalendarShare = f.shape, f.share
		s.RatePer1000Km, s.RateCV = f.prior()
		if far := farthest(g, paths); far < wholeWay {
			f.goOn(&s, far, f.others(g, paths, factor))
		}
		return s
	}
	f := lifeForm(paths)
	s.CalendarShare = f.share
	s.RatePer1000Km, s.RateCV = f.prior()
	return s
}

// farthest is the wear that at least a few paths have shown; 0 where none was read.
func farthest(g *ownGauge, paths []ownPath) float64 {
	var shown []float64
	for _, p := range paths {
		if n := len(p.values); n > 0 {
			shown = append(shown, g.wear(p.values[n-1]))
		}
	}
	if len(shown) == 0 {
		return 0
	}
	slices.Sort(shown)
	return shown[max(len(shown)-fewestPoints, 0)]
}

// bends are the forms beside the best, as multiples of its power, of which paths may turn out to be
// that have shown no more than their beginning.
var bends = []float64{0.5, 2, 3}

// others are the powers of those that the paths have not ruled out.
func (f *ownForm) others(g *ownGauge, paths []ownPath, factor float64) []float64 {
	var out []float64
	for _, times := range bends {
		other := ownForm{shape: f.shape * times, share: f.share}
		for i := range paths {
			other.follow(g, &paths[i], factor)
		}
		if len(other.rates) < fewestPoints || other.score() < f.score()+ruledOut+noneIsExact*float64(len(f.rates)) {
			out = append(out, other.shape)
		}
	}
	return out
}

// goOn has a row follow other forms beside the best, twice as likely, as the paths have not shown yet
// how wear goes on beyond so far: what looks straight at its beginning may bend. Rates differ by as much
// as the forms do.
func (f *ownForm) goOn(s *predict.Spec, far float64, others []float64) {
	if len(others) == 0 {
		return
	}
	shapes := append([]float64{f.shape, f.shape}, others...)
	off := make([]float64, len(shapes)) // of the log-rate, by which a form has come so far
	for i, shape := range shapes {
		s.Forms = append(s.Forms, degradation.Power(shape).Name)
		off[i] = math.Log(math.Max(far, leastGain)) * (1/shape - 1/f.shape)
	}
	mean, sd := stat.MeanStdDev(off, nil)
	s.RatePer1000Km *= math.Exp(mean)
	s.RateCV = math.Sqrt(math.Expm1(math.Log1p(s.RateCV*s.RateCV) + sd*sd))
}

// ownMeasure is what is looked at of a part that a file has values of.
const ownMeasure predict.Measure = "readings"

// ownForm is a form with the log-rates that paths have by it.
type ownForm struct {
	shape, share float64
	rates        []float64
	squares      float64 // residuals of wear
	free         float64 // their degrees of freedom
	together     float64 // the rate of all paths together, where none shows one of its own; 0: unknown
}

// bestForm is the form that makes the paths most likely: by how straight they are,
// and by how alike the units wear.
func bestForm(g *ownGauge, paths []ownPath, factor float64) ownForm {
	shares := ownShares
	if !haveOdometers(paths) {
		shares = []float64{1}
	}
	best, least := ownForm{shape: 1, share: shares[0]}, math.Inf(1)
	for _, shape := range ownShapes {
		for _, share := range shares {
			f := ownForm{shape: shape, share: share}
			for i := range paths {
				f.follow(g, &paths[i], factor)
			}
			score := f.score()
			if shape != 1 || share != shares[0] {
				score += plainOdds
			}
			if len(f.rates) >= fewestPoints && score < least-1e-9 {
				best, least = f, score
			}
		}
	}
	if len(best.rates) == 0 {
		best.together = best.pace(g, paths, factor)
	}
	return best
}

// pace is the wear of all paths together per unit of clock, 0 where there is none.
func (f *ownForm) pace(g *ownGauge, paths []ownPath, factor float64) float64 {
	gain, run := 0.0, 0.0
	for _, p := range paths {
		if n := len(p.values) - 1; n > 0 && (f.share == 1 || p.km[0] > 0 && p.km[n] > 0) {
			gain += g.wear(p.values[n]) - g.wear(p.values[0])
			run += f.clock((p.km[n]-p.km[0])*factor, p.days[n]-p.days[0])
		}
	}
	if rate := gain / run; gain > leastGain {
		return rate
	}
	return 0
}

func haveOdometers(paths []ownPath) bool {
	with, all := 0, 0
	for i := range paths {
		for _, km := range paths[i].km {
			all++
			if km > 0 {
				with++
			}
		}
	}
	return 2*with > all
}

// clock is that of predict: a unit is 1,000 km at 15,000 km a year.
func (f *ownForm) clock(km, days float64) float64 {
	return ((1-f.share)*km + f.share*days*refKmPerDay) / 1000
}

// follow draws the line of one path.
func (f *ownForm) follow(g *ownGauge, p *ownPath, factor float64) {
	var x, y []float64
	step := len(p.values)/mostPoints + 1
	for i := 0; i < len(p.values); i += step {
		if p.km[i] == 0 && f.share < 1 {
			continue
		}
		x = append(x, f.clock(p.km[i]*factor, p.days[i]))
		y = append(y, oddPower(g.wear(p.values[i]), 1/f.shape))
	}
	if len(y) < fewestPoints || g.wear(p.values[len(p.values)-1])-g.wear(p.values[0]) < leastGain || !g.rises(p.values) {
		return
	}
	at, slope := straight(x, y)
	if !(slope > 0) {
		return
	}
	f.rates = append(f.rates, math.Log(slope))
	for i := range y {
		off := oddPower(at+slope*x[i], f.shape) - oddPower(y[i], f.shape)
		f.squares += off * off
	}
	f.free += float64(len(y)) - 2
}

// rises reports whether the last third of some values shows clearly more wear than the first.
func (g *ownGauge) rises(values []float64) bool {
	third := max(len(values)/3, 1)
	gain := 0.0
	for i := range third {
		gain += (g.wear(values[len(values)-1-i]) - g.wear(values[i])) / float64(third)
	}
	return gain > clearly*g.noise*math.Sqrt(2/float64(third))
}

// oddPower is defined for readings a little below new, too.
func oddPower(v, p float64) float64 {
	if p == 1 {
		return v
	}
	return math.Copysign(math.Pow(math.Abs(v), p), v)
}

// straight is the least-squares line through points, NaN where they have one x. It is
// predict.Fit without its errors, for hundreds of thousands of short paths.
func straight(x, y []float64) (at, slope float64) {
	mx, my := mean(x), mean(y)
	across, square := 0.0, 0.0
	for i := range x {
		across += (x[i] - mx) * (y[i] - my)
		square += (x[i] - mx) * (x[i] - mx)
	}
	slope = across / square
	return my - slope*mx, slope
}

// score is minus the log-likelihood of the paths: of readings around their lines, and
// of the rates around the fleet's. These go by the wear, of which a unit of the log-rate is as many as the power: else
// a high one would have all rates alike for nothing.
func (f *ownForm) score() float64 {
	_, spread := f.spread()
	return float64(len(f.rates))*math.Log(f.shape) +
		f.free*math.Log(f.squares/math.Max(f.free, 1)+leastScatter*leastScatter)/2 +
		float64(len(f.rates))*math.Log(math.Max(spread, leastSpread))
}

func (f *ownForm) spread() (mean, sd float64) {
	n := float64(len(f.rates))
	for _, r := range f.rates {
		mean += r / n
	}
	for _, r := range f.rates {
		sd += (r - mean) * (r - mean) / math.Max(n-1, 1)
	}
	return mean, math.Sqrt(sd)
}

// prior is the median rate and its coefficient of variation between units, drawn to a
// wide one by few paths.
func (f *ownForm) prior() (rate, cv float64) {
	n := float64(len(f.rates))
	if n == 0 {
		rate := f.together
		if rate == 0 {
			rate = usualRate
		}
		return rate, math.Sqrt(math.Expm1(darkSpread * darkSpread))
	}
	mean, sd := f.spread()
	v := (n*sd*sd + widePaths*wideSpread*wideSpread) / (n + widePaths)
	return math.Exp(mean), math.Sqrt(math.Expm1(v))
}

// lifeForm is that of a part that nobody reads: one life in the time between renewals.
func lifeForm(paths []ownPath) ownForm {
	f := ownForm{shape: 1, share: 1}
	for _, p := range paths {
		if p.renewed && p.ended {
			f.rates = append(f.rates, -math.Log(math.Max(f.clock(0, dayOf(p.until)-dayOf(p.from)), 1e-3)))
		}
	}
	return f
}
