package main

import (
	"fmt"
	"iter"
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

// simulatedVehicles turns a simulated fleet into vehicles to score: what the
// product would know of each, and the truth.
func simulatedVehicles(vehicles int, seed uint64) (iter.Seq2[evaluate.Vehicle, error], error) {
	fleet, err := simulator.New(simulator.Config{
		Seed: seed, Vehicles: vehicles, Epoch: evaluatedEpoch, HistoryDays: evaluatedDays, Upkeep: simulator.AtLimit,
	})
	if err != nil {
		return nil, err
	}
	return func(yield func(evaluate.Vehicle, error) bool) {
		for i := range fleet.Len() {
			v, err := scored(fleet.Diary(i), fleet.End())
			if !yield(v, err) {
				return
			}
		}
	}, nil
}

// scored reads a diary as the planner would read the car's roll-ups and records.
func scored(d simulator.Diary, end time.Time) (evaluate.Vehicle, error) {
	var records []history.Record
	for _, visit := range d.Visits {
		r, err := history.NewRecord(historyRecord(d.Profile.VIN, visit), end)
		if err != nil {
			return evaluate.Vehicle{}, fmt.Errorf("record of %s: %w", d.Profile.VIN, err)
		}
		records = append(records, r)
	}
	rollups := make([]telemetry.DayRollup, len(d.Days))
	for i, day := range d.Days {
		rollups[i] = rollupOf(d.Profile, day)
	}
	v := evaluate.Vehicle{Input: planner.InputOf(predict.Standard(), d.Profile.Vehicle, rollups, records, end), Until: end, Damage: map[predict.Component][]evaluate.Damage{}}
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
				life.Limit, life.LimitKm = *l.Limit, l.LimitKm
			}
			v.Lives = append(v.Lives, life)
		}
	}
	return v, nil
}

func historyRecord(vin vehicle.VIN, v simulator.Visit) history.Record {
	r := history.Record{VIN: vin, Visited: v.Time, OdometerKm: v.OdometerKm, Source: "dealer", Shop: v.Shop}
	for _, item := range v.Items {
		r.Items = append(r.Items, history.Item{Component: item, Outcome: history.OutcomeFailed}) // the fleet runs to the limit
	}
	if len(r.Items) == 0 {
		r.Items = append(r.Items, history.Item{Text: "inspection"})
	}
	for _, m := range v.Measurements {
		r.Measurements = append(r.Measurements, history.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
	}
	return r
}

// rollupOf is the roll-up of a day, of the signals that forecasts read.
func rollupOf(p simulator.Profile, d simulator.DiaryDay) telemetry.DayRollup {
	evening := d.Day.End().Add(-time.Hour)
	r := telemetry.DayRollup{VIN: p.VIN, Day: d.Day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	put := func(s vehicle.Signal, low, last float64) {
		if !math.IsNaN(last) {
			r.Signals[s] = telemetry.Aggregate{
				Count: 1, Min: low, Max: math.Max(low, last), Sum: last, First: last, Last: last,
				FirstAt: evening.Add(-8 * time.Hour), LastAt: evening,
			}
		}
	}
	put(vehicle.TraveledDistance, (d.OdometerKm-d.DistanceKm)*1000, d.OdometerKm*1000)
	put(vehicle.AirTemperature, d.ColdestC, d.AirC)
	put(vehicle.LowVoltage, d.CrankV, d.CrankV)
	put(vehicle.PadWearFrontLeft, d.PadFront, d.PadFront)
	put(vehicle.PadWearRearLeft, d.PadRear, d.PadRear)
	if p.PadSensor == simulator.PadSensorWarn {
		put(vehicle.PadWornFrontLeft, number(d.WornFront), number(d.WornFront))
		put(vehicle.PadWornRearLeft, number(d.WornRear), number(d.WornRear))
	}
	put(vehicle.TractionSoH, d.SoH, d.SoH)
	if d.Cold > 0 {
		put(vehicle.CoolantTemperature, d.ColdestC, d.ColdestC)
	}
	if a, ok := r.Signals[vehicle.TraveledDistance]; ok { // the first day counts from its first reading
		a.First = a.Min
		r.Signals[vehicle.TraveledDistance] = a
	}
	return r
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
