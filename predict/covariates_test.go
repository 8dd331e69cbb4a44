package predict_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// dieselPaths are the particulate filters of a fleet: the share of short trips of a vehicle
// moves its log-rate by so much.
func dieselPaths(perShortTrip float64, knows func(i int) bool) []predict.FleetPath {
	var out []predict.FleetPath
	for i := range 60 {
		short := float64(i%7) / 10
		f := predict.FleetPath{
			VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", i)), Component: "dpf", Cycle: "first", Readings: 8, Complete: true,
			LogRate: math.Log(0.0045) + perShortTrip*(short-0.3) + 0.05*float64(i%5-2), LogRateSE: 0.05,
			KmPerDay: 40 + float64(i%11), AirTempC: 8 + float64(i%13), ShortTrips: math.NaN(), FastCharge: math.NaN(),
		}
		if knows(i) {
			f.ShortTrips = short
		}
		out = append(out, f)
	}
	return out
}

// What short trips do to a filter is learned where it shows, and by no fleet that does not
// know its short trips, or whose rates have nothing to do with them.
func TestShortTripsExplainRates(t *testing.T) {
	t.Parallel()
	every, some := func(int) bool { return true }, func(i int) bool { return i%2 == 0 }
	for _, c := range []struct {
		what  string
		paths []predict.FleetPath
		want  float64
	}{
		{"they wear it", dieselPaths(1.5, every), 1.5},
		{"they do nothing", dieselPaths(0, every), 0},
		{"half of the vehicles know them", dieselPaths(1.5, some), 0},
	} {
		l, ok := predict.LearnPrior(nil, c.paths).Components["dpf"]
		if !ok || math.Abs(l.PerShortTrip-c.want) > 0.2 {
			t.Errorf("%s: log-rate moves by %.2f a share, want %.2f", c.what, l.PerShortTrip, c.want)
		}
		if l.PerFastCharge != 0 {
			t.Errorf("%s: fast charging of diesels explains %.2f", c.what, l.PerFastCharge)
		}
	}
}

// A vehicle of short trips starts from a faster rate, as far as the fleet has seen such.
func TestShortTripsMoveThePrior(t *testing.T) {
	t.Parallel()
	prior := predict.LearnPrior(nil, dieselPaths(1.5, func(int) bool { return true }))
	rate := func(short int) float64 {
		days := drivenDays(300, func(_ int, d *predict.Day) { d.Starts, d.Runs, d.ShortRuns = 10, 10, short })
		f, _ := predict.ForecastOf(predict.Input{
			VIN: "LSJE36096MS140495", Powertrain: vehicle.Diesel, InService: days[0].Day.Start(), Now: days[299].Day.End(), Days: days, Prior: prior,
			Readings: []predict.Reading{{Component: "dpf", Time: days[200].Day.End(), OdometerKm: days[200].OdometerKm, Wear: 0.1, Noise: 0.1, Source: predict.FromWorkshop}},
		}, "dpf")
		return f.Explanation.Prior.RatePer1000Km
	}
	if few, many, absurd := rate(0), rate(6), rate(10); math.Abs(math.Log(many/few)-0.9) > 0.15 || absurd > few*math.Exp(1.5)+1e-9 {
		t.Errorf("prior rate %.4f without short trips, %.4f with six of ten, %.4f with ten", few, many, absurd)
	}
}
