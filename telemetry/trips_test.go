package telemetry_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// drive is one sample a minute, each with the speed and, where not negative, the
// odometer in metres.
func drive(from time.Duration, speeds, odometer []float64) []vehicle.Sample {
	var out []vehicle.Sample
	for i, v := range speeds {
		s := vehicle.Sample{Time: start.Add(from + time.Duration(i)*time.Minute)}
		s.Readings = append(s.Readings, vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(v)})
		if i < len(odometer) && odometer[i] >= 0 {
			s.Readings = append(s.Readings, vehicle.Reading{Signal: vehicle.TraveledDistance, Value: vehicle.Number(odometer[i])})
		}
		out = append(out, s)
	}
	return out
}

func TestTrips(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		name    string
		samples []vehicle.Sample
		want    []telemetry.Trip
	}{
		{"nothing", nil, nil},
		{"parked", drive(0, []float64{0, 0.5, 1, 0}, nil), nil},
		{
			"by the integral of speed", drive(0, []float64{0, 60, 60, 0}, nil),
			[]telemetry.Trip{{Start: at(0), End: at(3), Samples: 4, DistanceKm: 2, MaxSpeedKmh: 60, MeanSpeedKmh: 40}},
		},
		{
			"by the odometer", drive(0, []float64{0, 60, 60, 0}, []float64{5000, -1, 6000, 8000}),
			[]telemetry.Trip{{Start: at(0), End: at(3), Samples: 4, DistanceKm: 3, MaxSpeedKmh: 60, MeanSpeedKmh: 60}},
		},
		{
			"a new car's odometer", drive(0, []float64{0, 60, 60, 0}, []float64{0, 1000, 2000, 3000}),
			[]telemetry.Trip{{Start: at(0), End: at(3), Samples: 4, DistanceKm: 3, MaxSpeedKmh: 60, MeanSpeedKmh: 60}},
		},
		{
			"an odometer that was replaced", drive(0, []float64{0, 60, 60, 0}, []float64{90_000, 91_000, 0, 1000}),
			[]telemetry.Trip{{Start: at(0), End: at(3), Samples: 4, DistanceKm: 2, MaxSpeedKmh: 60, MeanSpeedKmh: 40}},
		},
		{
			"a stop of less than the gap", append(drive(0, []float64{60, 60}, nil), drive(10*time.Minute, []float64{60, 60}, nil)...),
			[]telemetry.Trip{{Start: at(0), End: at(11), Samples: 4, DistanceKm: 11, MaxSpeedKmh: 60, MeanSpeedKmh: 60}},
		},
		{
			"a stop as long as the gap", append(drive(0, []float64{60, 60}, nil), drive(11*time.Minute, []float64{30, 30}, nil)...),
			[]telemetry.Trip{
				{Start: at(0), End: at(1), Samples: 2, DistanceKm: 1, MaxSpeedKmh: 60, MeanSpeedKmh: 60},
				{Start: at(11), End: at(12), Samples: 2, DistanceKm: 0.5, MaxSpeedKmh: 30, MeanSpeedKmh: 30},
			},
		},
		{
			"one sample that moves", drive(0, []float64{50}, nil),
			[]telemetry.Trip{{Start: at(0), End: at(0), Samples: 1, MaxSpeedKmh: 50}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, telemetry.Trips(c.samples), cmpopts.EquateApprox(0, 1e-9)); d != "" {
				t.Errorf("trips (-want +got):\n%s", d)
			}
		})
	}
}

func TestTripsLeavesOutBadValues(t *testing.T) {
	t.Parallel()
	samples := drive(0, []float64{30, 255, 30}, nil)
	samples[1].Readings[0].Quality = vehicle.QualityInvalid
	samples[2].Readings = append(samples[2].Readings, vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Text("fast")})
	trips := telemetry.Trips(samples)
	if len(trips) != 1 || trips[0].MaxSpeedKmh != 30 || trips[0].DistanceKm != 1 {
		t.Errorf("trips %+v, want one of 1 km at 30 km/h", trips)
	}
}
