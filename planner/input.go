package planner

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// InputOf is what forecasts of a vehicle would rest on, given the component table, its roll-ups
// and its service records: the same as in a round of planning. It is for
// those who score forecasts without a store.
func InputOf(t *predict.Table, v vehicle.Vehicle, days telemetry.BySignal, records []history.Record, now time.Time) predict.Input {
	f := facts{table: t, vehicle: v, days: days, records: records}
	return inputOf(f, now)
}
