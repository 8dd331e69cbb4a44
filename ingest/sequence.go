package ingest

import (
	"math"
	"slices"
	"sort"
	"time"
)

// Limits of what is kept of a vehicle's message numbers. A device that numbers its
// messages soundly never meets them; one that does not costs no more than this.
const (
	MaxRuns  = 256       // of one boot; each but the first ends a gap
	MaxBoots = 200       // of one vehicle: the latest; a device that restarts six times a day is a month back
	MaxGap   = 1_000_000 // messages; what is longer is a counter that jumped
)

// MaxSeq is the largest number of a message that counts.
const MaxSeq uint64 = math.MaxInt64

// Sequence says which messages of one boot of a device came. It is a set of
// numbers: it does not matter in which order, how often, or through which ingester
// they came, and a message that comes late closes its gap.
//
// What came before the lowest number, and after the highest, nobody can know:
// messages are missing only between two that came.
type Sequence struct {
	Runs    []Run // ascending; between two of them at least one number is missing
	Settled Tally // what was below Runs[0] and is not kept one by one any more
}

// Run is messages First to Last, all of which came.
type Run struct {
	First, Last uint64
	Since       time.Time // when First came: until then nobody knew that something before it was missing
}

// Gap is messages First to Last of a boot, none of which came.
type Gap struct {
	Boot        string
	First, Last uint64
	Since       time.Time // when the message after it came
}

// Tally counts messages.
type Tally struct {
	Received int64
	Missing  int64
	Jumps    int64 // times that a counter went on by more than MaxGap
}

// Plus returns the sum of both.
func (t Tally) Plus(o Tally) Tally {
	return Tally{t.Received + o.Received, t.Missing + o.Missing, t.Jumps + o.Jumps}
}

// Add notes that messages came. Below what is settled it does nothing: nobody can
// tell any more whether they came before.
func (s *Sequence) Add(r Run) {
	if s.Settled != (Tally{}) && len(s.Runs) > 0 {
		floor := s.Runs[0].First
		if r.Last < floor {
			return
		}
		r.First = max(r.First, floor)
	}
	from := sort.Search(len(s.Runs), func(i int) bool { return s.Runs[i].Last+1 >= r.First })
	to := from
	for to < len(s.Runs) && s.Runs[to].First <= r.Last+1 {
		r = r.join(s.Runs[to])
		to++
	}
	s.Runs = slices.Replace(s.Runs, from, to, r)
}

func (r Run) join(o Run) Run {
	switch {
	case o.First < r.First, o.First == r.First && o.Since.Before(r.Since):
		r.First, r.Since = o.First, o.Since
	}
	r.Last = max(r.Last, o.Last)
	return r
}

// Settle gives the lowest runs beyond MaxRuns, and the gaps above them, up to the
// counts. Only where it does so can the order in which messages come matter.
func (s *Sequence) Settle() {
	for len(s.Runs) > MaxRuns {
		s.Settled = s.Settled.Plus(s.tally(0))
		s.Runs = slices.Delete(s.Runs, 0, 1)
	}
}

// tally counts a run and the gap above it.
func (s *Sequence) tally(i int) Tally {
	t := Tally{Received: int64(s.Runs[i].Last-s.Runs[i].First) + 1}
	if i+1 == len(s.Runs) {
		return t
	}
	if missing := s.Runs[i+1].First - s.Runs[i].Last - 1; missing <= MaxGap {
		t.Missing = int64(missing)
	} else {
		t.Jumps = 1
	}
	return t
}

// Tally counts all that came of the boot, and what is missing.
func (s *Sequence) Tally() Tally {
	sum := s.Settled
	for i := range s.Runs {
		sum = sum.Plus(s.tally(i))
	}
	return sum
}

// Gaps lists what is missing, lowest first, without what is settled.
func (s *Sequence) Gaps() []Gap {
	var gaps []Gap
	for i := range s.Runs {
		if s.tally(i).Missing > 0 {
			above := s.Runs[i+1]
			gaps = append(gaps, Gap{First: s.Runs[i].Last + 1, Last: above.First - 1, Since: above.Since})
		}
	}
	return gaps
}

// Top returns the highest run. No gap lies above it, so that it may grow upwards
// without closing one. There must be a run.
func (s *Sequence) Top() Run { return s.Runs[len(s.Runs)-1] }

// Reception is which of a vehicle's numbered messages came, over all boots.
type Reception struct {
	Tally
	Since time.Time // when the first of them came; zero when none did

	// Gaps that a late message can still close, the latest first.
	Gaps []Gap
	// Messages missing in other gaps: they are too old to be kept one by one.
	Settled int64
}
