package telemetry

import (
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BySignal is the roll-ups of one vehicle by signal: who asks for some signals of many
// days walks over slices instead of looking each signal up in each day.
type BySignal struct {
	// Days are those that have a roll-up, ascending, also where it has no signals.
	Days []vehicle.Day
	// Signals has the days on which a signal had a value, ascending. A column of none is as good as
	// missing.
	Signals map[vehicle.Signal]*Column
}

// Column is what one signal was day by day: things of the same day have the same place. Who
// asks for one thing of all days does not go through the others, and a vehicle has ten
// thousand of each. The Len of a nil Column is 0.
type Column struct {
	Day                        []vehicle.Day
	Count                      []int
	Min, Max, Sum, First, Last []float64
	FirstAt, LastAt            []Micros
}

// NewColumn has room for so many days.
func NewColumn(days int) *Column {
	numbers, times := make([]float64, 5*days), make([]Micros, 2*days)
	number := func(i int) []float64 { return numbers[i*days : i*days : (i+1)*days] }
	return &Column{
		Day: make([]vehicle.Day, 0, days), Count: make([]int, 0, days),
		Min: number(0), Max: number(1), Sum: number(2), First: number(3), Last: number(4),
		FirstAt: times[:0:days], LastAt: times[days:days],
	}
}

// Len is how many days the column has.
func (c *Column) Len() int {
	if c == nil {
		return 0
	}
	return len(c.Day)
}

// Add puts a day at the end.
func (c *Column) Add(d *OfDay) {
	c.Day = append(c.Day, d.Day)
	c.Count = append(c.Count, d.Count)
	c.Min = append(c.Min, d.Min)
	c.Max = append(c.Max, d.Max)
	c.Sum = append(c.Sum, d.Sum)
	c.First = append(c.First, d.First)
	c.Last = append(c.Last, d.Last)
	c.FirstAt = append(c.FirstAt, d.FirstAt)
	c.LastAt = append(c.LastAt, d.LastAt)
}

// At is the day at a place.
func (c *Column) At(i int) OfDay {
	return OfDay{
		Day: c.Day[i], Count: c.Count[i], Min: c.Min[i], Max: c.Max[i], Sum: c.Sum[i],
		First: c.First[i], Last: c.Last[i], FirstAt: c.FirstAt[i], LastAt: c.LastAt[i],
	}
}

// Mean is the average of the day at a place.
func (c *Column) Mean(i int) float64 {
	if c.Count[i] == 1 { // as of all that is told once a day
		return c.Sum[i]
	}
	return c.Sum[i] / float64(c.Count[i])
}

// first is the first days of the column, in the same memory.
func (c *Column) first(n int) *Column {
	return &Column{
		Day: c.Day[:n:n], Count: c.Count[:n:n], Min: c.Min[:n:n], Max: c.Max[:n:n], Sum: c.Sum[:n:n],
		First: c.First[:n:n], Last: c.Last[:n:n], FirstAt: c.FirstAt[:n:n], LastAt: c.LastAt[:n:n],
	}
}

// Clear takes all days out, and leaves their room.
func (c *Column) Clear() {
	c.Day, c.Count, c.FirstAt, c.LastAt = c.Day[:0], c.Count[:0], c.FirstAt[:0], c.LastAt[:0]
	c.Min, c.Max, c.Sum, c.First, c.Last = c.Min[:0], c.Max[:0], c.Sum[:0], c.First[:0], c.Last[:0]
}

// OfDay is an Aggregate of one signal on one day. Its Count is never 0.
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

// Before are those of the days before one, in the same memory.
func (b BySignal) Before(day vehicle.Day) BySignal {
	n, _ := slices.BinarySearch(b.Days, day)
	out := BySignal{Days: b.Days[:n], Signals: make(map[vehicle.Signal]*Column, len(b.Signals))}
	for s, of := range b.Signals {
		if n, _ := slices.BinarySearch(of.Day, day); n > 0 {
			out.Signals[s] = of.first(n)
		}
	}
	return out
}

// Column is that of a signal. Where there is none, it begins with room for so many days.
func (b *BySignal) Column(s vehicle.Signal, days int) *Column {
	column := b.Signals[s]
	if column == nil {
		column = NewColumn(days)
		b.Signals[s] = column
	}
	return column
}

// Clear takes all days out of it and of its columns, and leaves their room.
func (b *BySignal) Clear() {
	if b.Signals == nil {
		b.Signals = make(map[vehicle.Signal]*Column)
	}
	b.Days = b.Days[:0]
	for _, column := range b.Signals {
		column.Clear()
	}
}

// BySignalOf turns the roll-ups of one vehicle, each of another day and in order of
// day.
func BySignalOf(days []DayRollup) BySignal {
	b := BySignal{Signals: map[vehicle.Signal]*Column{}}
	for _, r := range days {
		b.Days = append(b.Days, r.Day)
		for s, a := range r.Signals {
			if a.Count > 0 {
				d := a.On(r.Day)
				b.Column(s, 0).Add(&d)
			}
		}
	}
	return b
}
