package planner_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func (w *workshop) days(vin vehicle.VIN) int {
	w.t.Helper()
	days, err := w.telemetry.Days(w.t.Context(), vin)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(days)
}

// traces counts the files of the data folder in which a VIN can be read.
func (w *workshop) traces(vin vehicle.VIN) (in []string) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil || len(files) < 2 {
		w.t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(b, []byte(vin)) {
			in = append(in, filepath.Base(file))
		}
	}
	return in
}

func (w *workshop) erasures() []planner.Erasure {
	w.t.Helper()
	all, _, err := w.db.Erasures(w.t.Context(), planner.Page{Size: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestErase(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 4)
	gone, stays := fleet.Profile(0).VIN, fleet.Profile(1).VIN
	days, others := w.days(gone), w.days(stays)
	if days == 0 || len(w.traces(gone)) == 0 {
		t.Fatal("the fleet has no data")
	}
	e, err := w.planner.Erase(t.Context(), gone, "somebody", false)
	if err != nil || e.Done.IsZero() || e.VIN != "" || !e.Of(gone) || e.Of(stays) || e.Actor != "somebody" {
		t.Fatalf("erasure %+v, %v", e, err)
	}
	if e.Days != days || e.Removed["vehicles"] != 1 || e.Removed["rollups"] == 0 || e.Removed["records"] == 0 {
		t.Errorf("the receipt says %d days and %v, want %d days", e.Days, e.Removed, days)
	}
	if n := w.days(gone); n != 0 {
		t.Errorf("%d days of samples are left", n)
	}
	if _, err := w.db.VehicleRow(t.Context(), gone); !errors.Is(err, fault.NotFound) {
		t.Errorf("the vehicle: %v, want not found", err)
	}
	if in := w.traces(gone); len(in) > 0 {
		t.Errorf("the VIN can still be read in %v", in)
	}
	if n := w.days(stays); n != others {
		t.Errorf("another vehicle has %d days of samples, before it had %d", n, others)
	}
	if all := w.erasures(); len(all) != 1 || all[0].ID != e.ID || all[0].Digest != e.Digest {
		t.Errorf("receipts %+v, want the one that was given", all)
	}

	// It reports again: it is a new vehicle.
	w.drove(gone, 7)
	w.register(gone, "back")
	w.pass(time.Minute)
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.summary(gone); s.OdometerKm != 7 || w.days(gone) != 1 {
		t.Errorf("after it came back: %+v with %d days", s, w.days(gone))
	}
}

func TestEraseCanKeepWork(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "worked on")
	if _, err := w.planner.AddRecord(t.Context(), history.Record{
		VIN: carA, Visited: someDay.Add(-time.Hour), Source: history.FromDealer, Items: []history.Item{{Text: "inspection"}},
	}); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{true, false} {
		e, err := w.planner.Erase(t.Context(), carA, "api", keep)
		if err != nil || e.KeepWork != keep || e.Actor != "api" {
			t.Fatalf("erasure %+v, %v", e, err)
		}
		records, err := w.db.Records(t.Context(), carA)
		if err != nil || (len(records) == 1) != keep {
			t.Errorf("keep work %t: %d records, %v", keep, len(records), err)
		}
	}
}

// stumbling stops at a step of an erasure.
type stumbling struct {
	planner.Store
	writes int // that succeed
	purge  error
}

var errDied = errors.New("died")

func (s *stumbling) Write(ctx context.Context, fn func(planner.Tx) error) error {
	if s.writes--; s.writes < 0 {
		return errDied
	}
	return s.Store.Write(ctx, fn)
}

func (s *stumbling) Purge(ctx context.Context) error {
	if s.purge != nil {
		return s.purge
	}
	return s.Store.Purge(ctx)
}

type unwilling struct{ telemetry.Store }

func (unwilling) Erase(context.Context, vehicle.VIN) error { return errDied }

// Wherever an erasure breaks off, the next process finishes it, and the receipt counts
// everything that was removed.
func TestErasureIsFinishedAfterACrash(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]func(*workshop) *planner.Planner{
		"before the samples": func(w *workshop) *planner.Planner { return w.another(w.db.Planner(), unwilling{w.telemetry}) },
		"before the rows": func(w *workshop) *planner.Planner {
			return w.another(&stumbling{Store: w.db.Planner(), writes: 2}, w.telemetry)
		},
		"before what is left in files": func(w *workshop) *planner.Planner {
			return w.another(&stumbling{Store: w.db.Planner(), writes: 9, purge: errDied}, w.telemetry)
		},
		"before the receipt": func(w *workshop) *planner.Planner {
			return w.another(&stumbling{Store: w.db.Planner(), writes: 3}, w.telemetry)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, someDay)
			w.register(carA, "to be erased")
			w.drove(carA, 100)
			e, err := p(w).Erase(t.Context(), carA, "somebody", false)
			if err != nil || !e.Done.IsZero() {
				t.Fatalf("erasure %+v, %v, want one under way", e, err)
			}
			if all := w.erasures(); len(all) != 1 || !all[0].Done.IsZero() || !all[0].Of(carA) {
				t.Fatalf("erasures %+v, want one of %s under way", all, carA)
			}
			for range 2 { // the second finds nothing to do
				if err := w.planner.FinishErasures(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			all := w.erasures()
			if len(all) != 1 || all[0].ID != e.ID || all[0].Done.IsZero() || all[0].VIN != "" || all[0].Days != 1 ||
				all[0].Removed["vehicles"] != 1 || all[0].Removed["marks"] != 1 {
				t.Errorf("receipts %+v", all)
			}
			if n := w.days(carA); n != 0 || len(w.traces(carA)) > 0 {
				t.Errorf("%d days are left, and the VIN in %v", n, w.traces(carA))
			}
		})
	}
}

// A vehicle that is erased between the list of marks and its turn is no failure.
func TestErasedVehicleIsNotPlanned(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "to be erased")
	w.drove(carA, 100)
	w.pass(time.Minute)
	late := &between{Store: w.telemetry, then: func() {
		if _, err := w.planner.Erase(t.Context(), carA, "", false); err != nil {
			t.Error(err)
		}
	}}
	if err := w.another(w.db.Planner(), late).Round(t.Context()); err != nil {
		t.Errorf("the round failed: %v", err)
	}
	if in := w.traces(carA); len(in) > 0 {
		t.Errorf("the VIN can be read in %v", in)
	}
}
