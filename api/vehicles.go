package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// maxPoints bounds what one series or trip query may read.
const maxPoints = 100_000

type vehicles struct {
	pitcrewv1.UnimplementedVehicleServiceServer
	o Options
}

func (s vehicles) ListVehicles(ctx context.Context, req *pitcrewv1.ListVehiclesRequest) (*pitcrewv1.ListVehiclesResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Vehicles(ctx, planner.VehicleFilter{
		Text: req.GetQuery(), Powertrain: vehicle.Powertrain(req.GetPowertrain()),
		Drivability: diagnosis.Drivability(req.GetDrivability()),
	}, page)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListVehiclesResponse{Vehicles: each(rows, encodeVehicle), NextPageToken: next}, nil
}

func (s vehicles) GetVehicle(ctx context.Context, req *pitcrewv1.GetVehicleRequest) (*pitcrewv1.Vehicle, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	row, err := s.o.Queries.VehicleRow(ctx, vin)
	if err != nil {
		return nil, err
	}
	latest, err := s.o.Telemetry.Latest(ctx, vin)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the telemetry store does not answer")
	}
	codes, err := s.o.Queries.CodeStates(ctx, vin)
	if err != nil {
		return nil, err
	}
	out := encodeVehicle(row)
	out.Signals = each(latest, encodeLatest)
	out.Codes = each(codes, encodeCode)
	return out, nil
}

func (s vehicles) PutVehicle(ctx context.Context, req *pitcrewv1.PutVehicleRequest) (*pitcrewv1.Vehicle, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	err = s.o.Planner.Register(ctx, vin, func(v *vehicle.Vehicle) {
		set(&v.Name, req.Name)
		set(&v.Plate, req.Plate)
		set(&v.Brand, req.Brand)
		set(&v.Model, req.Model)
		set(&v.TimeZone, req.TimeZone)
		if req.ModelYear != nil {
			v.ModelYear = int(*req.ModelYear)
		}
		if req.Powertrain != nil {
			v.Powertrain = vehicle.Powertrain(*req.Powertrain)
		}
		if req.GetInService() != nil {
			v.InService = moment(req.GetInService())
		}
		if o := req.GetOwner(); o != nil {
			v.Owner = vehicle.Owner{Name: o.GetName(), Locale: o.GetLocale(), Contact: o.GetContact()}
		}
	})
	if err != nil {
		return nil, err
	}
	return s.GetVehicle(ctx, &pitcrewv1.GetVehicleRequest{Vin: string(vin)})
}

func set(to *string, from *string) {
	if from != nil {
		*to = *from
	}
}

func (s vehicles) GetSeries(ctx context.Context, req *pitcrewv1.GetSeriesRequest) (*pitcrewv1.GetSeriesResponse, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	if req.GetSignal() == "" {
		return nil, fault.Invalidf("signal", "name a signal by its VSS path, such as Vehicle.Speed")
	}
	var every time.Duration
	if req.GetEvery() != "" {
		if every, err = time.ParseDuration(req.GetEvery()); err != nil || every <= 0 {
			return nil, fault.Invalidf("every", "%q is not a width such as 15m, 1h or 24h", req.GetEvery())
		}
	}
	from, to, err := s.span(ctx, vin, moment(req.GetFrom()), moment(req.GetTo()))
	if err != nil {
		return nil, err
	}
	if every > 0 && to.Sub(from)/every > maxPoints {
		return nil, fault.Invalidf("every", "this would be more than %d points: ask for wider windows or a shorter span", maxPoints)
	}
	signal := vehicle.Signal(req.GetSignal())
	points, err := s.o.Telemetry.Series(ctx, telemetry.Query{VIN: vin, Signal: signal, From: from, To: to, Every: every})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the telemetry store does not answer")
	}
	out := &pitcrewv1.GetSeriesResponse{Vin: string(vin), Signal: string(signal), Points: each(points, encodePoint)}
	if d, ok := vehicle.Lookup(signal); ok {
		out.Unit = d.Unit
	}
	return out, nil
}

// span fills in a span that was not given: the 24 hours up to the newest data.
func (s vehicles) span(ctx context.Context, vin vehicle.VIN, from, to time.Time) (time.Time, time.Time, error) {
	if to.IsZero() {
		row, err := s.o.Queries.VehicleRow(ctx, vin)
		if err != nil {
			return from, to, err
		}
		to = s.o.Now()
		if last := row.Vehicle.LastEvent; !last.IsZero() {
			to = last.Add(time.Millisecond)
		}
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) {
		return from, to, fault.Invalidf("from", "the span must end after it begins")
	}
	return from, to, nil
}

// tooMany ends a read that would not fit an answer.
var errTooMany = errors.New("too many samples")

func (s vehicles) ListTrips(ctx context.Context, req *pitcrewv1.ListTripsRequest) (*pitcrewv1.ListTripsResponse, error) {
	vin, err := vinOf(req.GetVin())
	if err != nil {
		return nil, err
	}
	from, to, err := s.span(ctx, vin, moment(req.GetFrom()), moment(req.GetTo()))
	if err != nil {
		return nil, err
	}
	var samples []vehicle.Sample
	err = s.o.Telemetry.Samples(ctx, vin, from, to, func(sample vehicle.Sample) error {
		if len(samples) == maxPoints {
			return errTooMany
		}
		samples = append(samples, sample)
		return nil
	})
	if errors.Is(err, errTooMany) {
		return nil, fault.Invalidf("from", "more than %d samples in this span: ask for a shorter one", maxPoints)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the telemetry store does not answer")
	}
	trips := telemetry.Trips(samples)
	slices.Reverse(trips)
	return &pitcrewv1.ListTripsResponse{Trips: each(trips, encodeTrip)}, nil
}

// pathHorizon is how far ahead a wear path is drawn.
const pathHorizon = 365

func (s vehicles) ListForecasts(ctx context.Context, req *pitcrewv1.ListForecastsRequest) (*pitcrewv1.ListForecastsResponse, error) {
	vin, err := s.exists(ctx, req.GetVin())
	if err != nil {
		return nil, err
	}
	forecasts, err := s.o.Queries.Forecasts(ctx, vin)
	if err != nil {
		return nil, err
	}
	paths := map[predict.Component][]predict.PathPoint{}
	if req.GetPath() {
		if paths, err = s.o.Planner.Paths(ctx, vin, pathHorizon); err != nil {
			return nil, err
		}
	}
	return &pitcrewv1.ListForecastsResponse{Forecasts: each(forecasts, func(f predict.Forecast) *pitcrewv1.Forecast {
		return encodeForecast(f, paths[f.Component])
	})}, nil
}

func (s vehicles) ListFindings(ctx context.Context, req *pitcrewv1.ListFindingsRequest) (*pitcrewv1.ListFindingsResponse, error) {
	vin, err := s.exists(ctx, req.GetVin())
	if err != nil {
		return nil, err
	}
	findings, err := s.o.Queries.Findings(ctx, vin)
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ListFindingsResponse{Findings: each(findings, encodeFinding)}, nil
}

func (s vehicles) GetFleet(ctx context.Context, _ *pitcrewv1.GetFleetRequest) (*pitcrewv1.Fleet, error) {
	counts, err := s.o.Queries.Counts(ctx)
	if err != nil {
		return nil, err
	}
	return encodeCounts(counts), nil
}

// exists reads a VIN and makes sure that we know the vehicle, so that a wrong one
// is not answered with an empty list.
func (s vehicles) exists(ctx context.Context, raw string) (vehicle.VIN, error) {
	vin, err := vinOf(raw)
	if err != nil {
		return "", err
	}
	_, err = s.o.Queries.VehicleRow(ctx, vin)
	return vin, err
}
