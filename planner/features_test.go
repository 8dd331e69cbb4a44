package planner_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Tyres are measured on both axles and sold as a set: the worn axle decides, not
// the mean of the two.
func TestTheWorstOfAVisitDecides(t *testing.T) {
	visited := time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	record, err := history.NewRecord(history.Record{
		VIN: "LSJE36096MS140495", Visited: visited, OdometerKm: 40_000, Source: "dealer",
		Items: []history.Item{{Text: "inspection"}},
		Measurements: []history.Measurement{
			{Component: "tyres", Value: 6.1, Unit: "mm"}, {Component: "tyres", Value: 3.2, Unit: "mm"},
			{Component: "brake_pads_front", Value: 5, Unit: "mm"}, {Component: "tyres", Value: 5.8, Unit: "mm"},
		},
	}, visited.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, telemetry.BySignal{}, []history.Record{record}, visited.AddDate(0, 0, 2))
	worn, _ := predict.Standard().TreadDepth(predict.At{}, 3.2)
	tyres := 0
	for _, r := range in.Readings {
		if r.Component == predict.Tyres {
			tyres++
			if r.Wear != worn.Wear {
				t.Errorf("tyres worn to %.2f, want %.2f: the lowest tread", r.Wear, worn.Wear)
			}
		}
	}
	if tyres != 1 || len(in.Readings) != 2 {
		t.Errorf("%d readings, %d of tyres; want 2 and 1: %+v", len(in.Readings), tyres, in.Readings)
	}
}

// The contact of a worn pad speaks once, when it closes; of a pair of gauges the
// worse wheel does.
func TestPadsOfADay(t *testing.T) {
	day := vehicle.DayOf(time.Date(2026, time.May, 4, 0, 0, 0, 0, time.UTC))
	var rollups []telemetry.DayRollup
	for i := range vehicle.Day(30) {
		evening := (day + i).End().Add(-time.Hour)
		last := func(v float64) telemetry.Aggregate {
			var a telemetry.Aggregate
			a.Add(evening, v)
			return a
		}
		contact, gauge := 0.0, last(40)
		if i >= 10 {
			contact = 1
		}
		if i >= 20 {
			gauge = last(45)
		}
		if i == 20 {
			gauge = telemetry.Aggregate{}
			gauge.Add(evening.Add(-8*time.Hour), 40)
			gauge.Add(evening, 45)
		}
		rollups = append(rollups, telemetry.DayRollup{Day: day + i, Signals: map[vehicle.Signal]telemetry.Aggregate{
			vehicle.PadWornFrontLeft: last(contact), vehicle.PadWearRearLeft: last(35), vehicle.PadWearRearRight: gauge,
		}})
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, telemetry.BySignalOf(rollups), nil, (day + 30).Start())
	var front, rear []predict.Reading
	for _, r := range in.Readings {
		switch r.Component { //nolint:exhaustive // the others are not asked
		case predict.BrakePadsFront:
			front = append(front, r)
		case predict.BrakePadsRear:
			if !r.Bound { // that the next step has not come is said, too
				rear = append(rear, r)
			}
		}
	}
	if len(front) != 1 || vehicle.DayOf(front[0].Time) != day+10 || front[0].Wear < 0.9 || front[0].Wear >= 1 {
		t.Errorf("of the contact %+v, want one reading near the limit on day 10", front)
	}
	if n := len(rear); n < 2 || rear[n-1].Wear != 0.45 || vehicle.DayOf(rear[n-1].Time) != day+21 {
		t.Errorf("of the gauges %+v, want the last to say 0.45 on day 21, when a second look has shown it", rear)
	} else if at, from := rear[n-1].Time.Add(-rear[n-1].Span/2), (day + 20).End().Add(-9*time.Hour); at.Before(from) || at.After(from.Add(8*time.Hour)) {
		t.Errorf("the step is dated %v, want within the drive of day 20", at)
	}
}

// Of a sensor with much noise the newest three days of a week count; of four tyres the
// lowest.
func TestSensorsOfAWeek(t *testing.T) {
	monday := vehicle.Day(20_006) / 7 * 7
	var rollups []telemetry.DayRollup
	for i := range vehicle.Day(7) {
		last := func(v float64) telemetry.Aggregate {
			var a telemetry.Aggregate
			a.Add((monday + i).End().Add(-time.Hour), v)
			return a
		}
		rollups = append(rollups, telemetry.DayRollup{Day: monday + i, Signals: map[vehicle.Signal]telemetry.Aggregate{
			vehicle.OilCondition:   last(60 - float64(i)),
			vehicle.TreadFrontLeft: last(5), vehicle.TreadRearRight: last(4.8),
		}})
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, telemetry.BySignalOf(rollups), nil, (monday + 7).Start())
	wear := map[predict.Component]float64{}
	for _, r := range in.Readings {
		wear[r.Component] = r.Wear
		if vehicle.DayOf(r.Time) != monday+6 {
			t.Errorf("reading of %s at %s, want the last day", r.Component, r.Time)
		}
	}
	if len(in.Readings) != 2 || math.Abs(wear[predict.EngineOil]-0.45) > 1e-9 || math.Abs(wear[predict.Tyres]-0.5) > 1e-9 {
		t.Errorf("readings %+v, want oil at 0.45 and tyres at 0.5", in.Readings)
	}
}

// A sensor of its own row speaks once a week, by the newest day that says anything it can show, and what is
// taken of one week is not taken of the next.
func TestARowsOwnSensorSpeaksOnceAWeek(t *testing.T) {
	const insulation vehicle.Signal = "Vehicle.Powertrain.TractionBattery.InsulationResistance"
	monday := vehicle.Day(20_006) / 7 * 7
	var rollups []telemetry.DayRollup
	for i := range vehicle.Day(21) {
		var kOhm telemetry.Aggregate
		kOhm.Add((monday + i).Start().Add(7*time.Hour), 1000)
		if i%7 == 6 {
			kOhm.Add((monday + i).Start().Add(8*time.Hour), 0) // broken on the last day of each week: it takes the one before
		}
		rollups = append(rollups, telemetry.DayRollup{Day: monday + i, Signals: map[vehicle.Signal]telemetry.Aggregate{insulation: kOhm}})
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.BatteryElectric}, telemetry.BySignalOf(rollups), nil, (monday + 21).Start())
	if len(in.Readings) != 3 {
		t.Fatalf("%d readings %+v, want one a week", len(in.Readings), in.Readings)
	}
	for i, r := range in.Readings {
		if want := monday + vehicle.Day(7*i+5); r.Component != "hv_insulation" || vehicle.DayOf(r.Time) != want {
			t.Errorf("reading of %s on day %d, want %d", r.Component, vehicle.DayOf(r.Time)-monday, want-monday)
		}
	}
}

// The mean of a week's starts says from when on they were: a battery that was renewed in
// that week shares it with the one before.
func TestStartsOfAWeekSpanIt(t *testing.T) {
	monday := vehicle.Day(20_006) / 7 * 7
	var rollups []telemetry.DayRollup
	for _, i := range []vehicle.Day{0, 2, 5} {
		var starts telemetry.Aggregate
		starts.Add((monday + i).Start().Add(7*time.Hour), 9.9)
		rollups = append(rollups, telemetry.DayRollup{Day: monday + i, Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.DayCranking: starts}})
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, telemetry.BySignalOf(rollups), nil, (monday + 7).Start())
	if len(in.Readings) != 1 || in.Readings[0].Span != 5*24*time.Hour {
		t.Errorf("readings %+v, want one that spans five days", in.Readings)
	}
}

// What the totals of a day say of its work reaches the forecast, each of its own day; what
// was charged fast on a day without driving counts on the next.
func TestDaysTellTheirWork(t *testing.T) {
	day := vehicle.DayOf(time.Date(2026, time.May, 4, 0, 0, 0, 0, time.UTC))
	roll := func(i vehicle.Day, km float64, totals map[vehicle.Signal]float64) telemetry.DayRollup {
		r := telemetry.DayRollup{Day: day + i, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
		totals[vehicle.TraveledDistance] = 1000 * km
		for s, v := range totals {
			var a telemetry.Aggregate
			a.Add((day + i).Start().Add(8*time.Hour), v)
			r.Signals[s] = a
		}
		return r
	}
	type totals = map[vehicle.Signal]float64
	runs := roll(3, 20_110, totals{vehicle.DayStarts: 4, vehicle.DaySlipAcross: 12, vehicle.DaySlipAlong: 9, vehicle.DayDischarge: 11, vehicle.DayHotParking: 6, vehicle.TractionTemperature: 31})
	runs.Signals[vehicle.DayShortTrips] = telemetry.Aggregate{Count: 3, Sum: 2, Max: 1}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Hybrid}, telemetry.BySignalOf([]telemetry.DayRollup{
		roll(0, 20_000, totals{}), roll(1, 20_050, totals{vehicle.DayFastCharge: 5}), roll(2, 20_050, totals{vehicle.DayFastCharge: 30}), runs,
	}), nil, (day + 4).Start())
	want := []predict.Day{
		{Day: day + 1, OdometerKm: 20_050, DistanceKm: 50, FastChargeKWh: 5},
		{
			Day: day + 3, OdometerKm: 20_110, DistanceKm: 60, Starts: 4, Runs: 3, ShortRuns: 2, SlipAlong: 9, SlipAcross: 12,
			DischargeKWh: 11, FastChargeKWh: 30, HotHours: 6, PackC: 31,
		},
	}
	got := slices.Clone(in.Days)
	for i := range got {
		got[i].AirTempC = 0 // nobody told it: not a number
	}
	if !slices.Equal(got, want) {
		t.Errorf("days %+v\nwant %+v", got, want)
	}
}

// That the better wheel of an axle moves up to where the worse one has just come says nothing
// of the axle: it has not been less worn that morning.
func TestTheBetterWheelSaysNothing(t *testing.T) {
	day := vehicle.DayOf(time.Date(2026, time.May, 4, 0, 0, 0, 0, time.UTC))
	gauge := func(d vehicle.Day, before, after float64, moves vehicle.Day) (a telemetry.Aggregate) {
		first, last := before, before
		if d >= moves {
			last = after
		}
		if d > moves {
			first = after
		}
		a.Add(d.Start().Add(7*time.Hour), first)
		a.Add(d.End().Add(-time.Hour), last)
		return a
	}
	readings := func(better bool) (found []predict.Reading) {
		var rollups []telemetry.DayRollup
		for d := day; d < day+40; d++ {
			of := map[vehicle.Signal]telemetry.Aggregate{vehicle.PadWearRearRight: gauge(d, 40, 45, day+10)}
			if better {
				of[vehicle.PadWearRearLeft] = gauge(d, 40, 45, day+11)
			}
			rollups = append(rollups, telemetry.DayRollup{Day: d, Signals: of})
		}
		in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, telemetry.BySignalOf(rollups), nil, (day + 40).Start())
		return in.Readings
	}
	if with, without := readings(true), readings(false); len(without) < 3 || !slices.Equal(with, without) {
		t.Errorf("with the better wheel %+v, without %+v", with, without)
	}
}

// A vehicle that is laid up and goes on reporting has not fallen silent: it stands, and a plan's date that
// comes meanwhile is to be acted on.
func TestAVehicleThatStandsIsNotSilent(t *testing.T) {
	day := vehicle.DayOf(time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC))
	v := vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}
	fluid, err := history.NewRecord(history.Record{
		VIN: v.VIN, Visited: (day - 315).Start().Add(9 * time.Hour), OdometerKm: 15_000, Source: "dealer",
		Items: []history.Item{{Text: "brake fluid", Component: "brake_fluid"}},
	}, day.Start())
	if err != nil {
		t.Fatal(err)
	}
	var rollups []telemetry.DayRollup
	const driven, days = 300, 430
	for i := range vehicle.Day(days) {
		var dial telemetry.Aggregate
		dial.Add((day + i).End().Add(-time.Hour), 30_000_000+40_000*float64(min(i, driven)))
		rollups = append(rollups, telemetry.DayRollup{Day: day + i, Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.TraveledDistance: dial}})
	}
	now := (day + days).Start()
	for _, f := range planner.ForecastsOf(nil, v, telemetry.BySignalOf(rollups), []history.Record{fluid}, now) {
		if f.Component == predict.BrakeFluid && (f.State != predict.Known || f.OverdueSince.IsZero() || f.KmPerDay > 25 || !f.DataUntil.Equal(now)) {
			t.Errorf("brake fluid, two years after it was renewed, of a vehicle that has stood for 130 days: %s, overdue since %v, %.0f km a day, data until %v",
				f.State, f.OverdueSince, f.KmPerDay, f.DataUntil)
		}
	}
}
