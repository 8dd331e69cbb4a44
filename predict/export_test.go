package predict

// Track is the state of one wear path, for benchmarks.
type Track = track

// NewTrack opens a path of a component with the expert's prior.
func NewTrack(c Component) Track {
	s, _ := Standard().Of(c)
	return newTrack(&s, -4, 0.2)
}

// Observe takes a reading at a clock.
func (t *track) Observe(tau, wear, noise float64) { t.observe(tau, wear, noise) }

// Level is the straightened wear.
func (t *track) Level() float64 { return t.level }

// Bench forecasts one component again from a path already followed.
func Bench(in Input, c Component) func() Forecast {
	t := newTimeline(&in)
	p := t.path(t.table.row[c], false)
	return func() Forecast { return t.forecast(&p) }
}

// BenchLaw is Bench without the words: the distributions alone.
func BenchLaw(in Input, c Component) func() float64 {
	t := newTimeline(&in)
	p := t.path(t.table.row[c], false)
	return func() float64 {
		all := t.laws(&p)
		return first(all).days.P50
	}
}
