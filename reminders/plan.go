package reminders

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const day = 24 * time.Hour

// When the owner is told, counted from the due date.
const (
	planLead     = 30 * day    // routine by the plan: this long before,
	planLeadKm   = 1500.0      // or this far, whichever is nearer
	wearLead     = 21 * day    // before the median date of wear
	safetyLead   = 7 * day     // before the early date of wear that safety rests on
	overdueAfter = 14 * day    // after the due date
	alongWithin  = 30 * day    // items due this soon after another go along with it,
	alongKm      = 1500.0      // or this few km later
	window       = alongWithin // how far ahead of telling an item is planned at all
)

// ID names the reminder of an item of a vehicle in a cycle.
func ID(vin vehicle.VIN, item, cycle string) string {
	return hash(string(vin), item, cycle)
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:16])
}

// Plan says which reminders a vehicle should have by the facts alone, whatever
// was said before, in order of item and cycle. Those in state Planned are not
// worth a message of their own yet. A stale forecast, and one that is too early
// to tell, gives none.
func Plan(in Input) []Reminder {
	in = in.located().sorted()
	byID := map[string]candidate{}
	add := func(c candidate) {
		if old, ok := byID[c.ID]; ok {
			c = old.merge(c)
		}
		byID[c.ID] = c
	}
	cycles := map[string]string{}
	for _, f := range in.Forecasts {
		cycles[string(f.Component)] = f.Cycle
		if f.State == predict.Known {
			add(in.fromForecast(f))
		}
	}
	for _, item := range in.Items {
		if c, ok := cycles[item.Item]; ok {
			item.Cycle = c
		}
		if c, ok := in.fromItem(item); ok {
			add(c)
		}
	}
	for _, f := range in.Findings {
		if f.Severity == SeverityStop || f.Severity == SeveritySoon {
			add(in.fromFinding(f))
		}
	}
	var out []Reminder
	for _, c := range byID {
		if c.settle(in.Now) {
			// Dates are kept to the second: finer they are noise.
			for _, t := range []*time.Time{&c.DueAt, &c.DueEarliest, &c.DueLatest} {
				*t = t.UTC().Truncate(time.Second)
			}
			out = append(out, c.Reminder)
		}
	}
	slices.SortFunc(out, func(a, b Reminder) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Cycle, b.Cycle))
	})
	return out
}

// sorted puts the slices in an order that does not depend on who made them.
func (in Input) sorted() Input {
	in.Forecasts, in.Items, in.Findings = slices.Clone(in.Forecasts), slices.Clone(in.Items), slices.Clone(in.Findings)
	slices.SortFunc(in.Forecasts, func(a, b predict.Forecast) int { return cmp.Compare(a.Component, b.Component) })
	slices.SortFunc(in.Items, func(a, b PlanItem) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.LimitKm, b.LimitKm), a.LimitAt.Compare(b.LimitAt))
	})
	slices.SortFunc(in.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Cycle, b.Cycle),
			-cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), a.Since.Compare(b.Since), cmp.Compare(a.Title.EN, b.Title.EN))
	})
	return in
}

// candidate is a reminder that may be due some day: from tell on the owner is
// told, at due it is due.
type candidate struct {
	Reminder
	tell, due time.Time
}

// settle sets the state by the time, and reports whether the reminder is worth
// planning.
func (c *candidate) settle(now time.Time) bool {
	switch {
	case !now.Before(c.due.Add(overdueAfter)):
		c.State = Overdue
	case !now.Before(c.due):
		c.State = Due
	case !now.Before(c.tell):
		c.State = DueSoon
	case !now.Before(c.tell.Add(-window)):
		c.State = Planned
	default:
		return false
	}
	return true
}

// merge joins two candidates for the same item and cycle: the earlier one
// decides, a finding gives its title, and the dates of a forecast are kept.
func (c candidate) merge(o candidate) candidate {
	first, second := c, o
	if o.due.Before(c.due) || o.due.Equal(c.due) && o.Basis < c.Basis {
		first, second = o, c
	}
	if second.Basis == ByFinding && first.Basis != ByFinding {
		first.Title, first.Basis = second.Title, ByFinding
	}
	if first.Basis == ByFinding && !second.DueEarliest.IsZero() {
		first.DueKm, first.DueAt = second.DueKm, second.DueAt
		first.DueEarliest, first.DueLatest = second.DueEarliest, second.DueLatest
	}
	if first.Reason != second.Reason {
		first.Reason = join(first.Reason, second.Reason)
	}
	first.Severity = worse(first.Severity, second.Severity)
	if second.tell.Before(first.tell) {
		first.tell = second.tell
	}
	return first
}

func (in Input) fromForecast(f predict.Forecast) candidate {
	spec, _ := in.Table.Of(f.Component)
	c := candidate{Reminder: Reminder{
		ID: ID(in.Vehicle.VIN, string(f.Component), f.Cycle), VIN: in.Vehicle.VIN,
		Item: string(f.Component), Cycle: f.Cycle, Title: spec.Name, Basis: basisOf(f.Basis), Severity: SeverityRoutine,
		DueKm: f.DueKm.P50, DueAt: f.Due.P50, DueEarliest: f.Due.P10, DueLatest: f.Due.P90,
	}, due: f.Due.P50}
	if c.Title.IsZero() {
		c.Title = lang.Text{EN: c.Item, ZH: c.Item}
	}
	switch {
	case f.Basis != predict.ByWear:
		c.tell = c.due.Add(-in.planLead(c.Basis, f.KmPerDay))
	case spec.Safety == predict.SafetyCritical:
		c.due = f.Due.P10
		c.tell = earlier(f.Due.P50.Add(-wearLead), c.due.Add(-safetyLead))
	default:
		c.tell = c.due.Add(-wearLead)
	}
	if s := f.OverdueSince; !s.IsZero() {
		c.due, c.tell, c.DueAt = earlier(c.due, s), earlier(c.tell, s), s
		c.DueEarliest = earlier(c.DueEarliest, c.DueAt)
	}
	c.Reason = join(in.limits(f, spec), f.Reason)
	return c
}

// limits names what the plan allows, where the last renewal is known.
func (in Input) limits(f predict.Forecast, spec predict.Spec) lang.Text {
	if slices.ContainsFunc(in.Items, func(p PlanItem) bool { return p.Item == string(f.Component) }) {
		return lang.Text{} // the plan of this vehicle names its own
	}
	var km float64
	var at time.Time
	switch {
	case !f.ServicedAt.IsZero():
		if spec.PlanMonths > 0 {
			at = f.ServicedAt.AddDate(0, spec.PlanMonths, 0)
		}
		if spec.PlanKm > 0 && f.ServicedKm > 0 {
			km = f.ServicedKm + spec.PlanKm
		}
	case f.Basis == predict.ByDistance:
		km = f.DueKm.P50
	case f.Basis == predict.ByDate && f.OverdueSince.IsZero():
		at = f.Due.P50
	}
	return in.limitsText(km, at)
}

// fromItem plans an item by its own limits: the earlier of the date and the day
// on which the distance is reached at the usual rate.
func (in Input) fromItem(p PlanItem) (candidate, bool) {
	c := candidate{Reminder: Reminder{
		ID: ID(in.Vehicle.VIN, p.Item, p.Cycle), VIN: in.Vehicle.VIN, Item: p.Item, Cycle: p.Cycle,
		Title: p.Title, Severity: SeverityRoutine, DueKm: p.LimitKm,
	}}
	var byKm time.Time
	if p.LimitKm > 0 && in.KmPerDay > 0 && in.OdometerKm > 0 {
		days := (p.LimitKm - in.OdometerKm) / in.KmPerDay
		from := in.OdometerAt
		if from.IsZero() {
			from = in.Now
		}
		byKm = from.Add(time.Duration(min(max(days, -3650), 36500) * float64(day)))
	}
	switch {
	case !byKm.IsZero() && (p.LimitAt.IsZero() || byKm.Before(p.LimitAt)):
		c.Basis, c.due = ByDistance, byKm
	case !p.LimitAt.IsZero():
		c.Basis, c.due = ByDate, p.LimitAt
	default:
		return candidate{}, false
	}
	c.DueAt = c.due
	c.tell = c.due.Add(-in.planLead(c.Basis, in.KmPerDay))
	c.Reason = join(in.limitsText(p.LimitKm, p.LimitAt), in.projection(c, p))
	return c, true
}

// fromFinding is due at once. A finding in a vehicle that may still be driven
// counts as overdue when nothing happened for a while.
func (in Input) fromFinding(f Finding) candidate {
	return candidate{Reminder: Reminder{
		ID: ID(in.Vehicle.VIN, f.Item, f.Cycle), VIN: in.Vehicle.VIN, Item: f.Item, Cycle: f.Cycle,
		Title: f.Title, Reason: f.Why, Basis: ByFinding, Severity: f.Severity, DueAt: f.Since,
	}, tell: f.Since, due: f.Since}
}

// planLead is how long before a plan's limit the owner is told.
func (in Input) planLead(b Basis, kmPerDay float64) time.Duration {
	if b != ByDistance || !(kmPerDay > 0) {
		return planLead
	}
	return min(planLead, time.Duration(planLeadKm/kmPerDay*float64(day)))
}

func basisOf(b predict.Basis) Basis {
	switch b {
	case predict.ByDistance:
		return ByDistance
	case predict.ByDate:
		return ByDate
	default:
		return ByForecast
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// worse returns the more urgent severity.
func worse(a, b Severity) Severity {
	order := []Severity{SeverityStop, SeveritySoon, SeverityRoutine}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

func join(a, b lang.Text) lang.Text {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	return lang.Text{EN: a.EN + " " + b.EN, ZH: a.ZH + b.ZH}
}
