package telemetrytest

import (
	"slices"
	"sync"
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

// Who reads while days expire misses nothing that stays.
func whatStaysIsNeverMissed(b *bundle) {
	vin := b.vin()
	b.write(journey(vin)...)
	days, err := b.store.Days(b.ctx, vin)
	must(b.t, "days", err)
	volts := 0
	for _, r := range journey(vin) {
		for _, reading := range r.Sample.Readings {
			if reading.Signal == signalVolts {
				volts++
			}
		}
	}
	q := telemetry.Query{VIN: vin, Signal: signalVolts, From: noon, To: noon.AddDate(0, 0, 4)}
	looks := map[string]func() (int, error){
		"series": func() (int, error) {
			points, err := b.store.Series(b.ctx, q)
			return len(points), err
		},
		"windows": func() (n int, err error) {
			q := q
			q.Every = time.Hour
			points, err := b.store.Series(b.ctx, q)
			for _, p := range points {
				n += p.Count
			}
			return n, err
		},
		"samples": func() (n int, err error) {
			err = b.store.Samples(b.ctx, vin, q.From, q.To, func(s vehicle.Sample) error {
				if slices.ContainsFunc(s.Readings, func(r vehicle.Reading) bool { return r.Signal == signalVolts }) {
					n++
				}
				return nil
			})
			return n, err
		},
		"days": func() (n int, err error) {
			for _, day := range days {
				rollup, err := b.store.Day(b.ctx, vin, day)
				if err != nil {
					return 0, err
				}
				n += rollup.Signals[signalVolts].Count
			}
			return n, nil
		},
		"latest": func() (int, error) {
			latest, err := b.store.Latest(b.ctx, vin)
			if slices.ContainsFunc(latest, func(l telemetry.Latest) bool { return l.Signal == signalVolts }) {
				return volts, err
			}
			return 0, err
		},
	}
	var readers sync.WaitGroup
	done := make(chan struct{})
	for name, look := range looks {
		readers.Go(func() {
			for {
				if n, err := look(); err != nil || n != volts {
					b.t.Errorf("%s while days expire: %d values of %s, want %d: %v", name, n, signalVolts, volts, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for _, class := range []vehicle.Class{vehicle.ClassLocation, vehicle.ClassDriving, vehicle.ClassOther} {
		for _, day := range days {
			must(b.t, "expire", b.store.Expire(b.ctx, vin, []telemetry.Expiry{{Day: day, Classes: []vehicle.Class{class}}}))
		}
	}
	close(done)
	readers.Wait()
}

// A vehicle that is erased while its days expire stays erased.
func erasedBesideAnExpiry(b *bundle) {
	vin := b.vin()
	b.write(journey(vin)...)
	days, err := b.store.Days(b.ctx, vin)
	must(b.t, "days", err)
	var expiry []telemetry.Expiry
	for _, class := range []vehicle.Class{vehicle.ClassLocation, vehicle.ClassDriving} {
		for _, day := range days {
			expiry = append(expiry, telemetry.Expiry{Day: day, Classes: []vehicle.Class{class}})
		}
	}
	begun := make(chan struct{})
	var expiring sync.WaitGroup
	expiring.Go(func() {
		close(begun)
		if err := b.store.Expire(b.ctx, vin, expiry); err != nil {
			b.t.Errorf("expire: %v", err)
		}
	})
	<-begun
	must(b.t, "erase", b.store.Erase(b.ctx, vin))
	expiring.Wait()
	b.equal(b.t, model{}, vin)
}
