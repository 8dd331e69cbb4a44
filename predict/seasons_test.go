package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// seasonal is a car in a climate of so many degrees whose air swings by 10 K either way,
// coldest in the middle of January, over some days.
func seasonal(seed uint64, meanC float64, from, until int) predict.Input {
	return swinging(seed, meanC, 10, from, until)
}

func swinging(seed uint64, meanC, swing float64, from, until int) predict.Input {
	rng := rand.New(rand.NewPCG(seed, 6))
	perDay := 40 * math.Exp(0.3*rng.NormFloat64())
	in := predict.Input{VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", seed)), Powertrain: vehicle.Petrol, InService: day(from - 300), Now: day(until)}
	for i := from; i < until; i++ {
		air := meanC - swing*math.Cos(2*math.Pi*float64(i-15)/365.25) + 3*rng.NormFloat64()
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: 12_000 + perDay*float64(i-from+1), DistanceKm: perDay, Starts: 3, AirTempC: air})
	}
	return in
}

func seasons(t *testing.T) predict.Prior {
	t.Helper()
	var fleet []predict.Input
	for seed := range uint64(30) {
		fleet = append(fleet, seasonal(seed, float64(seed), 0, 800))
	}
	prior := predict.LearnUse(predict.Prior{}, slices.Values(fleet))
	if len(prior.Seasons) != 12 {
		t.Fatalf("seasons %v", prior.Seasons)
	}
	return prior
}

// However warm the vehicles have it, the seasons are what they have in common.
func TestSeasonsOfTheFleet(t *testing.T) {
	t.Parallel()
	for month, got := range seasons(t).Seasons {
		if want := -10 * math.Cos(2*math.Pi*float64(month)/12); math.Abs(got-want) > 1 {
			t.Errorf("month %d is %.1f K above the year, truth %.1f", month+1, got, want)
		}
	}
}

// A battery ages by warmth. Of a car that was watched for one season the fleet's seasons say
// how the next will be: about what a car of the same climate says that was watched for years.
func TestOneSeasonSaysLittleOfTheNext(t *testing.T) {
	t.Parallel()
	prior := seasons(t)
	for season, until := range map[string]int{"winter": 800, "summer": 950} {
		ahead := func(from int, seasons predict.Seasons) float64 {
			in := seasonal(99, 12, from, until)
			in.InService, in.Prior.Seasons = day(until-1200), seasons
			in.Services = []predict.Service{{Component: predict.Battery12V, Time: day(until - 90)}}
			f, ok := predict.ForecastOf(in, predict.Battery12V)
			if !ok {
				t.Fatal("a petrol car without a battery")
			}
			return f.Limit.P50.Sub(in.Now).Hours() / 24
		}
		years, one, without := ahead(until-800, nil), ahead(until-90, prior.Seasons), ahead(until-90, nil)
		if off := math.Abs(one/years - 1); off > 0.1 {
			t.Errorf("%s: %.0f days with the fleet's seasons, %.0f of a car watched for years", season, one, years)
		}
		if off := math.Abs(without/years - 1); off < 0.15 {
			t.Errorf("%s: %.0f days without seasons, %.0f of a car watched for years: the test shows nothing", season, without, years)
		}
	}
}

// Within a zone the seasons of cold places swing more than those of warm ones: of a car that was
// watched for one of them they say how warm its year is, and how the next will be.
func TestSeasonsOfAZone(t *testing.T) {
	t.Parallel()
	swing := func(meanC float64) float64 { return 20 - 0.6*(meanC-5) }
	at := func(seed uint64, meanC float64, from, until int) predict.Input {
		in := swinging(seed, meanC, swing(meanC), from, until)
		in.TimeZone, in.InService = "Asia/Shanghai", day(until-1200)
		in.Services = []predict.Service{{Component: predict.Battery12V, Time: day(until - 90)}}
		return in
	}
	var fleet []predict.Input
	for seed := range uint64(30) {
		fleet = append(fleet, at(seed, 5+float64(seed)/1.5, 0, 800))
	}
	prior := predict.LearnUse(predict.Prior{}, slices.Values(fleet))
	ofAll := prior
	ofAll.ZoneSeasons = nil
	shown := 0
	for _, meanC := range []float64{6, 14, 24} {
		for season, until := range map[string]int{"winter": 800, "summer": 950} {
			ahead := func(from int, prior predict.Prior) float64 {
				in := at(99, meanC, from, until)
				in.Prior = prior
				f, _ := predict.ForecastOf(in, predict.Battery12V)
				return f.Limit.P50.Sub(in.Now).Hours() / 24
			}
			years, zone, all := ahead(until-800, prior), ahead(until-90, prior), ahead(until-90, ofAll)
			if off := math.Abs(zone/years - 1); off > 0.1 {
				t.Errorf("%g °C, %s: %.0f days with the seasons of its zone, %.0f of a car watched for years", meanC, season, zone, years)
			}
			if math.Abs(all/years-1) > 0.1 {
				shown++
			}
		}
	}
	if shown < 2 {
		t.Errorf("the seasons of all do as well in all but %d cases: the test shows nothing", shown)
	}
}
