package simulator_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// last returns the last value of a signal in messages.
func last(t testing.TB, messages []simulator.Message, signal vehicle.Signal) (float64, bool) {
	value, found := 0.0, false
	for _, m := range messages {
		vin, kind, err := obd.ParseTopic(m.Topic)
		if err != nil {
			t.Fatal(err)
		}
		r, refusals, err := obd.Decode(kind, vin, m.Payload, m.Time)
		if err != nil || len(refusals) > 0 {
			t.Fatalf("%v %v: %s", err, refusals, m.Payload)
		}
		for _, s := range r.Samples {
			for _, v := range s.Readings {
				if v.Signal == signal {
					value, found = v.Value.Num, true
				}
			}
		}
	}
	return value, found
}

func collect(f *simulator.Fleet, i int, from, to time.Time) (live, stored []simulator.Message) {
	for m := range f.Live(i, from).Until(to) {
		live = append(live, m)
	}
	for m := range f.History(i, from, to) {
		stored = append(stored, m)
	}
	return live, stored
}

// Whether somebody listens or not, the car drives the same trips.
func TestLiveTellsWhatHistoryTells(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 13, Vehicles: 12, Epoch: epoch, HistoryDays: 30})
	compared := 0
	for i := range f.Len() {
		live, stored := collect(f, i, f.End(), f.End().AddDate(0, 0, 4))
		a, ok := last(t, live, vehicle.TraveledDistance)
		b, also := last(t, stored, vehicle.TraveledDistance)
		if ok != also {
			t.Errorf("car %d: odometer live %v, stored %v", i, ok, also)
		}
		// The cut can fall into a trip, where only the live car has a newer sample.
		if diff := a - b; diff < 0 || diff > 30_000 {
			t.Errorf("car %d: odometer %v m live and %v m stored", i, a, b)
		}
		if a == b {
			compared++
		}
	}
	if compared < 6 {
		t.Errorf("only %d cars were between trips at the cut", compared)
	}
}

func TestLiveSamplesEveryTenSeconds(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 13, Vehicles: 4, Epoch: epoch, HistoryDays: 10})
	for i := range f.Len() {
		var previous simulator.Message
		steps := 0
		for m := range f.Live(i, f.End()).Until(f.End().AddDate(0, 0, 1)) {
			if m.Time.Before(f.End()) {
				t.Fatalf("message of %v before the start %v", m.Time, f.End())
			}
			if m.Resume.Before(previous.Resume) && !m.Resume.IsZero() {
				t.Fatalf("resume point goes back from %v to %v", previous.Resume, m.Resume)
			}
			if gap := m.Time.Sub(previous.Time); gap == 10*time.Second {
				steps++
			}
			previous = m
		}
		if steps == 0 {
			t.Errorf("car %d never reported ten seconds after its last report", i)
		}
	}
}

func TestAThirdOfTheFleetDrivesInEveryHour(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 17, Vehicles: 50, Epoch: epoch, HistoryDays: 10})
	const hours = 48
	var driving [hours]int
	for i := range f.Len() {
		hour := -1
		for m := range f.Live(i, f.End()).Until(f.End().Add(hours * time.Hour)) {
			if h := int(m.Time.Sub(f.End()).Hours()); h != hour && h < hours {
				hour = h
				driving[h]++
			}
		}
	}
	sum := 0
	for h, n := range driving {
		sum += n
		if n < 5 {
			t.Errorf("hour %d: %d of 50 cars drive", h, n)
		}
	}
	if share := float64(sum) / hours / 50; share < 0.25 || share > 0.45 {
		t.Errorf("%.0f %% of the fleet drive in an hour, want about a third", 100*share)
	}
}

func TestRepairRenewsParts(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 19, Vehicles: 20, Epoch: epoch, HistoryDays: 60})
	tried := 0
	for i := range f.Len() {
		if f.Profile(i).PadSensor != simulator.PadSensorGauged {
			continue
		}
		to := f.End().AddDate(0, 0, 6)
		_, stored := collect(f, i, f.End(), to)
		before, ok := last(t, stored, vehicle.PadWearFrontLeft)
		if !ok || before < 30 {
			continue
		}
		if err := f.Repair(i, f.End().Add(time.Hour), "brake_pads_front"); err != nil {
			t.Fatal(err)
		}
		live, stored := collect(f, i, f.End(), to)
		for name, messages := range map[string][]simulator.Message{"live": live, "stored": stored} {
			if after, ok := last(t, messages, vehicle.PadWearFrontLeft); !ok || after > 10 {
				t.Errorf("car %d %s: pad wear %.0f %% before and %.0f %% after new pads", i, name, before, after)
			}
		}
		tried++
	}
	if tried < 2 {
		t.Errorf("%d cars had pads to renew", tried)
	}
}
