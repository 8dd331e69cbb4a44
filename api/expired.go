package api

import (
	"context"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const day = 24 * time.Hour

// expired returns the roll-ups of the days of a query whose samples of the signal are
// not kept any more, ascending. Days on which it was not sent do not count, as far as
// that is known: of places there are no roll-ups.
func (s vehicles) expired(ctx context.Context, q telemetry.Query) ([]telemetry.DayRollup, error) {
	days, err := s.o.Queries.RollupsBetween(ctx, q.VIN, vehicle.DayOf(q.From), vehicle.DayOf(q.To.Add(-1))+1)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(days, func(d telemetry.DayRollup) bool {
		_, sent := d.Signals[q.Signal]
		return !sent && vehicle.ClassOf(q.Signal) != vehicle.ClassLocation || !telemetry.Expiry{Day: d.Day, Classes: d.Expired}.Loses(q.Signal)
	}), nil
}

// encodeExpired joins days that follow each other.
func encodeExpired(days []telemetry.DayRollup) (out []*pitcrewv1.Expired) {
	for _, d := range days {
		from, to := stamp(d.Day.Start()), stamp((d.Day + 1).Start())
		if n := len(out); n > 0 && out[n-1].GetTo().AsTime().Equal(from.AsTime()) {
			out[n-1].To = to
			continue
		}
		out = append(out, &pitcrewv1.Expired{From: from, To: to})
	}
	return out
}
