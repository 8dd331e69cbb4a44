package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// pathHorizon is how many days ahead a wear path is drawn.
const pathHorizon = 365

func (s vehicles) ListForecasts(ctx context.Context, req *pitcrewv1.ListForecastsRequest) (*pitcrewv1.ListForecastsResponse, error) {
	forecasts, err := s.forecasts(ctx, req, req.GetExplanation())
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListForecastsResponse{Forecasts: forecasts}, nil
}

func (s vehicles) GetForecast(ctx context.Context, req *pitcrewv1.GetForecastRequest) (*pitcrewv1.Forecast, error) {
	forecasts, err := s.forecasts(ctx, req, true)
	if err != nil {
		return nil, err
	}
	for _, f := range forecasts {
		if f.GetComponent() == req.GetComponent() {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no forecast of %q for this vehicle; /v1/vehicles/%s/forecasts lists what there is", req.GetComponent(), req.GetVin())
}

// forecastsAsked is which forecasts of a vehicle are asked for.
type forecastsAsked interface {
	GetVin() string
	GetPath() bool
	GetAsOf() *timestamppb.Timestamp
	GetModel() string
}

// forecasts are those of a vehicle, with what is asked for beside them.
func (s vehicles) forecasts(ctx context.Context, asked forecastsAsked, explained bool) ([]*pitcrewv1.Forecast, error) {
	row, err := known(ctx, s.o.Queries, asked.GetVin())
	if err != nil {
		return nil, err
	}
	ask := s.stored
	if asked.GetAsOf() != nil || asked.GetModel() != "" {
		ask = s.remade
	}
	found, err := ask(ctx, row.Vehicle.VIN, asked)
	if err != nil {
		return nil, err
	}
	return each(found.Forecasts, func(f predict.Forecast) *pitcrewv1.Forecast {
		out := encodeForecast(s.o.Table, f, found.Paths[f.Component])
		if explained {
			out.Explanation = encodeExplanation(f.Explanation)
		}
		return out
	}), nil
}

// stored are the forecasts of the last round.
func (s vehicles) stored(ctx context.Context, vin vehicle.VIN, asked forecastsAsked) (found planner.Remade, err error) {
	if found.Forecasts, err = s.o.Queries.Forecasts(ctx, vin); err == nil && asked.GetPath() {
		found.Paths, err = s.o.Planner.Paths(ctx, vin, pathHorizon)
	}
	return found, err
}

// remade are the forecasts of another time, or by another model.
func (s vehicles) remade(ctx context.Context, vin vehicle.VIN, asked forecastsAsked) (planner.Remade, error) {
	at, horizon := s.o.Now(), 0
	if asked.GetAsOf() != nil {
		if err := asked.GetAsOf().CheckValid(); err != nil {
			return planner.Remade{}, fault.Invalidf("asOf", "must be a time such as 2026-03-01T00:00:00Z")
		}
		at = asked.GetAsOf().AsTime()
	}
	if asked.GetPath() {
		horizon = pathHorizon
	}
	return s.o.Planner.AsOf(ctx, vin, at, asked.GetModel(), horizon)
}

func encodeForecast(t *predict.Table, f predict.Forecast, path []predict.PathPoint) *pitcrewv1.Forecast {
	out := &pitcrewv1.Forecast{
		Component: string(f.Component), State: string(f.State), Basis: string(f.Basis),
		Wear: encodeQuantiles(f.Wear), RatePer_1000Km: f.RatePer1000Km, KmPerDay: f.KmPerDay,
		Readings: int32(f.Readings), LastReading: stamp(f.LastReading),
		ServicedAt: stamp(f.ServicedAt), ServicedKm: f.ServicedKm, Cycle: f.Cycle,
		Reason: text(f.Reason), Model: f.Model, OverdueSince: stamp(f.OverdueSince), AsOf: stamp(f.Now), DataUntil: stamp(f.DataUntil),
		Path: each(path, func(p predict.PathPoint) *pitcrewv1.PathPoint {
			return &pitcrewv1.PathPoint{Time: stamp(p.Time), Km: p.Km, Wear: encodeQuantiles(p.Wear), Chance: p.Chance}
		}),
	}
	if spec, ok := t.Of(f.Component); ok {
		out.Name = text(spec.Name)
	}
	if q := f.Question; q != nil {
		out.Question = &pitcrewv1.Question{TopUp: q.TopUp, Since: stamp(q.Since), By: stamp(q.By), Chance: q.Chance}
	}
	if !f.Due.P50.IsZero() {
		out.Due, out.DueKm = encodeDates(f.Due), encodeQuantiles(f.DueKm)
	}
	if !f.Limit.P50.IsZero() {
		out.Limit, out.LimitKm = encodeDates(f.Limit), encodeQuantiles(f.LimitKm)
	}
	return out
}

func encodeDates(d predict.Dates) *pitcrewv1.Dates {
	return &pitcrewv1.Dates{P10: stamp(d.P10), P50: stamp(d.P50), P90: stamp(d.P90)}
}

// encodeExplanation leaves one out that was stored before forecasts explained themselves.
func encodeExplanation(e predict.Explanation) *pitcrewv1.Explanation {
	if e.Prior.Version == "" {
		return nil
	}
	out := &pitcrewv1.Explanation{
		Prior: e.Prior.Version, Units: int32(e.Prior.Units), PriorRatePer_1000Km: e.Prior.RatePer1000Km, PriorSpread: e.Prior.Spread,
		FailsAt: e.Prior.FailsAt, PriorKmPerDay: e.Prior.KmPerDay,
		RatePer_1000Km: encodeQuantiles(e.Rate), OwnRate: e.OwnRate, OwnUse: e.OwnUse,
		Readings: int32(e.Readings.Count), Outliers: int32(e.Readings.Outliers), From: stamp(e.Readings.From), To: stamp(e.Readings.To),
		RateMovesDays: e.RateMoves, UseMovesDays: e.UseMoves,
		FirstWear: e.Readings.First, LastWear: e.Readings.Last, Source: e.Readings.Source,
		Terms: each(e.Terms, func(t predict.Term) *pitcrewv1.ForecastTerm {
			return &pitcrewv1.ForecastTerm{Basis: string(t.Basis), Due: encodeDates(t.Due)}
		}),
	}
	if e.Prior.Law.EN != "" {
		out.Law = text(e.Prior.Law)
	}
	return out
}
