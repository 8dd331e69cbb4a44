package planner

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// maxCorrectionKm is more than any vehicle has driven, as in a service record.
const maxCorrectionKm = 5e6

// OdometerCommand is what a person says about one reading of a vehicle, which is named
// by its id or, where there is one reading only at that time, by its time. A
// correction may be of a time without a reading.
type OdometerCommand struct {
	Verdict vehicle.OdometerVerdict
	Reading string
	Time    time.Time
	TotalKm float64 // of a correction: how far the vehicle had gone in all
	By      string
	Note    string
}

// DecideOdometer takes a decision about a reading, plans the vehicle again, and
// returns its odometer as it then is. Deciding the same again changes nothing. A
// decision that contradicts an earlier one is fault.FailedPrecondition and says which.
func (p *Planner) DecideOdometer(ctx context.Context, vin vehicle.VIN, cmd OdometerCommand) (Odometer, error) {
	now := p.o.Now()
	cmd.By, cmd.Note = strings.TrimSpace(cmd.By), strings.TrimSpace(cmd.Note)
	if err := cmd.check(now); err != nil {
		return Odometer{}, err
	}
	var after Odometer
	err := p.o.Store.Write(ctx, func(tx Tx) error {
		f, err := p.readFacts(ctx, tx, vin)
		if err != nil {
			return err
		}
		after = odometerOf(f)
		d, err := after.decisionOf(f.odometer(nil), cmd, now)
		if err != nil || d == nil {
			return err
		}
		before := after
		f.decisions = append(slices.Clip(f.decisions), *d)
		after = odometerOf(f)
		if err := contradicts(before, after, *d); err != nil {
			return err
		}
		if err := tx.AddOdometerDecision(ctx, vin, *d); err != nil {
			return err
		}
		return p.derive(ctx, tx, vin, now)
	})
	return after, err
}

func (c OdometerCommand) check(now time.Time) error {
	switch {
	case c.By == "":
		return fault.Invalidf("actor", "say who decides")
	case c.Reading == "" && c.Time.IsZero():
		return fault.Invalidf("reading", "say which reading: its id, or its time")
	case c.Reading != "" && !c.Time.IsZero():
		return fault.Invalidf("time", "a reading is named by its id or by its time, not by both")
	case c.Time.After(now):
		return fault.Invalidf("time", "lies in the future")
	case c.Verdict != vehicle.CorrectReading:
		return nil
	case !(c.TotalKm >= 0) || math.IsInf(c.TotalKm, 0):
		return fault.Invalidf("totalKm", "say how far the vehicle had gone in all, in km; it cannot be below zero")
	case c.TotalKm > maxCorrectionKm:
		return fault.Invalidf("totalKm", "no vehicle has driven %.0f km", c.TotalKm)
	}
	return nil
}

// decisionOf is the decision to add, nil when it is in force already. The readings are
// those that the ledger was made of.
func (o Odometer) decisionOf(readings []vehicle.OdometerReading, c OdometerCommand, now time.Time) (*vehicle.OdometerDecision, error) {
	about, err := o.named(readings, c)
	if err != nil {
		return nil, err
	}
	d := vehicle.OdometerDecision{Verdict: c.Verdict, Reading: about, At: now.UTC().Truncate(time.Microsecond), By: c.By, Note: c.Note}
	if c.Verdict == vehicle.CorrectReading {
		d.Metres = c.TotalKm * 1000
	}
	var last vehicle.OdometerDecision
	for _, old := range o.Decisions {
		if old.Reading.ID() == about.ID() && !old.At.Before(last.At) {
			last = old
		}
	}
	switch {
	case last.Verdict == d.Verdict && last.Metres == d.Metres:
		return nil, nil
	case last.Verdict == "" && d.Verdict == vehicle.WithdrawDecision:
		return nil, fault.New(fault.FailedPrecondition, "nobody has decided about this reading: there is nothing to withdraw")
	case !d.At.After(last.At): // whatever the clocks say, it comes after what it replaces
		d.At = last.At.Add(time.Microsecond)
	}
	return &d, nil
}

// named finds the reading that a command is about, among those that came and those
// that somebody decided about. For a correction of a time without one it is that time.
func (o Odometer) named(readings []vehicle.OdometerReading, c OdometerCommand) (about vehicle.OdometerReading, err error) {
	all := slices.Clip(readings)
	for _, d := range o.Decisions {
		all = append(all, d.Reading)
	}
	found := map[string]vehicle.OdometerReading{}
	for _, r := range all {
		id := r.ID()
		if id == c.Reading || !c.Time.IsZero() && r.Time.Truncate(time.Millisecond).Equal(c.Time.Truncate(time.Millisecond)) {
			found[id] = r
		}
	}
	for _, r := range found {
		about = r
	}
	correct := c.Verdict == vehicle.CorrectReading
	switch {
	case len(found) > 1:
		return about, fault.Invalidf("time", "there are %d readings at this time: name one by its id, as the list of readings has it", len(found))
	case len(found) == 0 && c.Reading != "":
		return about, fault.New(fault.NotFound, "this vehicle has no odometer reading %s: the list of readings has their ids", c.Reading)
	case len(found) == 0 && !correct:
		return about, fault.New(fault.NotFound, "this vehicle has no odometer reading at %s: the list of readings has their times", c.Time.UTC().Format(time.RFC3339Nano))
	case len(found) == 0:
		return vehicle.OdometerReading{Time: c.Time.UTC().Truncate(time.Microsecond)}, nil
	case !(about.Metres >= 0) || math.IsInf(about.Metres, 0):
		return about, fault.New(fault.FailedPrecondition, "the reading is not a distance, and never counts: if you know the total, correct it at another time")
	}
	return about, nil
}

// contradicts is an error when a decision makes another one impossible, or is made
// impossible by one.
func contradicts(before, after Odometer, d vehicle.OdometerDecision) error {
	if after.holds(d) {
		for _, other := range vehicle.DecisionsInForce(before.Decisions) {
			if other.Reading.ID() != d.Reading.ID() && before.holds(other) && !after.holds(other) {
				return contradiction(other)
			}
		}
		return nil
	}
	for _, other := range vehicle.DecisionsInForce(before.Decisions) {
		if total, ok := before.totalOf(other); ok && d.Reading.Time.Before(other.Reading.Time) != (d.Metres < total) {
			return contradiction(other)
		}
	}
	return fault.New(fault.FailedPrecondition, "this contradicts what persons said of other readings: withdraw those decisions first")
}

func contradiction(other vehicle.OdometerDecision) error {
	km := other.Reading.Metres / 1000
	if other.Verdict == vehicle.CorrectReading {
		km = other.Metres / 1000
	}
	return fault.New(fault.FailedPrecondition,
		"this contradicts what %s said of %s, %.0f km: withdraw that decision first, or correct this one",
		other.By, other.Reading.Time.UTC().Format("2006-01-02 15:04 UTC"), km)
}

// holds says whether the ledger follows a decision. Voiding and withdrawing always can.
func (o Odometer) holds(d vehicle.OdometerDecision) bool {
	_, ok := o.totalOf(d)
	return ok || d.Verdict == vehicle.VoidReading || d.Verdict == vehicle.WithdrawDecision
}

// totalOf is how far the vehicle had gone, in metres, by the reading that a person
// accepted or corrected; false when the ledger does not follow them.
func (o Odometer) totalOf(d vehicle.OdometerDecision) (metres float64, ok bool) {
	for _, a := range o.Accepted {
		switch {
		case !a.Time.Equal(d.Reading.Time) || a.By == "":
		case d.Verdict == vehicle.CorrectReading && a.Total == d.Metres,
			d.Verdict == vehicle.AcceptReading && a.Metres == d.Reading.Metres:
			return a.Total, true
		}
	}
	return 0, false
}
