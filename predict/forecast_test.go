package predict_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var update = flag.Bool("update", false, "write the golden files anew")

// must unwraps a reading that has to be good.
func must(r predict.Reading, ok bool) predict.Reading {
	if !ok {
		panic("not a usable reading")
	}
	return r
}

// known is a petrol car of 40 km a day, watched for 400 days from 30,000 km,
// with a service book and readings.
func known() predict.Input {
	in := predict.Input{
		VIN: "WVWZZZ1JZXW000001", Powertrain: vehicle.Petrol, InService: day(-900), Now: day(400),
		Days: steady(400, 30000, 40),
		Services: []predict.Service{
			{Component: predict.EngineOil, Time: day(150), OdometerKm: 36000, RecordID: "r2"},
			{Component: predict.BrakePadsFront, Time: day(-200), OdometerKm: 23000, RecordID: "r1"},
			{Component: predict.CabinFilter, Time: day(150), OdometerKm: 36000, RecordID: "r2"},
		},
	}
	for i := range 80 {
		at := predict.At{Time: day(5 * i), OdometerKm: 30000 + 200*float64(i)}
		in.Readings = append(in.Readings,
			must(predict.PadWear(predict.BrakePadsFront, at, float64(15+i*4/5), float64(14+i*4/5))),
			must(predict.Standard().CrankVoltage(at, 10.35-0.006*float64(i)-0.02*float64(i%4), 20)))
	}
	in.Readings = append(in.Readings,
		must(predict.Standard().TreadDepth(predict.At{Time: day(20), OdometerKm: 30800}, 5.4, 5.6, 5.9, 6)),
		must(predict.Standard().TreadDepth(predict.At{Time: day(150), OdometerKm: 36000}, 4.7, 4.8, 5.3, 5.4)))
	return in
}

// The forecasts of one car as a person reads them. Every change of the model
// shows here.
func TestGoldenForecasts(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, f := range predict.Forecasts(known()) {
		fmt.Fprintf(&b, "%s: %s by %s, cycle %s, wear %.2f %.2f %.2f\n", f.Component, f.State, f.Basis, f.Cycle, f.Wear.P10, f.Wear.P50, f.Wear.P90)
		if f.State != predict.TooEarly {
			fmt.Fprintf(&b, "  %.0f %.0f %.0f km, %s %s %s\n", f.DueKm.P10, f.DueKm.P50, f.DueKm.P90,
				f.Due.P10.Format(time.DateOnly), f.Due.P50.Format(time.DateOnly), f.Due.P90.Format(time.DateOnly))
		}
		fmt.Fprintf(&b, "  %s\n  %s\n", f.Reason.EN, f.Reason.ZH)
	}
	golden := filepath.Join("testdata", "forecasts.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("forecasts changed (-want +got), run with -update if it is meant:\n%s", diff)
	}
}

func TestServiceOpensANewPath(t *testing.T) {
	t.Parallel()
	in := known()
	before := only(predict.Forecasts(in), predict.BrakePadsFront)
	in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(399), OdometerKm: 45960})
	after := only(predict.Forecasts(in), predict.BrakePadsFront)
	if after.Wear.P90 >= before.Wear.P10 || after.Wear.P90 > 0.1 {
		t.Errorf("wear %v after the renewal, %v before", after.Wear, before.Wear)
	}
	if after.Cycle == before.Cycle || after.Readings != 0 || !after.ServicedAt.Equal(day(399)) || after.ServicedKm != 45960 {
		t.Errorf("cycle %q after %q, %d readings, serviced %v at %v", after.Cycle, before.Cycle, after.Readings, after.ServicedAt, after.ServicedKm)
	}
	if !after.Due.P50.After(before.Due.P50) {
		t.Errorf("due %v after the renewal, %v before", after.Due.P50, before.Due.P50)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	serviced := func(at int, km float64) predict.Input {
		return predict.Input{
			Powertrain: vehicle.Petrol, Now: day(100), Days: steady(100, 50000, 50),
			Services: []predict.Service{{Component: predict.EngineOil, Time: day(at), OdometerKm: km}},
		}
	}
	cases := map[string]struct {
		in       predict.Input
		state    predict.State
		basis    predict.Basis
		dueKm    float64
		overdue  time.Time
		dueAfter time.Time
	}{
		"distance first":  {serviced(0, 50000), predict.Known, predict.ByDistance, 65000, time.Time{}, day(270)},
		"date first":      {serviced(-200, 48000), predict.Known, predict.ByDate, 0, time.Time{}, day(164)},
		"distance passed": {serviced(-60, 38000), predict.Known, predict.ByDistance, 53000, day(59), day(99)},
		"date passed":     {serviced(-400, 49000), predict.Known, predict.ByDate, 0, day(-34), day(99)},
		"no record for too long": {
			predict.Input{Powertrain: vehicle.Petrol, InService: day(-300), Now: day(100), Days: steady(100, 14000, 150)},
			predict.TooEarly, predict.ByWear, 0, time.Time{}, time.Time{},
		},
		"no record is unknown": {
			predict.Input{Powertrain: vehicle.Petrol, Now: day(100), Days: steady(100, 50000, 50)},
			predict.TooEarly, predict.ByWear, 0, time.Time{}, time.Time{},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := only(predict.Forecasts(c.in), predict.EngineOil)
			if f.State != c.state || f.Basis != c.basis || !f.OverdueSince.Equal(c.overdue) {
				t.Errorf("%s by %s, overdue since %v, want %s by %s since %v", f.State, f.Basis, f.OverdueSince, c.state, c.basis, c.overdue)
			}
			if c.dueKm > 0 && f.DueKm.P50 != c.dueKm {
				t.Errorf("due at %.0f km, want exactly %.0f", f.DueKm.P50, c.dueKm)
			}
			if f.Due.P50.Before(c.dueAfter) || f.Due.P50.Sub(c.dueAfter) > 60*24*time.Hour {
				t.Errorf("due %v, want soon after %v", f.Due, c.dueAfter)
			}
		})
	}
}

// A car whose first change was still ahead when it was first seen needs no
// record; one that came later does.
func TestTheFirstIntervalNeedsNoRecord(t *testing.T) {
	t.Parallel()
	in := predict.Input{Powertrain: vehicle.Diesel, InService: day(-20), Now: day(100), Days: steady(100, 1000, 50)}
	f := only(predict.Forecasts(in), predict.EngineOil)
	if f.State != predict.Known || f.DueKm.P50 != 15000 || f.Cycle != "first" {
		t.Errorf("young car: %s at %.0f km, cycle %s", f.State, f.DueKm.P50, f.Cycle)
	}
	in.InService = day(-900)
	in.Days = steady(100, 60000, 50)
	if f := only(predict.Forecasts(in), predict.EngineOil); f.State != predict.TooEarly || !f.OverdueSince.IsZero() {
		t.Errorf("old car without a record: %s, overdue %v; not knowing is not overdue", f.State, f.OverdueSince)
	}
}

func TestSilenceMakesAForecastStaleAndWider(t *testing.T) {
	t.Parallel()
	in := known()
	fresh := only(predict.Forecasts(in), predict.BrakePadsFront)
	in.Now = day(440)
	stale := only(predict.Forecasts(in), predict.BrakePadsFront)
	if stale.State != predict.Stale || !stale.DataUntil.Equal(day(400)) {
		t.Errorf("%s with data until %v", stale.State, stale.DataUntil)
	}
	if stale.Wear.P50 <= fresh.Wear.P50 || stale.Wear.P90-stale.Wear.P10 <= fresh.Wear.P90-fresh.Wear.P10 {
		t.Errorf("wear %v after 40 silent days, %v before", stale.Wear, fresh.Wear)
	}
}

func TestWornOutIsDueNow(t *testing.T) {
	t.Parallel()
	in := known()
	for i := range 12 {
		in.Readings = append(in.Readings, must(predict.Standard().PadThickness(predict.BrakePadsRear, predict.At{Time: day(33 * i)}, 6.3-0.36*float64(i))))
	}
	f := only(predict.Forecasts(in), predict.BrakePadsRear)
	if f.State != predict.Known || !f.Due.P90.Equal(in.Now) {
		t.Fatalf("%s, due %v", f.State, f.Due)
	}
	if f.OverdueSince.Before(day(285)) || f.OverdueSince.After(day(320)) {
		t.Errorf("overdue since %v, the lining passed 3 mm on %v", f.OverdueSince, day(303))
	}
	if !strings.Contains(f.Reason.EN, "passed") {
		t.Errorf("the reason does not say that the limit was passed: %s", f.Reason.EN)
	}
}

// One wild reading must not move a date; a renewal that nobody recorded must
// be seen after two.
func TestOutliersAndUnrecordedRenewals(t *testing.T) {
	t.Parallel()
	in := known()
	clean := only(predict.Forecasts(in), predict.BrakePadsFront)
	in.Readings = append(in.Readings, must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(398).Add(time.Hour)}, 3)))
	wild := only(predict.Forecasts(in), predict.BrakePadsFront)
	if moved := wild.Due.P50.Sub(clean.Due.P50).Abs(); moved > 7*24*time.Hour {
		t.Errorf("one wild reading moved the date by %v", moved)
	}
	in.Readings = append(in.Readings, must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(399)}, 3)))
	renewed := only(predict.Forecasts(in), predict.BrakePadsFront)
	if renewed.Wear.P50 > 0.1 || renewed.Cycle != "seen-"+day(398).Format(time.DateOnly) {
		t.Errorf("after two readings of a new part: wear %v, cycle %s", renewed.Wear, renewed.Cycle)
	}
}

func TestPowertrainDecidesTheComponents(t *testing.T) {
	t.Parallel()
	cases := map[vehicle.Powertrain]struct{ has, hasNot predict.Component }{
		vehicle.Petrol:            {predict.SparkPlugs, predict.TractionBattery},
		vehicle.Diesel:            {predict.EngineOil, predict.SparkPlugs},
		vehicle.Hybrid:            {predict.TractionBattery, ""},
		vehicle.BatteryElectric:   {predict.TractionBattery, predict.EngineOil},
		vehicle.PowertrainUnknown: {predict.Tyres, predict.EngineOil},
	}
	for p, c := range cases {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			fs := predict.Forecasts(predict.Input{Powertrain: p, Now: day(0)})
			if only(fs, c.has).Component == "" {
				t.Errorf("has no %s", c.has)
			}
			if c.hasNot != "" && only(fs, c.hasNot).Component != "" {
				t.Errorf("has %s", c.hasNot)
			}
		})
	}
}

// The chart and the forecast are one model: where the future band crosses the
// limit are the dates of the forecast.
func TestPathCrossesTheLimitOnTheForecastDates(t *testing.T) {
	t.Parallel()
	in := known()
	for _, c := range []predict.Component{predict.BrakePadsFront, predict.EngineOil} {
		f := only(predict.Forecasts(in), c)
		horizon := int(f.Due.P90.Sub(in.Now).Hours()/24) + 60
		crossed := func(wear func(predict.Quantiles) float64) time.Time {
			for _, p := range predict.Path(in, c, horizon) {
				if p.Future && wear(p.Wear) >= 1 {
					return p.Time
				}
			}
			return time.Time{}
		}
		near := 24 * time.Hour * time.Duration(1+horizon/40)
		for name, pair := range map[string][2]time.Time{
			"P10": {f.Due.P10, crossed(func(q predict.Quantiles) float64 { return q.P90 })},
			"P50": {f.Due.P50, crossed(func(q predict.Quantiles) float64 { return q.P50 })},
			"P90": {f.Due.P90, crossed(func(q predict.Quantiles) float64 { return q.P10 })},
		} {
			if gap := pair[1].Sub(pair[0]); gap < -24*time.Hour || gap > near {
				t.Errorf("%s: the forecast's %s is %v, the chart crosses on %v", c, name, pair[0], pair[1])
			}
		}
	}
}

// Forecasts are computed in memory that is used again: nothing of one vehicle stays in it
// for the next, nor does the next change what was answered.
func TestOneVehicleAfterAnother(t *testing.T) {
	t.Parallel()
	in := known()
	short := in
	short.Days, short.Readings, short.Now = in.Days[:100], in.Readings[:40], day(100)
	bare := predict.Input{Powertrain: vehicle.Petrol, InService: day(-900), Now: day(400)}
	each := []predict.Input{in, short, bare}
	alone := make([][]predict.Forecast, len(each))
	for i, in := range each {
		for _, f := range predict.Forecasts(in) {
			alone[i] = append(alone[i], predict.Fresh(in, f.Component))
		}
	}
	for _, i := range []int{0, 1, 0, 2, 1, 2, 0} {
		got := predict.Forecasts(each[i])
		predict.Forecasts(each[(i+1)%len(each)])
		if diff := cmp.Diff(alone[i], got); diff != "" {
			t.Fatalf("forecasts of vehicle %d changed (-alone +after another):\n%s", i, diff)
		}
	}
}

// What others have named is said as it is, whatever is in it.
func TestNamesAreSaidAsTheyAre(t *testing.T) {
	t.Parallel()
	const source = "gauge {0} {9} {QC} {"
	in := known()
	for i := range in.Readings {
		in.Readings[i].Source = source
	}
	f := only(predict.Forecasts(in), predict.BrakePadsFront)
	if !strings.Contains(f.Reason.EN, "("+source+")") || !strings.Contains(f.Reason.ZH, "（"+source+"）") {
		t.Errorf("a source %q is said as %q and %q", source, f.Reason.EN, f.Reason.ZH)
	}
}
