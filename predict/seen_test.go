package predict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// How long owners take is told by gauges that saw a part fail, and by those that would have, had
// it failed more than two looks before.
func TestHowLongOwnersTake(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.March, 20, 9, 0, 0, 0, time.UTC)
	reading := func(before time.Duration, wear float64, bound bool) Reading {
		return Reading{Component: BrakePadsRear, Time: end.Add(-before), Wear: wear, Noise: edgeNoise, Bound: bound, Source: FromPadSensor}
	}
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		readings []Reading
		want     time.Duration
		told     bool
	}{
		"seen":               {[]Reading{reading(40*day, 0.95, false), reading(5*day, 1, false)}, 5 * day, true},
		"not sure yet":       {[]Reading{reading(40*day, 0.95, false), reading(3*day, 1, true)}, sureWithin / 2, true},
		"another step first": {[]Reading{reading(40*day, 0.90, false), reading(3*day, 0.95, true)}, 0, false},
		"nobody looks":       {nil, 0, false},
		"not looked at then": {[]Reading{reading(40*day, 0.95, false), reading(12*day, 1, true)}, 0, false},
	} {
		for _, failed := range []bool{true, false} {
			in := Input{VIN: "LSJE36096MS140495", Now: end.Add(day), Readings: test.readings, Services: []Service{{Component: BrakePadsRear, Time: end, Failed: failed}}}
			tl := newTimeline(&in)
			tl.recognise()
			row, _ := tl.rowOf(BrakePadsRear)
			prior := tl.priorOf(row)
			is, told := tl.reaction(row, &prior, tl.ends[row][0].Service)
			if told != (test.told && failed) || told && is != test.want {
				t.Errorf("%s, failed %v: %v, told %v; want %v, %v", name, failed, is, told, test.want, test.told)
			}
		}
	}
}

// The look of the morning on which a part was renewed shows the old one, and may be dated after
// the visit: it is not the new part that failed at once.
func TestALookOfTheDayOfWorkIsNotOfTheNewPart(t *testing.T) {
	t.Parallel()
	work := time.Date(2026, time.March, 20, 9, 0, 0, 0, time.UTC)
	in := Input{VIN: "LSJE36096MS140495", Now: work.AddDate(0, 6, 0), Readings: []Reading{
		{Component: BrakePadsRear, Time: work.Add(6 * time.Hour), Wear: 1, Noise: edgeNoise, Source: FromPadSensor},
		{Component: BrakePadsRear, Time: work.Add(50 * time.Hour), Wear: 1, Noise: edgeNoise, Span: 52 * time.Hour, Source: FromPadSensor},
		{Component: BrakePadsRear, Time: work.AddDate(0, 2, 0), Wear: 0.2, Noise: edgeNoise, Source: FromPadSensor},
	}, Services: []Service{{Component: BrakePadsRear, Time: work, Failed: true}}}
	tl := newTimeline(&in)
	tl.recognise()
	row, _ := tl.rowOf(BrakePadsRear)
	prior := tl.priorOf(row)
	if f, told := tl.fateOf(row, work.AddDate(0, 1, 0), &prior); !told || f.failed || !f.over.IsZero() {
		t.Errorf("the new part: %+v, told %v; want it to be on", f, told)
	}
}

// Of a renewal that has no record nobody says if the part had failed, unless an exact gauge did: it
// counts neither among those that lasted nor among those that failed, however long it was on.
func TestNobodySaysWhatBecameOfAPartWithoutARecord(t *testing.T) {
	t.Parallel()
	for noise, exact := range map[float64]bool{0.03: false, edgeNoise: true} {
		withoutARecord(t, noise, exact)
	}
}

func withoutARecord(t *testing.T, noise float64, exact bool) {
	t.Helper()
	first := time.Date(2026, time.January, 5, 18, 0, 0, 0, time.UTC)
	in := Input{VIN: "LSJE36096MS140495", Now: first.AddDate(1, 0, 0)}
	for i, wear := range []float64{0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.05, 0.1, 0.15, 0.2, 0.25} {
		in.Readings = append(in.Readings, Reading{
			Component: BrakePadsRear, Time: first.AddDate(0, 0, 28*i), OdometerKm: 20_000 + 1500*float64(i), Wear: wear, Noise: noise, Source: FromPadSensor,
		})
	}
	tl := newTimeline(&in)
	tl.recognise()
	row, _ := tl.rowOf(BrakePadsRear)
	prior := tl.priorOf(row)
	if n := len(tl.ends[row]); n != 1 {
		t.Fatalf("%d renewals are seen, want one", n)
	}
	last := in.Readings[5].Time
	if f, told := tl.fateOf(row, first.AddDate(0, 0, 60), &prior); told != exact || f.failed || exact && !f.over.Equal(last) {
		t.Errorf("the part before it, read to %v: %+v, told %v", noise, f, told)
	}
	if f, told := tl.fateOf(row, in.Now.AddDate(0, 0, -30), &prior); !told || !f.over.IsZero() {
		t.Errorf("the part after it: %+v, told %v; want it to be on", f, told)
	}
}

// What battery management shows is off by as much for weeks. When a battery has passed its limit is
// seen to a week all the same, wrong readings or not; one that has not passed it within what was read
// is not said to have, and one that has is seen within the time that it is said to take.
func TestWhenABatteryPassedItsLimit(t *testing.T) {
	t.Parallel()
	const passes, batteries = 800, 400
	var missed, early, wrong int
	sum, squares := 0.0, 0.0
	for seed := range uint64(batteries) {
		tl, row, prior := battery(seed, passes, 1100, false)
		at, ok := tl.seenPassing(row, &prior, tl.in.Now)
		if !ok {
			t.Fatalf("battery %d is not seen to pass its limit", seed)
		}
		off := at.Sub(batteryBegin).Hours()/24 - passes
		sum, squares = sum+off/batteries, squares+off*off/batteries

		tl, row, prior = battery(seed, passes, passes, false)
		if at, ok := tl.seenPassing(row, &prior, tl.in.Now); ok && at.After(tl.in.Now) || !ok && !at.IsZero() {
			t.Errorf("battery %d: read until it passes, it is seen to at %v, %v", seed, at, ok)
		}
		shows := tl.passingShows(row, &prior, tl.in.Now)
		tl, row, prior = battery(seed, passes, passes+int(shows.Hours()/24), false)
		if _, ok := tl.seenPassing(row, &prior, tl.in.Now); !ok {
			missed++
		}
		tl, row, prior = battery(seed, passes, passes-100, false)
		if _, ok := tl.seenPassing(row, &prior, tl.in.Now); ok {
			early++
		}
		tl, row, prior = battery(seed, passes, 1100, true)
		if at, ok := tl.seenPassing(row, &prior, tl.in.Now); ok && math.Abs(at.Sub(batteryBegin).Hours()/24-passes) > 30 {
			wrong++
		}
	}
	t.Logf("seen %.1f days after it in the mean, mean square %.0f; %d not in time, %d early; with wrong readings %d wrong", sum, squares, missed, early, wrong)
	if sum < -3 || sum > 3 || squares > 9*9 {
		t.Errorf("seen %.1f days after it in the mean, mean square %.0f; want 0, and no more than 81", sum, squares)
	}
	if missed > batteries/50 || early > 0 || wrong > batteries/100 {
		t.Errorf("of %d batteries %d are not seen in time, %d are seen a hundred days early, and with wrong readings %d are seen a month off", batteries, missed, early, wrong)
	}
}

var batteryBegin = time.Date(2023, time.March, 1, 18, 0, 0, 0, time.UTC)

// battery is read once a week until a day, and passes its limit on one. What is shown is off by as much
// for three weeks at a time; with wrong readings, one of a hundred is anything.
func battery(seed uint64, passes, until int, wrong bool) (*timeline, int, lifePrior) {
	rng := rand.New(rand.NewPCG(seed, 5))
	in := Input{VIN: "LSJE36096MS140495", Powertrain: "battery_electric", Now: batteryBegin.AddDate(0, 0, until)}
	held := 0.0
	for d := 0; d < until; d += 7 {
		if d%21 == 0 {
			held = 0.03 * rng.NormFloat64()
		}
		wear := float64(d)/float64(passes) + held
		if wrong && rng.IntN(100) == 0 {
			wear = rng.Float64() * 1.5
		}
		in.Readings = append(in.Readings, Reading{Component: TractionBattery, Time: batteryBegin.AddDate(0, 0, d), Wear: wear, Noise: 0.033, Source: FromBattery})
	}
	tl := newTimeline(&in)
	tl.recognise()
	row, _ := tl.rowOf(TractionBattery)
	return tl, row, tl.priorOf(row)
}
