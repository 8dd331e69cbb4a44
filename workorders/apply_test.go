package workorders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

var start = time.Date(2026, 11, 22, 9, 0, 30, 0, time.UTC)

func pads(cycle string) workorders.Line {
	return workorders.Line{
		Origin: workorders.OriginWear, FindingID: "f-pads-" + cycle, Family: "brake_pads_front", Cycle: cycle,
		Component: "brake_pads_front", Drivability: "soon", Complaint: lang.Text{EN: "Front brake pads worn", ZH: "前制动片磨损"},
		Operations: []workorders.Operation{{Code: "BRK-11", Text: lang.Text{EN: "Replace front brake pads"}, HoursMin: 0.8, HoursMax: 1.5}},
		Parts:      []workorders.Part{{Name: lang.Text{EN: "Front brake pad set"}, Quantity: 1}},
	}
}

func lean(cycle string) workorders.Line {
	return workorders.Line{
		Origin: workorders.OriginCodes, FindingID: "f-lean-" + cycle, Family: "lean_common", Cycle: cycle,
		Drivability: "soon", Complaint: lang.Text{EN: "The mixture is too lean", ZH: "混合气过稀"},
		Parts: []workorders.Part{{Name: lang.Text{EN: "Intake hose"}, Quantity: 1}},
	}
}

func order(state workorders.State) workorders.Order {
	a, b := pads("first"), lean("2026-11-20")
	a.Seq, b.Seq = 1, 2
	return workorders.Order{
		ID: "o1", VIN: "WVWZZZ1KZAW000001", State: state, Source: workorders.ByMachine, Lines: []workorders.Line{a, b},
		OdometerInKm: 50000, Version: 7, Created: start.Add(-time.Hour), Closed: closedAt(state),
	}
}

func closedAt(s workorders.State) time.Time {
	if s == workorders.Dismissed {
		return start.Add(-5 * time.Minute)
	}
	return time.Time{}
}

func fixed() []workorders.LineResult {
	return []workorders.LineResult{
		{Seq: 1, Outcome: workorders.OutcomeFixed, Correction: "Pads replaced", HoursActual: 1},
		{Seq: 2, Outcome: workorders.OutcomeNotFound, HoursActual: 0.5},
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	type command = workorders.Command
	for name, tc := range map[string]struct {
		state workorders.State
		cmd   command
		want  fault.Code // empty: allowed
		field string
	}{
		"accept":                      {workorders.Proposed, command{Action: workorders.ActionAccept}, "", ""},
		"accept what was seen":        {workorders.Proposed, command{Action: workorders.ActionAccept, Version: 7}, "", ""},
		"accept an older version":     {workorders.Proposed, command{Action: workorders.ActionAccept, Version: 6}, fault.Conflict, ""},
		"accept twice":                {workorders.Open, command{Action: workorders.ActionAccept}, fault.FailedPrecondition, ""},
		"no such action":              {workorders.Open, command{Action: "explode"}, fault.Invalid, "action"},
		"dismiss without a reason":    {workorders.Proposed, command{Action: workorders.ActionDismiss}, fault.Invalid, "reason"},
		"dismiss with an odd reason":  {workorders.Proposed, command{Action: workorders.ActionDismiss, DismissReason: "bored"}, fault.Invalid, "reason"},
		"dismiss":                     {workorders.Proposed, command{Action: workorders.ActionDismiss, DismissReason: workorders.Duplicate}, "", ""},
		"undo a dismissal":            {workorders.Dismissed, command{Action: workorders.ActionReopen}, "", ""},
		"a person withdraws":          {workorders.Proposed, command{Action: workorders.ActionWithdraw}, fault.PermissionDenied, ""},
		"schedule without a time":     {workorders.Open, command{Action: workorders.ActionSchedule}, fault.Invalid, "scheduledFor"},
		"schedule for yesterday":      {workorders.Open, command{Action: workorders.ActionSchedule, ScheduledFor: start.Add(-24 * time.Hour)}, fault.Invalid, "scheduledFor"},
		"schedule for this minute":    {workorders.Open, command{Action: workorders.ActionSchedule, ScheduledFor: start.Truncate(time.Minute)}, "", ""},
		"move the appointment":        {workorders.Scheduled, command{Action: workorders.ActionSchedule, ScheduledFor: start.Add(time.Hour)}, "", ""},
		"check in without odometer":   {workorders.Scheduled, command{Action: workorders.ActionCheckIn}, fault.Invalid, "odometerKm"},
		"check in a walk-in":          {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 50000}, "", ""},
		"odometer a little lower":     {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 49910, LastTrustedKm: 50000}, "", ""},
		"odometer far lower":          {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 49890, LastTrustedKm: 50000}, fault.FailedPrecondition, "odometerKm"},
		"odometer far lower, said so": {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 49000, LastTrustedKm: 50000, Note: "new cluster"}, "", ""},
		"odometer doubted":            {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 500000, LastTrustedKm: 50000, OdometerDoubt: "a digit too many"}, fault.FailedPrecondition, "odometerKm"},
		"odometer doubted, said so":   {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 500000, LastTrustedKm: 50000, OdometerDoubt: "a digit too many", Note: "it says so"}, "", ""},
		"a little lower, and doubted": {workorders.Open, command{Action: workorders.ActionCheckIn, OdometerKm: 49910, LastTrustedKm: 50000, OdometerDoubt: "lower"}, "", ""},
		"close doubted":               {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 500000, OdometerDoubt: "a digit too many", Lines: fixed()}, fault.FailedPrecondition, "odometerKm"},
		"close doubted, as it came":   {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001, OdometerDoubt: "a digit too many", Lines: fixed()}, "", ""},
		"start too early":             {workorders.Scheduled, command{Action: workorders.ActionStart}, fault.FailedPrecondition, ""},
		"close too early":             {workorders.InProgress, command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: fixed()}, fault.FailedPrecondition, ""},
		"close without results":       {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001}, fault.Invalid, "lines"},
		"close with half the results": {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: fixed()[:1]}, fault.Invalid, "lines"},
		"close with a line too many":  {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: append(fixed(), workorders.LineResult{Seq: 9, Outcome: workorders.OutcomeFixed})}, fault.Invalid, "lines"},
		"close with a line twice":     {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: append(fixed(), fixed()[0])}, fault.Invalid, "lines"},
		"close with an odd outcome":   {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: []workorders.LineResult{{Seq: 1, Outcome: "maybe"}}}, fault.Invalid, "lines"},
		"close with a lower odometer": {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 49999, Lines: fixed()}, fault.Invalid, "odometerKm"},
		"close":                       {workorders.Ready, command{Action: workorders.ActionClose, OdometerKm: 50000, Lines: fixed()}, "", ""},
		"cancel without a reason":     {workorders.Open, command{Action: workorders.ActionCancel}, fault.Invalid, "note"},
		"cancel":                      {workorders.CheckedIn, command{Action: workorders.ActionCancel, Note: "owner left"}, "", ""},
		"cancel during the work":      {workorders.InProgress, command{Action: workorders.ActionCancel, Note: "owner left"}, fault.FailedPrecondition, ""},
		"reopen what is closed":       {workorders.Closed, command{Action: workorders.ActionReopen}, fault.FailedPrecondition, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := order(tc.state)
			tc.cmd.Actor = "Mia"
			got, err := workorders.Apply(before, tc.cmd, start)
			if fault.CodeOf(err) != tc.want || fault.FieldOf(err) != tc.field {
				t.Fatalf("error is %v (%q, field %q), want %q, field %q", err, fault.CodeOf(err), fault.FieldOf(err), tc.want, tc.field)
			}
			if diff := cmp.Diff(order(tc.state), before); diff != "" {
				t.Errorf("the order it was given changed:\n%s", diff)
			}
			if err != nil {
				return
			}
			want := []workorders.Event{{At: start, Action: tc.cmd.Action, From: tc.state, To: got.State, Actor: "Mia"}}
			if diff := cmp.Diff(want, got.Events, cmpopts.IgnoreFields(workorders.Event{}, "Note")); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyInParticularMayNotAct(t *testing.T) {
	t.Parallel()
	_, err := workorders.Apply(order(workorders.Proposed), workorders.Command{Action: workorders.ActionAccept, Actor: "  "}, start)
	if fault.FieldOf(err) != "actor" {
		t.Errorf("error is %v, want one about the actor", err)
	}
}

func TestDismissalCanBeUndoneForAWhile(t *testing.T) {
	t.Parallel()
	o, err := workorders.Apply(order(workorders.Proposed), workorders.Command{
		Action: workorders.ActionDismiss, Actor: "Mia", DismissReason: workorders.FalsePositive, Note: "seen it",
	}, start)
	if err != nil {
		t.Fatal(err)
	}
	undo := workorders.Command{Action: workorders.ActionReopen, Actor: "Mia"}
	if _, err := workorders.Apply(o, undo, start.Add(workorders.UndoWindow+time.Second)); fault.CodeOf(err) != fault.FailedPrecondition {
		t.Errorf("too late: %v, want failed_precondition", err)
	}
	o, err = workorders.Apply(o, undo, start.Add(workorders.UndoWindow))
	if err != nil || o.State != workorders.Proposed || o.DismissReason != "" || !o.Closed.IsZero() {
		t.Fatalf("undone: %v, %+v", err, o)
	}
	if got := o.Events[0].Note; got != "false_positive: seen it" {
		t.Errorf("the event keeps %q of the dismissal", got)
	}
}

func TestClosingLeavesAServiceRecord(t *testing.T) {
	t.Parallel()
	o, err := workorders.Apply(order(workorders.Ready), workorders.Command{
		Action: workorders.ActionClose, Actor: "Mia", OdometerKm: 50012, Lines: fixed(),
	}, start)
	if err != nil {
		t.Fatal(err)
	}
	got := workorders.ServiceRecord(o, "Main Street Garage")
	want := history.Record{
		ID: o.RecordID, VIN: o.VIN, Visited: start, OdometerKm: 50012, Source: history.FromWorkOrder, SourceID: "o1",
		Shop: "Main Street Garage", WorkOrderID: "o1", Hours: 1.5, Status: history.Final, Recorded: start,
		Items: []history.Item{{Component: "brake_pads_front", Operation: "BRK-11", Text: "Pads replaced"}},
		Parts: []history.Part{{Name: "Front brake pad set", Quantity: 1}}, // the hose was only suggested
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	made, err := history.NewRecord(got, start)
	if err != nil || made.ID != o.RecordID {
		t.Errorf("history makes %q of it (%v), the order names %q", made.ID, err, o.RecordID)
	}
}

// What was put in goes into the record.
func TestClosingNamesWhatWasPutIn(t *testing.T) {
	t.Parallel()
	lines := fixed()
	lines[0].Part = " 5W30-07 "
	closing := workorders.Command{Action: workorders.ActionClose, Actor: "Mia", OdometerKm: 50012, Lines: lines}
	o, err := workorders.Apply(order(workorders.Ready), closing, start)
	if err != nil {
		t.Fatal(err)
	}
	if r := workorders.ServiceRecord(o, "Main Street Garage"); o.Lines[0].Part != "5W30-07" || r.Items[0].Part != "5W30-07" {
		t.Errorf("the record is %+v", r)
	}
	for name, wrong := range map[string]workorders.LineResult{
		"of what was deferred": {Part: "5W30-07", Outcome: workorders.OutcomeDeferred},
		"a novel":              {Part: strings.Repeat("x", 101), Outcome: workorders.OutcomeFixed},
	} {
		lines := fixed()
		wrong.Seq = lines[0].Seq
		lines[0] = wrong
		closing.Lines = lines
		if _, err := workorders.Apply(order(workorders.Ready), closing, start); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

// A line that was topped up renews nothing: the record says so, and has no parts of it.
func TestClosingWithATopUp(t *testing.T) {
	t.Parallel()
	lines := fixed()
	lines[0].ToppedUp, lines[0].Litres = true, 1.5
	closing := workorders.Command{Action: workorders.ActionClose, Actor: "Mia", OdometerKm: 50012, Lines: lines}
	o, err := workorders.Apply(order(workorders.Ready), closing, start)
	if err != nil {
		t.Fatal(err)
	}
	r := workorders.ServiceRecord(o, "Main Street Garage")
	if len(r.Parts) != 0 || r.Items[0].Outcome != history.OutcomeToppedUp || r.Items[0].Litres != 1.5 {
		t.Errorf("the record is %+v", r)
	}
	for name, wrong := range map[string]workorders.LineResult{
		"litres of a renewal":    {Litres: 1, Outcome: workorders.OutcomeFixed},
		"topped up and deferred": {ToppedUp: true, Outcome: workorders.OutcomeDeferred},
		"less than nothing":      {ToppedUp: true, Litres: -1, Outcome: workorders.OutcomeFixed},
	} {
		wrong.Seq = lines[0].Seq
		closing.Lines = append([]workorders.LineResult{wrong}, lines[1:]...)
		if _, err := workorders.Apply(order(workorders.Ready), closing, start); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestLeftOutLinesCountAsFixedUnlessTentative(t *testing.T) {
	t.Parallel()
	o := order(workorders.Ready)
	late := pads("second")
	late.Seq, late.Tentative = 3, true
	o.Lines = append(o.Lines, late)
	said := workorders.FixedUnlessSaid(o, []workorders.LineResult{{Seq: 2, Outcome: workorders.OutcomeDeferred}})
	closed, err := workorders.Apply(o, workorders.Command{Action: workorders.ActionClose, Actor: "Mia", OdometerKm: 50001, Lines: said}, start)
	if err != nil {
		t.Fatal(err)
	}
	var got []workorders.Outcome
	for _, l := range closed.Lines {
		got = append(got, l.Outcome)
	}
	if diff := cmp.Diff([]workorders.Outcome{workorders.OutcomeFixed, workorders.OutcomeDeferred}, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// edges is the life of an order, written down a second time and without guards.
var edges = map[workorders.State]map[workorders.Action]workorders.State{
	workorders.Proposed:   {workorders.ActionAccept: workorders.Open, workorders.ActionDismiss: workorders.Dismissed, workorders.ActionWithdraw: workorders.Withdrawn},
	workorders.Dismissed:  {workorders.ActionReopen: workorders.Proposed},
	workorders.Open:       {workorders.ActionSchedule: workorders.Scheduled, workorders.ActionCheckIn: workorders.CheckedIn, workorders.ActionCancel: workorders.Cancelled},
	workorders.Scheduled:  {workorders.ActionSchedule: workorders.Scheduled, workorders.ActionCheckIn: workorders.CheckedIn, workorders.ActionCancel: workorders.Cancelled},
	workorders.CheckedIn:  {workorders.ActionStart: workorders.InProgress, workorders.ActionCancel: workorders.Cancelled},
	workorders.InProgress: {workorders.ActionFinish: workorders.Ready},
	workorders.Ready:      {workorders.ActionClose: workorders.Closed},
}

var actions = []workorders.Action{
	workorders.ActionAccept, workorders.ActionDismiss, workorders.ActionSchedule, workorders.ActionCheckIn, workorders.ActionStart,
	workorders.ActionFinish, workorders.ActionClose, workorders.ActionCancel, workorders.ActionReopen, workorders.ActionWithdraw,
}

// Random commands against the map above: the state follows it, every step leaves
// one event that continues the one before, and a refusal leaves nothing.
func TestOrderFollowsItsModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o, now := order(workorders.Proposed), start
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(rt, "minutes")) * time.Minute)
			cmd := workorders.Command{
				Action: rapid.SampledFrom(actions).Draw(rt, "action"), Actor: workorders.Machine, Note: "n",
				Version:       rapid.SampledFrom([]int{0, o.Version, o.Version, o.Version - 1}).Draw(rt, "version"),
				DismissReason: workorders.OtherReason, ScheduledFor: now.Add(time.Hour),
				OdometerKm: o.OdometerInKm + 1, Lines: fixed(),
			}
			next, err := workorders.Apply(o, cmd, now)
			to, allowed := edges[o.State][cmd.Action]
			if cmd.Action == workorders.ActionReopen && now.Sub(o.Closed) > workorders.UndoWindow {
				allowed = false
			}
			fresh := cmd.Version == 0 || cmd.Version == o.Version
			if (err == nil) != (allowed && fresh) {
				rt.Fatalf("%s in %s (version %d of %d): %v", cmd.Action, o.State, cmd.Version, o.Version, err)
			}
			if err != nil {
				if diff := cmp.Diff(o, next); diff != "" {
					rt.Fatalf("a refusal changed the order:\n%s", diff)
				}
				continue
			}
			if next.State != to || !slices.Contains(append(workorders.Allowed(o.State), workorders.ActionWithdraw), cmd.Action) {
				rt.Fatalf("%s led from %s to %s, want %s; offered %v", cmd.Action, o.State, next.State, to, workorders.Allowed(o.State))
			}
			checkEvents(rt, o, next)
			next.Version++ // as the store counts
			o = next
		}
	})
}

func checkEvents(rt *rapid.T, before, after workorders.Order) {
	if len(after.Events) != len(before.Events)+1 {
		rt.Fatalf("%d events after %d", len(after.Events), len(before.Events))
	}
	if diff := cmp.Diff(before.Events, after.Events[:len(before.Events)], cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("older events changed:\n%s", diff)
	}
	last := after.Events[len(after.Events)-1]
	if last.From != before.State || last.To != after.State || last.Actor == "" || !last.At.Equal(after.Updated) {
		rt.Fatalf("event %+v for %s to %s", last, before.State, after.State)
	}
	if ended := edges[after.State] == nil || after.State == workorders.Dismissed; ended == after.Closed.IsZero() {
		rt.Fatalf("%s, closed %s", after.State, after.Closed)
	}
}

func TestEveryTransitionIsInTheModel(t *testing.T) {
	t.Parallel()
	n := 0
	for _, e := range edges {
		n += len(e)
	}
	if got := len(workorders.Transitions()); got != n {
		t.Errorf("the table has %d rows, the model %d", got, n)
	}
	for _, tr := range workorders.Transitions() {
		if edges[tr.From][tr.Action] != tr.To {
			t.Errorf("%s in %s leads to %s, the model says %s", tr.Action, tr.From, tr.To, edges[tr.From][tr.Action])
		}
	}
}
