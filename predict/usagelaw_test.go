package predict_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// driver is a car of this file's own making: a gamma day, one day in six stood,
// a pace that changes on a day.
type driver struct {
	rng      *rand.Rand
	km       float64 // a day
	changeOn int
	factor   float64
}

func newDriver(seed uint64, changeOn int, factor float64) driver {
	rng := rand.New(rand.NewPCG(seed, 11))
	return driver{rng, 38 * math.Exp(0.45*rng.NormFloat64()), changeOn, factor}
}

func (d *driver) day(i int) float64 {
	pace := d.km / 0.82
	if i >= d.changeOn {
		pace *= d.factor
	}
	if d.rng.Float64() < 0.18 {
		return 0
	}
	return pace * (d.rng.ExpFloat64() + d.rng.ExpFloat64()) / 2
}

// A driver whose pace falls to 0.4 or doubles from one day to the next: for most,
// the interval of the coming 30 days holds the truth again within three weeks, and
// for nearly as many as before the change within four.
func TestAChangeOfHabitsIsFollowed(t *testing.T) {
	t.Parallel()
	const drivers, change = 300, 300
	for _, factor := range []float64{0.4, 2} {
		var held, asked [6]int
		var waits []float64
		before, steady := 0, 0
		for seed := range uint64(drivers) {
			d := newDriver(seed, change, factor)
			var km [380]float64
			odometer := 0.0
			for i := range km {
				odometer += d.day(i)
				km[i] = odometer
			}
			law := predict.ExpertUsageLaw(35, 0.55)
			state, last, wait := law.Start(time.Time{}, day(0)), 0.0, math.NaN()
			for i := 5; i+30 < len(km); i += 7 { // weeks that end a day before the change, and on
				law.Drove(&state, day(i+1), km[i]-last)
				last = km[i]
				q, truth := law.KmIn(&state, 30), km[i+30]-km[i]
				in := truth >= q.P10 && truth <= q.P90
				switch week := (i + 1 - change) / 7; {
				case i+30 < change && i > 200:
					steady++
					before += int(b(in))
				case i+1 >= change && week < len(held):
					asked[week]++
					held[week] += int(b(in))
					if in && math.IsNaN(wait) {
						wait = float64(i + 1 - change)
					}
				}
			}
			if math.IsNaN(wait) {
				wait = 42
			}
			waits = append(waits, wait)
		}
		slices.Sort(waits)
		rate := float64(before) / float64(steady)
		t.Logf("pace times %.1f: held before %.2f, in the weeks after it %v of %v; median wait %.0f days", factor, rate, held, asked, waits[drivers/2])
		if waits[drivers/2] > 21 {
			t.Errorf("pace times %.1f: median wait %.0f days, want at most 21", factor, waits[drivers/2])
		}
		if late := float64(held[4]) / float64(asked[4]); late < 0.7 {
			t.Errorf("pace times %.1f: four weeks later the interval holds %.2f, want 0.7", factor, late)
		}
		if rate < 0.75 || rate > 0.93 {
			t.Errorf("pace times %.1f: before the change the 80 %% interval holds %.2f", factor, rate)
		}
	}
}

// On Friday evening a weekday driver will not drive 100 km by Sunday.
func TestWeekdaysAreKnown(t *testing.T) {
	t.Parallel()
	law := predict.ExpertUsageLaw(35, 0.55)
	state := law.Start(time.Time{}, day(0)) // a Wednesday
	var friday, sunday predict.UsageState
	for i := range 400 {
		weekday := day(i).Weekday()
		law.Drove(&state, day(i+1), 50*b(weekday != time.Saturday && weekday != time.Sunday))
		if weekday == time.Friday {
			friday = state
		}
		if weekday == time.Sunday {
			sunday = state
		}
	}
	if two := law.KmIn(&friday, 2).P50; two > 25 {
		t.Errorf("a weekend: %.0f km, want nearly none", two)
	}
	if a, z := law.DaysTo(&friday, 100).P50, law.DaysTo(&sunday, 100).P50; a-z < 1 || a-z > 3 {
		t.Errorf("100 km take %.1f days from Friday evening and %.1f from Sunday evening, want about two more", a, z)
	}
	if f, s := law.KmIn(&friday, 70), law.KmIn(&sunday, 70); math.Abs(f.P50/s.P50-1) > 0.1 {
		t.Errorf("ten weeks are ten weeks: %.0f and %.0f km", f.P50, s.P50)
	}
}

// Who has driven nearly all of it on one day of the week goes on in steps, and the days to a distance are right
// where a step begins, too.
func TestDaysToWhereAStepBegins(t *testing.T) {
	t.Parallel()
	law := predict.ExpertUsageLaw(0.5, 0.5)
	law.PerYear, law.UntilYears, law.Season = 0.125, 10, predict.Season{0.0078125, 0.015625, 0.0625, 0.0078125}
	at := day(206)
	state := law.Start(at.AddDate(-3, 0, 0), at)
	for _, s := range []struct{ days, km float64 }{
		{1, 0}, {5.75, 0}, {0.875, 1}, {8.75, 1}, {7.875, 40}, {1, 0}, {0.25, 1},
		{3.9375, 0}, {0.9375, 900}, {1.25, 1}, {0.5, 1}, {0.25, 0}, {9.625, 0}, {2, 1},
	} {
		at = at.Add(time.Duration(s.days * 24 * float64(time.Hour)))
		law.Drove(&state, at, s.km)
	}
	for km := 32.5; km < 33.5; km += 0.001 {
		days := law.DaysBy(&state, km, 0.5)
		if p := law.Within(&state, km, days); math.Abs(p-0.5) > 0.01 {
			t.Fatalf("%.3f km: within %.3f days with probability %.3f", km, days, p)
		}
	}
}

// Whatever is said of a vehicle, forecasts stay numbers, in order, and agree with
// each other; time that does not go on changes nothing.
func TestUsageLawProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(low, high float64, name string) float64 { return rapid.Float64Range(low, high).Draw(t, name) }
		law := predict.ExpertUsageLaw(draw(0, 2000, "pace"), draw(0.1, 2, "cv"))
		law.PerYear, law.UntilYears = draw(-1, 1, "per year"), 10
		law.Season = predict.Season{draw(-0.3, 0.3, "s0"), draw(-0.3, 0.3, "s1"), draw(-0.1, 0.1, "s2"), draw(-0.1, 0.1, "s3")}
		at := day(rapid.IntRange(-30000, 3000).Draw(t, "start"))
		state := law.Start(at.AddDate(-3, 0, 0), at)
		for range rapid.IntRange(0, 40).Draw(t, "spans") {
			at = at.Add(time.Duration(draw(0.001, 100, "span") * 24 * float64(time.Hour)))
			law.Drove(&state, at, rapid.SampledFrom([]float64{0, 1, 40, 900, 1e5, 1e9}).Draw(t, "km"))
		}
		same := state
		law.Drove(&same, at, 100)
		law.Drove(&same, at.Add(-time.Hour), 100)
		for _, km := range []float64{math.NaN(), math.Inf(1), -1} {
			law.Drove(&same, at.Add(time.Hour), km)
		}
		if same != state {
			t.Fatalf("%+v became %+v", state, same)
		}
		km := draw(0.1, 1e5, "ask")
		d := law.DaysTo(&state, km)
		if !(d.P10 >= 0 && d.P10 <= d.P50 && d.P50 <= d.P90 && d.P90 <= 30*365.25) {
			t.Fatalf("days to %g km: %+v", km, d)
		}
		for _, days := range []float64{0.01, 1, 10, 365, 10000} {
			k := law.KmIn(&state, days)
			if !(k.P10 > 0 && k.P10 <= k.P50 && k.P50 <= k.P90) || math.IsInf(k.P90, 0) {
				t.Fatalf("in %g days: %+v km", days, k)
			}
		}
		if d.P50 > 0.1 && d.P50 < 10000 {
			if p := law.Within(&state, km, d.P50); math.Abs(p-0.5) > 0.01 {
				t.Fatalf("within its P50 of %g days the distance is driven with probability %g", d.P50, p)
			}
		}
	})
}

func TestUsageStateIsSmall(t *testing.T) { // alone: it counts allocations
	if size := unsafe.Sizeof(predict.UsageState{}); size > 256 {
		t.Errorf("a state has %d bytes, want at most 256", size)
	}
	law := predict.ExpertUsageLaw(35, 0.55)
	state, i := law.Start(time.Time{}, day(0)), 0
	if n := testing.AllocsPerRun(100, func() { i++; law.Drove(&state, day(i), 40); law.DaysTo(&state, 1000) }); n > 0 {
		t.Errorf("%v allocations an update", n)
	}
}

func BenchmarkUsageUpdate(b *testing.B) {
	b.ReportAllocs()
	law := predict.ExpertUsageLaw(35, 0.55)
	state, at := law.Start(time.Time{}, day(0)), day(0)
	for b.Loop() {
		at = at.Add(24 * time.Hour)
		law.Drove(&state, at, 40)
	}
}

// Who is laid up over the winter drives in spring as in autumn, on whatever day of the week it is back, and who is hardly
// driven any more is not taken back to that by a short way.
func TestAWinterLaidUp(t *testing.T) {
	t.Parallel()
	law := predict.ExpertUsageLaw(35, 0.55)
	const autumn, winter = 26 * 7, 21 * 7
	for name, c := range map[string]struct {
		spring, days float64 // km a day, and for how many
		low, high    float64
	}{
		"the first week":       {40, 7, 30, 45},
		"as before":            {40, 21, 33, 45},
		"half":                 {20, 21, 12, 30},
		"hardly any":           {3, 28, 1, 6},
		"hardly any for years": {2, 1000, 1, 3.5},
	} {
		for early := range 7 { // days of its first week back on which it still stood
			if early > 3 && c.days < 10 {
				continue
			}
			rng := rand.New(rand.NewPCG(4, 4))
			state := law.Start(day(-700), day(0))
			for at := 0; float64(at) < autumn+winter+c.days; at += 7 {
				km := 0.0
				for d := at; d < at+7; d++ {
					switch {
					case d < autumn:
						km += 40
					case d >= autumn+winter+early:
						km += c.spring
					}
				}
				law.Drove(&state, day(at+7), km*math.Exp(0.2*rng.NormFloat64()))
			}
			if got := law.KmIn(&state, 91).P50 / 91; got < c.low || got > c.high {
				t.Errorf("%s, back %d days late in the week: %.1f km a day, want %g to %g", name, early, got, c.low, c.high)
			}
		}
	}
}
