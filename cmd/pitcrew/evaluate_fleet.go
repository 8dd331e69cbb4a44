package main

import (
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The simulated fleet that forecasts are scored on: three years, with every part
// run to its limit, so that every life has an end.
const evaluatedDays = 3 * 365

var evaluatedEpoch = time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)

// In the fleets whose use changes it does so in the middle of the history, and the
// cars are others than those that taught.
const (
	turnDay      = evaluatedDays / 2
	turnedShare  = 20 // one vehicle for so many of the fleet
	turnedFewest = 20
)

var turnFactors = []float64{0.4, 2}

// simulatedFleet is a simulated fleet as forecasts are scored on it: what the product
// would know of each vehicle, and the truth.
type simulatedFleet struct {
	*simulator.Fleet
	told func()              // after each history
	days *telemetry.BySignal // of the vehicle told last
}

func newSimulatedFleet(vehicles int, seed uint64, turn simulator.Turn, told func()) (simulatedFleet, error) {
	f, err := simulator.New(simulator.Config{
		Seed: seed, Vehicles: vehicles, Epoch: evaluatedEpoch, HistoryDays: evaluatedDays, Upkeep: simulator.AtLimit, Turn: turn,
	})
	return simulatedFleet{f, told, new(telemetry.BySignal)}, err
}

// turnedFleets are those whose use changes, for a fleet of so many vehicles.
func turnedFleets(vehicles int, seed uint64, told func()) ([]evaluate.Turned, error) {
	var out []evaluate.Turned
	for i, factor := range turnFactors {
		f, err := newSimulatedFleet(turnedVehicles(vehicles), seed+uint64(i+1)<<32, simulator.Turn{Day: turnDay, Factor: factor}, told)
		if err != nil {
			return nil, err
		}
		out = append(out, evaluate.Turned{Histories: f, At: evaluatedEpoch.AddDate(0, 0, turnDay), Factor: factor})
	}
	return out, nil
}

func turnedVehicles(vehicles int) int { return max(vehicles/turnedShare, turnedFewest) }

// VINs lists the fleet.
func (f simulatedFleet) VINs() []vehicle.VIN {
	vins := make([]vehicle.VIN, f.Len())
	for i := range vins {
		vins[i] = f.Profile(i).VIN
	}
	return vins
}

// History tells a vehicle, with and without faults planted; one at a time.
func (f simulatedFleet) History(i int) (evaluate.Vehicle, error) {
	d := onItsClock(f.Diary(i))
	defer f.told()
	in, err := f.inputOf(d)
	if err != nil {
		return evaluate.Vehicle{}, err
	}
	v := evaluate.Vehicle{Input: in, Until: f.End(), Damage: map[predict.Component][]evaluate.Damage{}}
	if f.Config().Turn == (simulator.Turn{}) { // of a fleet whose use changes that alone is scored
		if v.Faulty, err = f.inputOf(withFaults(d)); err != nil {
			return evaluate.Vehicle{}, err
		}
	}
	for _, c := range d.Truth.Components {
		component, ok := predict.Standard().ComponentOf(c.Component)
		if !ok {
			continue
		}
		for i, used := range d.Damage[c.Component] {
			v.Damage[component] = append(v.Damage[component], evaluate.Damage{Day: d.Days[i].Day, Used: used})
		}
		for _, l := range c.Lives {
			life := evaluate.Life{Component: component, From: l.From}
			if l.Limit != nil {
				life.Limit = *l.Limit
			}
			v.Lives = append(v.Lives, life)
		}
	}
	return v, nil
}

// onItsClock is a diary with the times that are scored or told by the car's own clock, as its days
// are: a part whose limit is in UTC would be spent up to eight hours before the day that shows it.
// What is given is changed.
func onItsClock(d simulator.Diary) simulator.Diary {
	for i := range d.Visits {
		d.Visits[i].Time = d.Visits[i].Time.Add(d.UTCOffset)
	}
	for i := range d.Days {
		if a := &d.Days[i].Cranking; a.Count > 0 {
			a.FirstAt, a.LastAt = a.FirstAt.Add(d.UTCOffset), a.LastAt.Add(d.UTCOffset)
		}
	}
	for _, c := range d.Truth.Components {
		for i := range c.Lives {
			l := &c.Lives[i]
			l.From = l.From.Add(d.UTCOffset)
			if l.Limit != nil {
				limit := l.Limit.Add(d.UTCOffset)
				l.Limit = &limit
			}
		}
	}
	return d
}

// inputOf reads a diary as the planner would read the car's roll-ups and records.
func (f simulatedFleet) inputOf(d simulator.Diary) (predict.Input, error) {
	var records []history.Record
	for _, visit := range d.Visits {
		r, err := history.NewRecord(historyRecord(d.Profile.VIN, visit), f.End())
		if err != nil {
			return predict.Input{}, fmt.Errorf("record of %s: %w", d.Profile.VIN, err)
		}
		records = append(records, r)
	}
	tell(d, f.days)
	return planner.InputOf(predict.Standard(), d.Profile.Vehicle, *f.days, records, f.End()), nil
}

// tell puts the roll-ups of a diary into memory that had those of another vehicle.
func tell(d simulator.Diary, into *telemetry.BySignal) {
	into.Clear()
	for _, day := range d.Days {
		into.Days = append(into.Days, day.Day)
		rollUp(d.Profile, day, func(s vehicle.Signal, a telemetry.Aggregate) {
			of := a.On(day.Day)
			into.Column(s, 0).Add(&of)
		})
	}
}

func historyRecord(vin vehicle.VIN, v simulator.Visit) history.Record {
	r := history.Record{VIN: vin, Visited: v.Time, OdometerKm: v.OdometerKm, Source: "dealer", Shop: v.Shop}
	for _, item := range v.Items {
		r.Items = append(r.Items, history.Item{Component: item, Outcome: history.OutcomeFailed, Part: v.Put(item)}) // the fleet runs to the limit
	}
	if len(r.Items) == 0 {
		r.Items = append(r.Items, history.Item{Text: "inspection"})
	}
	for _, m := range v.Measurements {
		r.Measurements = append(r.Measurements, history.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
	}
	return r
}

// rollUp tells the roll-up of a day, of the signals that forecasts read.
func rollUp(p simulator.Profile, d simulator.DiaryDay, tell func(vehicle.Signal, telemetry.Aggregate)) {
	morning, evening := d.Day.Start().Add(7*time.Hour), d.Day.End().Add(-time.Hour)
	put := func(s vehicle.Signal, low, last float64) {
		if !math.IsNaN(last) {
			tell(s, telemetry.Aggregate{
				Count: 1, Min: low, Max: math.Max(low, last), Sum: last, First: last, Last: last, FirstAt: evening, LastAt: evening,
			})
		}
	}
	went := func(s vehicle.Signal, first, last float64) {
		if !math.IsNaN(last) {
			tell(s, telemetry.Aggregate{
				Count: 2, Min: min(first, last), Max: max(first, last), Sum: first + last, First: first, Last: last, FirstAt: morning, LastAt: evening,
			})
		}
	}
	went(vehicle.TraveledDistance, (d.OdometerKm-d.DistanceKm)*1000, d.OdometerKm*1000)
	put(vehicle.AirTemperature, d.ColdestC, d.AirC)
	put(vehicle.DayRevolutions, d.Turns, known(d.Turns))
	put(vehicle.DayOilStress, d.OilStress, known(d.OilStress))
	put(vehicle.DayStarts, float64(d.Starts), float64(d.Starts))
	if d.Runs > 0 {
		tell(vehicle.DayShortTrips, telemetry.Aggregate{Count: d.Runs, Max: 1, Sum: float64(d.Short), FirstAt: evening, LastAt: evening})
	}
	put(vehicle.DaySlipAlong, d.SlipAlong, known(d.SlipAlong))
	put(vehicle.DaySlipAcross, d.SlipAcross, known(d.SlipAcross))
	put(vehicle.DayDischarge, d.Pack.DischargeKWh, known(d.Pack.DischargeKWh))
	put(vehicle.DayFastCharge, d.Pack.FastKWh, known(d.Pack.FastKWh))
	put(vehicle.DayHotParking, d.Pack.HotHours, known(d.Pack.HotHours))
	put(vehicle.TractionTemperature, d.Pack.MeanC, d.Pack.MeanC)
	if d.Cranking.Count > 0 {
		tell(vehicle.DayCranking, d.Cranking)
	}
	put(vehicle.LowVoltage, d.CrankV, d.CrankV)
	went(vehicle.PadWearFrontLeft, d.PadFront.First, d.PadFront.Last)
	went(vehicle.PadWearRearLeft, d.PadRear.First, d.PadRear.Last)
	if p.PadSensor == simulator.PadSensorWarn {
		put(vehicle.PadWornFrontLeft, number(d.WornFront), number(d.WornFront))
		put(vehicle.PadWornRearLeft, number(d.WornRear), number(d.WornRear))
	}
	put(vehicle.OilCondition, d.Oil, d.Oil)
	for i, s := range [...]vehicle.Signal{vehicle.TreadFrontLeft, vehicle.TreadFrontRight, vehicle.TreadRearLeft, vehicle.TreadRearRight} {
		put(s, d.Tread[i], d.Tread[i])
	}
	put(vehicle.TractionSoH, d.SoH, d.SoH)
	if d.Cold > 0 {
		put(vehicle.CoolantTemperature, d.ColdestC, d.ColdestC)
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// known is a total that is not 0, else NaN.
func known(total float64) float64 {
	if total == 0 {
		return math.NaN()
	}
	return total
}
