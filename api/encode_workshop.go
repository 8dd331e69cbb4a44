package api

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

func encodeCode(c diagnosis.CodeState) *pitcrewv1.TroubleCode {
	out := &pitcrewv1.TroubleCode{
		Code: string(c.Code), Ecu: c.ECU, Status: string(c.Status), Active: c.Present(),
		FirstSeen: stamp(c.FirstSeen), LastSeen: stamp(c.LastSeen), ClearedAt: stamp(gone(c)),
		OdometerKm: c.OdometerKm,
		FreezeFrame: each(c.FreezeFrame, func(r vehicle.Reading) *pitcrewv1.SignalValue {
			return encodeSignal(r.Signal, c.FirstSeen, r.Value)
		}),
		Steps: each(c.Steps, encodeStep), Occurrences: int32(c.Occurrences), Cycles: int32(c.Cycles),
	}
	if !c.Ending.At.IsZero() {
		out.Steps = append(out.Steps, encodeStep(c.Ending))
	}
	for _, o := range c.Earlier {
		if o.From.Equal(c.FirstSeen) {
			continue // the newest, which has ended: its steps are there already
		}
		out.Earlier = append(out.Earlier, &pitcrewv1.CodeOccurrence{From: stamp(o.From), To: stamp(o.To), Steps: each(o.Steps, encodeStep)})
	}
	if title, ok := diagnosis.CodeTitle(c.Code); ok {
		out.Title = text(title)
	}
	return out
}

func encodeStep(s diagnosis.Step) *pitcrewv1.CodeStep {
	out := &pitcrewv1.CodeStep{Status: string(s.Status), Time: stamp(s.At), OdometerKm: s.OdometerKm, By: string(s.By), Lost: string(s.Lost)}
	if !s.Why.IsZero() {
		out.Why = text(s.Why)
	}
	return out
}

// gone is when a code was first absent, zero while it is present.
func gone(c diagnosis.CodeState) time.Time {
	if c.ClearedAt.IsZero() {
		return c.MissingSince
	}
	return c.ClearedAt
}

// The parts that findings and order lines share on the wire, though the domain
// keeps them apart: an order's are a snapshot.

func encodeCause(c workorders.Cause) *pitcrewv1.Cause {
	return &pitcrewv1.Cause{Text: text(c.Text), Share: c.Share, Reason: text(c.Reason)}
}

func encodeOperation(o workorders.Operation) *pitcrewv1.Operation {
	return &pitcrewv1.Operation{Code: o.Code, Text: text(o.Text), HoursMin: o.HoursMin, HoursMax: o.HoursMax}
}

func encodePart(p workorders.Part) *pitcrewv1.Part {
	return &pitcrewv1.Part{Name: text(p.Name), Quantity: p.Quantity}
}

func encodeEvidence(e workorders.Evidence) *pitcrewv1.Evidence {
	return &pitcrewv1.Evidence{Kind: e.Kind, Text: text(e.Text), At: stamp(e.At), Ref: e.Ref}
}

func encodeFinding(f diagnosis.Finding) *pitcrewv1.Finding {
	return &pitcrewv1.Finding{
		Id: f.ID, Vin: string(f.VIN), Kind: string(f.Kind), Family: f.Family,
		Title: text(f.Title), Detail: text(f.Detail), Drivability: string(f.Drivability), Why: text(f.Why),
		Confidence: f.Confidence, Codes: words(f.Codes), FirstCheck: text(f.FirstCheck),
		Causes: each(f.Causes, func(c diagnosis.Cause) *pitcrewv1.Cause { return encodeCause(workorders.Cause(c)) }),
		Operations: each(f.Operations, func(o diagnosis.Operation) *pitcrewv1.Operation {
			return encodeOperation(workorders.Operation(o))
		}),
		Parts: each(f.Parts, func(p diagnosis.Part) *pitcrewv1.Part { return encodePart(workorders.Part(p)) }),
		Evidence: each(f.Evidence, func(e diagnosis.Evidence) *pitcrewv1.Evidence {
			return encodeEvidence(workorders.Evidence(e))
		}),
		FirstSeen: stamp(f.FirstSeen), LastSeen: stamp(f.LastSeen), Knowledge: f.Knowledge, Model: f.Model, Skill: f.Skill,
	}
}

func encodeOrder(o workorders.Order) *pitcrewv1.WorkOrder {
	return &pitcrewv1.WorkOrder{
		Id: o.ID, Number: o.Number, Vin: string(o.VIN), State: string(o.State), Source: string(o.Source),
		Priority: string(o.Priority), Title: text(o.Title), Lines: each(o.Lines, encodeLine),
		DismissReason: string(o.DismissReason), Note: o.Note, ScheduledFor: stamp(o.ScheduledFor),
		OdometerInKm: o.OdometerInKm, OdometerOutKm: o.OdometerOutKm, RecordId: o.RecordID,
		Created: stamp(o.Created), Updated: stamp(o.Updated), Opened: stamp(o.Opened),
		CheckedInAt: stamp(o.CheckedInAt), Closed: stamp(o.Closed), Version: int32(o.Version),
		Events:  each(o.Events, encodeEvent),
		Allowed: words(workorders.Allowed(o.State)), Origins: o.Origins(),
		VehicleUrl: vehicleURL(o.VIN), HistoryUrl: historyURL(o.VIN),
	}
}

func encodeLine(l workorders.Line) *pitcrewv1.Line {
	return &pitcrewv1.Line{
		Seq: int32(l.Seq), Origin: l.Origin, FindingId: l.FindingID, Family: l.Family, Component: l.Component,
		Drivability: l.Drivability, Complaint: text(l.Complaint), Detail: text(l.Detail), Why: text(l.Why),
		FirstCheck: text(l.FirstCheck), Causes: each(l.Causes, encodeCause),
		Operations: each(l.Operations, encodeOperation), Parts: each(l.Parts, encodePart),
		Codes: words(l.Codes), Evidence: each(l.Evidence, encodeEvidence),
		Knowledge: l.Knowledge, Model: l.Model, Skill: l.Skill,
		Cause: l.Cause, Correction: l.Correction, Outcome: string(l.Outcome), HoursActual: l.HoursActual,
		ToppedUp: l.ToppedUp, Litres: l.Litres, Part: l.Part,
		Tentative: l.Tentative,
	}
}

func encodeEvent(e workorders.Event) *pitcrewv1.OrderEvent {
	return &pitcrewv1.OrderEvent{
		At: stamp(e.At), Action: string(e.Action), From: string(e.From), To: string(e.To), Actor: e.Actor, Note: e.Note,
	}
}

func encodeReminder(r reminders.Reminder) *pitcrewv1.Reminder {
	return &pitcrewv1.Reminder{
		Id: r.ID, Vin: string(r.VIN), Item: r.Item, Cycle: r.Cycle, Title: text(r.Title), Reason: text(r.Reason),
		Basis: string(r.Basis), Severity: string(r.Severity), State: string(r.State),
		DueKm: r.DueKm, DueAt: stamp(r.DueAt), DueEarliest: stamp(r.DueEarliest), DueLatest: stamp(r.DueLatest),
		SnoozeUntil: stamp(r.SnoozeUntil), WorkOrderId: r.WorkOrderID, Notified: words(r.Notified),
		Created: stamp(r.Created), Updated: stamp(r.Updated), Closed: stamp(r.Closed), Version: int32(r.Version),
		HistoryUrl: historyURL(r.VIN),
	}
}

func encodeMoney(m history.Money) *pitcrewv1.Money {
	return &pitcrewv1.Money{Minor: m.Minor, Currency: m.Currency}
}

func encodeRecord(r history.Record) *pitcrewv1.ServiceRecord {
	out := &pitcrewv1.ServiceRecord{
		Id: r.ID, Vin: string(r.VIN), Visited: stamp(r.Visited), OdometerKm: r.OdometerKm,
		Source: string(r.Source), SourceId: r.SourceID, Shop: r.Shop, WorkOrderId: r.WorkOrderID,
		Items: each(r.Items, func(i history.Item) *pitcrewv1.ServiceItem {
			return &pitcrewv1.ServiceItem{Component: i.Component, Operation: i.Operation, Text: i.Text, Outcome: string(i.Outcome), Litres: i.Litres, Part: i.Part}
		}),
		Measurements: each(r.Measurements, func(m history.Measurement) *pitcrewv1.Measurement {
			return &pitcrewv1.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit}
		}),
		Parts: each(r.Parts, func(p history.Part) *pitcrewv1.ServicePart {
			return &pitcrewv1.ServicePart{Number: p.Number, Name: p.Name, Quantity: p.Quantity}
		}),
		Hours: r.Hours, Note: r.Note, Status: string(r.Status), Recorded: stamp(r.Recorded),
	}
	if r.Cost != (history.Money{}) {
		out.Cost = encodeMoney(r.Cost)
	}
	return out
}

// decodeRecord reads a record that somebody adds; vin comes from the path.
func decodeRecord(vin vehicle.VIN, r *pitcrewv1.ServiceRecord) history.Record {
	return history.Record{
		VIN: vin, Visited: moment(r.GetVisited()), OdometerKm: r.GetOdometerKm(),
		Source: history.Source(r.GetSource()), SourceID: r.GetSourceId(), Shop: r.GetShop(),
		Items: each(r.GetItems(), func(i *pitcrewv1.ServiceItem) history.Item {
			return history.Item{
				Component: i.GetComponent(), Operation: i.GetOperation(), Text: i.GetText(),
				Outcome: history.Outcome(i.GetOutcome()), Litres: i.GetLitres(), Part: i.GetPart(),
			}
		}),
		Measurements: each(r.GetMeasurements(), func(m *pitcrewv1.Measurement) history.Measurement {
			return history.Measurement{Component: m.GetComponent(), Value: m.GetValue(), Unit: m.GetUnit()}
		}),
		Parts: each(r.GetParts(), func(p *pitcrewv1.ServicePart) history.Part {
			return history.Part{Number: p.GetNumber(), Name: p.GetName(), Quantity: p.GetQuantity()}
		}),
		Hours: r.GetHours(), Note: r.GetNote(), Status: history.Status(r.GetStatus()),
		Cost: history.Money{Minor: r.GetCost().GetMinor(), Currency: r.GetCost().GetCurrency()},
	}
}

func encodeTotals(t history.Totals) *pitcrewv1.HistoryTotals {
	return &pitcrewv1.HistoryTotals{
		Visits: int32(t.Visits), Hours: t.Hours, Costs: each(t.Costs, encodeMoney),
		FirstVisit: stamp(t.FirstVisit), LastVisit: stamp(t.LastVisit),
	}
}

func encodeQuarantined(q planner.Quarantined) *pitcrewv1.QuarantinedMessage {
	return &pitcrewv1.QuarantinedMessage{
		Id: q.ID, Topic: q.Topic, Vin: q.VIN, Payload: q.Payload, Place: q.Place, Reason: q.Reason,
		Received: stamp(q.Received), Count: int32(q.Count), LastReceived: stamp(q.LastReceived), Partial: q.Partial,
	}
}

func encodeCounts(c planner.Counts) *pitcrewv1.Fleet {
	out := &pitcrewv1.Fleet{
		Vehicles: int32(c.Vehicles), Online: int32(c.Online), Quarantined: int32(c.Quarantined),
		Unplanned: int32(c.Unplanned), UndeliveredMessages: int32(c.UndeliveredMessages), DeadMessages: int32(c.DeadMessages),
		OdometerRefused: int32(c.OdometerRefused),
		MissingMessages: int64(c.MissingMessages), GapVehicles: int32(c.GapVehicles),
		WorkOrders: map[string]int32{}, Reminders: map[string]int32{},
	}
	for s, n := range c.Orders {
		out.WorkOrders[string(s)] = int32(n)
	}
	for s, n := range c.Reminders {
		out.Reminders[string(s)] = int32(n)
	}
	return out
}
