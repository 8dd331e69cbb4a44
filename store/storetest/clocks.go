package storetest

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// clockAt says how far a clock was ahead in an hour.
func clockAt(vin vehicle.VIN, hour, seconds int) ingest.ClockFact {
	begin := now.Truncate(time.Hour).Add(time.Duration(hour) * time.Hour)
	return ingest.ClockFact{VIN: vin, ClockHour: vehicle.ClockHour{Hour: begin, Lead: time.Duration(seconds) * time.Second}}
}

func testClock(t *testing.T, db *store.DB) {
	vin, other := newVIN(), newVIN()
	is := func(state vehicle.ClockState, hour, seconds int) {
		t.Helper()
		want := clockAt(vin, hour, seconds)
		equal(t, "clock", must(db.Clock(t.Context(), vin))(t), vehicle.Clock{State: state, Offset: want.Lead, AsOf: want.Hour})
	}
	tell := func(facts ...ingest.ClockFact) {
		t.Helper()
		record(t, db, ingest.Batch{Clocks: facts})
	}
	equal(t, "clock of a vehicle that told nothing", must(db.Clock(t.Context(), vin))(t), vehicle.Clock{State: vehicle.ClockUnknown})
	tell(clockAt(vin, 1, -300), clockAt(other, 1, 7000), clockAt(vin, 1, -1), clockAt(vin, 1, -200))
	is(vehicle.ClockRight, 1, -1)
	tell(clockAt(vin, 2, 37))
	is(vehicle.ClockAhead, 2, 37)
	tell(clockAt(vin, 2, 36), clockAt(vin, 1, 40), clockAt(vin, -5, 9000))
	is(vehicle.ClockAhead, 2, 40)
	tell(clockAt(vin, 30, -3), clockAt(vin, 31, -100))
	is(vehicle.ClockRight, 31, -3)
	tell(clockAt(vin, 29, 9000), clockAt(vin, 2, 9000), clockAt(vin, 32, -7200))
	is(vehicle.ClockBehind, 32, -100)
}

func testClockAnyOrder(t *testing.T, db *store.DB) {
	rapid.Check(t, func(rt *rapid.T) {
		straight, mixed := newVIN(), newVIN()
		facts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ingest.ClockFact {
			return clockAt("", rapid.IntRange(0, 4).Draw(t, "hour"), rapid.IntRange(-100, 100).Draw(t, "lead"))
		}), 1, 12).Draw(rt, "facts")
		again := append(slices.Clone(facts), rapid.SliceOf(rapid.SampledFrom(facts)).Draw(rt, "repeated")...)
		for vin, order := range map[vehicle.VIN][]ingest.ClockFact{straight: facts, mixed: rapid.Permutation(again).Draw(rt, "order")} {
			var b ingest.Batch
			for _, f := range order {
				f.VIN = vin
				b.Clocks = append(b.Clocks, f)
				if rapid.Bool().Draw(rt, "cut") {
					record(t, db, b)
					b = ingest.Batch{}
				}
			}
			record(t, db, b)
		}
		equal(t, "clock after another order", must(db.Clock(t.Context(), mixed))(t), must(db.Clock(t.Context(), straight))(t))
		if t.Failed() {
			rt.FailNow()
		}
	})
}
