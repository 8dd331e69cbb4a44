// Package telemetry is the time series of every vehicle: what a store must
// promise, and the pure functions that read a series (roll-ups, trips).
// telemetry/embedded and telemetry/influx keep the promises, and
// telemetry/telemetrytest checks that they do.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Record is one sample of one vehicle on its way to a store.
type Record struct {
	VIN      vehicle.VIN
	Received time.Time
	Sample   vehicle.Sample
}

// Store keeps samples under the key (vehicle, event time, signal).
// Event times are kept to the millisecond. Implementations are safe for
// concurrent use.
type Store interface {
	// Write returns nil when every record is durable: a kill or a power cut
	// after it returns loses nothing. Writing a record again changes nothing;
	// another value under the same key replaces the older one; readings of the
	// same vehicle and time in separate records are merged.
	// A *PartialError names the records that can never be stored (those that
	// Record.Validate refuses, and those the implementation has no place for);
	// the others are durable. Any other error means that nothing is certain, and
	// the whole batch may be written again.
	Write(ctx context.Context, batch []Record) error

	// Latest returns the newest value of every signal of a vehicle by event
	// time, ordered by signal. Late data never replaces a newer value. Values
	// whose quality is not OK do not count.
	Latest(ctx context.Context, vin vehicle.VIN) ([]Latest, error)

	// Samples calls yield for every sample of the vehicle with from <= time < to,
	// in order of time, with the readings of every quality. It stops at the
	// first error of yield and returns it. yield may keep the sample; it must not
	// call the store, which may be waiting for it to end.
	Samples(ctx context.Context, vin vehicle.VIN, from, to time.Time, yield func(vehicle.Sample) error) error

	// Series returns one numeric signal with q.From <= time < q.To in order of
	// time, as points of q.Every, or as it was measured when q.Every is zero.
	// Windows start at multiples of q.Every since the Unix epoch, also when that
	// lies before q.From; empty windows are left out. Booleans count as 0 and 1;
	// texts, and values whose quality is not OK, do not count.
	Series(ctx context.Context, q Query) ([]Point, error)

	// Daily calls yield for the vehicles of q, in their order, with the points that
	// Series gives of each for windows of 24 hours. Vehicles without values are left
	// out. It stops at the first error of yield and returns it. Days that are over
	// cost little, so that it is the way to read a fleet.
	Daily(ctx context.Context, q DailyQuery, yield func(vehicle.VIN, []Point) error) error

	// Day summarises one UTC day. A day without data has no signals.
	Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (DayRollup, error)

	// Days lists the days on which the vehicle has data, ascending.
	Days(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error)

	// Expire removes, for good, readings of the vehicle by day and class of signal; a
	// sample without any is gone. Latest does not answer with what is gone either.
	// Doing it again changes nothing.
	Expire(ctx context.Context, vin vehicle.VIN, days []Expiry) error

	// Erase removes every sample of the vehicle, for good.
	Erase(ctx context.Context, vin vehicle.VIN) error

	// Ping reports whether the store can be read and written now.
	Ping(ctx context.Context) error

	// Close releases the store. It is called once, after the last other call.
	Close() error
}

// Latest is the newest value of one signal.
type Latest struct {
	Signal     vehicle.Signal
	Time       time.Time
	TimeSource vehicle.TimeSource // whose clock Time is from; of one of the clocks, if a sample came in parts by several
	Value      vehicle.Value
}

// Query asks for one signal of one vehicle.
type Query struct {
	VIN      vehicle.VIN
	Signal   vehicle.Signal
	From, To time.Time
	Every    time.Duration // zero: as measured
}

// Point is one window of a series, or one measurement with Count 1.
type Point struct {
	Time           time.Time // start of the window, or the time of the measurement
	Count          int
	Min, Max, Mean float64
	Last           float64
}

// DayRollup summarises one vehicle on one UTC day, per numeric signal.
// Boolean signals count as 0 and 1; text signals are left out.
type DayRollup struct {
	VIN     vehicle.VIN
	Day     vehicle.Day
	Signals map[vehicle.Signal]Aggregate

	// Expired are the classes whose samples of this day are gone, ascending: their
	// aggregates are all that is left of them. A store of samples leaves it empty.
	Expired []vehicle.Class
}

// Aggregate summarises the values of one signal. Values whose quality is not
// OK do not count.
type Aggregate struct {
	Count           int
	Min, Max, Sum   float64
	First, Last     float64
	FirstAt, LastAt time.Time
}

// Add includes one value. Values may come in any order of time.
func (a *Aggregate) Add(at time.Time, v float64) {
	if a.Count == 0 {
		*a = Aggregate{Count: 1, Min: v, Max: v, Sum: v, First: v, Last: v, FirstAt: at, LastAt: at}
		return
	}
	a.Count++
	a.Sum += v
	a.Min = min(a.Min, v)
	a.Max = max(a.Max, v)
	if at.Before(a.FirstAt) {
		a.First, a.FirstAt = v, at
	}
	if !at.Before(a.LastAt) {
		a.Last, a.LastAt = v, at
	}
}

// With returns the aggregate of the values of both.
func (a Aggregate) With(b Aggregate) Aggregate {
	switch {
	case a.Count == 0:
		return b
	case b.Count == 0:
		return a
	}
	out := Aggregate{Count: a.Count + b.Count, Min: min(a.Min, b.Min), Max: max(a.Max, b.Max), Sum: a.Sum + b.Sum, First: a.First, FirstAt: a.FirstAt, Last: a.Last, LastAt: a.LastAt}
	if b.FirstAt.Before(a.FirstAt) {
		out.First, out.FirstAt = b.First, b.FirstAt
	}
	if !b.LastAt.Before(a.LastAt) {
		out.Last, out.LastAt = b.Last, b.LastAt
	}
	return out
}

// Mean returns the average, 0 for an empty aggregate.
func (a Aggregate) Mean() float64 {
	if a.Count == 0 {
		return 0
	}
	return a.Sum / float64(a.Count)
}

// Rounded returns the roll-up with every sum rounded to 11 digits of what was
// added up. Which sum a store comes to depends in the last digits on the order and
// the groups it adds values in; rounded ones are the same whatever came when.
func (r DayRollup) Rounded() DayRollup {
	signals := make(map[vehicle.Signal]Aggregate, len(r.Signals))
	for name, a := range r.Signals {
		a.Sum = roundSum(a.Sum, max(math.Abs(a.Min), math.Abs(a.Max))*float64(a.Count)) + 0 // no negative zero
		signals[name] = a
	}
	r.Signals = signals
	return r
}

// roundSum rounds to 11 digits of the scale.
func roundSum(sum, scale float64) float64 {
	places := 10 - math.Floor(math.Log10(scale))
	switch {
	case scale == 0:
		return 0
	case math.Abs(places) > 300: // a power of ten would not be finite
		return sum
	case places < 0: // powers of ten below 1 are not exact
		unit := math.Pow(10, -places)
		return math.Round(sum/unit) * unit
	}
	unit := math.Pow(10, places)
	return math.Round(sum*unit) / unit
}

// Rejection is one record that a store will never take.
type Rejection struct {
	Index  int // in the batch
	Reason string
}

// PartialError says that some records of a batch were refused for good and the
// others are durable. The refused ones belong in quarantine.
type PartialError struct{ Rejected []Rejection }

func (e *PartialError) Error() string {
	if len(e.Rejected) == 0 {
		return "partial write"
	}
	return fmt.Sprintf("partial write: %d records refused, first: %s", len(e.Rejected), e.Rejected[0].Reason)
}

// ErrClosed is returned by a store that was closed.
var ErrClosed = errors.New("telemetry store is closed")
