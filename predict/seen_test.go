package predict

import (
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
// seen to a week all the same, and one that has not passed it within what was read is not said to have.
func TestWhenABatteryPassedItsLimit(t *testing.T) {
	t.Parallel()
	const days, passes, batteries = 1100, 800, 200
	begin := time.Date(2023, time.March, 1, 18, 0, 0, 0, time.UTC)
	seen := func(seed uint64, until int) (off float64, ok bool) {
		rng := rand.New(rand.NewPCG(seed, 5))
		in := Input{VIN: "LSJE36096MS140495", Powertrain: "battery_electric", Now: begin.AddDate(0, 0, days)}
		held := 0.0
		for d := 0; d < until; d += 7 {
			if d%21 == 0 {
				held = 0.03 * rng.NormFloat64()
			}
			wear := float64(d)/passes + held
			in.Readings = append(in.Readings, Reading{Component: TractionBattery, Time: begin.AddDate(0, 0, d), Wear: wear, Noise: 0.033, Source: FromBattery})
		}
		tl := newTimeline(&in)
		tl.recognise()
		row, _ := tl.rowOf(TractionBattery)
		prior := tl.priorOf(row)
		at, ok := tl.seenPassing(row, &prior, in.Now)
		return at.Sub(begin).Hours()/24 - passes, ok
	}
	sum, squares := 0.0, 0.0
	for seed := range uint64(batteries) {
		off, ok := seen(seed, days)
		if !ok {
			t.Fatalf("battery %d is not seen to pass its limit", seed)
		}
		sum, squares = sum+off/batteries, squares+off*off/batteries
		if _, ok := seen(seed, passes-100); ok {
			t.Errorf("battery %d is seen to pass its limit a hundred days before it does", seed)
		}
	}
	t.Logf("seen %.1f days after it in the mean, mean square %.0f", sum, squares)
	if sum < -3 || sum > 3 || squares > 12*12 {
		t.Errorf("seen %.1f days after it in the mean, mean square %.0f; want 0, and no more than 144", sum, squares)
	}
}
