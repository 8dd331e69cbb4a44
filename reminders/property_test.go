package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
)

var components = []predict.Component{predict.AirFilter, predict.BrakePadsFront, predict.Battery12V, predict.Coolant}

// drawInput draws what the facts and the workshop say at one time.
func drawInput(rt *rapid.T, w *world) {
	w.in.Now = w.in.Now.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(rt, "hours")) * time.Hour)
	w.in.Forecasts, w.in.Findings, w.in.Work, w.in.Items = nil, nil, nil, nil
	for _, c := range components {
		p50 := rapid.Float64Range(-20, 60).Draw(rt, "p50")
		f := w.wear(c, p50*0.6, p50, p50+20)
		f.State = rapid.SampledFrom([]predict.State{predict.Known, predict.Known, predict.Known, predict.Stale, predict.TooEarly}).Draw(rt, "state")
		f.Cycle = rapid.SampledFrom([]string{"first", "first", "second"}).Draw(rt, "cycle")
		if f.Cycle == "second" {
			f.ServicedAt = w.in.Now.Add(-day)
		}
		if p50 < -10 && f.State != predict.TooEarly {
			f.OverdueSince = w.in.Now.Add(time.Duration(p50) * day)
		}
		w.in.Forecasts = append(w.in.Forecasts, f)
	}
	for _, item := range []string{"misfire", "lean", string(predict.Battery12V)} {
		if rapid.Bool().Draw(rt, item) {
			severity := rapid.SampledFrom([]reminders.Severity{reminders.SeveritySoon, reminders.SeveritySoon, reminders.SeverityStop}).Draw(rt, "severity")
			w.in.Findings = append(w.in.Findings, reminders.Finding{
				Item: item, Cycle: "first", Severity: severity, Since: w.in.Now.Add(-day), Title: lang.Text{EN: item},
			})
		}
	}
	for _, item := range []string{"misfire", "air_filter"} {
		if state := rapid.SampledFrom([]reminders.WorkState{"", "", reminders.WorkBooked, reminders.WorkDone}).Draw(rt, "work"); state != "" {
			w.in.Work = append(w.in.Work, reminders.Work{OrderID: "o-" + item, Item: item, Cycle: "first", State: state, At: w.in.Now})
		}
	}
	w.in.Items = []reminders.PlanItem{{
		Item: "inspection", Cycle: "2026", Title: lang.Text{EN: "Inspection"}, LimitAt: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
	}}
}

// drawAction lets the owner do something to one of the reminders.
func drawAction(rt *rapid.T, w *world) {
	all := w.existing()
	if len(all) == 0 {
		return
	}
	r := rapid.SampledFrom(all).Draw(rt, "reminder")
	cmd := reminders.Command{
		Action: rapid.SampledFrom([]reminders.Action{reminders.ActionSnooze, reminders.ActionDecline, reminders.ActionDone, reminders.ActionUndo}).Draw(rt, "action"),
		Until:  w.in.Now.Add(time.Duration(rapid.IntRange(1, 29).Draw(rt, "days")) * day),
	}
	next, err := reminders.Apply(r, cmd, w.in.Now)
	if err != nil {
		return
	}
	next.Version++
	w.reminders[next.ID] = next
}

var ranks = map[reminders.State]int{reminders.DueSoon: 1, reminders.Due: 2, reminders.Overdue: 3}

// Whatever happens: nothing is told twice (write checks it), nothing the owner
// knows of disappears or goes back, an answer is final until something changes,
// and the order of what comes in makes no difference.
func TestReconcileHoldsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, "2026-11-01 02:00")
		for range rapid.IntRange(1, 8).Draw(rt, "rounds") {
			drawInput(rt, w)
			drawAction(rt, w)
			before := w.existing()
			decision := reminders.Reconcile(before, reminders.Plan(w.in), w.in)

			seed := rapid.Uint64().Draw(rt, "shuffle")
			if diff := cmp.Diff(decision, shuffled(w, before, seed)); diff != "" {
				rt.Fatalf("another order gives another decision:\n%s", diff)
			}
			w.write(decision)
			again := reminders.Reconcile(w.existing(), reminders.Plan(w.in), w.in)
			if len(again.Changes) > 0 || len(again.Messages) > 0 {
				rt.Fatalf("asked again, it changes:\n%s", cmp.Diff(reminders.Decision{}, again))
			}
			for _, b := range before {
				checkStep(rt, b, w)
			}
			checkMessages(rt, w)
		}
	})
}

func checkStep(rt *rapid.T, before reminders.Reminder, w *world) {
	after, ok := w.reminders[before.ID]
	if !ok {
		if len(before.Notified) > 0 {
			rt.Fatalf("%s vanished although the owner knows of it", before.Item)
		}
		return
	}
	if len(before.Notified) > 0 && ranks[before.State] > 0 && ranks[after.State] > 0 && ranks[after.State] < ranks[before.State] {
		rt.Fatalf("%s went back from %s to %s", before.Item, before.State, after.State)
	}
	closed := after.State == reminders.Done || after.State == reminders.Declined || after.State == reminders.Withdrawn
	if closed == after.Closed.IsZero() {
		rt.Fatalf("%s is %s and closed %s", after.Item, after.State, after.Closed)
	}
}

func checkMessages(rt *rapid.T, w *world) {
	perReminder := map[string]int{}
	for _, m := range w.sent {
		perReminder[m.ReminderID]++
		local := m.NotBefore.In(berlin)
		if h := local.Hour(); m.Severity != reminders.SeverityStop && (h < 8 || h >= 21) {
			rt.Fatalf("%q is sent at %s", m.Subject, local)
		}
		if m.To == "" || m.Subject == "" || m.Body == "" {
			rt.Fatalf("an empty message: %+v", m)
		}
	}
	for id, n := range perReminder {
		if n > 4 && w.reminders[id].Severity != reminders.SeverityStop {
			rt.Fatalf("%d messages about %s in one cycle", n, w.reminders[id].Item)
		}
	}
	ids := map[string]bool{}
	for _, r := range w.reminders {
		key := fmt.Sprint(r.VIN, r.Item, r.Cycle)
		if ids[key] {
			rt.Fatalf("two reminders about %s in cycle %s", r.Item, r.Cycle)
		}
		ids[key] = true
	}
}

var berlin, _ = time.LoadLocation("Europe/Berlin")

// shuffled decides the same with every slice in another order.
func shuffled(w *world, existing []reminders.Reminder, seed uint64) reminders.Decision {
	rng := rand.New(rand.NewPCG(seed, 1))
	in := w.in
	in.Forecasts, in.Findings, in.Work = mix(rng, in.Forecasts), mix(rng, in.Findings), mix(rng, in.Work)
	return reminders.Reconcile(mix(rng, existing), mix(rng, reminders.Plan(in)), in)
}

func mix[T any](rng *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}
