package predict_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const ordinaryOil = 1.4 * 2400 // oil stress of an ordinary km

// workedDays are days of 30 km, the oil of each worked by a factor on the ordinary; 0
// is a day that does not tell.
func workedDays(factors ...float64) []predict.Day {
	var out []predict.Day
	for i, f := range factors {
		out = append(out, predict.Day{
			Day: vehicle.Day(20_000 + i), OdometerKm: 10_000 + 30*float64(i+1), DistanceKm: 30,
			AirTempC: math.NaN(), OilStress: f * 30 * ordinaryOil,
		})
	}
	return out
}

// Days that tell their work run the clock by it, the others at the vehicle's mean, and
// what lies ahead at that of late.
func TestTheClockRunsByWork(t *testing.T) {
	t.Parallel()
	clock := predict.Worked(predict.ByOilStress, workedDays(1, 1, 2, 2))
	for name, run := range map[string]struct{ from, to, low, high float64 }{
		"an ordinary day":       {10_000, 10_030, 30, 30},
		"a day that cost twice": {10_060, 10_090, 60, 60},
		"half of it":            {10_060, 10_075, 30, 30},
		"before":                {0, 10_000, 10_000, 15_000},
		"ahead":                 {10_120, 11_120, 1000, 1500},
	} {
		if got := clock(run.to) - clock(run.from); got < run.low-1e-6 || got > run.high+1e-6 {
			t.Errorf("%s: %.1f km, want %.0f to %.0f", name, got, run.low, run.high)
		}
	}
	var long []float64
	for range 300 {
		long = append(long, 1)
	}
	for range 100 {
		long = append(long, 2, 0)
	}
	clock = predict.Worked(predict.ByOilStress, workedDays(long...))
	if ahead := clock(40_000) - clock(39_000); ahead < 1700 || ahead > 2000 {
		t.Errorf("after a hard half year 1,000 km count for %.0f, want near 2,000", ahead)
	}
	for _, days := range [][]predict.Day{workedDays(0, 0), workedDays(90, 0.001), nil} {
		if got := predict.Worked(predict.ByOilStress, days)(12_345); got != 12_345 {
			t.Errorf("where no day tells, 12,345 km count for %.0f", got)
		}
	}
}

// However the days work, the clock never runs back, and no km counts for more than
// five or for less than a fifth.
func TestTheClockOnlyRunsForward(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		factors := rapid.SliceOfN(rapid.Float64Range(0, 12), 1, 40).Draw(t, "factors")
		clock := predict.Worked(predict.ByOilStress, workedDays(factors...))
		from := rapid.Float64Range(0, 13_000).Draw(t, "from")
		by := rapid.Float64Range(0, 5_000).Draw(t, "by")
		if run := clock(from+by) - clock(from); !(run >= 0.2*by-1e-6 && run <= 5*by+1e-6) {
			t.Fatalf("%.1f km count for %.1f", by, run)
		}
	})
}

// A battery ages in summer, and next summer like the last.
func TestABatteryAgesByTheSeason(t *testing.T) {
	t.Parallel()
	var days []predict.Day
	first := vehicle.DayOf(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC))
	for i := range vehicle.Day(2 * 366) {
		air := 12 - 12*math.Cos(float64(i)/365.25*2*math.Pi) // 0 in January, 24 in July
		days = append(days, predict.Day{Day: first + i, OdometerKm: float64(100 + i), DistanceKm: 1, AirTempC: air})
	}
	age := predict.Aged(days)
	span := func(from, to int) float64 { return age(float64(first)+float64(to)) - age(float64(first)+float64(from)) }
	winter, summer, next, year, ahead := span(0, 60), span(150, 210), span(732+150, 732+210), span(366, 731), span(732, 732+365)
	if summer < 2*winter {
		t.Errorf("two months of summer age it by %.0f days, of winter by %.0f", summer, winter)
	}
	if math.Abs(next-summer) > 0.03*summer || math.Abs(ahead-year) > 0.01*year {
		t.Errorf("next summer %.1f, last %.1f; next year %.1f, last %.1f", next, summer, ahead, year)
	}
}

// A car whose days cost its oil twice is due sooner than one of which only km are
// known, and that one as before.
func TestHardWorkIsDueSooner(t *testing.T) {
	t.Parallel()
	due := func(factor float64) time.Time {
		days := workedDays(make([]float64, 200)...)
		for i := range days {
			if i >= 60 {
				days[i].OilStress = factor * 30 * ordinaryOil
			}
		}
		now := days[len(days)-1].Day.End()
		f, ok := predict.ForecastOf(predict.Input{
			VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol, Now: now, Days: days,
			Services: []predict.Service{{Component: predict.EngineOil, Time: days[50].Day.End(), OdometerKm: days[50].OdometerKm}},
		}, predict.EngineOil)
		if !ok || f.Limit.P50.IsZero() {
			t.Fatalf("no limit: %+v", f)
		}
		return f.Limit.P50
	}
	hard, ordinary, unknown := due(2), due(1), due(0)
	if !hard.Before(ordinary.AddDate(0, 0, -30)) {
		t.Errorf("hard work lasts until %s, ordinary until %s", hard, ordinary)
	}
	if gap := ordinary.Sub(unknown).Abs(); gap > 48*time.Hour {
		t.Errorf("ordinary work lasts until %s, by km until %s", ordinary, unknown)
	}
}
