package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// kind is vehicles of a model, whose front pads wear at a rate, within 20 %.
type kind struct {
	model      string // first eight places of the VIN
	powertrain vehicle.Powertrain
	rate       float64 // of front pads, per 1,000 km
	vehicles   int
}

func (k kind) paths() []predict.FleetPath {
	rng := rand.New(rand.NewPCG(7, uint64(k.vehicles)))
	var out []predict.FleetPath
	for i := range k.vehicles {
		out = append(out, predict.FleetPath{
			VIN: k.vin(i), Powertrain: k.powertrain, Component: predict.BrakePadsFront, Complete: true, Readings: 20,
			LogRate: math.Log(k.rate) + 0.2*rng.NormFloat64(), LogRateSE: 0.05, KmPerDay: 40, AirTempC: 12,
		})
	}
	return out
}

func (k kind) vin(i int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("%s0NS%06d", k.model, i)) }

// A vehicle that has shown nothing yet is forecast by those of its powertrain, and of its model:
// pads of battery-electric cars last twice as long.
func TestPartsWearAsInVehiclesOfTheirKind(t *testing.T) {
	t.Parallel()
	kinds := []kind{
		{"LSJE3609", vehicle.BatteryElectric, 0.012, 40},
		{"LSVAA49J", vehicle.Petrol, 0.024, 41},
		{"LFV2A215", vehicle.Petrol, 0.040, 42},
		{"LGBH52E0", vehicle.Diesel, 0.031, 43},
	}
	var paths []predict.FleetPath
	for _, k := range kinds {
		paths = append(paths, k.paths()...)
	}
	paths = append(paths, kind{"LHGCR165", vehicle.Petrol, 0.2, 2}.paths()...) // two say nothing of a model
	prior := predict.LearnPrior(nil, paths)
	for _, k := range kinds {
		in := known()
		in.VIN, in.Powertrain, in.Prior = k.vin(999), k.powertrain, prior
		in.Readings = []predict.Reading{must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(399), OdometerKm: 45960}, 0))}
		in.Services = []predict.Service{{Component: predict.BrakePadsFront, Time: day(398), OdometerKm: 45920}}
		f := only(predict.Forecasts(in), predict.BrakePadsFront)
		if off := f.RatePer1000Km / k.rate; off < 0.85 || off > 1.18 {
			t.Errorf("%s %s: %.4f per 1,000 km, its kind has %.4f", k.powertrain, k.model, f.RatePer1000Km, k.rate)
		}
	}
	// Vehicles differ by 20 % within a kind, and not by what kinds differ by.
	if cv := prior.Components[predict.BrakePadsFront].CV; cv > 0.35 {
		t.Errorf("spread within kinds %.2f, want about 0.2", cv)
	}
}

// Vehicles that differ by nothing but chance make no groups worth the name.
func TestGroupsThatAreAlikeStayAlike(t *testing.T) {
	t.Parallel()
	var paths []predict.FleetPath
	for i := range 8 {
		paths = append(paths, kind{fmt.Sprintf("LSVAA4%02d", i), vehicle.Petrol, 0.024, 20 + i}.paths()...)
	}
	for g, off := range predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront].Groups {
		if math.Abs(off) > 0.08 {
			t.Errorf("%s is taken to wear by %.3f of the log faster", g, off)
		}
	}
}

// A vehicle that has shown nothing yet is forecast by those of its place: where it is dusty, moist or
// hilly parts wear faster, whatever the temperature says of it.
func TestPartsWearAsInVehiclesOfTheirPlace(t *testing.T) {
	t.Parallel()
	places := []struct {
		zone     string
		airTempC float64 // on a step
		rate     float64
	}{
		{"Europe/Madrid", 16, 0.016},
		{"Asia/Shanghai", 16, 0.032}, // as warm as Madrid
		{"Asia/Shanghai", 4, 0.020},
		{"Asia/Shanghai", 24, 0.022}, // and not in a line with the others of its zone
	}
	var paths []predict.FleetPath
	for i, p := range places {
		some := kind{"LSVAA49J", vehicle.Petrol, p.rate, 60 + i}.paths()
		for k := range some {
			some[k].VIN = vehicle.VIN(fmt.Sprintf("LSVAA49J%dNS%06d", i, k))
			some[k].TimeZone, some[k].AirTempC, some[k].Climate = p.zone, p.airTempC+float64(k%3-1)/2, fmt.Sprintf("%g °C", p.airTempC)
		}
		paths = append(paths, some...)
	}
	prior := predict.LearnPrior(nil, paths)
	asked := func(zone string, airTempC float64) float64 {
		in := known()
		in.VIN, in.Powertrain, in.TimeZone, in.Prior = "LSVAA49J9NS000999", vehicle.Petrol, zone, prior
		for i := range in.Days {
			in.Days[i].AirTempC = airTempC
		}
		in.Readings = []predict.Reading{must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(399), OdometerKm: 45960}, 0))}
		in.Services = []predict.Service{{Component: predict.BrakePadsFront, Time: day(398), OdometerKm: 45920}}
		return only(predict.Forecasts(in), predict.BrakePadsFront).RatePer1000Km
	}
	for _, p := range places {
		if off := asked(p.zone, p.airTempC) / p.rate; off < 0.88 || off > 1.14 {
			t.Errorf("%s at %g °C: %.2f of the rate of its place", p.zone, p.airTempC, off)
		}
	}
	// Of a place that nobody knows, the fleet says what it can.
	if rate := asked("America/Lima", 16); rate < 0.018 || rate > 0.028 {
		t.Errorf("elsewhere: %.4f per 1,000 km, want about the fleet's 0.022", rate)
	}
	if cv := prior.Components[predict.BrakePadsFront].CV; cv > 0.3 {
		t.Errorf("spread within places %.2f, want about 0.2", cv)
	}
}

// What was watched for a summer is not of a warmer place: its climate is not known, neither to learn from
// nor to forecast by.
func TestASummerIsNoClimate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		days int
		want string
	}{{120, ""}, {400, "12 °C"}} {
		in, _ := wornOil(7, 4_000, 0.1)
		in.TimeZone, in.Days = "Europe/Madrid", in.Days[len(in.Days)-c.days:]
		paths := predict.PathsOf(in)
		if len(paths) == 0 {
			t.Fatalf("%d days: nothing to learn from", c.days)
		}
		for _, p := range paths {
			if p.Climate != c.want || p.TimeZone != in.TimeZone {
				t.Errorf("%d days: climate %q of %q, want %q", c.days, p.Climate, p.TimeZone, c.want)
			}
		}
	}
}
