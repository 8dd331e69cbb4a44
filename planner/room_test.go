package planner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A vehicle is looked at in memory that the one before had: nothing of that one stays in its
// forecasts, and they are those that are made in memory of their own.
func TestOneVehicleAfterAnother(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 3)
	type facts struct {
		vehicle vehicle.Vehicle
		days    telemetry.BySignal
		records []history.Record
	}
	var known []facts
	for i := range fleet.Len() {
		var f facts
		vin := fleet.Profile(i).VIN
		if err := w.db.Read(t.Context(), func(tx *store.Tx) (err error) {
			if f.vehicle, err = tx.Vehicle(t.Context(), vin); err != nil {
				return err
			}
			if err = tx.RollupsBySignal(t.Context(), vin, &f.days); err != nil {
				return err
			}
			f.records, err = tx.Records(t.Context(), vin)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		known = append(known, f)
	}
	known = append(known, facts{vehicle: vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}})
	for _, i := range []int{0, 1, 3, 2, 0, 3, 1, 1} {
		f := known[i]
		alone := predict.Forecasts(planner.InputOf(nil, f.vehicle, f.days, f.records, fleet.End()))
		after := planner.ForecastsOf(nil, f.vehicle, f.days, f.records, fleet.End())
		if diff := cmp.Diff(alone, after); diff != "" {
			t.Fatalf("forecasts of vehicle %d changed (-alone +after another):\n%s", i, diff)
		}
	}
}
