package ingest

import (
	"cmp"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// markWindow is how long a mark stands for further data of the same day, and how
// long the facts it stands for may be on their way. Both together must not exceed
// the 2 s for which the planner wants a mark to have been quiet at least.
const markWindow = time.Second

// rememberedDays bounds the memory of marks: about 100 bytes each.
const rememberedDays = 1 << 16

type vehicleDay struct {
	vin vehicle.VIN
	day vehicle.Day
}

// markMemory keeps a day from being marked again with every message.
//
// Leaving a mark out is safe only because it is decided after the samples are
// durable. The planner takes a mark once it was quiet for 2 s, so it reads at
// the earliest 2 s after the mark that stands for this one. Samples whose mark is
// left out were durable within 1 s of that mark, and the facts that came with them
// 1 s later, or their mark is made up for: the planner cannot have read the day
// without them. A mark that it takes earlier, because the vehicle was never
// quiet, stays and is taken again.
type markMemory struct {
	last *lru.LRU[vehicleDay, time.Time]
}

func newMarkMemory() (*markMemory, error) {
	last, err := lru.NewLRU[vehicleDay, time.Time](rememberedDays, nil)
	if err != nil {
		return nil, err
	}
	return &markMemory{last: last}, nil
}

// needed returns the marks to write, by vehicle and day. Urgent marks are always
// written: an urgent one must not be lost in one that may wait.
func (m *markMemory) needed(touched map[vehicleDay]bool, now time.Time) []Mark {
	return m.list(touched, now, func(key vehicleDay, urgent bool) bool {
		at, known := m.last.Get(key)
		age := now.Sub(at)
		return urgent || !known || age < 0 || age >= markWindow
	})
}

// all returns a mark for every day.
func (m *markMemory) all(touched map[vehicleDay]bool, now time.Time) []Mark {
	return m.list(touched, now, func(vehicleDay, bool) bool { return true })
}

func (m *markMemory) list(touched map[vehicleDay]bool, now time.Time, wanted func(vehicleDay, bool) bool) []Mark {
	marks := make([]Mark, 0, len(touched))
	for key, urgent := range touched {
		if wanted(key, urgent) {
			m.last.Add(key, now)
			marks = append(marks, Mark{VIN: key.vin, Day: key.day, Urgent: urgent, At: now})
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.VIN, b.VIN), cmp.Compare(a.Day, b.Day))
	})
	return marks
}

// forget removes what is remembered of a vehicle.
func (m *markMemory) forget(vin vehicle.VIN) {
	for _, key := range m.last.Keys() {
		if key.vin == vin {
			m.last.Remove(key)
		}
	}
}
