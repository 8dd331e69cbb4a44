package workorders

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/history"
)

// Origins of lines.
const (
	OriginCodes   = "trouble_codes"
	OriginWear    = "wear"
	OriginAdvisor = "advisor"
)

// Origins lists what the lines come from, each once, in alphabetical order.
func (o Order) Origins() []string {
	var out []string
	for _, l := range o.Lines {
		out = append(out, l.Origin)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ServiceItems lists what was done in a closed order: one item per line that was
// fixed. The component is set where the work renewed one. A part replaced after
// a trouble code had failed; one replaced on a forecast is censored, because
// nobody said what it looked like.
func ServiceItems(o Order) []history.Item {
	var items []history.Item
	for _, l := range o.Lines {
		if l.Outcome != OutcomeFixed {
			continue
		}
		item := history.Item{Component: l.Component, Text: l.Correction, Part: l.Part}
		if len(l.Operations) > 0 {
			item.Operation = l.Operations[0].Code
			if item.Text == "" {
				item.Text = l.Operations[0].Text.EN
			}
		}
		if item.Text == "" {
			item.Text = l.Complaint.EN
		}
		if l.Origin == OriginCodes && l.Component != "" {
			item.Outcome = history.OutcomeFailed
		}
		if l.ToppedUp {
			item.Outcome, item.Litres = history.OutcomeToppedUp, l.Litres
		}
		items = append(items, item)
	}
	return items
}

// ServiceRecord is the record that a closed order leaves in the vehicle's
// history; the order names it in RecordID.
func ServiceRecord(o Order, shop string) history.Record {
	r := history.Record{
		ID: o.RecordID, VIN: o.VIN, Visited: o.Closed, OdometerKm: o.OdometerOutKm,
		Source: history.FromWorkOrder, SourceID: o.ID, Shop: shop, WorkOrderID: o.ID,
		Items: ServiceItems(o), Note: o.Note, Status: history.Final, Recorded: o.Closed,
	}
	for _, l := range o.Lines {
		r.Hours += l.HoursActual
		if l.Outcome != OutcomeFixed || l.Component == "" || l.ToppedUp {
			continue // suggested parts are not used parts unless the line renews one
		}
		for _, p := range l.Parts {
			r.Parts = append(r.Parts, history.Part{Name: p.Name.EN, Quantity: p.Quantity})
		}
	}
	return r
}
