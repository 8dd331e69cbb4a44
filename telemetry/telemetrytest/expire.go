package telemetrytest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// expire does with the model what Expire promises.
func (m model) expire(vin vehicle.VIN, days []telemetry.Expiry) {
	for at, readings := range m[vin] {
		for _, e := range days {
			if vehicle.DayOf(time.UnixMilli(at)) != e.Day {
				continue
			}
			for signal := range readings {
				if e.Loses(signal) {
					delete(readings, signal)
				}
			}
		}
		if len(readings) == 0 {
			delete(m[vin], at)
		}
	}
}

// journey is three days of one vehicle with signals of every class.
func journey(vin vehicle.VIN) []telemetry.Record {
	var out []telemetry.Record
	for i := range 300 {
		at := noon.Add(time.Duration(i) * 14 * time.Minute)
		r := record(vin, at, number(signalSpeed, float64(i)), number(signalExact, 52+float64(i)/1000))
		if i%3 == 0 {
			r.Sample.Readings = append(r.Sample.Readings, number(signalVolts, 12+float64(i%7)/10), text(signalText, "VW"), boolean(signalDoor, i%2 == 0))
		}
		if i%50 == 0 {
			r.Sample.Readings = []vehicle.Reading{number(signalExact, 13)}
		}
		out = append(out, r)
	}
	return out
}

func expireByDayAndClass(b *bundle) {
	vin, other := b.vin(), b.vin()
	first := vehicle.DayOf(noon)
	b.write(journey(vin)...)
	b.write(journey(other)...)
	want := modelOf(journey(vin)...)
	for _, days := range [][]telemetry.Expiry{
		{{Day: first - 1, Classes: vehicle.Classes()}}, // nothing is there
		{{Day: first, Classes: []vehicle.Class{vehicle.ClassLocation}}, {Day: first + 1, Classes: []vehicle.Class{vehicle.ClassDriving, vehicle.ClassOther}}},
		{{Day: first, Classes: []vehicle.Class{vehicle.ClassLocation}}},
		{{Day: first, Classes: vehicle.Classes()}, {Day: first + 2, Classes: []vehicle.Class{vehicle.ClassLocation, vehicle.ClassHealth}}},
	} {
		must(b.t, "expire", b.store.Expire(b.ctx, vin, days))
		want.expire(vin, days)
		b.equal(b.t, want, vin)
	}
	b.equal(b.t, modelOf(journey(other)...), other)

	late := record(vin, noon, number(signalSpeed, 7), number(signalExact, 8))
	b.write(late) // what comes later is stored as ever
	want.write(late)
	b.equal(b.t, want, vin)

	all := []telemetry.Expiry{}
	for day := first; day < first+4; day++ {
		all = append(all, telemetry.Expiry{Day: day, Classes: vehicle.Classes()})
	}
	must(b.t, "expire all", b.store.Expire(b.ctx, vin, all))
	b.equal(b.t, model{}, vin)
	must(b.t, "expire of an unknown vehicle", b.store.Expire(b.ctx, b.vin(), all))
}

// Writes and expiries in any order: what is gone is gone, and nothing else.
func expireIsPartOfAnyOrder(b *bundle) {
	class := rapid.SampledFrom(vehicle.Classes())
	rapid.Check(b.t, func(t *rapid.T) {
		vin := b.vin()
		want := model{}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			records := rapid.SliceOfN(b.randomRecord(vin), 1, 20).Draw(t, "records")
			b.writeInBatches(t, records)
			want.write(records...)
			var days []telemetry.Expiry
			for _, day := range want.days(vin) {
				if rapid.Bool().Draw(t, "expire the day") {
					days = append(days, telemetry.Expiry{Day: day, Classes: slices.Compact(rapid.SliceOfN(class, 1, 3).Draw(t, "classes"))})
				}
			}
			must(t, "expire", b.store.Expire(b.ctx, vin, days))
			want.expire(vin, days)
			b.equal(t, want, vin)
		}
	})
}
