package telemetry

import (
	"cmp"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BySignal is the roll-ups of one vehicle by signal: who asks for some signals of many
// days walks over slices instead of looking each signal up in each day.
type BySignal struct {
	// Days are those that have a roll-up, ascending, also where it has no signals.
	Days []vehicle.Day
	// Signals has the days on which a signal had a value, ascending.
	Signals map[vehicle.Signal][]OfDay
}

// OfDay is an Aggregate of one signal on one day. Its Count is never 0. It holds no
// pointers: a vehicle has ten thousand of them, which the garbage collector need not
// look into.
type OfDay struct {
	Day             vehicle.Day
	Count           int
	Min, Max, Sum   float64
	First, Last     float64
	FirstAt, LastAt Micros
}

// Micros is a time in microseconds since 1970, to which roll-ups keep times.
type Micros int64

// MicrosOf is t without what is shorter.
func MicrosOf(t time.Time) Micros { return Micros(t.UnixMicro()) }

// Time is the same time in UTC.
func (m Micros) Time() time.Time { return time.UnixMicro(int64(m)).UTC() }

// On is the aggregate of a day. Its Count must not be 0.
func (a *Aggregate) On(day vehicle.Day) OfDay {
	return OfDay{
		Day: day, Count: a.Count, Min: a.Min, Max: a.Max, Sum: a.Sum,
		First: a.First, Last: a.Last, FirstAt: MicrosOf(a.FirstAt), LastAt: MicrosOf(a.LastAt),
	}
}

// Mean returns the average.
func (d *OfDay) Mean() float64 {
	if d.Count == 1 { // as of all that is told once a day
		return d.Sum
	}
	return d.Sum / float64(d.Count)
}

// Before are those of the days before one, in the same memory.
func (b BySignal) Before(day vehicle.Day) BySignal {
	n, _ := slices.BinarySearch(b.Days, day)
	out := BySignal{Days: b.Days[:n], Signals: make(map[vehicle.Signal][]OfDay, len(b.Signals))}
	for s, of := range b.Signals {
		if n, _ := slices.BinarySearchFunc(of, day, func(d OfDay, day vehicle.Day) int { return cmp.Compare(d.Day, day) }); n > 0 {
			out.Signals[s] = of[:n]
		}
	}
	return out
}

// BySignalOf turns the roll-ups of one vehicle, each of another day and in order of
// day.
func BySignalOf(days []DayRollup) BySignal {
	b := BySignal{Signals: map[vehicle.Signal][]OfDay{}}
	for _, r := range days {
		b.Days = append(b.Days, r.Day)
		for s, a := range r.Signals {
			if a.Count > 0 {
				b.Signals[s] = append(b.Signals[s], a.On(r.Day))
			}
		}
	}
	return b
}
