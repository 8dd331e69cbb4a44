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

// zoned is what thirty cars of a zone teach whose summers are all alike and whose winters are not.
func zoned(t *testing.T) predict.Prior {
	t.Helper()
	var fleet []predict.Input
	for seed := range uint64(30) {
		meanC := 4 + float64(seed)/1.5
		in := swinging(seed, meanC, 28-meanC, 0, 1200)
		in.TimeZone = "Asia/Shanghai"
		fleet = append(fleet, in)
	}
	prior := predict.LearnUse(predict.Prior{}, slices.Values(fleet))
	if len(prior.ZoneSeasons) != 1 {
		t.Fatalf("seasons of %d zones", len(prior.ZoneSeasons))
	}
	return prior
}

// Two weeks of July say nothing of the year where all places have the same July: it is that of the zone, and
// never one that nobody has. A winter tells it.
func TestTheYearOfAFewDays(t *testing.T) {
	t.Parallel()
	prior := zoned(t)
	for seed := range uint64(50) {
		in := swinging(100+seed, 8, 20, 0, 730)
		for name, c := range map[string]struct {
			days []predict.Day
			off  float64
		}{
			"a day of July":     {in.Days[190:191], 12},
			"July":              {in.Days[181:212], 12},
			"January":           {in.Days[365:396], 2.5},
			"a year":            {in.Days[:365], 1},
			"fifteen months":    {in.Days[:455], 1},
			"January and July":  {slices.Concat(in.Days[:31], in.Days[181:212]), 2.5},
			"two whole winters": {slices.Concat(in.Days[:90], in.Days[335:455]), 1.5},
		} {
			if got := predict.YearOf(prior, "Asia/Shanghai", c.days); !(math.Abs(got-8) < c.off) {
				t.Errorf("%s says that the year has %.1f °C, truth 8", name, got)
			}
		}
	}
}

// What a battery ages in months that say nothing is what the season is like: a winter without data,
// and every second month without temperatures.
func TestSeasonsStandInForDaysThatSayNothing(t *testing.T) {
	t.Parallel()
	prior := zoned(t)
	in := swinging(7, 8, 20, 0, 1095)
	first, last := float64(in.Days[0].Day), float64(in.Days[len(in.Days)-1].Day)
	run := func(days []predict.Day) float64 {
		aged := predict.AgedBy(prior, "Asia/Shanghai", days)
		return aged(last) - aged(first)
	}
	whole := run(in.Days)
	gap := slices.Concat(in.Days[:300], in.Days[480:]) // from October to April
	silent := slices.Clone(in.Days)
	for i := range silent {
		if silent[i].Day.Start().Month()%2 == 0 {
			silent[i].AirTempC = math.NaN()
		}
	}
	for name, days := range map[string][]predict.Day{"a winter without data": gap, "every second month without temperatures": silent} {
		if off := run(days)/whole - 1; math.Abs(off) > 0.01 {
			t.Errorf("%s: aged %.1f %% more than with all days", name, 100*off)
		}
	}
	// Before the first day it ran as in a year, not as in fifteen months with two winters.
	fifteen := predict.AgedBy(prior, "Asia/Shanghai", in.Days[:455])
	year := predict.AgedBy(prior, "Asia/Shanghai", in.Days)
	if a, b := fifteen(first)-fifteen(first-1000), year(first)-year(first-1000); math.Abs(a/b-1) > 0.03 {
		t.Errorf("a thousand days before the first count %.0f by fifteen months, %.0f by three years", a, b)
	}
}
