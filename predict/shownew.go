package predict

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

const (
	leastPairs  = 10  // readings between two of a sensor, before a source is judged by it
	usualShowSD = 0.1 // how far the table's shown part is off as a rule, in wear
	strayPair   = 3.0 // standard deviations off, from which a pair says nothing
	mostShown   = 0.4 // a source that shows a shown part more worn than this has another fault
)

const (
	leastNew  = 10   // new parts, before a sensor is judged by them
	stillNew  = 0.05 // share of the usual life for which a part counts as new
	clearlyBy = 3.0  // standard errors
)

// learnShown learns what sensors show of new parts, where that is better than the table
// has it: a larger battery holds its voltage while cranking, and the first part of its
// life would count as none. The median of the vehicles decides. A sensor that shows new
// parts worse is left alone: that may be what wears in the first weeks.
func learnShown(s *Spec, own []FleetPath) map[string]float64 {
	firsts := map[string][]float64{}
	for i := range own {
		own[i].firsts(stillNew/s.RatePer1000Km, firsts)
	}
	var shows map[string]float64
	for source, of := range firsts {
		if len(of) < leastNew {
			continue
		}
		slices.Sort(of)
		shown := stat.Quantile(0.5, stat.Empirical, of, nil)
		// Of a normal law 0.68 lie within a standard deviation, and a median is off by a
		// quarter more than a mean.
		sd := (stat.Quantile(0.84, stat.Empirical, of, nil) - stat.Quantile(0.16, stat.Empirical, of, nil)) / 2
		if shown > -clearlyBy*1.25*sd/math.Sqrt(float64(len(of))) || shown < -mostShown {
			continue
		}
		if shows == nil {
			shows = map[string]float64{}
		}
		shows[source] = shown
	}
	return shows
}

// firsts adds, by sensor, the mean of the path's readings up to a clock since its first
// day, where that is known.
func (f *FleetPath) firsts(until float64, to map[string][]float64) {
	if f.Run <= 0 {
		return
	}
	var sum, n float64
	source := ""
	for i := range f.Points {
		q := &f.Points[i]
		if q.Tau > until {
			break
		}
		if followsWear(q.Source) && (source == "" || q.Source == source) {
			source, sum, n = q.Source, sum+q.Wear, n+1
		}
	}
	if n > 0 {
		to[source] = append(to[source], sum/n)
	}
}

// pair is a reading beside what the vehicle's own sensor showed of the wear.
type pair struct{ wear, sensed, noise float64 }

// off is how much more wear the reading shows, where a new part would show that much
// of it: a thinner part than the table has is worn by its limit like any other.
func (p *pair) off(shown float64) float64 { return p.wear - p.sensed - shown*(1-p.sensed) }

// learnNew learns what each source shows of a new part: sensors by themselves, others
// beside the vehicle's own sensor.
func (l *LifePrior) learnNew(s *Spec, own []FleetPath) {
	sensors := learnShown(s, own)
	l.ShowsNew = learnBeside(rescaled(own, sensors, 0))
	if l.ShowsNew == nil {
		l.ShowsNew = sensors
		return
	}
	maps.Copy(l.ShowsNew, sensors)
}

// learnBeside learns what the readings of a source that is no sensor show of a new part:
// makers fit thicker and thinner ones than the table says, and a workshop that measures
// what is left of 10 mm is read as if it had been 11. Readings are compared with those of
// the vehicle's own sensor before and after (least squares, shrunk to none). Only sources
// that differ are answered.
func learnBeside(own []FleetPath) map[string]float64 {
	pairs := map[string][]pair{}
	for i := range own {
		own[i].pairs(pairs)
	}
	var shows map[string]float64
	for source, of := range pairs {
		if len(of) < leastPairs {
			continue
		}
		shown := shownNew(of)
		of = slices.DeleteFunc(of, func(p pair) bool { off := p.off(shown) / p.noise; return off*off > strayPair*strayPair })
		if shown = shownNew(of); shown > mostShown || shown < -mostShown {
			continue
		}
		if shows == nil {
			shows = map[string]float64{}
		}
		shows[source] = shown
	}
	return shows
}

func shownNew(pairs []pair) float64 {
	above, below := 0.0, 1/(usualShowSD*usualShowSD)
	for _, p := range pairs {
		left, w := 1-p.sensed, 1/(p.noise*p.noise)
		above, below = above+w*left*(p.wear-p.sensed), below+w*left*left
	}
	return above / below
}

// pairs are the readings of the path that lie between two of a sensor.
func (f *FleetPath) pairs(to map[string][]pair) {
	before := -1 // the last sensed point
	for i := range f.Points {
		q := &f.Points[i]
		if followsWear(q.Source) {
			before = i
			continue
		}
		next := i + 1
		for next < len(f.Points) && !followsWear(f.Points[next].Source) {
			next++
		}
		if before < 0 || next == len(f.Points) || !(q.Noise > 0) {
			continue
		}
		a, b := &f.Points[before], &f.Points[next]
		if run := b.Tau - a.Tau; run > 0 && b.Wear-a.Wear < mostGap && b.Wear-a.Wear > -mostGap {
			sensed := a.Wear + (q.Tau-a.Tau)/run*(b.Wear-a.Wear)
			to[q.Source] = append(to[q.Source], pair{q.Wear, sensed, q.Noise})
		}
	}
}

// fromNew brings a reading of a source that shows a new part so worn to the scale that
// begins at a new part.
func fromNew(shown, wear, noise float64) (w, n float64) {
	return (wear - shown) / (1 - shown), noise / (1 - shown)
}

// rescaled are the paths with the readings of every source brought to one scale, and with
// what fuel in the oil hides; what is given is not changed.
func rescaled(own []FleetPath, shows map[string]float64, hides float64) []FleetPath {
	if len(shows) == 0 && hides == 0 {
		return own
	}
	out := slices.Clone(own)
	for i := range out {
		out[i].Points = slices.Clone(out[i].Points)
		for j := range out[i].Points {
			q := &out[i].Points[j]
			q.Wear, q.Noise = fromNew(shows[q.Source], q.Wear, q.Noise)
			q.Wear += hides * q.Fuel
		}
		if f := &out[i]; f.FailedAt > 0 {
			shown := shows[f.lastSource()]
			f.FailedAt, f.FailedAtSE = fromNew(shown, f.FailedAt, f.FailedAtSE)
			f.FailedPerDay /= 1 - shown
			f.FailedAt += hides * f.FailedFuel
		}
	}
	return out
}
