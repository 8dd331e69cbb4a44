package telemetrytest

import (
	"maps"
	"math"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Facts in any order, in any batches, any number of times: the same answers.
func orderDoesNotMatter(b *bundle) {
	rapid.Check(b.t, func(t *rapid.T) {
		vin := b.vin()
		facts := map[factKey]telemetry.Record{} // no two disagree
		for _, r := range rapid.SliceOfN(b.randomRecord(vin), 1, 40).Draw(t, "records") {
			reading := r.Sample.Readings[0]
			r.Sample.Readings = r.Sample.Readings[:1]
			facts[factKey{r.Sample.Time.UnixMilli(), reading.Signal}] = r
		}
		keys := slices.SortedFunc(maps.Keys(facts), factKey.compare)
		var once, shuffled []telemetry.Record
		for _, k := range keys {
			once = append(once, facts[k])
		}
		twice := append(slices.Clone(once), once[:len(once)/2]...)
		for _, i := range rapid.Permutation(indices(len(twice))).Draw(t, "order") {
			shuffled = append(shuffled, twice[i])
		}
		b.writeInBatches(t, shuffled)
		b.equal(t, modelOf(once...), vin)
	})
}

// Values that disagree: the one that was written last stays.
func lastWriteWins(b *bundle) {
	rapid.Check(b.t, func(t *rapid.T) {
		vin := b.vin()
		records := rapid.SliceOfN(b.randomRecord(vin), 1, 60).Draw(t, "records")
		b.writeInBatches(t, records)
		b.equal(t, modelOf(records...), vin)
	})
}

type factKey struct {
	at     int64
	signal vehicle.Signal
}

func (k factKey) compare(o factKey) int {
	switch {
	case k.at != o.at:
		return int(k.at - o.at)
	case k.signal < o.signal:
		return -1
	case k.signal > o.signal:
		return 1
	}
	return 0
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func (b *bundle) writeInBatches(t *rapid.T, records []telemetry.Record) {
	for len(records) > 0 {
		n := rapid.IntRange(1, len(records)).Draw(t, "batch")
		must(t, "write", b.store.Write(b.ctx, records[:n]))
		records = records[n:]
	}
}

// randomRecord draws a sample of a few days, on few enough times that samples
// meet, with the kinds and qualities that the store keeps.
func (b *bundle) randomRecord(vin vehicle.VIN) *rapid.Generator[telemetry.Record] {
	return rapid.Custom(func(t *rapid.T) telemetry.Record {
		day := rapid.IntRange(0, 2).Draw(t, "day")
		second := rapid.IntRange(0, 20).Draw(t, "second")
		at := noon.AddDate(0, 0, day).Add(time.Duration(second) * time.Second)
		readings := rapid.SliceOfN(b.randomReading(), 1, 4).Draw(t, "readings")
		return record(vin, at, readings...)
	})
}

func (b *bundle) randomReading() *rapid.Generator[vehicle.Reading] {
	signals := []vehicle.Signal{signalSpeed, signalExact, signalDoor, signalText}
	if b.caps.NoMixedKinds == "" {
		signals = append(signals, signalMixed)
	}
	return rapid.Custom(func(t *rapid.T) vehicle.Reading {
		signal := rapid.SampledFrom(signals).Draw(t, "signal")
		r := vehicle.Reading{Signal: signal, Value: randomValue(t, signal)}
		if b.caps.NoQuality == "" && rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
			r.Quality = vehicle.Quality(rapid.IntRange(1, 3).Draw(t, "quality"))
		}
		return r
	})
}

func randomValue(t *rapid.T, signal vehicle.Signal) vehicle.Value {
	kind := map[vehicle.Signal]int{signalSpeed: 0, signalExact: 1, signalDoor: 2, signalText: 3}
	k, fixed := kind[signal]
	if !fixed {
		k = rapid.IntRange(0, 3).Draw(t, "kind")
	}
	switch k {
	case 0: // a sensor's resolution
		return vehicle.Number(math.Round(rapid.Float64Range(-40, 250).Draw(t, "number")*10) / 10)
	case 1:
		return vehicle.Number(rapid.Float64Range(-180, 180).Draw(t, "exact"))
	case 2:
		return vehicle.Bool(rapid.Bool().Draw(t, "bool"))
	default:
		return vehicle.Text(rapid.SampledFrom(ugly).Draw(t, "text"))
	}
}
