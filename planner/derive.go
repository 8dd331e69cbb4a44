package planner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// facts is everything that is known of one vehicle. The rest is derived.
type facts struct {
	vehicle vehicle.Vehicle
	days    telemetry.BySignal // its roll-ups
	reports []vehicle.CodeReport
	records []history.Record
	prior   predict.Prior
	table   *predict.Table

	decisions []vehicle.OdometerDecision // oldest first
}

// view is what follows from the facts alone, whatever people did since.
type view struct {
	odometer  Odometer
	codes     []diagnosis.CodeState
	input     predict.Input
	forecasts []predict.Forecast
	findings  []diagnosis.Finding
	summary   Summary
}

// derive recomputes everything about a vehicle and writes it, in the transaction
// it is given.
func (p *Planner) derive(ctx context.Context, tx Tx, vin vehicle.VIN, now time.Time) error {
	in := rooms.Get().(*room)
	defer rooms.Put(in)
	f, err := p.readFactsIn(ctx, in, tx, vin)
	if err != nil {
		return err
	}
	v := in.look(f, now)
	if err := tx.ReplaceCodeStates(ctx, vin, v.codes); err != nil {
		return fmt.Errorf("write trouble codes: %w", err)
	}
	if err := tx.ReplaceForecasts(ctx, vin, v.forecasts); err != nil {
		return fmt.Errorf("write forecasts: %w", err)
	}
	if err := follow(ctx, tx, vin, v); err != nil {
		return fmt.Errorf("follow forecasts: %w", err)
	}
	if err := tx.ReplaceFindings(ctx, vin, v.findings); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	orders, err := propose(ctx, tx, vin, v)
	if err != nil {
		return fmt.Errorf("propose work: %w", err)
	}
	if err := remind(ctx, tx, f.vehicle, v, orders); err != nil {
		return fmt.Errorf("plan reminders: %w", err)
	}
	return tx.PutSummary(ctx, v.summary)
}

// facts reads the facts of a vehicle in a transaction of its own.
func (p *Planner) facts(ctx context.Context, vin vehicle.VIN) (f facts, err error) {
	err = p.o.Store.Read(ctx, func(tx Tx) (err error) {
		f, err = p.readFacts(ctx, tx, vin)
		return err
	})
	return f, err
}

// readFacts reads into memory of their own.
func (p *Planner) readFacts(ctx context.Context, tx Tx, vin vehicle.VIN) (facts, error) {
	return p.readFactsIn(ctx, new(room), tx, vin)
}

func (p *Planner) readFactsIn(ctx context.Context, in *room, tx Tx, vin vehicle.VIN) (f facts, err error) {
	f.table = p.o.Table
	if f.vehicle, err = tx.Vehicle(ctx, vin); err != nil {
		return f, fmt.Errorf("read vehicle: %w", err)
	}
	if err = tx.RollupsBySignal(ctx, vin, &in.rollups); err != nil {
		return f, fmt.Errorf("read roll-ups: %w", err)
	}
	f.days = in.rollups
	if f.reports, err = tx.CodeReports(ctx, vin); err != nil {
		return f, fmt.Errorf("read code reports: %w", err)
	}
	if f.records, err = tx.Records(ctx, vin); err != nil {
		return f, fmt.Errorf("read history: %w", err)
	}
	if f.decisions, err = tx.OdometerDecisions(ctx, vin); err != nil {
		return f, fmt.Errorf("read odometer decisions: %w", err)
	}
	if f.prior, err = tx.Prior(ctx); err != nil {
		return f, fmt.Errorf("read prior: %w", err)
	}
	return f, nil
}

// look derives the view of a vehicle. It is pure: the same facts and the same
// now give the same view.
func (r *room) look(f facts, now time.Time) view {
	var v view
	v.odometer = r.odometer(f)
	readiness, monitors := diagnosis.FoldReadiness(f.reports, drivenBy(&f.days))
	v.codes = diagnosis.FoldCodes(f.reports, append(monitors, tracesOf(&f.days, f.records)...)...)
	stampOdometer(v.codes, v.odometer, f.days.Signals[vehicle.TraveledDistance])
	v.input = r.input(f, v.odometer, now)
	v.forecasts = predict.Forecasts(v.input)
	v.findings = diagnosis.Evaluate(diagnosis.Input{
		VIN: f.vehicle.VIN, Powertrain: v.input.Powertrain, Now: now,
		Codes: v.codes, Signals: newestOf(&f.days), Trends: trendsOf(&f.days),
		Forecasts: v.forecasts, Services: v.input.Services, Table: f.table,
	})
	v.summary = summaryOf(f, v, now)
	v.summary.Readiness = readiness
	return v
}

// inputOf is what a forecast reads of the facts, in memory of its own.
func inputOf(f facts, now time.Time) predict.Input {
	r := new(room)
	return r.input(f, r.odometer(f), now)
}

// input is inputOf in a room, given the odometer.
func (r *room) input(f facts, odometer Odometer, now time.Time) predict.Input {
	powertrain := powertrainOf(f.vehicle, &f.days)
	milestones := r.milestones(odometer)
	records := settled(f.records, milestones)
	return predict.Input{
		VIN: f.vehicle.VIN, Powertrain: powertrain, InService: f.vehicle.InService, TimeZone: f.vehicle.TimeZone, Now: now,
		Days: r.daysOf(&f.days, milestones), Services: history.ServicesOf(f.table, records), Kept: history.KeptOf(f.table, records),
		Readings: r.readingsOf(f.table, powertrain, &f.days, records), Told: r.toldOf(milestones), Prior: f.prior, Table: f.table,
	}
}

// powertrainOf trusts what was registered or told, and else infers from signals
// that only one kind of car has. Fuel trims belong to engines with spark
// ignition (SAE J1979 PIDs 06 to 09).
func powertrainOf(v vehicle.Vehicle, days *telemetry.BySignal) vehicle.Powertrain {
	if v.Powertrain != vehicle.PowertrainUnknown {
		return v.Powertrain
	}
	seen := func(s vehicle.Signal) bool { return days.Signals[s].Len() > 0 }
	engine := seen(vehicle.EngineSpeed)
	traction := seen(vehicle.TractionSoC) || seen(vehicle.TractionSoH)
	switch {
	case engine && traction:
		return vehicle.Hybrid
	case traction:
		return vehicle.BatteryElectric
	case engine && (seen(vehicle.LongTermTrim1) || seen(vehicle.LongTermTrim2)):
		return vehicle.Petrol
	}
	return vehicle.PowertrainUnknown
}

// kmPerDay is how far the vehicle drives, as its forecasts know.
func (v *view) kmPerDay() float64 {
	if len(v.forecasts) > 0 {
		return v.forecasts[0].KmPerDay
	}
	return predict.UsageOf(v.input).KmPerDay.P50
}

// urgency orders findings: what stops a car comes first.
var urgency = []diagnosis.Drivability{diagnosis.Stop, diagnosis.Soon, diagnosis.Monitor}

func summaryOf(f facts, v view, now time.Time) Summary {
	s := Summary{
		VIN: f.vehicle.VIN, Powertrain: v.input.Powertrain, Findings: len(v.findings),
		DataUntil: f.vehicle.LastEvent, Planned: now,
	}
	s.OdometerRefused = v.odometer.Undecided()
	if newest, ok := v.odometer.Current(); ok {
		s.OdometerKm, s.DialKm, s.OdometerAt = newest.Total/1000, newest.Metres/1000, newest.Time
		s.KmPerDay = v.kmPerDay()
	}
	for _, c := range v.codes {
		if c.Present() {
			s.ActiveCodes++
			s.MIL = s.MIL || c.MIL
		}
	}
	for _, d := range urgency {
		if slices.ContainsFunc(v.findings, func(f diagnosis.Finding) bool { return f.Drivability == d }) {
			s.Drivability = d
			break
		}
	}
	for _, fc := range v.forecasts {
		due := fc.Due.P50
		if !fc.OverdueSince.IsZero() {
			due = fc.OverdueSince
		}
		if fc.State == predict.Known && !due.IsZero() && (s.NextDue.IsZero() || due.Before(s.NextDue)) {
			s.NextItem, s.NextDue = fc.Component, due
		}
	}
	return s
}
