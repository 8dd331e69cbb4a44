package history

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Timeline returns the records newest visit first, those entered in error
// included: a reader should see that they were. The order is total, whatever
// the order of the argument, which stays as it is.
func Timeline(records []Record) []Record {
	out := slices.Clone(records)
	slices.SortFunc(out, newestFirst)
	return out
}

func newestFirst(a, b Record) int {
	return cmp.Or(b.Visited.Compare(a.Visited), cmp.Compare(b.ID, a.ID))
}

// final leaves out what was entered in error, oldest first. Records that are in order,
// as the store has them, are not copied.
func final(records []Record) iter.Seq[*Record] {
	if !slices.IsSortedFunc(records, newestFirst) {
		records = Timeline(records)
	}
	return func(yield func(*Record) bool) {
		for i := len(records) - 1; i >= 0; i-- {
			if r := &records[i]; r.Status != EnteredInError && !yield(r) {
				return
			}
		}
	}
}

// TotalsOf sums up the final records, costs per currency in alphabetical order.
func TotalsOf(records []Record) Totals {
	var t Totals
	costs := map[string]int64{}
	for r := range final(records) {
		if r.answers() {
			continue
		}
		if t.Visits == 0 {
			t.FirstVisit = r.Visited
		}
		t.Visits++
		t.Hours += r.Hours
		t.LastVisit = r.Visited
		if r.Cost != (Money{}) {
			costs[r.Cost.Currency] += r.Cost.Minor
		}
	}
	for currency, minor := range costs {
		t.Costs = append(t.Costs, Money{Minor: minor, Currency: currency})
	}
	slices.SortFunc(t.Costs, func(a, b Money) int { return cmp.Compare(a.Currency, b.Currency) })
	return t
}

// answers reports whether nothing was done: the record only says so, of a look that took no time and
// cost nothing.
func (r *Record) answers() bool {
	return len(r.Items) > 0 && r.Hours == 0 && r.Cost == Money{} && len(r.Parts)+len(r.Measurements) == 0 &&
		!slices.ContainsFunc(r.Items, func(i Item) bool { return i.Outcome != OutcomeKept })
}

// ServicesOf lists which components were renewed or topped up, oldest first: what
// predict closes wear paths with. Items that renew no component of the table, or say that it was
// kept, and records entered in error, are left out.
func ServicesOf(t *predict.Table, records []Record) []predict.Service {
	items := 0
	for i := range records {
		items += len(records[i].Items)
	}
	out := make([]predict.Service, 0, items)
	for r := range final(records) {
		for _, item := range r.Items {
			if item.Outcome == OutcomeKept {
				continue
			}
			c, ok := t.ComponentOf(item.Component)
			if !ok {
				continue
			}
			out = append(out, predict.Service{
				Component: c, Time: r.Visited, OdometerKm: r.OdometerKm,
				Failed: item.Outcome == OutcomeFailed, Early: item.Outcome == OutcomeReplacedEarly,
				TopUp: item.Outcome == OutcomeToppedUp, Litres: item.Litres, Part: partName(item.Part),
				RecordID: r.ID,
			})
		}
	}
	return out
}

// KeptOf lists of which components records say that nothing was done to them.
func KeptOf(t *predict.Table, records []Record) []predict.Kept {
	var out []predict.Kept
	for r := range final(records) {
		for _, item := range r.Items {
			if item.Outcome != OutcomeKept {
				continue
			}
			if c, ok := t.ComponentOf(item.Component); ok {
				out = append(out, predict.Kept{Component: c, Time: r.Visited})
			}
		}
	}
	return out
}

// partName is a part number as people type it, so that it is the same however they do.
func partName(typed string) string { return strings.ToUpper(strings.Join(strings.Fields(typed), " ")) }

// Reading is a workshop's measurement with where and when it was taken.
type Reading struct {
	Measurement
	Time       time.Time
	OdometerKm float64 // 0 when it was not read
	RecordID   string
}

// ReadingsOf are the measurements of the final records, oldest first.
func ReadingsOf(records []Record) iter.Seq[Reading] {
	return func(yield func(Reading) bool) {
		for r := range final(records) {
			for _, m := range r.Measurements {
				if !yield(Reading{Measurement: m, Time: r.Visited, OdometerKm: r.OdometerKm, RecordID: r.ID}) {
					return
				}
			}
		}
	}
}
