package predict_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// silent is a vehicle that sent nothing for most of a year, after 200 days of 50 km, with records since
// then: at these days, in these odometers.
func silent(records ...predict.At) predict.Input {
	in := predict.Input{Days: drive(200, func(int) float64 { return 50 }), Powertrain: vehicle.Petrol, Now: day(500)}
	for _, r := range records {
		in.Services = append(in.Services, predict.Service{Component: predict.CabinFilter, Time: r.Time, OdometerKm: r.OdometerKm})
	}
	return in
}

// planned is the forecast of the oil, and what a plan's distance says of it.
func planned(t *testing.T, in predict.Input) (predict.Forecast, predict.Term) {
	t.Helper()
	in.Services = append(in.Services, predict.Service{Component: predict.EngineOil, Time: day(190), OdometerKm: 19500})
	f, ok := predict.ForecastOf(in, predict.EngineOil)
	for _, term := range f.Explanation.Terms {
		if ok && term.Basis == predict.ByDistance {
			return f, term
		}
	}
	t.Fatalf("no date by distance: %+v", f)
	return predict.Forecast{}, predict.Term{}
}

// Where telemetry has fallen silent, what a workshop reads says how far a vehicle has gone on,
// more or less than was expected, and how far it will go.
func TestAToldOdometerIsBelieved(t *testing.T) {
	t.Parallel()
	expected, byUse := planned(t, silent())
	for name, told := range map[string]float64{"less": 20000 + 300*15, "more": 20000 + 300*90} {
		f, term := planned(t, silent(predict.At{Time: day(500), OdometerKm: told}))
		pace := (told - 20000) / 300
		if math.Abs(math.Log(f.KmPerDay/pace)) > 0.6*math.Abs(math.Log(expected.KmPerDay/pace)) {
			t.Errorf("%s: %.1f km a day, of 50 before and %.0f since", name, f.KmPerDay, pace)
		}
		if !strings.Contains(f.Reason.EN, "goes by the odometer that was read on") {
			t.Errorf("%s: the reason does not say so: %s", name, f.Reason.EN)
		}
		if less := told < 30000; less != term.Due.P50.After(byUse.Due.P50) {
			t.Errorf("%s: due %v, expected %v without it", name, term.Due.P50, byUse.Due.P50)
		}
	}
	in := silent(predict.At{Time: day(500), OdometerKm: 20000 + 300*15})
	in.Readings = []predict.Reading{{Component: predict.BrakePadsFront, Time: day(500), Wear: 0.97, Noise: 0.01, Source: predict.FromWorkshop}}
	if f, _ := predict.ForecastOf(in, predict.BrakePadsFront); f.LimitKm.P10 < 24500 || f.LimitKm.P90 > 30000 {
		t.Errorf("worn-out pads are due at %.0f km, of an odometer that reads 24,500", f.LimitKm)
	}
}

// Who has never sent anything, but was seen in a workshop, drives as far as was seen.
func TestRecordsAloneTellTheUse(t *testing.T) {
	t.Parallel()
	seen := func(at int) predict.Service {
		return predict.Service{Component: predict.EngineOil, Time: day(at), OdometerKm: 5 + 80*float64(at+1000)}
	}
	for name, in := range map[string]predict.Input{
		"since delivery":      {InService: day(-1000), Services: []predict.Service{seen(-670), seen(-340), seen(-10)}},
		"since the first one": {Services: []predict.Service{seen(-1000), seen(-670), seen(-340), seen(-10)}},
	} {
		in.Powertrain, in.Now = vehicle.Petrol, day(10)
		if f, ok := predict.ForecastOf(in, predict.EngineOil); !ok || math.Abs(f.KmPerDay/80-1) > 0.15 {
			t.Errorf("%s: %.1f km a day, want 80", name, f.KmPerDay)
		}
	}
}

// An imported vehicle, or one whose delivery is that to its present owner, has not driven all of its distance since.
func TestADeliveryWithADistanceBehindItTellsNothing(t *testing.T) {
	t.Parallel()
	in := predict.Input{Powertrain: vehicle.Petrol, InService: day(-370), Now: day(10), Services: []predict.Service{
		{Component: predict.EngineOil, Time: day(-360), OdometerKm: 120_000}, {Component: predict.EngineOil, Time: day(5), OdometerKm: 135_000},
	}}
	if f, ok := predict.ForecastOf(in, predict.EngineOil); !ok || math.Abs(f.KmPerDay/41-1) > 0.2 {
		t.Errorf("%.1f km a day, want 41", f.KmPerDay)
	}
}

// What a vehicle stands for now and then is in the distance that is told, and is not taken off twice.
func TestLayoffsAreInWhatIsTold(t *testing.T) {
	t.Parallel()
	days := drive(14*49, func(i int) float64 { return 50 * b(i%49 < 35) })
	now, km := day(16*49+35), days[len(days)-1].OdometerKm // three times round after the last day of driving
	in := predict.Input{Days: days, Powertrain: vehicle.Petrol, Now: now, Told: []predict.At{{Time: now, OdometerKm: km + 3*35*50}}}
	if f, _ := predict.ForecastOf(in, predict.EngineOil); math.Abs(f.KmPerDay/(50*35/49.)-1) > 0.04 {
		t.Errorf("%.1f km a day, want 35.7", f.KmPerDay)
	}
}

// A vehicle that comes to the workshop and leaves it three weeks later has not stood for the rest of the year.
func TestTwoLooksAroundALayoffAreOne(t *testing.T) {
	t.Parallel()
	in := predict.Input{Powertrain: vehicle.Petrol, Now: day(400), Told: []predict.At{
		{Time: day(0), OdometerKm: 5}, {Time: day(20), OdometerKm: 6}, {Time: day(400), OdometerKm: 30_406},
	}}
	if f, _ := predict.ForecastOf(in, predict.EngineOil); math.Abs(f.KmPerDay/76-1) > 0.1 {
		t.Errorf("%.1f km a day, want 76", f.KmPerDay)
	}
	in = silent()
	for at := 220; at <= 500; at += 20 {
		in.Told = append(in.Told, predict.At{Time: day(at), OdometerKm: 20_000 + float64(at-200)/20})
	}
	if f, _ := predict.ForecastOf(in, predict.EngineOil); f.KmPerDay > 15 {
		t.Errorf("%.1f km a day, of a vehicle laid up for 300 days", f.KmPerDay)
	}
}

// A few weeks in a workshop say nothing of how a vehicle is driven, and a visit does not end a suspicion.
func TestAVisitIsNoChangeOfUse(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(400, func(int) float64 { return 50 }), Powertrain: vehicle.Petrol, Now: day(420)}
	before, _ := predict.ForecastOf(in, predict.EngineOil)
	in.Told = []predict.At{{Time: day(420), OdometerKm: 30_003}}
	if f, _ := predict.ForecastOf(in, predict.EngineOil); math.Abs(f.KmPerDay/before.KmPerDay-1) > 0.02 {
		t.Errorf("%.1f km a day after three weeks in a workshop, %.1f before", f.KmPerDay, before.KmPerDay)
	}
	const more = "driven more than usual of late"
	in.Days = drive(400, func(i int) float64 { return 50 + 80*b(i > 371) })
	in.Now, in.Told = day(402), []predict.At{{Time: day(402), OdometerKm: in.Days[399].OdometerKm + 300}}
	in.Services = []predict.Service{{Component: predict.EngineOil, Time: day(300), OdometerKm: 25_050}}
	f, _ := predict.ForecastOf(in, predict.EngineOil)
	if in.Told = nil; !strings.Contains(f.Reason.EN, more) {
		without, _ := predict.ForecastOf(in, predict.EngineOil)
		t.Errorf("the suspicion is gone: %s\nbefore: %s", f.Reason.EN, without.Reason.EN)
	}
}

// What a plan allows was passed where the odometers around it say so.
func TestAPlanWasPassedBetweenOdometers(t *testing.T) {
	t.Parallel()
	f, _ := planned(t, silent(predict.At{Time: day(300), OdometerKm: 40_000}, predict.At{Time: day(500), OdometerKm: 70_000}))
	if want := day(272); f.OverdueSince.Sub(want).Abs() > 5*24*time.Hour { // 34,500 km: 14,500 of 20,000 in 100 days
		t.Errorf("overdue since %v, want about %v", f.OverdueSince, want)
	}
}

// A typing error is one look, and is put right by the next.
func TestATypedOdometerIsOneLook(t *testing.T) {
	t.Parallel()
	usual := []predict.At{{Time: day(290), OdometerKm: 24500}, {Time: day(400), OdometerKm: 30000}, {Time: day(490), OdometerKm: 34500}}
	right, _ := planned(t, silent(usual...))
	wrong := append([]predict.At(nil), usual...)
	wrong[1].OdometerKm = 80000 // beyond the one after it
	if f, _ := planned(t, silent(wrong...)); math.Abs(f.KmPerDay/right.KmPerDay-1) > 0.1 || math.Abs(f.DueKm.P50-right.DueKm.P50) > 500 {
		t.Errorf("%.1f km a day, due at %.0f km; %.1f, %.0f without the error", f.KmPerDay, f.DueKm.P50, right.KmPerDay, right.DueKm.P50)
	}
	wrong[1].OdometerKm, wrong[2].OdometerKm = 30000, 94500
	if f, _ := planned(t, silent(wrong...)); f.KmPerDay > 2.5*right.KmPerDay {
		t.Errorf("%.1f km a day by one look, %.1f before it", f.KmPerDay, right.KmPerDay)
	}
	wrong[1].OdometerKm, wrong[2].OdometerKm = 23_000, 34_500 // behind the one before it
	if f, _ := planned(t, silent(wrong...)); math.Abs(f.KmPerDay/right.KmPerDay-1) > 0.1 || math.Abs(f.DueKm.P50-right.DueKm.P50) > 500 {
		t.Errorf("%.1f km a day, due at %.0f km; %.1f, %.0f without the error", f.KmPerDay, f.DueKm.P50, right.KmPerDay, right.DueKm.P50)
	}
}

// An odometer that is a little behind that of the days is rounded or typed wrongly: none runs backwards.
func TestAToldOdometerDoesNotRunBackwards(t *testing.T) {
	t.Parallel()
	same, bySame := planned(t, silent(predict.At{Time: day(201), OdometerKm: 20_000}))
	if f, term := planned(t, silent(predict.At{Time: day(201), OdometerKm: 19_600})); f.DueKm != same.DueKm || term.Due != bySame.Due {
		t.Errorf("due at %.0f km, %v; %.0f, %v where it stands at 20,000", f.DueKm, term.Due, same.DueKm, bySame.Due)
	}
	in := silent()
	in.Services = []predict.Service{{Component: predict.EngineOil, Time: day(205), OdometerKm: 19_550}}
	if f, _ := predict.ForecastOf(in, predict.EngineOil); f.ServicedKm < 20_000 {
		t.Errorf("renewed at %.0f km, after 20,000", f.ServicedKm)
	}
}

// Between two odometers that are told the vehicle is taken to have gone on evenly.
func TestARecordBetweenOdometersLiesBetweenThem(t *testing.T) {
	t.Parallel()
	in := silent(predict.At{Time: day(300), OdometerKm: 20500}, predict.At{Time: day(500), OdometerKm: 60500})
	in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(400)})
	f, ok := predict.ForecastOf(in, predict.BrakePadsFront)
	if !ok || math.Abs(f.ServicedKm-40500) > 200 || f.ServicedAt.Sub(day(400)).Abs() > 24*time.Hour {
		t.Errorf("renewed at %.0f km on %v, want 40,500 on %v", f.ServicedKm, f.ServicedAt, day(400))
	}
}
