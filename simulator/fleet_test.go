package simulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var epoch = time.Date(2025, 5, 20, 0, 0, 0, 0, time.UTC)

func fleet(t testing.TB, cfg simulator.Config) *simulator.Fleet {
	t.Helper()
	f, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// digest is the hash of everything the fleet stored, cars in the given order.
func digest(f *simulator.Fleet, order []int) map[int]string {
	sums := make(map[int]string)
	for _, i := range order {
		h := sha256.New()
		for m := range f.History(i, f.Epoch(), f.End()) {
			h.Write([]byte(m.Topic))
			h.Write(m.Payload)
			h.Write([]byte(m.Time.String() + m.Resume.String()))
		}
		sums[i] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}

func TestSameConfigSameBytes(t *testing.T) {
	t.Parallel()
	cfg := simulator.Config{Seed: 42, Vehicles: 6, Epoch: epoch, HistoryDays: 200}
	want := digest(fleet(t, cfg), []int{0, 1, 2, 3, 4, 5})
	again := fleet(t, cfg)
	if diff := cmp.Diff(want, digest(again, []int{5, 2, 0, 4, 1, 3})); diff != "" {
		t.Errorf("another order of cars gives other bytes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, digest(again, []int{0, 1, 2, 3, 4, 5})); diff != "" {
		t.Errorf("a second run of the same fleet gives other bytes (-want +got):\n%s", diff)
	}
	cfg.Seed++
	if got := digest(fleet(t, cfg), []int{0}); got[0] == want[0] {
		t.Error("another seed gives the same bytes")
	}
}

// The history in two parts says what it says in one: a car that was interrupted
// at Resume loses nothing and repeats nothing.
func TestHistoryResumes(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 9, Vehicles: 10, Epoch: epoch, HistoryDays: 120})
	for i := range f.Len() {
		var whole, parts []string
		var marks []time.Time
		for m := range f.History(i, f.Epoch(), f.End()) {
			whole = append(whole, string(m.Payload))
			if !m.Resume.IsZero() {
				marks = append(marks, m.Resume)
			}
		}
		cut := marks[len(marks)/2]
		for m := range f.History(i, f.Epoch(), cut) {
			parts = append(parts, string(m.Payload))
		}
		for m := range f.History(i, cut, f.End()) {
			parts = append(parts, string(m.Payload))
		}
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatalf("car %d told in two parts (-whole +parts):\n%s", i, diff)
		}
	}
}

func TestMessagesDecodeCompletely(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 4, Vehicles: 20, Epoch: epoch, HistoryDays: 150})
	values, driven := 0, 0
	for i := range f.Len() {
		last := time.Time{}
		odometer := 0.0
		for m := range f.History(i, f.Epoch(), f.End()) {
			vin, kind, err := obd.ParseTopic(m.Topic)
			if err != nil || vin != f.Profile(i).VIN {
				t.Fatalf("topic %s of %s: %v", m.Topic, f.Profile(i).VIN, err)
			}
			r, refusals, err := obd.Decode(kind, vin, m.Payload, m.Time)
			if err != nil || len(refusals) > 0 {
				t.Fatalf("%s: %v %v\n%s", m.Topic, err, refusals, m.Payload)
			}
			if kind != obd.Telemetry {
				continue
			}
			driven++
			for _, s := range r.Samples {
				if !s.Time.After(last) {
					t.Fatalf("sample at %v after one at %v", s.Time, last)
				}
				last = s.Time
				for _, v := range s.Readings {
					values++
					if _, known := vehicle.Lookup(v.Signal); !known || v.Quality != vehicle.QualityOK {
						t.Fatalf("%s = %v: known %v, quality %v", v.Signal, v.Value, known, v.Quality)
					}
					if v.Signal == vehicle.TraveledDistance {
						if v.Value.Num < odometer {
							t.Fatalf("odometer goes back from %v to %v", odometer, v.Value.Num)
						}
						odometer = v.Value.Num
					}
				}
			}
		}
	}
	if perDay := values / driven; perDay < 120 || perDay > 230 {
		t.Errorf("%d values on a driven day, want about 180", perDay)
	}
}

func TestProfilesArePlausible(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 11, Vehicles: 200, Epoch: epoch})
	seen := make(map[vehicle.VIN]bool)
	trains := make(map[vehicle.Powertrain]int)
	for i := range f.Len() {
		p := f.Profile(i)
		vin, err := vehicle.ParseVIN(string(p.VIN))
		if err != nil || vin.CheckDigit() != vehicle.CheckDigitOK || seen[vin] {
			t.Fatalf("VIN %s: %v, check digit %s, seen %v", p.VIN, err, vin.CheckDigit(), seen[vin])
		}
		seen[vin] = true
		trains[p.Powertrain]++
		if j, ok := f.Index(vin); !ok || j != i {
			t.Errorf("Index(%s) = %d, %v, want %d", vin, j, ok, i)
		}
		if _, err := time.LoadLocation(p.TimeZone); err != nil {
			t.Errorf("time zone: %v", err)
		}
		age := epoch.Sub(p.InService).Hours() / 24 / 365.25
		if age < 0.9 || age > 6.1 || p.ModelYear != p.InService.Year() || p.Plate == "" || p.Owner.Name == "" {
			t.Errorf("implausible profile %+v", p)
		}
	}
	want := map[vehicle.Powertrain]int{vehicle.Petrol: 90, vehicle.Diesel: 30, vehicle.Hybrid: 40, vehicle.BatteryElectric: 40}
	if diff := cmp.Diff(want, trains); diff != "" {
		t.Errorf("powertrains (-want +got):\n%s", diff)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]simulator.Config{
		"no vehicles":      {Epoch: epoch},
		"no epoch":         {Vehicles: 1},
		"negative history": {Vehicles: 1, Epoch: epoch, HistoryDays: -1},
	} {
		if _, err := simulator.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkHistory(b *testing.B) {
	for b.Loop() {
		f := fleet(b, simulator.Config{Seed: 1, Vehicles: 50, Epoch: epoch})
		messages, size := 0, 0
		for i := range f.Len() {
			for m := range f.History(i, f.Epoch(), f.End()) {
				messages++
				size += len(m.Payload)
			}
		}
		b.ReportMetric(float64(messages), "messages")
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}
