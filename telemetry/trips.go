package telemetry

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// TripGap is the silence that ends a trip.
const TripGap = 10 * time.Minute

// Trip is one drive: samples less than TripGap apart with movement in them.
type Trip struct {
	Start, End   time.Time
	Samples      int
	DistanceKm   float64 // by odometer where there is one that grew, else the integral of speed
	MaxSpeedKmh  float64
	MeanSpeedKmh float64 // over the time between first and last sample
}

// Trips cuts samples, in order of time, into trips. A stretch without a speed
// above 1 km/h is not a trip.
func Trips(samples []vehicle.Sample) []Trip {
	var trips []Trip
	for start := 0; start < len(samples); {
		end := start + 1
		for end < len(samples) && samples[end].Time.Sub(samples[end-1].Time) < TripGap {
			end++
		}
		if t, ok := tripOf(samples[start:end]); ok {
			trips = append(trips, t)
		}
		start = end
	}
	return trips
}

func tripOf(samples []vehicle.Sample) (Trip, bool) {
	first, last := samples[0].Time, samples[len(samples)-1].Time
	t := Trip{Start: first, End: last, Samples: len(samples)}
	var integral, odoFirst, odoLast float64
	var odoSeen bool
	var speedAt time.Time
	var speed float64
	for _, s := range samples {
		for _, r := range s.Readings {
			v, ok := r.Value.Float()
			if !ok || r.Quality != vehicle.QualityOK {
				continue
			}
			switch r.Signal { //nolint:exhaustive // the others say nothing of a trip
			case vehicle.Speed:
				if !speedAt.IsZero() {
					integral += (speed + v) / 2 * s.Time.Sub(speedAt).Hours()
				}
				speed, speedAt = v, s.Time
				t.MaxSpeedKmh = max(t.MaxSpeedKmh, v)
			case vehicle.TraveledDistance:
				if !odoSeen {
					odoFirst, odoSeen = v, true
				}
				odoLast = v
			}
		}
	}
	t.DistanceKm = integral
	if odoLast > odoFirst {
		t.DistanceKm = (odoLast - odoFirst) / 1000
	}
	if h := last.Sub(first).Hours(); h > 0 {
		t.MeanSpeedKmh = t.DistanceKm / h
	}
	return t, t.MaxSpeedKmh > 1
}
