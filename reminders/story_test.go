package reminders_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/reminders"
)

// oil drives a car whose oil is due at 10,000 km or on 1 September 2027.
type oil struct {
	*world
	km, kmPerDay float64
}

func newOil(t *testing.T, now string, km, kmPerDay float64) *oil {
	t.Helper()
	o := &oil{newWorld(t, now), km, kmPerDay}
	o.in.Items = []reminders.PlanItem{{
		Item: "engine_oil", Cycle: "first", Title: lang.Text{EN: "Engine oil", ZH: "机油"},
		LimitKm: 10000, LimitAt: at(t, "2027-09-01 00:00"),
	}}
	return o
}

// drive lets days pass, planning every night at 02:00 UTC, which is 03:00 in the
// owner's winter, and returns the messages.
func (o *oil) drive(days int) (messages []reminders.Message) {
	for range days {
		o.in.Now = o.in.Now.Add(day)
		o.km += o.kmPerDay
		messages = append(messages, o.plan()...)
	}
	return messages
}

func (o *oil) plan() []reminders.Message {
	o.in.OdometerKm, o.in.OdometerAt, o.in.KmPerDay = o.km, o.in.Now, o.kmPerDay
	return o.round()
}

// A routine reminder in time: domain story 1.
func TestOilReminderComesOnceAndInTime(t *testing.T) {
	t.Parallel()
	o := newOil(t, "2026-11-01 02:00", 8060, 42)

	// 1,940 km and 46 days left: nothing yet.
	if got := o.plan(); len(got) > 0 || len(o.reminders) > 0 {
		t.Fatalf("told at 8,060 km: %v, %v", got, o.states())
	}
	got := o.drive(20) // to 8,900 km
	if len(got) != 1 || len(o.reminders) != 1 {
		t.Fatalf("got %d messages and %d reminders by 8,900 km, want one of each", len(got), len(o.reminders))
	}
	r := o.the("engine_oil")
	if r.State != reminders.DueSoon || o.km != 8900 {
		t.Errorf("at %.0f km the reminder is %s", o.km, r.State)
	}
	left := time.Duration(1100.0 / 42 * float64(day))
	if d := r.DueAt.Sub(o.in.Now.Add(left)).Abs(); d > 2*day {
		t.Errorf("due %s, which is %v off the distance left by the use", r.DueAt, d)
	}

	m := got[0]
	for _, want := range []string{"10,000 km", "1 September 2027", "42 km a day", "Engine oil", "17 December 2026"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the message does not say %q:\n%s", want, m.Body)
		}
	}
	berlin := m.NotBefore.In(location(t, "Europe/Berlin"))
	if berlin.Hour() != 8 || berlin.Minute() != 0 {
		t.Errorf("a message made at night is sent at %s, want 08:00 of the owner", berlin)
	}

	// Use doubles for two weeks: the date moves, and at most one message follows.
	before := o.the("engine_oil").DueAt
	o.kmPerDay = 84
	more := o.drive(14)
	if len(more) > 1 {
		t.Errorf("doubled use sent %d messages, want at most one", len(more))
	}
	if !o.the("engine_oil").DueAt.Before(before.Add(-7 * day)) {
		t.Errorf("doubled use left the date at %s", o.the("engine_oil").DueAt)
	}

	// The same night again and again says nothing more.
	want := o.states()
	for range 10000 {
		if again := o.plan(); len(again) > 0 {
			t.Fatalf("a replay sent %q", again[0].Subject)
		}
	}
	if diff := cmp.Diff(want, o.states()); diff != "" {
		t.Errorf("replays changed the state:\n%s", diff)
	}

	// Done: the next cycle starts from the actual odometer, and is silent.
	o.in.Work = []reminders.Work{{OrderID: "o1", Item: "engine_oil", Cycle: "first", State: reminders.WorkDone, At: o.in.Now}}
	o.in.Items[0].Cycle = "serviced"
	o.in.Items[0].LimitKm, o.in.Items[0].LimitAt = o.km+10000, o.in.Now.AddDate(1, 0, 0)
	o.kmPerDay = 42
	if got := o.drive(60); len(got) > 0 {
		t.Errorf("after the service: %q", got[0].Subject)
	}
	r = o.the("engine_oil")
	if r.State != reminders.Done || r.Closed.IsZero() {
		t.Errorf("after the service the reminder is %s, closed %s", r.State, r.Closed)
	}
}

func TestOverdueOilIsToldThreeTimesAndNoMore(t *testing.T) {
	t.Parallel()
	o := newOil(t, "2026-11-01 02:00", 8900, 42)
	got := append(o.plan(), o.drive(300)...)
	var states []string
	for _, m := range got {
		states = append(states, m.Subject)
	}
	want := []string{"Golf: Engine oil due around 27 November 2026", "Golf: Engine oil due now", "Golf: Engine oil overdue"}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("messages over 300 days without a visit (-want +got):\n%s", diff)
	}
	if r := o.the("engine_oil"); r.State != reminders.Overdue {
		t.Errorf("the reminder is %s, want overdue", r.State)
	}
}

// A month of rest does not take back what the owner was told.
func TestStateNeverGoesBack(t *testing.T) {
	t.Parallel()
	o := newOil(t, "2026-11-01 02:00", 9900, 42)
	o.plan()
	o.drive(4) // past 10,000 km
	if got := o.the("engine_oil").State; got != reminders.Due {
		t.Fatalf("at %.0f km the reminder is %s, want due", o.km, got)
	}
	o.km, o.kmPerDay = 9200, 1 // a corrected odometer, and hardly any use
	if got := o.drive(3); len(got) > 0 || o.the("engine_oil").State != reminders.Due {
		t.Errorf("after a correction: %d messages, %s", len(got), o.the("engine_oil").State)
	}
}

func TestUnknownUseLeavesTheDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2027-08-15 10:00")
	w.in.Items = []reminders.PlanItem{{
		Item: "brake_fluid", Cycle: "first", Title: lang.Text{EN: "Brake fluid", ZH: "制动液"},
		LimitKm: 60000, LimitAt: at(t, "2027-09-01 00:00"),
	}}
	got := w.round()
	if len(got) != 1 || !strings.Contains(got[0].Body, "only the date counts") {
		t.Errorf("got %v, want one message that says that only the date counts", got)
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
