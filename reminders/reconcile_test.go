package reminders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
)

func subjects(messages []reminders.Message) []string {
	out := []string{}
	for _, m := range messages {
		out = append(out, m.Subject)
	}
	return out
}

func TestWhenWearIsTold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		component     predict.Component
		state         predict.State
		p10, p50, p90 float64
		want          []string
	}{
		"far away":                    {predict.AirFilter, predict.Known, 60, 80, 100, []string{}},
		"22 days before the median":   {predict.AirFilter, predict.Known, 10, 22, 40, []string{}},
		"20 days before the median":   {predict.AirFilter, predict.Known, 10, 20, 40, []string{"Golf: Engine air filter due around 21 December 2026"}},
		"safety, by its early date":   {predict.BrakePadsFront, predict.Known, 6, 60, 90, []string{"Golf: Front brake pads due around 30 January 2027"}},
		"safety, early date is there": {predict.BrakePadsFront, predict.Known, 0, 60, 90, []string{"Golf: Front brake pads due now"}},
		"yesterday's news":            {predict.AirFilter, predict.Stale, 1, 2, 3, []string{}},
		"too early to tell":           {predict.AirFilter, predict.TooEarly, 0, 0, 0, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2026-12-01 12:00")
			f := w.wear(tc.component, tc.p10, tc.p50, tc.p90)
			f.State = tc.state
			w.in.Forecasts = []predict.Forecast{f}
			if diff := cmp.Diff(tc.want, subjects(w.round())); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStaleForecastKeepsWhatWasSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 5, 15, 30)}
	w.round()
	before := w.the("air_filter")
	w.in.Now = w.in.Now.Add(20 * day)
	w.in.Forecasts[0].State = predict.Stale
	if got := w.round(); len(got) > 0 {
		t.Errorf("a stale forecast sent %q", got[0].Subject)
	}
	if diff := cmp.Diff(before, w.the("air_filter")); diff != "" {
		t.Errorf("a stale forecast changed the reminder:\n%s", diff)
	}
}

func TestSmallShiftsDoNotMoveTheDate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		shift float64 // days
		moves bool
	}{
		"a day and a half of twenty": {1.5, false},
		"back a day and a half":      {-1.5, false},
		"three days of twenty":       {3, true},
		"back three days":            {-3, true},
		"two weeks":                  {14, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2026-12-01 12:00")
			w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 10, 20, 40)}
			w.round()
			before := w.the("air_filter").DueAt
			w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 10+tc.shift, 20+tc.shift, 40+tc.shift)}
			if got := w.round(); len(got) > 0 {
				t.Errorf("a shift sent %q", got[0].Subject)
			}
			if moved := !w.the("air_filter").DueAt.Equal(before); moved != tc.moves {
				t.Errorf("moved is %v, want %v", moved, tc.moves)
			}
		})
	}
}

func TestFindingIsToldAtOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		now, notBefore string // UTC; Berlin is one hour ahead in winter, two in summer
		severity       reminders.Severity
	}{
		"soon, by day":                       {"2026-12-01 12:00", "2026-12-01 12:00", reminders.SeveritySoon},
		"soon, at night":                     {"2026-12-01 22:00", "2026-12-02 07:00", reminders.SeveritySoon},
		"soon, at 21:00 sharp":               {"2026-12-01 20:00", "2026-12-02 07:00", reminders.SeveritySoon},
		"soon, before 21:00":                 {"2026-12-01 19:59", "2026-12-01 19:59", reminders.SeveritySoon},
		"soon, at 08:00 sharp":               {"2026-12-01 07:00", "2026-12-01 07:00", reminders.SeveritySoon},
		"soon, the night clocks go forward":  {"2026-03-28 23:00", "2026-03-29 06:00", reminders.SeveritySoon},
		"soon, the night clocks go back":     {"2026-10-24 22:30", "2026-10-25 07:00", reminders.SeveritySoon},
		"stop, at night":                     {"2026-12-01 02:00", "2026-12-01 02:00", reminders.SeverityStop},
		"stop, at night when clocks go back": {"2026-10-25 00:30", "2026-10-25 00:30", reminders.SeverityStop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.now)
			w.in.Findings = []reminders.Finding{misfire(tc.severity, w.in.Now)}
			got := w.round()
			if len(got) != 1 {
				t.Fatalf("got %d messages, want 1", len(got))
			}
			if want := at(t, tc.notBefore); !got[0].NotBefore.Equal(want) {
				t.Errorf("sent at %s, want %s", got[0].NotBefore, want)
			}
			if !strings.Contains(got[0].Body, "Unburnt fuel can destroy the catalytic converter.") {
				t.Errorf("the message does not say what it means:\n%s", got[0].Body)
			}
		})
	}
}

func TestGettingWorseIsToldAgain(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world) error{
		"known":    func(*world) error { return nil },
		"snoozed":  func(w *world) error { return w.act("misfire", snoozeFor(w, 7)) },
		"declined": func(w *world) error { return w.act("misfire", reminders.Command{Action: reminders.ActionDecline}) },
		"done, said the owner": func(w *world) error {
			return w.act("misfire", reminders.Command{Action: reminders.ActionDone})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2026-12-01 12:00")
			w.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
			w.round()
			if err := prepare(w); err != nil {
				t.Fatal(err)
			}
			w.in.Now = w.in.Now.Add(time.Hour)
			w.in.Findings[0].Severity = reminders.SeverityStop
			want := []string{"Golf: stop as soon as it is safe: The engine misfires"}
			if diff := cmp.Diff(want, subjects(w.round())); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if got := w.round(); len(got) > 0 {
				t.Errorf("told twice: %q", got[0].Subject)
			}
			w.in.Findings[0].Severity = reminders.SeveritySoon
			if w.round(); w.the("misfire").Severity != reminders.SeverityStop {
				t.Error("the severity went back")
			}
		})
	}
}

func TestFindingThatGoesAndComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	findings := []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
	w.in.Findings = findings
	w.round()
	w.in.Findings = nil
	if w.round(); w.the("misfire").State != reminders.Withdrawn {
		t.Errorf("a finding that has gone is %s, want withdrawn", w.the("misfire").State)
	}
	w.in.Findings = findings
	if got := w.round(); len(got) > 0 || w.the("misfire").State != reminders.Due {
		t.Errorf("it came back: %d messages, %s; want none, due", len(got), w.the("misfire").State)
	}
}

func TestWithoutAddressNobodyIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	contact := w.in.Vehicle.Owner.Contact
	w.in.Vehicle.Owner.Contact = ""
	w.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
	if got := w.round(); len(got) > 0 || w.the("misfire").State != reminders.Due {
		t.Fatalf("without an address: %d messages, %v", len(got), w.states())
	}
	w.in.Vehicle.Owner.Contact = contact
	if got := w.round(); len(got) != 1 {
		t.Errorf("with an address: %d messages, want 1", len(got))
	}
	// What the owner never heard of goes without a trace.
	w.in.Vehicle.Owner.Contact = ""
	w.in.Findings = append(w.in.Findings, reminders.Finding{Item: "lean", Cycle: "1", Severity: reminders.SeveritySoon, Since: w.in.Now})
	w.round()
	w.in.Findings = w.in.Findings[:1]
	w.round()
	if diff := cmp.Diff(map[string]reminders.State{"misfire/2026-11-20": reminders.Due}, w.states()); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
}

func TestOneMessageForOneVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Forecasts = []predict.Forecast{
		w.wear(predict.AirFilter, 10, 20, 30),
		w.wear(predict.CabinFilter, 30, 45, 60),  // not worth a message alone, but goes along
		w.wear(predict.SparkPlugs, 60, 100, 140), // another visit
	}
	got := w.round()
	if diff := cmp.Diff([]string{"Golf: Engine air filter due around 21 December 2026 (and 1 more)"}, subjects(got)); diff != "" {
		t.Fatalf("messages (-want +got):\n%s", diff)
	}
	if !strings.Contains(got[0].Body, "Cabin filter: due around 15 January 2027") {
		t.Errorf("the body does not name the second item:\n%s", got[0].Body)
	}
	w.in.Now = w.in.Now.Add(25 * day) // the cabin filter alone would be told now
	w.in.Forecasts = []predict.Forecast{w.wear(predict.CabinFilter, 5, 20, 35)}
	if again := w.round(); len(again) > 0 {
		t.Errorf("told twice: %q", again[0].Subject)
	}
}

func TestRoutineMessagesKeepTheirDistance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 10, 20, 30)}
	w.round()
	w.in.Now = w.in.Now.Add(3 * day)
	second := w.wear(predict.Battery12V, 1, 20, 30)
	w.in.Forecasts = append(w.in.Forecasts, second)
	if got := w.round(); len(got) > 0 {
		t.Errorf("after three days: %q", got[0].Subject)
	}
	w.in.Now = w.in.Now.Add(4 * day)
	if got := w.round(); len(got) != 1 {
		t.Errorf("after a week: %d messages, want 1", len(got))
	}

	other := newWorld(t, "2026-12-01 12:00")
	other.in.LastRoutine = other.in.Now.Add(-6 * day) // about the owner's other car
	other.in.Forecasts = []predict.Forecast{other.wear(predict.AirFilter, 10, 20, 30)}
	if got := other.round(); len(got) > 0 {
		t.Errorf("six days after a message about another car: %q", got[0].Subject)
	}
	other.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, other.in.Now)}
	if diff := cmp.Diff([]string{"Golf: to be checked within days: The engine misfires (and 1 more)"}, subjects(other.round())); diff != "" {
		t.Errorf("a finding does not wait, and takes the routine item along (-want +got):\n%s", diff)
	}
}

func TestOwnersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 02:00")
	w.in.Vehicle.Owner.Locale, w.in.Vehicle.TimeZone, w.in.Vehicle.Name = "zh-CN", "Asia/Shanghai", "沪A12345"
	w.in.Forecasts = []predict.Forecast{w.wear(predict.BrakePadsFront, 3, 20, 30)}
	got := w.round()
	want := []reminders.Message{{
		ID: got[0].ID, ReminderID: w.the("brake_pads_front").ID, VIN: vin, To: "ada@example.com", Locale: "zh-CN",
		Severity: reminders.SeverityRoutine, NotBefore: w.in.Now, Subject: "沪A12345：前制动片预计2026年12月21日到期",
		Body: "前制动片：预计2026年12月21日到期，约 50,800 公里时；八成可能在2026年12月4日至2026年12月31日之间。14 次读数。" +
			"超过极限后，制动距离变长或抓地力下降。\n\n请在2026年12月21日前预约到店。如已在别处完成，请告知，我们不再提醒。",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestBookedAndDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 10, 20, 30)}
	w.round()
	booked := reminders.Work{OrderID: "o1", Item: "air_filter", Cycle: "first", State: reminders.WorkBooked}
	w.in.Work = []reminders.Work{booked}
	if got := w.round(); len(got) > 0 || w.the("air_filter").State != reminders.Booked || w.the("air_filter").WorkOrderID != "o1" {
		t.Fatalf("booked: %d messages, %+v", len(got), w.the("air_filter"))
	}
	// It falls due while the car is booked: nobody is nagged.
	w.in.Now = w.in.Now.Add(20 * day)
	w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 0, 0, 10)}
	if got := w.round(); len(got) > 0 {
		t.Errorf("nagged while booked: %q", got[0].Subject)
	}
	// The visit is called off: the owner hears that it is due now.
	w.in.Work = nil
	if diff := cmp.Diff([]string{"Golf: Engine air filter due now"}, subjects(w.round())); diff != "" {
		t.Errorf("called off (-want +got):\n%s", diff)
	}
	// A service record renews the part.
	w.in.Forecasts = []predict.Forecast{w.wear(predict.AirFilter, 500, 600, 700)}
	w.in.Forecasts[0].Cycle, w.in.Forecasts[0].ServicedAt = "serviced-2026-12-22", w.in.Now
	if got := w.round(); len(got) > 0 || w.the("air_filter").State != reminders.Done {
		t.Errorf("renewed: %d messages, %s", len(got), w.the("air_filter").State)
	}
}

func TestBookedBeforeAnybodyWasTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
	w.in.Work = []reminders.Work{{OrderID: "o1", Item: "misfire", Cycle: "2026-11-20", State: reminders.WorkBooked}}
	if got := w.round(); len(got) > 0 || w.the("misfire").State != reminders.Booked {
		t.Fatalf("booked: %d messages, %s", len(got), w.the("misfire").State)
	}
	w.in.Work[0].State, w.in.Work[0].At = reminders.WorkDone, w.in.Now
	for range 2 { // the code stays stored for a while
		if got := w.round(); len(got) > 0 || w.the("misfire").State != reminders.Done {
			t.Errorf("done: %d messages, %s", len(got), w.the("misfire").State)
		}
	}
}

func snoozeFor(w *world, days int) reminders.Command {
	return reminders.Command{Action: reminders.ActionSnooze, Until: w.in.Now.Add(time.Duration(days) * day)}
}

func TestSnoozeComesBackOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
	w.round()
	for n := range 3 {
		if err := w.act("misfire", snoozeFor(w, 3)); err != nil {
			t.Fatal(err)
		}
		w.in.Now = w.in.Now.Add(3*day - time.Hour)
		if got := w.round(); len(got) > 0 {
			t.Fatalf("snooze %d: told too early: %q", n, got[0].Subject)
		}
		w.in.Now = w.in.Now.Add(time.Hour)
		if got := w.round(); len(got) != 1 {
			t.Fatalf("snooze %d: %d messages at its end, want 1", n, len(got))
		}
	}
	if err := w.act("misfire", snoozeFor(w, 3)); fault.CodeOf(err) != fault.FailedPrecondition {
		t.Errorf("a fourth snooze: %v, want failed_precondition", err)
	}
	w.in.Now = w.in.Now.Add(30 * day)
	if got := w.round(); len(got) > 0 {
		t.Errorf("a fifth message in the cycle: %q", got[0].Subject)
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-12-01 12:00")
	base := reminders.Reminder{
		Item: "brake_pads_front", State: reminders.DueSoon, Severity: reminders.SeverityRoutine,
		DueLatest: now.Add(10 * day), Updated: now.Add(-time.Hour), Version: 3,
	}
	for name, tc := range map[string]struct {
		change func(*reminders.Reminder)
		cmd    reminders.Command
		want   fault.Code
	}{
		"an old version":              {nil, reminders.Command{Action: reminders.ActionDecline, Version: 2}, fault.Conflict},
		"no such action":              {nil, reminders.Command{Action: "shout"}, fault.Invalid},
		"snooze into the past":        {nil, reminders.Command{Action: reminders.ActionSnooze, Until: now}, fault.Invalid},
		"snooze for two months":       {nil, reminders.Command{Action: reminders.ActionSnooze, Until: now.Add(60 * day)}, fault.Invalid},
		"safety beyond its last date": {nil, reminders.Command{Action: reminders.ActionSnooze, Until: now.Add(11 * day)}, fault.Invalid},
		"snooze a stop": {
			func(r *reminders.Reminder) { r.Severity = reminders.SeverityStop },
			reminders.Command{Action: reminders.ActionSnooze, Until: now.Add(day)}, fault.FailedPrecondition,
		},
		"decline what is done": {
			func(r *reminders.Reminder) { r.State = reminders.Done }, reminders.Command{Action: reminders.ActionDecline}, fault.FailedPrecondition,
		},
		"undo nothing": {nil, reminders.Command{Action: reminders.ActionUndo}, fault.FailedPrecondition},
		"undo too late": {
			func(r *reminders.Reminder) { r.State = reminders.Declined }, reminders.Command{Action: reminders.ActionUndo}, fault.FailedPrecondition,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := base
			if tc.change != nil {
				tc.change(&r)
			}
			got, err := reminders.Apply(r, tc.cmd, now)
			if fault.CodeOf(err) != tc.want {
				t.Errorf("error is %v, want %s", err, tc.want)
			}
			if diff := cmp.Diff(r, got); diff != "" {
				t.Errorf("a refused action changed the reminder:\n%s", diff)
			}
		})
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	for _, action := range []reminders.Action{reminders.ActionSnooze, reminders.ActionDecline, reminders.ActionDone} {
		w := newWorld(t, "2026-12-01 12:00")
		w.in.Findings = []reminders.Finding{misfire(reminders.SeveritySoon, w.in.Now)}
		w.round()
		before := w.the("misfire")
		for _, c := range []reminders.Command{{Action: action, Until: w.in.Now.Add(day)}, {Action: reminders.ActionUndo}} {
			if err := w.act("misfire", c); err != nil {
				t.Fatalf("%s: %v", c.Action, err)
			}
		}
		after := w.the("misfire")
		before.Version, before.Updated = after.Version, after.Updated
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("undo of %s left (-before +after):\n%s", action, diff)
		}
		if got := w.round(); len(got) > 0 {
			t.Errorf("undo of %s sent %q", action, got[0].Subject)
		}
	}
}

func TestWearFindingAndForecastAreOneReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-12-01 12:00")
	w.in.Forecasts = []predict.Forecast{w.wear(predict.BrakePadsFront, 0, 0, 5)}
	w.in.Findings = []reminders.Finding{{
		Item: "brake_pads_front", Cycle: "first", Severity: reminders.SeveritySoon, Since: w.in.Now,
		Title: lang.Text{EN: "The front brake pads are worn"}, Why: lang.Text{EN: "Lining 2.9 mm."},
	}}
	if diff := cmp.Diff([]string{"Golf: to be checked within days: The front brake pads are worn"}, subjects(w.round())); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	r := w.the("brake_pads_front")
	if r.DueLatest.IsZero() || !strings.Contains(r.Reason.EN, "Lining 2.9 mm.") || !strings.Contains(r.Reason.EN, "14 readings.") {
		t.Errorf("the reminder lost the forecast or the finding: %+v", r)
	}
	if !slices.Equal(r.Notified, []reminders.State{reminders.Due}) {
		t.Errorf("told %v", r.Notified)
	}
}

// A booked visit does not keep quiet that the car must not be driven there.
func TestStopIsToldThoughBooked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		first  reminders.Severity // before it became a stop
		inShop bool
		want   []string
	}{
		"new":         {"", false, []string{"Golf: stop as soon as it is safe: The engine misfires"}},
		"got worse":   {reminders.SeveritySoon, false, []string{"Golf: stop as soon as it is safe: The engine misfires"}},
		"in the shop": {"", true, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2026-12-01 12:00")
			w.in.Work = []reminders.Work{{OrderID: "o1", Item: "misfire", State: reminders.WorkBooked, InShop: tc.inShop}}
			if tc.first != "" {
				w.in.Findings = []reminders.Finding{misfire(tc.first, w.in.Now)}
				w.round()
			}
			w.in.Findings = []reminders.Finding{misfire(reminders.SeverityStop, w.in.Now)}
			if diff := cmp.Diff(tc.want, subjects(w.round())); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			w.in.Now = w.in.Now.Add(20 * day)
			if got := w.round(); len(got) > 0 || w.the("misfire").State != reminders.Booked {
				t.Errorf("later: %d messages, %s", len(got), w.the("misfire").State)
			}
		})
	}
}
