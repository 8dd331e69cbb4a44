package telemetry

import (
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Expiry says which classes of signals one day of a vehicle is to lose.
type Expiry struct {
	Day     vehicle.Day
	Classes []vehicle.Class
}

// Loses reports whether the day is to lose a signal.
func (e Expiry) Loses(s vehicle.Signal) bool { return slices.Contains(e.Classes, vehicle.ClassOf(s)) }

// Over returns the roll-up of a day as it is to be kept, where r is what the samples
// say that are stored now, and old is what was kept before. Of classes whose samples
// have expired the old aggregates stand: the samples are not all there any more, and
// those that come later are not counted, whenever they come.
func (r DayRollup) Over(old DayRollup) DayRollup {
	if len(old.Expired) == 0 {
		return r
	}
	out := DayRollup{VIN: r.VIN, Day: r.Day, Signals: make(map[vehicle.Signal]Aggregate, len(r.Signals)), Expired: old.Expired}
	expired := Expiry{Day: r.Day, Classes: old.Expired}
	for signal, a := range r.Signals {
		if !expired.Loses(signal) {
			out.Signals[signal] = a
		}
	}
	for signal, a := range old.Signals {
		if expired.Loses(signal) {
			out.Signals[signal] = a
		}
	}
	return out
}

// Without returns the roll-up with classes marked as expired.
func (r DayRollup) Without(classes []vehicle.Class) DayRollup {
	all := append(slices.Clone(r.Expired), classes...)
	slices.Sort(all)
	r.Expired = slices.Compact(all)
	return r
}

// Nowhere returns the roll-up without signals of vehicle.ClassLocation: the first and
// the last place of each day say where somebody lives.
func (r DayRollup) Nowhere() DayRollup {
	kept := make(map[vehicle.Signal]Aggregate, len(r.Signals))
	for signal, a := range r.Signals {
		if vehicle.ClassOf(signal) != vehicle.ClassLocation {
			kept[signal] = a
		}
	}
	r.Signals = kept
	return r
}

// WithExpired returns the windows of q, which are whole days each, of points of one
// day each. Of days that have expired the roll-ups count, and not what is left of the
// samples; those that lie in the span only in part are left out.
func WithExpired(points []Point, expired []DayRollup, q Query) []Point {
	all := map[vehicle.Day]Point{}
	for _, p := range points {
		all[vehicle.DayOf(p.Time)] = p
	}
	for _, d := range expired {
		delete(all, d.Day)
		a, ok := d.Signals[q.Signal]
		if ok && !d.Day.Start().Before(q.From) && !(d.Day + 1).Start().After(q.To) {
			all[d.Day] = Point{Count: a.Count, Min: a.Min, Max: a.Max, Mean: a.Mean(), Last: a.Last}
		}
	}
	width := vehicle.Day(q.Every / (24 * time.Hour))
	var windows []Point
	for _, day := range slices.Sorted(maps.Keys(all)) {
		p := all[day]
		p.Time = (day - (day%width+width)%width).Start()
		n := len(windows)
		if n == 0 || !windows[n-1].Time.Equal(p.Time) {
			windows = append(windows, p)
			continue
		}
		w := &windows[n-1]
		w.Mean = (w.Mean*float64(w.Count) + p.Mean*float64(p.Count)) / float64(w.Count+p.Count)
		w.Min, w.Max, w.Last = min(w.Min, p.Min), max(w.Max, p.Max), p.Last
		w.Count += p.Count
	}
	return windows
}
