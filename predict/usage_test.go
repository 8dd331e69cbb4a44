package predict_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// drive makes days from a rule: km on day i, 0 leaves the day out.
func drive(n int, km func(i int) float64) []predict.Day {
	var days []predict.Day
	odometer := 10000.0
	for i := range n {
		if d := km(i); d > 0 {
			odometer += d
			days = append(days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: odometer, DistanceKm: d, AirTempC: math.NaN()})
		}
	}
	return days
}

func TestUsage(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		days []predict.Day
		want float64 // km per day
		off  float64 // relative
	}{
		"steady":                {drive(300, func(int) float64 { return 60 }), 60, 0.12},
		"weekdays only":         {drive(301, func(i int) float64 { return 70 * b(i%7 < 5) }), 50, 0.15},
		"six weeks parked":      {drive(300, func(i int) float64 { return 60 * b(i < 100 || i > 142) }), 60 * 258 / 300.0, 0.15},
		"back from six weeks":   {drive(300, func(i int) float64 { return 60 * b(i < 252 || i > 294) }), 60 * 258 / 300.0, 0.15},
		"stood for most a week": {drive(300, func(i int) float64 { return 60 * b(i < 292 || i > 297) }), 58, 0.2},
		"twice as much lately":  {drive(300, func(i int) float64 { return 30 * (1 + b(i > 250)) }), 60, 0.2},
		"never reported: prior": {nil, 35, 0.01},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := predict.UsageOf(predict.Input{Days: c.days, Now: day(301)})
			if got := u.KmPerDay.P50; math.Abs(got/c.want-1) > c.off {
				t.Errorf("%.1f km a day, want %.1f within %.0f %%", got, c.want, 100*c.off)
			}
			if q := u.KmPerDay; c.want < q.P10 || c.want > q.P90 {
				t.Errorf("the truth %.1f lies outside %v", c.want, q)
			}
		})
	}
}

func b(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

func TestProjectedOdometer(t *testing.T) {
	t.Parallel()
	u := predict.UsageOf(predict.Input{Days: drive(200, func(int) float64 { return 50 }), Now: day(200)})
	if got := u.Odometer(day(100)); got.P10 != 20000 || got.P90 != 20000 {
		t.Errorf("the newest odometer is known: %v", got)
	}
	month, year := u.Odometer(day(230)), u.Odometer(day(565))
	if math.Abs(month.P50-21500) > 150 || math.Abs(year.P50-38250) > 2000 {
		t.Errorf("in 30 days %v, in 365 days %v", month, year)
	}
	if year.P90-year.P10 <= month.P90-month.P10 {
		t.Errorf("a year ahead is not surer than a month: %v, %v", year, month)
	}
}

// TestAnOldOdometerLeavesKmUnsure has pads measured, and nearly worn out, without an odometer, most of
// a year after the last one that is known: at which odometer they are due is no surer than what it reads now.
func TestAnOldOdometerLeavesKmUnsure(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(200, func(int) float64 { return 50 }), Powertrain: vehicle.Petrol, Now: day(500)}
	reads := predict.UsageOf(in).Odometer(day(500))
	in.Readings = []predict.Reading{{Component: predict.BrakePadsFront, Time: day(500), Wear: 0.97, Noise: 0.01, Source: predict.FromWorkshop}}
	f, ok := predict.ForecastOf(in, predict.BrakePadsFront)
	if due := f.LimitKm; !ok || due.P10 < reads.P10 || due.P10 > reads.P50 || due.P90 < reads.P90 || due.P90-due.P10 < reads.P90-reads.P10 {
		t.Errorf("due at %.0f km, of an odometer that reads %.0f now", due, reads)
	}
}

// TestAnOldOdometerLeavesDatesUnsure has a plan's distance to be driven, and a record after it whose odometer
// is told, or is what may be expected.
func TestAnOldOdometerLeavesDatesUnsure(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(200, func(int) float64 { return 50 }), Powertrain: vehicle.Petrol, Now: day(350)}
	expected := predict.UsageOf(in).Odometer(day(350)).P50
	width := func(km float64) time.Duration {
		in := in
		in.Services = []predict.Service{
			{Component: predict.EngineOil, Time: day(190), OdometerKm: 19500},
			{Component: predict.CabinFilter, Time: day(350), OdometerKm: km},
		}
		f, ok := predict.ForecastOf(in, predict.EngineOil)
		i := slices.IndexFunc(f.Explanation.Terms, func(term predict.Term) bool { return term.Basis == predict.ByDistance })
		if !ok || i < 0 {
			t.Fatalf("no date by distance: %+v", f)
		}
		return f.Explanation.Terms[i].Due.P90.Sub(f.Explanation.Terms[i].Due.P10)
	}
	if told, old := width(expected+1), width(0); told <= 0 || old < told+told/4 {
		t.Errorf("an interval of %v with the odometer told, %v without", told, old)
	}
}

// A gap in reporting is not a gap in driving: the odometer knows.
func TestGapsInReportingDoNotSlowTheCar(t *testing.T) {
	t.Parallel()
	all := drive(200, func(int) float64 { return 50 })
	holes := append(append([]predict.Day{}, all[:60]...), all[110:]...)
	in := predict.Input{Days: holes, Now: day(200)}
	if got := predict.UsageOf(in).KmPerDay.P50; math.Abs(got-50) > 7 {
		t.Errorf("%.1f km a day with 50 days missing, want about 50", got)
	}
}

// What a device whose clock is ahead says of the future is not used.
func TestDataFromAfterNowIsNotUsed(t *testing.T) {
	t.Parallel()
	in := known()
	in.Now = day(250)
	late := in
	late.Days, late.Readings, late.Services = nil, nil, nil
	for _, d := range in.Days {
		if !d.Day.Start().After(in.Now) {
			late.Days = append(late.Days, d)
		}
	}
	for _, r := range in.Readings {
		if !r.Time.After(in.Now) {
			late.Readings = append(late.Readings, r)
		}
	}
	for _, s := range in.Services {
		if !s.Time.After(in.Now) {
			late.Services = append(late.Services, s)
		}
	}
	got, want := predict.Forecasts(in), predict.Forecasts(late)
	for i := range want {
		if got[i].Reason != want[i].Reason || !got[i].Due.P50.Equal(want[i].Due.P50) {
			t.Errorf("%s: due %v with data of the future, %v without", want[i].Component, got[i].Due.P50, want[i].Due.P50)
		}
	}
	if got[0].DataUntil.After(in.Now.Add(time.Second)) {
		t.Errorf("data until %v, now %v", got[0].DataUntil, in.Now)
	}
}
