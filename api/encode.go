package api

import (
	"net/url"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// each converts a slice.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// stamp leaves an unknown time out of the message. Milliseconds are what vehicles
// tell; the rest of a computed date would only look exact.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t.Truncate(time.Millisecond))
}

func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func text(t lang.Text) *pitcrewv1.Text { return &pitcrewv1.Text{En: t.EN, Zh: t.ZH} }

// Strings of the domain's own types, as the wire has them.
func words[S ~string](in []S) []string {
	return each(in, func(s S) string { return string(s) })
}

func vehicleURL(vin vehicle.VIN) string { return "/v1/vehicles/" + url.PathEscape(string(vin)) }
func historyURL(vin vehicle.VIN) string { return vehicleURL(vin) + "/history" }

func encodeVehicle(row planner.VehicleRow) *pitcrewv1.Vehicle {
	v, s := row.Vehicle, row.Summary
	if v.Powertrain == vehicle.PowertrainUnknown {
		v.Powertrain = s.Powertrain
	}
	return &pitcrewv1.Vehicle{
		Vin: string(v.VIN), VinCheck: string(v.VIN.CheckDigit()),
		Name: v.Name, Plate: v.Plate, Brand: v.Brand, Model: v.Model, ModelYear: int32(v.ModelYear),
		Powertrain: string(v.Powertrain), InService: stamp(v.InService), TimeZone: v.TimeZone,
		Owner:     &pitcrewv1.Owner{Name: v.Owner.Name, Locale: v.Owner.Locale, Contact: v.Owner.Contact},
		FirstSeen: stamp(v.FirstSeen), LastSeen: stamp(v.LastSeen), DataUntil: stamp(v.LastEvent), Online: v.Online,
		OdometerKm: s.OdometerKm, OdometerAt: stamp(s.OdometerAt), KmPerDay: s.KmPerDay,
		Drivability: string(s.Drivability), Findings: int32(s.Findings), ActiveCodes: int32(s.ActiveCodes), Mil: s.MIL,
		NextItem: string(s.NextItem), NextDue: stamp(s.NextDue),
		HistoryUrl: historyURL(v.VIN), OdometerRefused: int32(s.OdometerRefused), DialKm: s.DialKm,
	}
}

func encodeSignal(s vehicle.Signal, at time.Time, v vehicle.Value) *pitcrewv1.SignalValue {
	out := &pitcrewv1.SignalValue{Signal: string(s), Time: stamp(at)}
	if d, ok := vehicle.Lookup(s); ok {
		out.Unit = d.Unit
	}
	switch v.Kind {
	case vehicle.KindBool:
		out.Value = &pitcrewv1.SignalValue_Boolean{Boolean: v.Num != 0}
	case vehicle.KindText:
		out.Value = &pitcrewv1.SignalValue_Text{Text: v.Text}
	default:
		out.Value = &pitcrewv1.SignalValue_Number{Number: v.Num}
	}
	return out
}

func encodeLatest(l telemetry.Latest) *pitcrewv1.SignalValue {
	out := encodeSignal(l.Signal, l.Time, l.Value)
	out.TimeSource = l.TimeSource.String()
	return out
}

// listedGaps is how many gaps are listed one by one.
const listedGaps = 100

func encodeReception(r ingest.Reception) *pitcrewv1.Reception {
	if r.Since.IsZero() {
		return nil
	}
	return &pitcrewv1.Reception{
		Since: stamp(r.Since), Received: r.Received, Missing: r.Missing, Settled: r.Settled, Jumps: r.Jumps,
		Gaps: each(r.Gaps[:min(len(r.Gaps), listedGaps)], func(g ingest.Gap) *pitcrewv1.Gap {
			return &pitcrewv1.Gap{Boot: g.Boot, First: int64(g.First), Last: int64(g.Last), Since: stamp(g.Since)}
		}),
	}
}

func encodeClock(c vehicle.Clock) *pitcrewv1.Clock {
	if c.AsOf.IsZero() {
		return nil
	}
	return &pitcrewv1.Clock{State: string(c.State), OffsetSeconds: c.Offset.Seconds(), AsOf: stamp(c.AsOf)}
}

func encodeReadiness(r diagnosis.Readiness) *pitcrewv1.Readiness {
	if r.At.IsZero() {
		return nil
	}
	return &pitcrewv1.Readiness{
		AsOf: stamp(r.At), Complete: words(r.Complete), Incomplete: words(r.Incomplete),
		ResetAfter: stamp(r.ResetAfter), ResetBy: stamp(r.ResetBy),
	}
}

func encodePoint(p telemetry.Point) *pitcrewv1.Point {
	return &pitcrewv1.Point{
		Time: stamp(p.Time), Count: int32(p.Count), Min: p.Min, Max: p.Max, Mean: p.Mean, Last: p.Last,
	}
}

func encodeTrip(t telemetry.Trip) *pitcrewv1.Trip {
	return &pitcrewv1.Trip{
		Start: stamp(t.Start), End: stamp(t.End), Samples: int32(t.Samples),
		DistanceKm: t.DistanceKm, MaxSpeedKmh: t.MaxSpeedKmh, MeanSpeedKmh: t.MeanSpeedKmh,
	}
}

func encodeQuantiles(q predict.Quantiles) *pitcrewv1.Quantiles {
	return &pitcrewv1.Quantiles{P10: q.P10, P50: q.P50, P90: q.P90}
}
