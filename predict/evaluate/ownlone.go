package evaluate

import (
	"cmp"
	"slices"
	"time"
)

// ownPlace is where a time was read.
type ownPlace struct {
	at   time.Time
	unit string
	file string
	line int
}

// A few facts that lie so far from all others are rather slips of the pen than the history of the fleet: nobody
// wants the forecasts of each month of a century.
const (
	loneYears = 10
	loneShare = 0.01 // of the visits, or a single one of twenty
)

// findSpan says from when to when the fleet is known, without such facts at either end, which are told.
func (in *ownReader) findSpan() {
	lines := in.lines
	slices.SortStableFunc(lines, func(a, b ownPlace) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.unit, b.unit)) })
	lines = slices.CompactFunc(lines, func(a, b ownPlace) bool { return a.at.Equal(b.at) && a.unit == b.unit }) // one visit
	n := len(lines)
	if n == 0 {
		return
	}
	few := max(int(loneShare*float64(n)), min(n/20, 1))
	from, until := 0, n
	for i := 1; i <= few; i++ {
		if lines[i-1].at.AddDate(loneYears, 0, 0).Before(lines[i].at) {
			from = i
		}
		if lines[n-i-1].at.AddDate(loneYears, 0, 0).Before(lines[n-i].at) {
			until = n - i
		}
	}
	in.o.first, in.o.last = lines[from].at, lines[until-1].at
	for _, of := range [][]ownPlace{lines[:from], lines[until:]} {
		if len(of) > 0 {
			in.o.note("times more than %d years off all others: %d, the first of them %s in line %d of %s; are their years right? Forecasts are asked for from %s to %s",
				loneYears, len(of), of[0].at.Format(time.DateOnly), of[0].line, of[0].file, in.o.first.Format(time.DateOnly), in.o.last.Format(time.DateOnly))
		}
	}
}
