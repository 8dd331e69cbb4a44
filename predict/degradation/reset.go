package degradation

import "math"

// Sample is what was read of several indicators of one part at a clock: all in
// wear, 0 new and rising. NaN is an indicator that was not read.
type Sample struct {
	Tau  float64
	Wear []float64
}

// Gauge is what a fleet teaches of one indicator: how fast it rises, and how
// much two readings differ around that.
type Gauge struct {
	Rate  float64 // wear per unit of clock
	Noise float64 // standard deviation of a reading
}

// Gauges learns the indicators of paths: the median of their steps per clock,
// and the noise from how the steps scatter around it (by the median, so that
// hidden top-ups do not count as noise). All samples have the same indicators.
func Gauges(paths [][]Sample) []Gauge {
	var out []Gauge
	for j := 0; ; j++ {
		var rates, errors []float64
		known := false
		each := func(use func(rise, run float64)) {
			for _, path := range paths {
				for i := 1; i < len(path); i++ {
					if j >= len(path[i].Wear) || j >= len(path[i-1].Wear) {
						continue
					}
					known = true
					rise, run := path[i].Wear[j]-path[i-1].Wear[j], path[i].Tau-path[i-1].Tau
					if !math.IsNaN(rise) && run > 0 {
						use(rise, run)
					}
				}
			}
		}
		each(func(rise, run float64) { rates = append(rates, rise/run) })
		if !known {
			return out
		}
		g := Gauge{Rate: math.NaN(), Noise: math.NaN()}
		if len(rates) > 0 {
			g.Rate = max(median(rates), 0)
			each(func(rise, run float64) { errors = append(errors, math.Abs(rise-g.Rate*run)) })
			// 1.4826 makes a median of absolute errors a standard deviation; a step
			// has the noise of two readings.
			g.Noise = max(1.4826*median(errors)/math.Sqrt2, leastGauge)
		}
		out = append(out, g)
	}
}

const leastGauge = 0.01 // noise below which no gauge is believed, in wear

// Reset is a service that nobody recorded: a change, or a top-up.
type Reset struct {
	Sample int     // first sample after it
	Share  float64 // of the wear that it took away, 0..1
	Odds   float64 // log-likelihood against "nothing was done"
	Lone   bool    // the next sample is not back with it: a sample of something else, no service
}

// minOdds is what a reset must have for itself: hidden services are rare, one in
// fifty samples or so, and it should be twenty times as likely as none.
var minOdds = math.Log(50 * 20)

// Resets finds where several indicators of a path went back at once by the same
// share of their wear, more than their noises explain. One indicator alone that
// goes back is an outlier: two must agree.
func Resets(path []Sample, gauges []Gauge) []Reset {
	var out []Reset
	for i := 1; i < len(path); i++ {
		r, ok := resetAt(&path[i-1], &path[i], gauges)
		if !ok {
			continue
		}
		r.Sample = i
		if i+1 < len(path) {
			still, ok := resetAt(&path[i-1], &path[i+1], gauges)
			r.Lone = !ok || still.Share < r.Share/3
		}
		out = append(out, r)
	}
	return out
}

// resetAt is the likelihood ratio of "all indicators lost the same share of
// their wear between the two samples" against "none did". The share is the
// median of what they lost, and none may say more than a clear outlier would, so
// that no indicator decides alone.
func resetAt(before, after *Sample, gauges []Gauge) (Reset, bool) {
	type loss struct{ was, lost, noise float64 }
	var losses []loss
	var shares []float64
	for j, g := range gauges {
		if j >= len(before.Wear) || j >= len(after.Wear) {
			continue
		}
		l := loss{was: before.Wear[j], noise: g.Noise * math.Sqrt2}
		l.lost = l.was + g.Rate*(after.Tau-before.Tau) - after.Wear[j]
		if l.was > l.noise && !math.IsNaN(l.lost) { // nothing can be lost of nothing
			losses = append(losses, l)
			shares = append(shares, l.lost/l.was)
		}
	}
	if len(losses) < 2 {
		return Reset{}, false
	}
	r := Reset{Share: min(max(median(shares), 0), 1)}
	back := 0
	for _, l := range losses {
		none, some := l.lost/l.noise, (l.lost-r.Share*l.was)/l.noise
		r.Odds += min(max((none*none-some*some)/2, -mostOdds), mostOdds)
		if none > 1 {
			back++
		}
	}
	return r, back >= 2 && r.Odds > minOdds && r.Share > leastShare
}

const (
	mostOdds   = 8.0 // log-likelihood of one indicator: four standard deviations
	leastShare = 0.1 // of wear: less is no service
)
