package planner

import (
	"context"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Command carries out one step of a work order. Closing writes the service
// record, which opens new wear paths and closes reminders; all of it is one
// transaction, so nobody sees half.
func (p *Planner) Command(ctx context.Context, id string, cmd workorders.Command) (workorders.Order, error) {
	now := p.o.Now()
	var done workorders.Order
	err := p.o.Store.Write(ctx, func(tx Tx) error {
		order, err := tx.Order(ctx, id)
		if err != nil {
			return err
		}
		f, err := p.readFacts(ctx, tx, order.VIN)
		if err != nil {
			return err
		}
		cmd.LastTrustedKm, cmd.OdometerDoubt = judge(f, cmd.OdometerKm, now)
		if order, err = workorders.Apply(order, cmd, now); err != nil {
			return err
		}
		if err := tx.PutOrder(ctx, order); err != nil {
			return err
		}
		if order.State == workorders.Closed {
			rec, err := history.NewRecord(workorders.ServiceRecord(order, p.o.Shop), now)
			if err != nil {
				return err
			}
			if err := tx.AddRecord(ctx, rec); err != nil {
				return err
			}
		}
		if err := p.derive(ctx, tx, order.VIN, now); err != nil {
			return err
		}
		done, err = tx.Order(ctx, id)
		return err
	})
	return done, err
}

// judge returns what the instrument of a vehicle showed last, in km, and why the
// ledger would not believe a new reading of so many km; empty when it would.
func judge(f facts, km float64, now time.Time) (lastKm float64, doubt string) {
	before := odometerOf(f)
	if newest, ok := before.Current(); ok {
		lastKm = newest.Metres / 1000
	}
	if !(km > 0) {
		return lastKm, ""
	}
	f.records = append(slices.Clip(f.records), history.Record{Visited: now, OdometerKm: km, Source: history.FromWorkOrder})
	read := vehicle.ReadOdometer(now, vehicle.OdometerWorkOrder, km, vehicle.Kilometres)
	for _, r := range odometerOf(f).Refused {
		if r.Reading == read && r.Kind != vehicle.OdometerDuplicate {
			doubt = r.Reason.EN
		}
	}
	return lastKm, doubt
}

// AddRecord adds a service record of work done elsewhere and returns it as it is
// stored. A vehicle that was never heard of is registered with it. Adding it again
// changes nothing.
func (p *Planner) AddRecord(ctx context.Context, r history.Record) (history.Record, error) {
	now := p.o.Now()
	if r.Source == history.FromWorkOrder {
		return r, fault.Invalidf("source", "a record of a work order is written by closing the order")
	}
	rec, err := history.NewRecord(r, now)
	if err != nil {
		return rec, err
	}
	var added history.Record
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		if _, err := known(ctx, tx, rec.VIN); err != nil {
			return err
		}
		before, err := stored(ctx, tx, rec)
		if err != nil {
			return err
		}
		if err := tx.AddRecord(ctx, rec); err != nil {
			return err
		}
		if before != nil {
			added = *before
			return nil
		}
		after, err := stored(ctx, tx, rec)
		if err != nil {
			return err
		}
		added = *after
		return p.derive(ctx, tx, rec.VIN, now)
	})
	return added, err
}

// stored reads a record as it is kept, under whatever id; nil when it is not.
func stored(ctx context.Context, tx Tx, r history.Record) (*history.Record, error) {
	records, err := tx.Records(ctx, r.VIN)
	if err != nil {
		return nil, err
	}
	for i, old := range records {
		if old.ID == r.ID || r.SourceID != "" && old.Source == r.Source && old.SourceID == r.SourceID {
			return &records[i], nil
		}
	}
	return nil, nil
}

// known returns a vehicle, and registers one that nobody has told us of yet.
func known(ctx context.Context, tx Tx, vin vehicle.VIN) (vehicle.Vehicle, error) {
	v, err := tx.Vehicle(ctx, vin)
	if fault.CodeOf(err) == fault.NotFound {
		if err := tx.PutVehicle(ctx, vehicle.Vehicle{VIN: vin}); err != nil {
			return v, err
		}
		return tx.Vehicle(ctx, vin)
	}
	return v, err
}

// Register changes what is known of a vehicle and its owner; change gets the
// vehicle as it stands.
func (p *Planner) Register(ctx context.Context, vin vehicle.VIN, change func(*vehicle.Vehicle)) error {
	now := p.o.Now()
	return p.o.Store.Write(ctx, func(tx Tx) error {
		v, err := known(ctx, tx, vin)
		if err != nil {
			return err
		}
		before := v
		change(&v)
		if v == before {
			return nil // registered again; a vehicle that is new is planned in its turn
		}
		if err := checkVehicle(v, now); err != nil {
			return err
		}
		if err := tx.PutVehicle(ctx, v); err != nil {
			return err
		}
		return p.derive(ctx, tx, vin, now)
	})
}

func checkVehicle(v vehicle.Vehicle, now time.Time) error {
	switch v.Powertrain {
	case vehicle.PowertrainUnknown, vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric:
	default:
		return fault.Invalidf("powertrain", "%q is not petrol, diesel, hybrid or battery_electric", v.Powertrain)
	}
	if _, err := time.LoadLocation(v.TimeZone); err != nil {
		return fault.Invalidf("timeZone", "%q is not a time zone such as Asia/Shanghai", v.TimeZone)
	}
	if v.ModelYear != 0 && (v.ModelYear < 1900 || v.ModelYear > now.Year()+2) {
		return fault.Invalidf("modelYear", "%d is not a model year", v.ModelYear)
	}
	if v.InService.After(now.AddDate(1, 0, 0)) {
		return fault.Invalidf("inService", "the vehicle cannot have gone into service in the far future")
	}
	return nil
}

// ActOnReminder carries out what a person decided about a reminder.
func (p *Planner) ActOnReminder(ctx context.Context, id string, cmd reminders.Command) (reminders.Reminder, error) {
	cmd.Table = p.o.Table
	var done reminders.Reminder
	err := p.o.Store.Write(ctx, func(tx Tx) error {
		r, err := tx.Reminder(ctx, id)
		if err != nil {
			return err
		}
		if r, err = reminders.Apply(r, cmd, p.o.Now()); err != nil {
			return err
		}
		if err := tx.PutReminder(ctx, r); err != nil {
			return err
		}
		done, err = tx.Reminder(ctx, id)
		return err
	})
	return done, err
}

// Paths draws the wear path of every component of a vehicle, from its last
// renewal to horizonDays ahead.
func (p *Planner) Paths(ctx context.Context, vin vehicle.VIN, horizonDays int) (map[predict.Component][]predict.PathPoint, error) {
	f, err := p.facts(ctx, vin)
	if err != nil {
		return nil, err
	}
	return pathsOf(inputOf(f, p.o.Now()), p.o.Table, horizonDays), nil
}

func pathsOf(in predict.Input, t *predict.Table, horizonDays int) map[predict.Component][]predict.PathPoint {
	paths := map[predict.Component][]predict.PathPoint{}
	for _, spec := range t.Specs() {
		if path := predict.Path(in, spec.Component, horizonDays); len(path) > 0 {
			paths[spec.Component] = path
		}
	}
	return paths
}
