package api

import (
	"cmp"
	"context"
	"math"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	fleetDays    = 30  // of an answer when from is left out
	maxFleetDays = 800 // two years and a bit
)

func (s vehicles) GetFleetSeries(ctx context.Context, req *pitcrewv1.GetFleetSeriesRequest) (*pitcrewv1.GetFleetSeriesResponse, error) {
	q := telemetry.DailyQuery{Signal: vehicle.Signal(req.GetSignal())}
	if q.Signal == "" {
		return nil, fault.Invalidf("signal", "name a signal by its VSS path, such as Vehicle.Speed")
	}
	last := moment(req.GetTo())
	if last.IsZero() {
		last = s.o.Now()
	}
	q.To = vehicle.DayOf(last) + 1
	q.From = q.To - fleetDays - 1
	if from := moment(req.GetFrom()); !from.IsZero() {
		q.From = vehicle.DayOf(from)
	}
	if q.From >= q.To {
		return nil, fault.Invalidf("from", "the span must end after it begins")
	}
	if q.To-q.From > maxFleetDays {
		return nil, fault.Invalidf("from", "the span has more than %d days: ask for a shorter one", maxFleetDays)
	}
	var err error
	if q.VINs, err = s.everyVIN(ctx); err != nil {
		return nil, err
	}
	days, err := s.fleetDays(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &pitcrewv1.GetFleetSeriesResponse{Signal: string(q.Signal), Days: days}
	if d, ok := vehicle.Lookup(q.Signal); ok {
		out.Unit = d.Unit
	}
	return out, nil
}

// everyVIN lists the fleet.
func (s vehicles) everyVIN(ctx context.Context) (vins []vehicle.VIN, err error) {
	page := planner.Page{Size: maxPage}
	for {
		var rows []planner.VehicleRow
		if rows, page.After, err = s.o.Queries.Vehicles(ctx, planner.VehicleFilter{}, page); err != nil {
			return nil, err
		}
		for _, r := range rows {
			vins = append(vins, r.Vehicle.VIN)
		}
		if page.After == "" {
			return vins, nil
		}
	}
}

// fleetDay is a day as it is gathered.
type fleetDay struct {
	min, max float64
	means    []float64
}

func (s vehicles) fleetDays(ctx context.Context, q telemetry.DailyQuery) ([]*pitcrewv1.FleetDay, error) {
	days := map[vehicle.Day]*fleetDay{}
	err := s.o.Telemetry.Daily(ctx, q, func(_ vehicle.VIN, points []telemetry.Point) error {
		for _, p := range points {
			day := vehicle.DayOf(p.Time)
			d := days[day]
			if d == nil {
				d = &fleetDay{min: math.Inf(1), max: math.Inf(-1)}
				days[day] = d
			}
			d.min, d.max = min(d.min, p.Min), max(d.max, p.Max)
			d.means = append(d.means, p.Mean)
		}
		return nil
	})
	if err != nil {
		return nil, noTelemetry(err)
	}
	out := make([]*pitcrewv1.FleetDay, 0, len(days))
	for day, d := range days {
		slices.Sort(d.means)
		out = append(out, &pitcrewv1.FleetDay{
			Time: timestamppb.New(day.Start()), Vehicles: int32(len(d.means)), Min: d.min, Max: d.max,
			P10: quantile(d.means, 0.1), P50: quantile(d.means, 0.5), P90: quantile(d.means, 0.9),
		})
	}
	slices.SortFunc(out, func(a, b *pitcrewv1.FleetDay) int { return cmp.Compare(a.Time.Seconds, b.Time.Seconds) })
	return out, nil
}

// quantile of ascending values, by nearest rank.
func quantile(ascending []float64, q float64) float64 {
	return ascending[max(int(math.Ceil(q*float64(len(ascending))))-1, 0)]
}
