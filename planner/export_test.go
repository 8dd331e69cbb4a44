package planner

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ForecastsOf makes the forecasts of a vehicle as a round of planning does, in memory that
// the vehicle before had.
func ForecastsOf(t *predict.Table, v vehicle.Vehicle, days telemetry.BySignal, records []history.Record, now time.Time) []predict.Forecast {
	f := facts{table: t, vehicle: v, days: days, records: records}
	in := rooms.Get().(*room)
	defer rooms.Put(in)
	return predict.Forecasts(in.input(f, in.odometer(f), now))
}
