package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// maxPoints bounds an answer: 50,000 points are 3 MB, and a gRPC client takes
	// 4 MB unless told otherwise.
	maxPoints = 50_000
	// maxSamples bounds what is read to find trips: a whole day at 1 Hz, and more.
	maxSamples = 100_000
	// stretch is what is read of a series at a time, so that a long span of fast
	// measurements is refused before all of it is in memory.
	stretch = 31 * 24 * time.Hour
)

func noTelemetry(err error) error {
	return fault.Wrap(err, fault.Unavailable, "the telemetry store does not answer")
}

func (s vehicles) GetSeries(ctx context.Context, req *pitcrewv1.GetSeriesRequest) (*pitcrewv1.GetSeriesResponse, error) {
	row, err := known(ctx, s.o.Queries, req.GetVin())
	if err != nil {
		return nil, err
	}
	q := telemetry.Query{VIN: row.Vehicle.VIN, Signal: vehicle.Signal(req.GetSignal())}
	if q.Signal == "" {
		return nil, fault.Invalidf("signal", "name a signal by its VSS path, such as Vehicle.Speed")
	}
	if q.Every, err = width(req.GetEvery()); err != nil {
		return nil, err
	}
	if q.From, q.To, err = s.span(row, req); err != nil {
		return nil, err
	}
	expired, err := s.expired(ctx, q)
	if err != nil {
		return nil, err
	}
	points, err := s.points(ctx, q, expired)
	if err != nil {
		return nil, err
	}
	out := &pitcrewv1.GetSeriesResponse{
		Vin: string(q.VIN), Signal: string(q.Signal), Points: each(points, encodePoint), Expired: encodeExpired(expired),
	}
	d, ok := vehicle.Lookup(q.Signal)
	if ok {
		out.Unit = d.Unit
	} else if len(points)+len(expired) == 0 {
		return out, s.sent(ctx, q)
	}
	return out, nil
}

// width reads the width of a window; zero is as measured.
func width(raw string) (time.Duration, error) {
	if raw == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(raw)
	if err != nil || d < time.Millisecond || d%time.Millisecond != 0 {
		return 0, fault.Invalidf("every", "%q is not a width such as 10s, 15m, 1h or 24h", raw)
	}
	return d, nil
}

// span fills in a span that was not given: the 24 hours up to the newest data.
func (s vehicles) span(row planner.VehicleRow, req spanned) (from, to time.Time, err error) {
	from, to = moment(req.GetFrom()), moment(req.GetTo())
	if to.IsZero() {
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

// points reads a series, or says that it would be too long for one answer.
func (s vehicles) points(ctx context.Context, q telemetry.Query, expired []telemetry.DayRollup) ([]telemetry.Point, error) {
	if q.Every == 0 {
		return s.measurements(ctx, q)
	}
	if q.To.Sub(q.From)/q.Every > maxPoints {
		return nil, fault.Invalidf("every", "this could be more than %d points: ask for wider windows or a shorter span", maxPoints)
	}
	if len(expired) == 0 || q.Every%day != 0 {
		points, err := s.o.Telemetry.Series(ctx, q)
		return points, noTelemetry(err)
	}
	daily := q
	daily.Every = day
	points, err := s.o.Telemetry.Series(ctx, daily)
	return telemetry.WithExpired(points, expired, q), noTelemetry(err)
}

// measurements reads a series as it was measured, a stretch at a time.
func (s vehicles) measurements(ctx context.Context, q telemetry.Query) ([]telemetry.Point, error) {
	from, to := q.From, q.To
	if to.Sub(from) > stretch { // leave out the years before and after the data
		days, err := s.o.Telemetry.Days(ctx, q.VIN)
		if err != nil || len(days) == 0 {
			return nil, noTelemetry(err)
		}
		if first := days[0].Start(); from.Before(first) {
			from = first
		}
		if end := (days[len(days)-1] + 1).Start(); to.After(end) {
			to = end
		}
	}
	var all []telemetry.Point
	for ; from.Before(to); from = q.To {
		q.From, q.To = from, from.Add(stretch)
		if q.To.After(to) {
			q.To = to
		}
		points, err := s.o.Telemetry.Series(ctx, q)
		if err != nil {
			return nil, noTelemetry(err)
		}
		if all = append(all, points...); len(all) > maxPoints {
			return nil, fault.Invalidf("every", "more than %d measurements in this span: ask for windows, such as every=1h, or a shorter span", maxPoints)
		}
	}
	return all, nil
}

// sent is an error when the vehicle has never sent the signal: its name may be
// misspelt.
func (s vehicles) sent(ctx context.Context, q telemetry.Query) error {
	latest, err := s.o.Telemetry.Latest(ctx, q.VIN)
	if err != nil {
		return noTelemetry(err)
	}
	if !slices.ContainsFunc(latest, func(l telemetry.Latest) bool { return l.Signal == q.Signal }) {
		return &fault.Error{Code: fault.NotFound, Field: "signal", Message: "the vehicle has never sent this signal; those it has sent stand under its newest values"}
	}
	return nil
}

// errTooMany ends a read that would not fit an answer.
var errTooMany = errors.New("too many samples")

func (s vehicles) ListTrips(ctx context.Context, req *pitcrewv1.ListTripsRequest) (*pitcrewv1.ListTripsResponse, error) {
	row, err := known(ctx, s.o.Queries, req.GetVin())
	if err != nil {
		return nil, err
	}
	from, to, err := s.span(row, req)
	if err != nil {
		return nil, err
	}
	var samples []vehicle.Sample
	err = s.o.Telemetry.Samples(ctx, row.Vehicle.VIN, from, to, func(sample vehicle.Sample) error {
		if len(samples) == maxSamples {
			return errTooMany
		}
		samples = append(samples, sample)
		return nil
	})
	if errors.Is(err, errTooMany) {
		return nil, fault.Invalidf("from", "more than %d samples in this span: ask for a shorter one", maxSamples)
	}
	if err != nil {
		return nil, noTelemetry(err)
	}
	expired, err := s.expired(ctx, telemetry.Query{VIN: row.Vehicle.VIN, Signal: vehicle.Speed, From: from, To: to})
	if err != nil {
		return nil, err
	}
	trips := telemetry.Trips(samples)
	slices.Reverse(trips)
	return &pitcrewv1.ListTripsResponse{Trips: each(trips, encodeTrip), Expired: encodeExpired(expired)}, nil
}
