package ingest_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
)

// message is the run of one message.
func message(seq uint64) ingest.Run {
	return ingest.Run{First: seq, Last: seq, Since: noon.Add(time.Duration(seq%1000) * time.Second)}
}

func sequenceOf(numbers ...uint64) ingest.Sequence {
	var s ingest.Sequence
	for _, n := range numbers {
		s.Add(message(n))
	}
	return s
}

func TestSequenceFindsGaps(t *testing.T) {
	t.Parallel()
	at := func(seq uint64) time.Time { return message(seq).Since }
	for name, test := range map[string]struct {
		came []uint64
		gaps []ingest.Gap
		want ingest.Tally
	}{
		"nothing":                      {nil, nil, ingest.Tally{}},
		"one message":                  {[]uint64{7}, nil, ingest.Tally{Received: 1}},
		"number 0":                     {[]uint64{0, 1}, nil, ingest.Tally{Received: 2}},
		"in order":                     {[]uint64{7, 8, 9}, nil, ingest.Tally{Received: 3}},
		"backwards":                    {[]uint64{9, 8, 7}, nil, ingest.Tally{Received: 3}},
		"twice":                        {[]uint64{7, 8, 8, 7}, nil, ingest.Tally{Received: 2}},
		"one is missing":               {[]uint64{7, 9}, []ingest.Gap{{First: 8, Last: 8, Since: at(9)}}, ingest.Tally{Received: 2, Missing: 1}},
		"it comes late":                {[]uint64{7, 9, 8}, nil, ingest.Tally{Received: 3}},
		"some of them come late":       {[]uint64{1, 9, 5}, []ingest.Gap{{First: 2, Last: 4, Since: at(5)}, {First: 6, Last: 8, Since: at(9)}}, ingest.Tally{Received: 3, Missing: 6}},
		"as much as can be missing":    {[]uint64{1, 2 + ingest.MaxGap}, []ingest.Gap{{First: 2, Last: 1 + ingest.MaxGap, Since: at(2 + ingest.MaxGap)}}, ingest.Tally{Received: 2, Missing: ingest.MaxGap}},
		"the counter jumped":           {[]uint64{1, 3 + ingest.MaxGap}, nil, ingest.Tally{Received: 2, Jumps: 1}},
		"as far as a counter can jump": {[]uint64{0, math.MaxInt64}, nil, ingest.Tally{Received: 2, Jumps: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sequenceOf(test.came...)
			if diff := cmp.Diff(test.gaps, s.Gaps()); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, s.Tally()); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// A sequence is the set of its numbers, whatever the order, repetitions and runs
// they come in.
func TestSequenceIsASet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Uint64Range(0, 60), 1, 40).Draw(rt, "numbers")
		set := map[uint64]bool{}
		for _, n := range numbers {
			set[n] = true
		}
		got := sequenceOf(numbers...)
		for i, run := range got.Runs {
			if run.First > run.Last || i > 0 && run.First < got.Runs[i-1].Last+2 {
				rt.Fatalf("runs %v", got.Runs)
			}
			if !run.Since.Equal(message(run.First).Since) {
				rt.Fatalf("run %v does not begin with its first message", run)
			}
			for n := run.First; n <= run.Last; n++ {
				if !set[n] {
					rt.Fatalf("%d is in %v and did not come", n, got.Runs)
				}
				delete(set, n)
			}
		}
		if len(set) > 0 {
			rt.Fatalf("%v came and are not in %v", set, got.Runs)
		}

		other := sequenceOf(rapid.Permutation(numbers).Draw(rt, "order")...)
		var merged ingest.Sequence
		for _, run := range other.Runs {
			merged.Add(run)
			merged.Add(run)
		}
		if diff := cmp.Diff(got, merged); diff != "" {
			rt.Fatalf("another order (-want +got):\n%s", diff)
		}
	})
}

// A device whose numbers mean nothing costs no more than the bound, and every
// message that came is counted.
func TestSequenceIsBounded(t *testing.T) {
	t.Parallel()
	var s ingest.Sequence
	const messages = 10_000
	for n := range uint64(messages) {
		s.Add(message(3 * n))
		s.Settle()
	}
	if len(s.Runs) != ingest.MaxRuns {
		t.Errorf("%d runs are kept, want %d", len(s.Runs), ingest.MaxRuns)
	}
	if got, want := s.Tally(), (ingest.Tally{Received: messages, Missing: 2 * (messages - 1)}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	before := s.Tally()
	for _, late := range []uint64{1, 2, 0, 3} {
		s.Add(message(late))
	}
	s.Add(ingest.Run{First: 0, Last: s.Runs[0].First})
	if got := s.Tally(); got != before {
		t.Errorf("what is settled changed from %+v to %+v", before, got)
	}
	s.Add(message(s.Runs[0].Last + 1)) // what is not can still be closed
	if got := s.Tally(); got.Received != before.Received+1 || got.Missing != before.Missing-1 {
		t.Errorf("a late message made %+v of %+v", got, before)
	}
}
