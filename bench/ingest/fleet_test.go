package main

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What is published must be what a car would say: all of it is stored, and nothing
// in it is out of the ordinary.
func TestMessagesAreGood(t *testing.T) {
	t.Parallel()
	for _, traffic := range []string{"interleaved", "trips"} {
		f := newFleet(options{Traffic: traffic, Vehicles: 200, Messages: 10_000})
		readings, sample := make([]vehicle.Reading, len(signals)), make([]vehicle.Sample, 1)
		for car := 0; car < len(f.vins); car += 13 {
			if _, err := vehicle.ParseVIN(string(f.vins[car])); err != nil {
				t.Fatal(err)
			}
			for n := 0; n < 5000; n += 41 {
				payload := jsonmsg.AppendTelemetry(nil, f.report(car, n, readings, sample))
				got, refused, err := jsonmsg.DecodeTelemetry(f.vins[car], payload, time.Now())
				if err != nil || len(refused) > 0 || len(got.Samples) != 1 || len(got.Samples[0].Readings) != len(signals) {
					t.Fatalf("%s traffic, car %d, message %d: %v %v\n%s", traffic, car, n, err, refused, payload)
				}
				for _, r := range got.Samples[0].Readings {
					if _, known := vehicle.Lookup(r.Signal); !known || r.Quality != vehicle.QualityOK {
						t.Fatalf("car %d, message %d: %s is %v, known: %v", car, n, r.Signal, r.Quality, known)
					}
				}
			}
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for _, trips := range []bool{false, true} {
		f := newFleet(options{Vehicles: 10, Messages: 10})
		turns := f.turnsOf(1, 3) // cars 1, 4 and 7
		sent := map[int]int{}
		var last int
		changes := 0
		for range 3 + 3*2*tripMessages {
			car, message := turns.next(trips)
			if message != sent[car] {
				t.Fatalf("trips %v: message %d of car %d, want %d", trips, message, car, sent[car])
			}
			sent[car]++
			if car != last {
				changes++
			}
			last = car
		}
		for _, car := range []int{1, 4, 7} {
			if sent[car] != 1+2*tripMessages {
				t.Errorf("trips %v: %d messages of car %d", trips, sent[car], car)
			}
		}
		want := 3 + 3*2*tripMessages
		if trips {
			want = 3 + 3*2
		}
		if changes != want {
			t.Errorf("trips %v: %d changes of the car, want %d", trips, changes, want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	results := []result{
		{Name: "a", PerSec: 3, Costs: []cost{{"x", 1, 10}, {"y", 9, 1}}},
		{Name: "b", PerSec: 100},
		{Name: "a", PerSec: 1, Costs: []cost{{"x", 2, 30}, {"y", 5, 2}}},
		{Name: "a", PerSec: 8, Costs: []cost{{"x", 7, 20}, {"y", 7, 3}}},
	}
	m := median(results, "a")
	if m.PerSec != 3 || m.cpu("x") != 2 || m.cpu("y") != 7 || m.cpu("") != 9 || m.Costs[0].PeakMB != 20 {
		t.Errorf("median %+v", m)
	}
}
