package planner

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// propose brings the machine's proposals in line with the findings and returns
// the vehicle's orders as they then stand.
func propose(ctx context.Context, tx Tx, vin vehicle.VIN, v view) ([]workorders.Order, error) {
	orders, err := tx.Orders(ctx, vin)
	if err != nil {
		return nil, err
	}
	due, early := v.byTime()
	wanted := append(linesOf(due), kept(orders, v.forecasts)...)
	changes := workorders.Propose(orders, wanted, linesOf(early), vin, v.input.Now)
	for _, c := range changes {
		if c.Delete {
			err = tx.DeleteOrder(ctx, c.Order.ID)
		} else {
			err = tx.PutOrder(ctx, c.Order)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(changes) == 0 {
		return orders, nil
	}
	return tx.Orders(ctx, vin)
}

// byTime tells the findings that work is raised on now from those of worn parts whose
// time has not come. A finding opens when a workshop can begin to look for a date;
// an order that is raised then throws away what is left of the part.
func (v *view) byTime() (due, early []diagnosis.Finding) {
	for _, f := range v.findings {
		if f.Kind == diagnosis.FromWear && f.Drivability == diagnosis.Monitor && !v.raises(f) {
			early = append(early, f)
		} else {
			due = append(due, f)
		}
	}
	return due, early
}

func (v *view) raises(f diagnosis.Finding) bool {
	c := predict.Component(f.Family)
	spec, _ := v.input.Table.Of(c)
	return slices.ContainsFunc(v.forecasts, func(fc predict.Forecast) bool {
		return fc.Component == c && predict.Raises(v.input.Now, fc.Due, spec.Safety)
	})
}

// kept are the worn parts of standing proposals whose car has fallen silent. A
// stale forecast opens nothing new, but a part does not heal by silence.
func kept(orders []workorders.Order, forecasts []predict.Forecast) []workorders.Line {
	var lines []workorders.Line
	for _, o := range orders {
		if o.State != workorders.Proposed {
			continue
		}
		for _, l := range o.Lines {
			same := func(f predict.Forecast) bool {
				return f.State == predict.Stale && string(f.Component) == l.Component && f.Cycle == l.Cycle
			}
			if l.Origin == workorders.OriginWear && slices.ContainsFunc(forecasts, same) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// linesOf turns findings into lines of work: a snapshot that a newer model or
// knowledge base does not change.
func linesOf(findings []diagnosis.Finding) []workorders.Line {
	lines := make([]workorders.Line, len(findings))
	for i, f := range findings {
		lines[i] = workorders.Line{
			Origin: string(f.Kind), FindingID: f.ID, Family: f.Family, Cycle: f.Cycle, Component: renews(f),
			Drivability: string(f.Drivability), Complaint: f.Title, Detail: f.Detail, Why: f.Why, FirstCheck: f.FirstCheck,
			Skill: f.Skill, Codes: f.Codes, Knowledge: f.Knowledge, Model: f.Model,
		}
		for _, c := range f.Causes {
			lines[i].Causes = append(lines[i].Causes, workorders.Cause(c))
		}
		for _, o := range f.Operations {
			lines[i].Operations = append(lines[i].Operations, workorders.Operation(o))
		}
		for _, p := range f.Parts {
			lines[i].Parts = append(lines[i].Parts, workorders.Part(p))
		}
		for _, e := range f.Evidence {
			lines[i].Evidence = append(lines[i].Evidence, workorders.Evidence(e))
		}
	}
	return lines
}

// renews is the component that the work on a finding renews: a worn one. What is
// behind a trouble code is not known before somebody has looked.
func renews(f diagnosis.Finding) string {
	if f.Kind == diagnosis.FromWear {
		return f.Family
	}
	return ""
}

// remind brings the owner's reminders in line with forecasts, findings and work.
func remind(ctx context.Context, tx Tx, car vehicle.Vehicle, v view, orders []workorders.Order) error {
	existing, err := tx.Reminders(ctx, car.VIN)
	if err != nil {
		return err
	}
	var lastRoutine time.Time
	if car.Owner.Contact != "" {
		if lastRoutine, err = tx.LastRoutine(ctx, car.Owner.Contact, car.VIN); err != nil {
			return err
		}
	}
	in := reminders.Input{
		Vehicle: car, Now: v.input.Now, LastRoutine: lastRoutine, OdometerKm: v.summary.OdometerKm, KmPerDay: v.summary.KmPerDay,
		Forecasts: v.forecasts, Findings: tell(v.findings), Work: workOf(v.input.Table, orders), Table: v.input.Table,
	}
	d := reminders.Reconcile(existing, reminders.Plan(in), in)
	for _, c := range d.Changes {
		if c.Delete {
			err = tx.DeleteReminder(ctx, c.Reminder.ID)
		} else {
			err = tx.PutReminder(ctx, c.Reminder)
		}
		if err != nil {
			return err
		}
	}
	for _, m := range d.Messages {
		if err := tx.Enqueue(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// severities of what an owner hears at once; a finding that can wait for the
// next visit is the workshop's business.
var severities = map[diagnosis.Drivability]reminders.Severity{
	diagnosis.Stop: reminders.SeverityStop,
	diagnosis.Soon: reminders.SeveritySoon,
}

// tell picks the findings from trouble codes that the owner must hear of. Wear
// reaches the owner by its forecast.
func tell(findings []diagnosis.Finding) []reminders.Finding {
	var out []reminders.Finding
	for _, f := range findings {
		if s, ok := severities[f.Drivability]; ok && f.Kind == diagnosis.FromCodes {
			out = append(out, reminders.Finding{
				Item: f.Family, Cycle: f.Cycle, Severity: s, Title: phrase(f.Title), Why: f.Why, Since: f.FirstSeen,
			})
		}
	}
	return out
}

// phrase takes the full stop from a sentence that becomes part of another.
func phrase(t lang.Text) lang.Text {
	return lang.Text{EN: strings.TrimSuffix(t.EN, "."), ZH: strings.TrimSuffix(t.ZH, "。")}
}

// workOf says how far the work on each item is.
func workOf(t *predict.Table, orders []workorders.Order) []reminders.Work {
	var out []reminders.Work
	for _, o := range orders {
		for _, l := range o.Lines {
			w := reminders.Work{OrderID: o.ID, Item: l.Family, Cycle: l.Cycle, At: o.Closed, InShop: !o.CheckedInAt.IsZero()}
			switch o.State {
			case workorders.Open, workorders.Scheduled, workorders.CheckedIn, workorders.InProgress, workorders.Ready:
				w.State = reminders.WorkBooked
			case workorders.Closed:
				if l.Outcome != workorders.OutcomeFixed {
					continue
				}
				w.State = reminders.WorkDone
			default:
				continue
			}
			if _, isComponent := t.Of(predict.Component(l.Component)); isComponent && w.State == reminders.WorkDone {
				continue // its service record opens a new cycle, which says so
			}
			out = append(out, w)
		}
	}
	return out
}
