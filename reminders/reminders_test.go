package reminders_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const vin = vehicle.VIN("WVWZZZ1KZAW000001")

const day = 24 * time.Hour

// world keeps what a store would keep: reminders by id, and every message once.
type world struct {
	t         *testing.T
	in        reminders.Input
	reminders map[string]reminders.Reminder
	sent      []reminders.Message
}

func newWorld(t *testing.T, now string) *world {
	t.Helper()
	w := &world{t: t, reminders: map[string]reminders.Reminder{}}
	w.in.Vehicle = vehicle.Vehicle{
		VIN: vin, Name: "Golf", TimeZone: "Europe/Berlin",
		Owner: vehicle.Owner{Name: "Ada", Contact: "ada@example.com"},
	}
	w.in.Now = at(t, now)
	return w
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	tm, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

func (w *world) existing() []reminders.Reminder {
	return slices.SortedFunc(maps.Values(w.reminders), func(a, b reminders.Reminder) int { return cmp.Compare(a.ID, b.ID) })
}

// round plans once, writes the outcome, and returns the messages of this round.
func (w *world) round() []reminders.Message {
	w.t.Helper()
	d := reminders.Reconcile(w.existing(), reminders.Plan(w.in), w.in)
	w.write(d)
	return d.Messages
}

func (w *world) write(d reminders.Decision) {
	w.t.Helper()
	for _, c := range d.Changes {
		stored, ok := w.reminders[c.Reminder.ID]
		if ok != (c.Reminder.Version > 0) || ok && stored.Version != c.Reminder.Version {
			w.t.Fatalf("change of %s has version %d, stored is %d", c.Reminder.Item, c.Reminder.Version, stored.Version)
		}
		if c.Delete {
			if len(stored.Notified) > 0 {
				w.t.Fatalf("%s is deleted although the owner knows of it", stored.Item)
			}
			delete(w.reminders, stored.ID)
			continue
		}
		c.Reminder.Version++
		w.reminders[c.Reminder.ID] = c.Reminder
	}
	for _, m := range d.Messages {
		if slices.ContainsFunc(w.sent, func(s reminders.Message) bool { return s.ID == m.ID }) {
			w.t.Fatalf("message %q is sent twice", m.Subject)
		}
		w.sent = append(w.sent, m)
	}
}

// the returns the only reminder of an item.
func (w *world) the(item string) reminders.Reminder {
	w.t.Helper()
	var found []reminders.Reminder
	for _, r := range w.reminders {
		if r.Item == item {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("there are %d reminders about %s, want 1", len(found), item)
	}
	return found[0]
}

func (w *world) states() map[string]reminders.State {
	out := map[string]reminders.State{}
	for _, r := range w.reminders {
		out[r.Item+"/"+r.Cycle] = r.State
	}
	return out
}

func (w *world) act(item string, c reminders.Command) error {
	w.t.Helper()
	r, err := reminders.Apply(w.the(item), c, w.in.Now)
	if err == nil {
		r.Version++
		w.reminders[r.ID] = r
	}
	return err
}

// wear is a forecast by wear, due this many days from now, give or take.
func (w *world) wear(c predict.Component, p10, p50, p90 float64) predict.Forecast {
	in := func(d float64) time.Time { return w.in.Now.Add(time.Duration(max(d, 0) * float64(day))) }
	return predict.Forecast{
		Component: c, State: predict.Known, Basis: predict.ByWear, Cycle: "first", Now: w.in.Now, DataUntil: w.in.Now,
		KmPerDay: 40, DueKm: predict.Quantiles{P10: 50000 + 40*p10, P50: 50000 + 40*p50, P90: 50000 + 40*p90},
		Due:    predict.Dates{P10: in(p10), P50: in(p50), P90: in(p90)},
		Reason: lang.Text{EN: "14 readings.", ZH: "14 次读数。"},
	}
}

func misfire(severity reminders.Severity, since time.Time) reminders.Finding {
	return reminders.Finding{
		Item: "misfire", Cycle: "2026-11-20", Severity: severity, Since: since,
		Title: lang.Text{EN: "The engine misfires", ZH: "发动机缺火"},
		Why:   lang.Text{EN: "Unburnt fuel can destroy the catalytic converter.", ZH: "未燃烧的燃油会损坏催化器。"},
	}
}
