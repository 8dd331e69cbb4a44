package store_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestRollupRoundTrip(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(
		rapid.Float64(),
		rapid.Map(rapid.IntRange(-1e9, 1e9), func(i int) float64 { return float64(i) / 100 }),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 0.1, 0.1 + 0.2, 1 << 45, -1 << 45, 1 << 53, math.MaxFloat64, math.Inf(1), math.NaN()}),
	)
	moment := rapid.Map(rapid.Int64Range(-1e15, 4e15), func(us int64) time.Time { return time.UnixMicro(us).UTC() })
	aggregate := rapid.Custom(func(t *rapid.T) telemetry.Aggregate {
		return telemetry.Aggregate{
			Count: rapid.IntRange(0, math.MaxInt).Draw(t, "count"),
			Min:   number.Draw(t, "min"), Max: number.Draw(t, "max"), Sum: number.Draw(t, "sum"),
			First: number.Draw(t, "first"), Last: number.Draw(t, "last"),
			FirstAt: moment.Draw(t, "first at"), LastAt: moment.Draw(t, "last at"),
		}
	})
	signal := rapid.OneOf(
		rapid.SampledFrom([]vehicle.Signal{vehicle.Speed, vehicle.TraveledDistance, vehicle.Brand, vehicle.Model, ""}),
		rapid.Map(rapid.String(), func(s string) vehicle.Signal { return vehicle.Signal(s) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		want := telemetry.DayRollup{
			VIN: "V", Day: vehicle.Day(rapid.Int32Range(-40000, 40000).Draw(t, "day")),
			Signals: rapid.MapOfN(signal, aggregate, 1, 5).Draw(t, "signals"),
		}
		if rapid.Bool().Draw(t, "some have expired") {
			want.Expired = rapid.SliceOfN(rapid.SampledFrom(vehicle.Classes()), 1, 3).Draw(t, "expired")
		}
		got, err := store.DecodeRollup(want.VIN, want.Day, store.EncodeRollup(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("roll-up changed (-put +got):\n%s", diff)
		}
	})
}

// FuzzRollup reads damaged rows: an error is fine, a panic or a flood of memory
// is not, and what can be read can be written.
func FuzzRollup(f *testing.F) {
	whole := store.EncodeRollup(rollup("V", 20000, 3))
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{})
	f.Add(store.EncodeRollup(rollup("V", 20000, 3).Without(vehicle.Classes())))
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1})
	f.Add([]byte{9, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := store.DecodeRollup("V", 20000, b)
		if err != nil {
			return
		}
		again, err := store.DecodeRollup("V", 20000, store.EncodeRollup(r))
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if diff := cmp.Diff(r, again, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("roll-up changed:\n%s", diff)
		}
	})
}

// Read by signal, the roll-ups of a vehicle are the same as read by day, whichever
// signals come and go, and whichever vehicle had the memory before.
func TestRollupsBySignal(t *testing.T) {
	t.Parallel()
	signal := rapid.SampledFrom([]vehicle.Signal{"", "A", "Vehicle.A", "Vehicle.AB", "Vehicle.B", vehicle.Speed, vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight})
	someDays := cmpopts.IgnoreMapEntries(func(_ vehicle.Signal, c *telemetry.Column) bool { return c.Len() == 0 })
	var got telemetry.BySignal
	rapid.Check(t, func(t *rapid.T) {
		var days []telemetry.DayRollup
		var bodies [][]byte
		for i := range rapid.IntRange(0, 8).Draw(t, "days") {
			r := telemetry.DayRollup{VIN: "V", Day: vehicle.Day(20000 + i), Signals: map[vehicle.Signal]telemetry.Aggregate{}}
			for s := range rapid.MapOfN(signal, rapid.Bool(), 0, 6).Draw(t, "signals") {
				a := telemetry.Aggregate{Count: i % 3} // one of none is as good as missing
				a.FirstAt, a.LastAt = r.Day.Start(), r.Day.Start()
				r.Signals[s] = a
			}
			days, bodies = append(days, r), append(bodies, store.EncodeRollup(r))
		}
		if err := store.DecodeBySignal(20000, bodies, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(telemetry.BySignalOf(days), got, cmpopts.EquateEmpty(), someDays); diff != "" {
			t.Fatalf("by signal (-of days +read):\n%s", diff)
		}
	})
}
