package predict

import (
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
