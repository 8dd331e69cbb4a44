package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// numbered is a message with a number, received that many seconds into the test.
func numbered(vin vehicle.VIN, boot string, seq uint64) ingest.Seen {
	return ingest.Seen{VIN: vin, Received: at(int(seq % 1000)), Boot: boot, Seq: seq}
}

// seen makes a batch of messages.
func seen(messages ...ingest.Seen) ingest.Batch { return ingest.Batch{Seen: messages} }

func reception(t testing.TB, db *store.DB, vin vehicle.VIN) ingest.Reception {
	t.Helper()
	return must(db.Reception(t.Context(), vin))(t)
}

func testReception(t *testing.T, db *store.DB) {
	vin := newVIN()
	equal(t, "reception of an unknown vehicle", reception(t, db, vin), ingest.Reception{})
	record(t, db, seen(ingest.Seen{VIN: vin, Received: at(0)}, ingest.Seen{VIN: vin, Received: at(0), Seq: 5}))
	equal(t, "reception without numbers", reception(t, db, vin), ingest.Reception{})

	for seq := uint64(3); seq <= 6; seq++ {
		record(t, db, seen(numbered(vin, "a", seq)))
	}
	equal(t, "reception in order", reception(t, db, vin), ingest.Reception{Tally: ingest.Tally{Received: 4}, Since: at(3)})
	record(t, db, seen(numbered(vin, "a", 6), numbered(vin, "a", 5)), seen(numbered(vin, "a", 3)))
	equal(t, "reception of repetitions", reception(t, db, vin), ingest.Reception{Tally: ingest.Tally{Received: 4}, Since: at(3)})

	record(t, db, seen(numbered(vin, "a", 9), numbered(vin, "a", 12)), seen(numbered(vin, "b", 0)), seen(numbered(vin, "a", 13)))
	gaps := []ingest.Gap{{Boot: "a", First: 10, Last: 11, Since: at(12)}, {Boot: "a", First: 7, Last: 8, Since: at(9)}}
	equal(t, "reception with gaps", reception(t, db, vin), ingest.Reception{Tally: ingest.Tally{Received: 8, Missing: 4}, Since: at(0), Gaps: gaps})
	counts := must(db.Counts(t.Context()))(t)
	equal(t, "missing in the fleet", []int{counts.MissingMessages, counts.GapVehicles}, []int{4, 1})

	record(t, db, seen(numbered(vin, "a", 8), numbered(vin, "a", 11)), seen(numbered(vin, "a", 10)))
	equal(t, "reception after late messages", reception(t, db, vin), ingest.Reception{
		Tally: ingest.Tally{Received: 11, Missing: 1}, Since: at(0), Gaps: []ingest.Gap{{Boot: "a", First: 7, Last: 7, Since: at(8)}},
	})
	record(t, db, seen(numbered(vin, "a", 7), numbered(vin, "b", 1)))
	equal(t, "reception of all", reception(t, db, vin), ingest.Reception{Tally: ingest.Tally{Received: 13}, Since: at(0)})
}

// drawNumbered makes messages of two boots and their sets of numbers.
func drawNumbered(t *rapid.T) (messages []ingest.Seen, want ingest.Reception) {
	sets := map[string]map[uint64]bool{}
	for range rapid.IntRange(1, 25).Draw(t, "messages") {
		boot, seq := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "boot"), rapid.Uint64Range(0, 15).Draw(t, "seq")
		messages = append(messages, ingest.Seen{Received: at(int(seq)), Boot: boot, Seq: seq})
		if sets[boot] == nil {
			sets[boot] = map[uint64]bool{}
		}
		sets[boot][seq] = true
		if want.Since.IsZero() || at(int(seq)).Before(want.Since) {
			want.Since = at(int(seq))
		}
	}
	for _, set := range sets {
		lowest, highest := uint64(99), uint64(0)
		for seq := range set {
			lowest, highest = min(lowest, seq), max(highest, seq)
		}
		want.Received += int64(len(set))
		want.Missing += int64(highest-lowest+1) - int64(len(set))
	}
	return messages, want
}

// Whatever the order, repetitions and batches: what came is a set.
func testReceptionAnyOrder(t *testing.T, db *store.DB) {
	rapid.Check(t, func(rt *rapid.T) {
		messages, want := drawNumbered(rt)
		again := append(slices.Clone(messages), rapid.SliceOf(rapid.SampledFrom(messages)).Draw(rt, "repeated")...)
		var got [2]ingest.Reception
		for i, order := range [][]ingest.Seen{messages, rapid.Permutation(again).Draw(rt, "order")} {
			vin := newVIN()
			var all []ingest.Batch
			for _, m := range order {
				all = append(all, seen(m))
			}
			record(t, db, batchesOf(rt, vin, all)...)
			got[i] = reception(t, db, vin)
		}
		equal(t, "reception after another order", got[1], got[0])
		got[0].Gaps = nil
		equal(t, "reception", got[0], want)
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// Two ingesters share the messages of vehicles: each gets every other one.
func testReceptionRace(t *testing.T, db *store.DB) {
	const messages, ingesters = 60, 2
	vins := []vehicle.VIN{newVIN(), newVIN(), newVIN()}
	var group errgroup.Group
	for i := range ingesters {
		group.Go(func() error {
			for seq := i; seq < messages; seq += ingesters {
				var b ingest.Batch
				for _, vin := range vins {
					b.Seen = append(b.Seen, numbered(vin, "a", uint64(seq)), numbered(vin, fmt.Sprint(i), uint64(seq)))
				}
				if err := db.Record(t.Context(), b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, vin := range vins {
		got := reception(t, db, vin)
		want := ingest.Tally{Received: 2 * messages, Missing: messages - ingesters} // every other number of boots 0 and 1
		equal(t, "counts of two ingesters", got.Tally, want)
	}
}

// A vehicle that lies costs no more than the bounds, and its figures stay sums.
func testReceptionBounds(t *testing.T, db *store.DB) {
	vin := newVIN()
	const boots = ingest.MaxBoots + 50
	for i := range boots {
		boot := fmt.Sprint("boot ", i)
		first, last := ingest.Seen{VIN: vin, Received: at(i), Boot: boot}, ingest.Seen{VIN: vin, Received: at(i), Boot: boot, Seq: 2}
		record(t, db, seen(first, last))
	}
	got := reception(t, db, vin)
	equal(t, "counts of many boots", got.Tally, ingest.Tally{Received: 2 * boots, Missing: boots})
	equal(t, "gaps that can be closed, settled", []int64{int64(len(got.Gaps)), got.Settled}, []int64{ingest.MaxBoots, 50})
	equal(t, "first message", got.Since, at(0))
	equal(t, "latest gap", got.Gaps[0], ingest.Gap{Boot: fmt.Sprint("boot ", boots-1), First: 1, Last: 1, Since: at(boots - 1)})

	wild := newVIN()
	const jumps = ingest.MaxRuns + 20
	var b ingest.Batch
	for i := range uint64(jumps) {
		b.Seen = append(b.Seen, numbered(wild, "a", i*(ingest.MaxSeq/jumps)))
	}
	record(t, db, b, seen(numbered(wild, "a", ingest.MaxSeq), numbered(wild, "a", ingest.MaxSeq+1), numbered(wild, "a", 1<<64-1)))
	equal(t, "counts of wild numbers", reception(t, db, wild).Tally, ingest.Tally{Received: jumps + 1, Jumps: jumps})
	record(t, db, seen(ingest.Seen{VIN: wild, Received: at(0).Add(-time.Hour), Boot: "a", Seq: 1}))
	equal(t, "below what is settled", reception(t, db, wild).Tally, ingest.Tally{Received: jumps + 1, Jumps: jumps})
}
