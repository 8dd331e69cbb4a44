package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// report is one dtc message of a car.
func report(t testing.TB, m simulator.Message) (vehicle.CodeReport, bool) {
	vin, kind, err := obd.ParseTopic(m.Topic)
	if err != nil {
		t.Fatal(err)
	}
	if kind != obd.DTC {
		return vehicle.CodeReport{}, false
	}
	r, _, err := obd.Decode(kind, vin, m.Payload, m.Time)
	if err != nil {
		t.Fatal(err)
	}
	return r.Codes[0], true
}

// memory follows the reports of a car: what each control unit last said.
type memory map[string]map[vehicle.Code]vehicle.CodeStatus

func (m memory) take(c vehicle.CodeReport) {
	set := make(map[vehicle.Code]vehicle.CodeStatus)
	for _, e := range c.Codes {
		set[e.Code] = e.Status
	}
	m[c.ECU] = set
}

func (m memory) status(code vehicle.Code) vehicle.CodeStatus {
	for _, set := range m {
		if s, ok := set[code]; ok {
			return s
		}
	}
	return ""
}

func (m memory) empty() bool {
	for _, set := range m {
		if len(set) > 0 {
			return false
		}
	}
	return true
}

func lastMonth(t testing.TB, f *simulator.Fleet, i int) memory {
	m := make(memory)
	for msg := range f.History(i, f.End().AddDate(0, 0, -30), f.End()) {
		if c, ok := report(t, msg); ok {
			m.take(c)
		}
	}
	return m
}

func TestEveryFleetHasALeakAndOtherConfirmedFaults(t *testing.T) {
	t.Parallel()
	seeds := uint64(30)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		f := fleet(t, simulator.Config{Seed: seed, Vehicles: 10 + int(seed), Epoch: epoch, HistoryDays: 40})
		leaks, others := 0, 0
		for i := range f.Len() {
			for _, fault := range f.Truth(i).Faults {
				if !fault.Active || fault.Onset.Before(f.End().AddDate(0, 0, -21)) {
					continue
				}
				m := lastMonth(t, f, i)
				confirmed := m.status(fault.Codes[0]) == vehicle.CodeConfirmed
				switch {
				case fault.Fault == simulator.VacuumLeak && confirmed && m.status("P0174") == vehicle.CodeConfirmed:
					leaks++
				case confirmed:
					others++
				default:
					t.Logf("seed %d car %d: %s since %v not confirmed: %v", seed, i, fault.Fault, fault.Onset, m)
				}
			}
		}
		if leaks < 1 || others < 2 {
			t.Errorf("seed %d: %d vacuum leaks and %d other confirmed faults in %d cars, want 1 and 2", seed, leaks, others, f.Len())
		}
	}
}

// Codes live as OBD II says: pending first, then confirmed, then permanent,
// and never backwards while they stay.
func TestCodesMoveForward(t *testing.T) {
	t.Parallel()
	rank := map[vehicle.CodeStatus]int{vehicle.CodePending: 1, vehicle.CodeConfirmed: 2, vehicle.CodePermanent: 3}
	if testing.Short() {
		t.Skip("needs the whole history of 50 cars")
	}
	f := fleet(t, simulator.Config{Seed: 6, Vehicles: 50, Epoch: epoch})
	var pending, permanent, gone, capsGone int
	for i := range f.Len() {
		seen := make(map[string]map[vehicle.Code]vehicle.CodeStatus)
		for msg := range f.History(i, f.Epoch(), f.End()) {
			c, ok := report(t, msg)
			if !ok {
				continue
			}
			now := make(map[vehicle.Code]vehicle.CodeStatus)
			for _, e := range c.Codes {
				was := seen[c.ECU][e.Code]
				if was != "" && rank[e.Status] < rank[was] {
					t.Errorf("car %d: %s falls from %s to %s at %v", i, e.Code, was, e.Status, c.Time)
				}
				if was == "" && e.Status == vehicle.CodePermanent {
					t.Errorf("car %d: %s begins as %s", i, e.Code, e.Status)
				}
				now[e.Code] = e.Status
				if e.Status == vehicle.CodePending {
					pending++
				}
				if e.Status == vehicle.CodePermanent {
					permanent++
				}
			}
			for code, was := range seen[c.ECU] {
				if _, still := now[code]; !still && was != vehicle.CodePending {
					gone++
					if code == "P0456" {
						capsGone++
					}
				}
			}
			seen[c.ECU] = now
		}
	}
	if pending == 0 || permanent == 0 || gone == 0 || capsGone == 0 {
		t.Errorf("pending %d, permanent %d, gone %d, loose caps gone %d: want all to happen", pending, permanent, gone, capsGone)
	}
}

// find returns a car with an active fault, from fleets of rising seeds.
func find(t testing.TB, fault simulator.Fault) (*simulator.Fleet, int) {
	t.Helper()
	for seed := uint64(1); seed < 20; seed++ {
		f := fleet(t, simulator.Config{Seed: seed, Vehicles: 30, Epoch: epoch, HistoryDays: 60})
		for i := range f.Len() {
			for _, x := range f.Truth(i).Faults {
				if x.Fault == fault && x.Active && x.Onset.After(f.End().AddDate(0, 0, -21)) {
					return f, i
				}
			}
		}
	}
	t.Fatalf("no fleet with %s", fault)
	return nil, 0
}

func TestLeakShowsInBothTrims(t *testing.T) {
	t.Parallel()
	f, i := find(t, simulator.VacuumLeak)
	mean := func(from, to time.Time, signal vehicle.Signal) float64 {
		sum, n := 0.0, 0
		for m := range f.History(i, from, to) {
			vin, kind, _ := obd.ParseTopic(m.Topic)
			r, _, err := obd.Decode(kind, vin, m.Payload, m.Time)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range r.Samples {
				for _, v := range s.Readings {
					if v.Signal == signal {
						sum, n = sum+v.Value.Num, n+1
					}
				}
			}
		}
		return sum / float64(n)
	}
	for _, signal := range []vehicle.Signal{"Vehicle.OBD.LongTermFuelTrim1", "Vehicle.OBD.LongTermFuelTrim2"} {
		before := mean(f.Epoch(), f.Epoch().AddDate(0, 0, 30), signal)
		after := mean(f.End().AddDate(0, 0, -3), f.End(), signal)
		if before > 6 || after < 14 {
			t.Errorf("%s is %.1f before and %.1f with the leak, want below 6 and above 14", signal, before, after)
		}
	}
}

func TestWeakAlternatorSilencesUnitsWithinAMinute(t *testing.T) {
	t.Parallel()
	f, i := find(t, simulator.Charging)
	var low time.Time
	units := make(map[vehicle.Code]time.Duration)
	for m := range f.History(i, f.End().AddDate(0, 0, -21), f.End()) {
		c, ok := report(t, m)
		if !ok || len(units) == 3 {
			continue
		}
		for _, e := range c.Codes {
			if e.Code == "P0562" {
				low = c.Time
			}
			if strings.HasPrefix(string(e.Code), "U") {
				units[e.Code] = c.Time.Sub(low).Abs()
			}
		}
	}
	if len(units) < 3 {
		t.Fatalf("U-codes %v, want three", units)
	}
	for code, after := range units {
		if after > time.Minute {
			t.Errorf("%s comes %v from P0562, want within a minute", code, after)
		}
	}
}

func TestRepairClearsCodesAtOnce(t *testing.T) {
	t.Parallel()
	for _, item := range []string{"vacuum_leak", "P0171"} {
		f, i := find(t, simulator.VacuumLeak)
		car := f.Live(i, f.End())
		at := f.End().Add(5 * time.Hour)
		m := lastMonth(t, f, i)
		for msg := range car.Until(at) {
			if c, ok := report(t, msg); ok {
				m.take(c)
			}
		}
		if m.empty() {
			t.Fatal("no codes before the repair")
		}
		if err := f.Repair(i, at, item); err != nil {
			t.Fatal(err)
		}
		for msg := range car.Until(at.Add(time.Second)) {
			if c, ok := report(t, msg); ok {
				m.take(c)
			}
		}
		if !m.empty() {
			t.Errorf("after repair of %s the car still reports %v", item, m)
		}
		for msg := range car.Until(at.AddDate(0, 0, 10)) {
			if c, ok := report(t, msg); ok {
				m.take(c)
			}
		}
		if !m.empty() {
			t.Errorf("ten days after repair of %s the car reports %v", item, m)
		}
	}
}

func TestRepairRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 1, Vehicles: 1, Epoch: epoch, HistoryDays: 5})
	if err := f.Repair(0, epoch, "flux_capacitor"); err == nil {
		t.Error("unknown item: no error")
	}
	if err := f.Repair(1, epoch, "engine_oil"); err == nil {
		t.Error("unknown car: no error")
	}
}

func TestTruthIsJSON(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 1, Vehicles: 3, Epoch: epoch, HistoryDays: 90})
	var text strings.Builder
	if err := f.WriteTruth(&text); err != nil {
		t.Fatal(err)
	}
	var back simulator.Truth
	if err := json.Unmarshal([]byte(text.String()), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Vehicles) != 3 || !back.End.Equal(f.End()) {
		t.Errorf("truth of %d cars until %v", len(back.Vehicles), back.End)
	}
	for _, v := range back.Vehicles {
		i := slices.IndexFunc(v.Components, func(c simulator.ComponentTruth) bool { return c.Component == "tyres" })
		if i < 0 || len(v.Components[i].Series) < 4 {
			t.Errorf("%s: no monthly tyre wear", v.VIN)
		}
	}
}
