package predict_test

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// day is midnight UTC n days after 2025-01-01.
func day(n int) time.Time { return time.Date(2025, 1, 1+n, 0, 0, 0, 0, time.UTC) }

// steady is n days of the same distance from day(0), with the odometer at
// start km before the first.
func steady(n int, start, kmPerDay float64) []predict.Day {
	days := make([]predict.Day, 0, n)
	for i := range n {
		days = append(days, predict.Day{
			Day: vehicle.DayOf(day(i)), OdometerKm: start + kmPerDay*float64(i+1), DistanceKm: kmPerDay, AirTempC: 15,
		})
	}
	return days
}

// worn is one simulated vehicle and the truth about its front pads.
type worn struct {
	in      predict.Input
	limitAt time.Time // zero when the limit was not reached in the time simulated
	limitKm float64
	km      []float64 // odometer at the end of each day, seen or not
}

// wear simulates pads by a gamma process on braking, not the model's lognormal
// path: the rate depends on the driver, the season and the roads, the use is a
// gamma day with days off, a slow drift and layoffs.
func wear(seed uint64, seen, total int) worn {
	rng := rand.New(rand.NewPCG(seed, 7))
	normal := rng.NormFloat64
	use := 38 * math.Exp(0.45*normal())
	rate := 0.018 / 1000 * math.Exp(0.45*normal())
	const step = 0.0006 // size of the gamma increments
	in := predict.Input{
		VIN: "WVWZZZ1JZXW000001", Powertrain: vehicle.Petrol,
		InService: day(-300), Now: day(seen),
	}
	km, gone, drift, roads, layoff := 300*use, 0.0, 0.0, 0.0, 0
	in.Services = []predict.Service{{Component: predict.BrakePadsFront, Time: day(-1), OdometerKm: km, RecordID: "r1"}}
	out := worn{}
	for i := range total {
		out.km = append(out.km, km)
		drift += 0.02*normal() - 0.003*drift
		roads += 0.06*normal() - 0.015*roads // town or motorway: sd 0.35, about two months
		if layoff--; layoff < 0 && rng.Float64() < 0.003 {
			layoff = 7 + rng.IntN(21)
		}
		if layoff > 0 || rng.Float64() < 0.18 {
			continue
		}
		d := use / 0.78 * math.Exp(drift) * gamma(rng, 1.6) / 1.6
		season := 1 + 0.15*math.Sin(2*math.Pi*float64(i)/365)
		km += d
		out.km[i] = km
		gone += step * gamma(rng, d*rate*season*math.Exp(roads)/step)
		if gone >= 1 && out.limitAt.IsZero() {
			out.limitAt, out.limitKm = day(i+1), km
		}
		if i >= seen {
			continue
		}
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: d, AirTempC: math.NaN()})
		r, ok := predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(i).Add(18 * time.Hour), OdometerKm: km},
			math.Max(0, math.Round(100*gone+0.6*normal())))
		if ok && i%3 == 0 {
			in.Readings = append(in.Readings, r)
		}
	}
	out.in = in
	return out
}

// gamma draws from a gamma law of unit scale (Marsaglia and Tsang).
func gamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(rng, shape+1) * math.Pow(rng.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := (1 + c*x) * (1 + c*x) * (1 + c*x)
		if v > 0 && math.Log(rng.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// only picks one component of the answer.
func only(fs []predict.Forecast, c predict.Component) predict.Forecast {
	for _, f := range fs {
		if f.Component == c {
			return f
		}
	}
	return predict.Forecast{}
}
