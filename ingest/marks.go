package ingest

import (
	"cmp"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// markWindow is how long a mark stands for further data of the same day. It must
// be well below the 3 s for which the planner wants a mark to have been quiet.
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
// durable. The planner takes a mark once it was quiet for 3 s, so it reads at
// the earliest 3 s after the mark that stands for this one. Data whose mark is
// left out was durable within 1 s of that mark: the planner cannot have read the
// day without it. A mark that it takes earlier, because the vehicle was never
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

// marksFor returns the marks to write, by vehicle and day. Urgent marks are
// always written: an urgent one must not be lost in one that may wait.
func (m *markMemory) marksFor(touched map[vehicleDay]bool, now time.Time) []Mark {
	marks := make([]Mark, 0, len(touched))
	for key, urgent := range touched {
		at, known := m.last.Get(key)
		age := now.Sub(at)
		if known && !urgent && age >= 0 && age < markWindow {
			continue
		}
		m.last.Add(key, now)
		marks = append(marks, Mark{VIN: key.vin, Day: key.day, Urgent: urgent, At: now})
	}
	slices.SortFunc(marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.VIN, b.VIN), cmp.Compare(a.Day, b.Day))
	})
	return marks
}
