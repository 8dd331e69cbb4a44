package predict_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// ahead is the quarter that lies ahead after weeks of so many km.
func ahead(km ...float64) predict.Quantiles {
	law := predict.ExpertUsageLaw(35, 0.55)
	state := law.Start(time.Time{}, day(0))
	for i, km := range km {
		law.Drove(&state, day(7*(i+1)), km)
	}
	return law.KmIn(&state, 91)
}

// after are weeks of 280 km and some more, every second a quarter above and the next below, and then others.
func after(weeks int, then ...float64) []float64 {
	var km []float64
	for i := range weeks {
		km = append(km, 280*(1.25-0.5*float64(i%2)))
	}
	return append(km, then...)
}

// Some weeks on one side make what lies ahead less sure, and move it little. Where they go on,
// habits have changed, and what lies ahead follows; where they do not, it is as before.
func TestAChangeIsSuspectedBeforeItIsBelieved(t *testing.T) {
	t.Parallel()
	width := func(q predict.Quantiles) float64 { return math.Log(q.P90 / q.P10) }
	before := ahead(after(60)...)
	for _, factor := range []float64{0.4, 2} {
		moved := func(q predict.Quantiles) float64 { return math.Log(q.P50/before.P50) / math.Log(factor) }
		turned := func(weeks int) predict.Quantiles {
			return ahead(after(60, slices.Repeat([]float64{280 * factor}, weeks)...)...)
		}
		if q := turned(1); moved(q) > 0.25 {
			t.Errorf("×%g for a week: %.2f of it followed", factor, moved(q))
		}
		if q := turned(2); width(q) < 1.7*width(before) || moved(q) > 0.45 {
			t.Errorf("×%g for two weeks: %.2f of it followed, width %.2f, before %.2f", factor, moved(q), width(q), width(before))
		}
		for weeks := 3; weeks < 12; weeks++ {
			if q, truth := turned(weeks), before.P50*factor; moved(q) < 0.5 && weeks > 4 || truth < q.P10 || truth > q.P90 {
				t.Errorf("×%g for %d weeks: %.2f of it followed, %v km ahead, want %.0f", factor, weeks, moved(q), q, truth)
			}
		}
		odd := after(60, append([]float64{280 * factor, 280 * factor}, after(12)...)...)
		if q := ahead(odd...); math.Abs(moved(q)) > 0.1 || width(q) > 1.5*width(before) {
			t.Errorf("×%g for two weeks, and a quarter as before: %.2f of it followed, width %.2f, before %.2f", factor, moved(q), width(q), width(before))
		}
	}
}

// Chance alone makes rows of weeks on one side, about two a year: they must not move what lies ahead.
func TestRowsOfChanceMoveLittle(t *testing.T) {
	t.Parallel()
	law := predict.ExpertUsageLaw(35, 0.55)
	miss, asked, jumps := 0.0, 0, 0
	for seed := range uint64(300) {
		d := newDriver(seed, math.MaxInt, 1)
		state, last := law.Start(time.Time{}, day(0)), 0.0
		for week := range 104 {
			km := 0.0
			for i := range 7 {
				km += d.day(7*week + i)
			}
			law.Drove(&state, day(7*week+7), km)
			now := math.Log(law.KmIn(&state, 91).P50)
			if week >= 26 {
				miss += math.Abs(now - math.Log(91*d.km))
				asked++
				jumps += int(b(math.Abs(now-last) > 0.2))
			}
			last = now
		}
	}
	if off, often := miss/float64(asked), float64(jumps)/float64(asked); off > 0.082 || often > 0.005 {
		t.Errorf("a quarter ahead is off by %.3f in the log, want 0.082; it jumps by a fifth in %.4f of weeks, want 0.005", off, often)
	}
}

// A suspicion is over within weeks: it makes dates less sure, and takes none away.
func TestASuspicionSilencesNoForecast(t *testing.T) {
	t.Parallel()
	law := predict.ExpertUsageLaw(40, 0.55)
	law.Change, law.Lasting = 0.6, 1
	pads := func(quiet float64) predict.Forecast { // the last two weeks are so much of the usual
		in := known()
		in.Prior.Usage.Law, in.Readings = &law, nil
		for i := range 80 {
			at := predict.At{Time: day(5 * i), OdometerKm: 30000 + 200*float64(i)}
			in.Readings = append(in.Readings, must(predict.PadWear(predict.BrakePadsFront, at, float64(15+i*2/5), float64(14+i*2/5))))
		}
		less := 0.0
		for i := len(in.Days) - 14; i < len(in.Days); i++ {
			d := &in.Days[i]
			less += (1 - quiet) * d.DistanceKm
			d.DistanceKm *= quiet
			d.OdometerKm -= less
		}
		return only(predict.Forecasts(in), predict.BrakePadsFront)
	}
	usual, quiet := pads(1), pads(0.35)
	if usual.State != predict.Known || quiet.State != predict.Known {
		t.Errorf("%s, and %s after two quiet weeks: %+v", usual.State, quiet.State, quiet.Limit)
	}
	if said := "It has been driven less than usual of late"; strings.Contains(usual.Reason.EN, said) || !strings.Contains(quiet.Reason.EN, said) {
		t.Errorf("before: %s\nafter two quiet weeks: %s", usual.Reason.EN, quiet.Reason.EN)
	}
	if was, is := usual.Due.P90.Sub(usual.Due.P50), quiet.Due.P90.Sub(quiet.Due.P50); is < 2*was {
		t.Errorf("two quiet weeks make P90 %s later than P50, before it was %s", is, was)
	}
}
