package predict

import (
	"unsafe"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// Track is one wear path, for benchmarks.
type Track struct {
	model degradation.Model
	state degradation.State
}

// NewTrack opens a path of a component with the expert's prior.
func NewTrack(c Component) Track {
	t := Standard()
	p := lifePrior{logRate: -4, variance: 0.2, failsAt: 1}
	m := p.model(t.experts[t.row[c]], true)
	return Track{m, m.New()}
}

// Observe takes a reading at a clock.
func (t *Track) Observe(tau, wear, noise float64) {
	t.model.Observe(&t.state, degradation.Reading{Tau: tau, Wear: wear, Noise: noise})
}

// Size is the memory of its state, in bytes.
func (t *Track) Size() uintptr { return unsafe.Sizeof(t.state) }

// Fresh forecasts one component in memory that nobody has used.
func Fresh(in Input, c Component) Forecast {
	f, _ := Outlook{newTimeline(&in)}.Forecast(c)
	return f
}

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
		limit, _ := t.limit(&p)
		all := t.laws(nil, &p, limit)
		return first(all).days.P50
	}
}

// Worked is the clock of a component over the odometer, in km; the same again where no
// day tells it.
func Worked(c Clock, days []Day) func(km float64) float64 {
	return (&timeline{days: days, dial: dialOf(nil, days)}).worked(c).at
}

// AgedPack is the calendar of a traction battery over the days.
func AgedPack(days []Day) func(day float64) float64 {
	return agedPack(nil, &weather{meanC: meanAir(days)}, days, float64(days[0].Day)).at
}

// Aged is the calendar of a battery over the days.
func Aged(days []Day) func(day float64) float64 {
	return aged(nil, &weather{meanC: meanAir(days)}, days).at
}

// QuantileOf is the standard normal quantile of two tails.
func QuantileOf(below, above float64) float64 { return quantileOf(below, above) }

// AgedBy is the calendar of a starter battery of a vehicle in a zone, and YearOf the mean air of its year.
func AgedBy(prior Prior, zone string, days []Day) func(day float64) float64 {
	air := weatherOf(&prior, zone, days)
	return aged(nil, &air, days).at
}

func YearOf(prior Prior, zone string, days []Day) float64 { return weatherOf(&prior, zone, days).meanC }
