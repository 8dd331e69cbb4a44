package telemetry

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// DailyQuery asks for one signal of many vehicles by UTC day, From <= day < To.
type DailyQuery struct {
	VINs     []vehicle.VIN
	Signal   vehicle.Signal
	From, To vehicle.Day
}

// DailyBySeries answers q with the Series of one vehicle after the other: Daily of
// a store that has no shorter way.
func DailyBySeries(ctx context.Context, series func(context.Context, Query) ([]Point, error), q DailyQuery,
	yield func(vehicle.VIN, []Point) error,
) error {
	if q.From >= q.To {
		return nil
	}
	for _, vin := range q.VINs {
		points, err := series(ctx, Query{
			VIN: vin, Signal: q.Signal, From: q.From.Start(), To: q.To.Start(), Every: 24 * time.Hour,
		})
		if err == nil && len(points) > 0 {
			err = yield(vin, points)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
