package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// monthlyFleet has two kinds: one in steady use, and school buses that stand in
// summer; both slow down with age.
func monthlyFleet(vehicles int, seed uint64) []predict.UsageHistory {
	rng := rand.New(rand.NewPCG(seed, 5))
	var fleet []predict.UsageHistory
	for i := range vehicles {
		h := predict.UsageHistory{Kind: []string{"line", "school"}[i%2], InService: day(0)}
		pace := []float64{120, 40}[i%2] * math.Exp(0.2*rng.NormFloat64())
		km, habit := 100.0, 0.0
		for m := range 60 {
			at := day(0).AddDate(0, m, 0)
			h.Readings = append(h.Readings, predict.OdometerAt{Time: at, Km: km})
			habit = 0.85*habit + 0.15*rng.NormFloat64()
			rate := pace * math.Exp(habit-0.15*float64(m)/12+0.15*rng.NormFloat64())
			if h.Kind == "school" && (at.Month() == time.July || at.Month() == time.August) {
				rate *= 0.2
			}
			km += rate * at.AddDate(0, 1, 0).Sub(at).Hours() / 24
		}
		fleet = append(fleet, h)
	}
	return fleet
}

func TestLearnUsage(t *testing.T) {
	t.Parallel()
	fleet := monthlyFleet(24, 1)
	laws := predict.LearnUsage(fleet, predict.UsageQuestions{Km: []float64{2000, 10000}})
	for kind, pace := range map[string]float64{"line": 120, "school": 40 * (10 + 2*0.2) / 12} {
		law := laws.Of(kind)
		if got := math.Exp(law.LogKmPerDay); math.Abs(got/pace-1) > 0.2 {
			t.Errorf("%s: %.0f km a day when new, want about %.0f", kind, got, pace)
		}
		if math.Abs(law.PerYear+0.15) > 0.08 {
			t.Errorf("%s: log pace changes by %.3f a year, want about -0.15", kind, law.PerYear)
		}
		state := law.Start(day(0), day(365+182)) // July
		state2 := law.Start(day(0), day(365+270))
		if summer, autumn := law.KmIn(&state, 60).P50, law.KmIn(&state2, 60).P50; (summer < 0.6*autumn) != (kind == "school") {
			t.Errorf("%s: %.0f km in summer, %.0f in autumn", kind, summer, autumn)
		}
	}
	if !reflect.DeepEqual(laws, predict.LearnUsage(fleet, predict.UsageQuestions{Km: []float64{2000, 10000}})) {
		t.Error("the same fleet gave another law")
	}
}

// Those who drive most have the youngest vehicles, as taxis are: the trend is that of each vehicle.
func TestTrendIsThatWithinVehicles(t *testing.T) {
	t.Parallel()
	for _, perYear := range []float64{0, -0.15, 0.1} {
		rng := rand.New(rand.NewPCG(4, 4))
		var fleet []predict.UsageHistory
		for i := range 60 {
			years := 1 + 5*rng.Float64()
			pace := 120 * math.Exp(-0.3*years+0.2*rng.NormFloat64())
			h := predict.UsageHistory{InService: day(-int(years * 365))}
			for week, km := 0, 0.0; week < 3*52; week++ {
				h.Readings = append(h.Readings, predict.OdometerAt{Time: day(7 * week), Km: km})
				if i%10 != 0 || week < 26 || week >= 52 { // somebody stands for half a year
					season := 0.2 * math.Sin(2*math.Pi*float64(week)/52)
					km += 7 * pace * math.Exp(perYear*float64(week)/52+season+0.3*rng.NormFloat64())
				}
			}
			fleet = append(fleet, h)
		}
		law := predict.LearnUsage(fleet, predict.UsageQuestions{Days: []float64{91}}).Of("")
		if math.Abs(law.PerYear-perYear) > 0.03 {
			t.Errorf("log pace changes by %.3f a year, want %.2f", law.PerYear, perYear)
		}
	}
}

// The learned law must hold on vehicles that it has not seen, and beat the rate
// of each vehicle so far.
func TestLearnedUsageHoldsOnOtherVehicles(t *testing.T) {
	t.Parallel()
	laws := predict.LearnUsage(monthlyFleet(24, 1), predict.UsageQuestions{Km: []float64{10000}})
	held, n, miss, missMean := 0, 0, 0.0, 0.0
	for _, h := range monthlyFleet(40, 2) {
		law := laws.Of(h.Kind)
		state := law.Start(h.InService, h.Readings[0].Time)
		for i := 1; i < len(h.Readings); i++ {
			now := h.Readings[i]
			law.Drove(&state, now.Time, now.Km-h.Readings[i-1].Km)
			for _, later := range h.Readings[i:] {
				if later.Km < now.Km+10000 {
					continue
				}
				truth := later.Time.Sub(now.Time).Hours()/24 - 15 // half a month, on average
				q := law.DaysTo(&state, 10000)
				held += int(b(truth >= q.P10-15 && truth <= q.P90+15))
				n++
				miss += math.Abs(q.P50 - truth)
				missMean += math.Abs(10000/((now.Km-100)/now.Time.Sub(day(0)).Hours()*24) - truth)
				break
			}
		}
	}
	t.Logf("%d forecasts: MAE %.0f days, rate so far %.0f; 80 %% interval holds %.2f", n, miss/float64(n), missMean/float64(n), float64(held)/float64(n))
	if share := float64(held) / float64(n); share < 0.75 || share > 0.95 {
		t.Errorf("the 80 %% interval holds %.2f", share)
	}
	if miss > 0.8*missMean {
		t.Errorf("MAE %.0f days, the rate so far has %.0f", miss/float64(n), missMean/float64(n))
	}
}

// A fleet of nothing, of one reading, of vehicles that stand: laws stay numbers.
func TestLearnUsageFromLittle(t *testing.T) {
	t.Parallel()
	var standing []predict.UsageHistory
	for i := range 5 {
		h := predict.UsageHistory{Kind: fmt.Sprint(i)}
		for m := range 30 * (i % 3) {
			h.Readings = append(h.Readings, predict.OdometerAt{Time: day(0).AddDate(0, m, 0), Km: 1000})
		}
		standing = append(standing, h)
	}
	for name, fleet := range map[string][]predict.UsageHistory{
		"none": nil, "one reading": {{Readings: []predict.OdometerAt{{Time: day(0), Km: 5}}}}, "standing": standing, "few": monthlyFleet(2, 3)[:1],
	} {
		law := predict.LearnUsage(fleet, predict.UsageQuestions{Km: []float64{1000}, Days: []float64{90}}).Of("4")
		state := law.Start(time.Time{}, day(0))
		law.Drove(&state, day(30), 500)
		if q := law.DaysTo(&state, 1000); !(q.P10 > 0 && q.P10 < q.P50 && q.P50 < q.P90) {
			t.Errorf("%s: %+v by %+v", name, q, law)
		}
	}
}

// A fleet in which nobody has changed his habits must be ready for who does.
func TestChangeOfHabitsIsPutAtNoLessThanAsked(t *testing.T) {
	t.Parallel()
	fleet, days := monthlyFleet(24, 1), []float64{91}
	seen := predict.LearnUsage(fleet, predict.UsageQuestions{Days: days}).Of("line")
	put := predict.LearnUsage(fleet, predict.UsageQuestions{Days: days, LeastChange: 0.6}).Of("line")
	if seen.Change > 0.3 {
		t.Errorf("nobody has changed, and a change is put at %.2f", seen.Change)
	}
	if math.Abs(put.Change-0.6) > 1e-9 || put.Lasting != 1 {
		t.Errorf("a change is put at %.2f, of which %.1f lasts; want 0.6, all of it", put.Change, put.Lasting)
	}
	if put.Scatter < seen.Scatter || put.Between != seen.Between {
		t.Errorf("scatter %.2f, vehicles %.3f; before %.2f and %.3f", put.Scatter, put.Between, seen.Scatter, seen.Between)
	}
}

// Who believes in larger changes than the fleet has shown takes rows of chance for scatter. Weeks
// that scatter as they do must not be put at twice as much: by that a change is seen late.
func TestScatterStaysThatOfTheWeeks(t *testing.T) {
	t.Parallel()
	const ofAWeek = 0.6 // of the log
	rng := rand.New(rand.NewPCG(1, 6))
	var fleet []predict.UsageHistory
	for range 60 {
		h := predict.UsageHistory{InService: day(0)}
		pace, habit, km := 280*math.Exp(0.6*rng.NormFloat64()), 0.0, 10.0
		for week := range 3 * 52 {
			h.Readings = append(h.Readings, predict.OdometerAt{Time: day(7 * week), Km: km})
			habit = 0.9*habit + 0.14*rng.NormFloat64()
			km += pace * math.Exp(habit+ofAWeek*rng.NormFloat64())
		}
		fleet = append(fleet, h)
	}
	law := predict.LearnUsage(fleet, predict.UsageQuestions{Days: []float64{30, 91, 182}, LeastChange: 0.6}).Of("")
	if want := 7 * math.Expm1(ofAWeek*ofAWeek); law.Scatter < 0.6*want || law.Scatter > 1.5*want {
		t.Errorf("scatter %.2f, want about %.2f", law.Scatter, want)
	}
}
