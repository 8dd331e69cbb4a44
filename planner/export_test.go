package planner

import (
	"context"
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

// WornHistories are what a fleet is calibrated by beside its sample.
func (p *Planner) WornHistories(ctx context.Context, worn map[predict.Component][]vehicle.VIN, now time.Time) (map[predict.Component][]predict.Input, error) {
	return p.wornHistories(ctx, worn, now)
}
