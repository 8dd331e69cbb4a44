package history

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"
)

// OdometerReading is what somebody says the odometer read.
type OdometerReading struct {
	Ref  string // record id, or what else names it
	Time time.Time
	Km   float64
}

// Suspicion says that a reading does not fit its neighbours, and how.
type Suspicion struct {
	Ref    string
	Reason SuspectReason
}

// SuspectReason names the likely mistake.
type SuspectReason string

// The reasons, most specific first.
const (
	SuspectUnit     SuspectReason = "unit_error" // miles for kilometres, or the reverse, would fit
	SuspectTypo     SuspectReason = "typo"       // a digit too many or too few, or two swapped, would fit
	SuspectDecrease SuspectReason = "decrease"   // lower than before
	SuspectJump     SuspectReason = "jump"       // farther than a car drives in that time
)

const (
	kmPerMile = 1.609344
	// An odometer may read this much lower than before: rounding, and readings of
	// the same visit in the wrong order.
	fallKm    = 50.0
	fallShare = 0.002
	// No car drives farther on a day; a first day counts as a whole one.
	maxKmPerDay = 1500.0
)

// SuspectOdometers finds the readings that do not fit: it keeps the longest row
// of readings that agree with one another, the older one where two are equally
// long, and suspects the others. Readings of 0 were not read and are left out.
// The answer is in order of time, whatever the order of the argument.
func SuspectOdometers(readings []OdometerReading) []Suspicion {
	rs := slices.DeleteFunc(slices.Clone(readings), func(r OdometerReading) bool { return !(r.Km > 0) })
	slices.SortFunc(rs, func(a, b OdometerReading) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Km, b.Km), cmp.Compare(a.Ref, b.Ref))
	})
	trusted := longestAgreeing(rs)
	var out []Suspicion
	for i, r := range rs {
		if trusted[i] {
			continue
		}
		before, after := neighbours(rs, trusted, i)
		out = append(out, Suspicion{Ref: r.Ref, Reason: reasonFor(r, before, after)})
	}
	return out
}

// longestAgreeing marks the longest chain in which each reading may follow the
// one before.
func longestAgreeing(rs []OdometerReading) []bool {
	length, from := make([]int, len(rs)), make([]int, len(rs))
	best := -1
	for i := range rs {
		length[i], from[i] = 1, -1
		for j := range i {
			if mayFollow(rs[j], rs[i]) && length[j]+1 > length[i] {
				length[i], from[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	trusted := make([]bool, len(rs))
	for i := best; i >= 0; i = from[i] {
		trusted[i] = true
	}
	return trusted
}

// mayFollow reports whether a car with the first reading can have the second.
func mayFollow(a, b OdometerReading) bool {
	return !fell(a, b) && !jumped(a, b)
}

func fell(a, b OdometerReading) bool {
	return b.Km < a.Km-max(fallKm, fallShare*a.Km)
}

func jumped(a, b OdometerReading) bool {
	days := math.Ceil(b.Time.Sub(a.Time).Hours() / 24)
	return b.Km > a.Km+maxKmPerDay*max(days, 1)
}

// neighbours returns the trusted readings around one, nil where there is none.
func neighbours(rs []OdometerReading, trusted []bool, i int) (before, after *OdometerReading) {
	for j := i - 1; j >= 0 && before == nil; j-- {
		if trusted[j] {
			before = &rs[j]
		}
	}
	for j := i + 1; j < len(rs) && after == nil; j++ {
		if trusted[j] {
			after = &rs[j]
		}
	}
	return before, after
}

// reasonFor tries the usual mistakes. Without a neighbour on both sides almost
// anything would fit, so only the direction is told.
func reasonFor(r OdometerReading, before, after *OdometerReading) SuspectReason {
	fits := func(km float64) bool {
		fixed := OdometerReading{Time: r.Time, Km: km}
		return mayFollow(*before, fixed) && mayFollow(fixed, *after)
	}
	if before != nil && after != nil {
		if fits(r.Km*kmPerMile) || fits(r.Km/kmPerMile) {
			return SuspectUnit
		}
		if slices.ContainsFunc(typos(r.Km), fits) {
			return SuspectTypo
		}
	}
	if before != nil && fell(*before, r) || before == nil && after != nil && jumped(r, *after) {
		return SuspectDecrease
	}
	return SuspectJump
}

// typos lists what may have been meant: ten times more or less, or two
// neighbouring digits swapped.
func typos(km float64) []float64 {
	out := []float64{km * 10, km / 10}
	digits := []byte(strconv.FormatFloat(math.Round(km), 'f', 0, 64))
	for i := range len(digits) - 1 {
		swapped := slices.Clone(digits)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		if v, err := strconv.ParseFloat(string(swapped), 64); err == nil {
			out = append(out, v)
		}
	}
	return out
}
