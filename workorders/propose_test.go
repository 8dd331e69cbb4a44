package workorders_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/workorders"
)

const vin = "WVWZZZ1KZAW000001"

// shop keeps the orders of one vehicle as a store does.
type shop struct {
	now    time.Time
	orders map[string]workorders.Order
}

func newShop() *shop { return &shop{now: start, orders: map[string]workorders.Order{}} }

func (s *shop) all() []workorders.Order {
	return slices.SortedFunc(maps.Values(s.orders), func(a, b workorders.Order) int { return cmp.Compare(a.ID, b.ID) })
}

// plan proposes once and writes the changes, through JSON as a store does.
func (s *shop) plan(t testing.TB, wanted ...workorders.Line) []workorders.Change {
	t.Helper()
	return s.planEarly(t, nil, wanted...)
}

// planEarly is plan with lines whose time has not come.
func (s *shop) planEarly(t testing.TB, early []workorders.Line, wanted ...workorders.Line) []workorders.Change {
	t.Helper()
	changes := workorders.Propose(s.all(), wanted, early, vin, s.now)
	for _, c := range changes {
		stored := s.orders[c.Order.ID]
		if stored.Version != c.Order.Version {
			t.Fatalf("change of %s has version %d, stored is %d", c.Order.ID, c.Order.Version, stored.Version)
		}
		if c.Delete {
			if stored.State != workorders.Proposed || len(stored.Events) > 0 {
				t.Fatalf("an order that a person touched is deleted: %s, %v", stored.State, stored.Events)
			}
			delete(s.orders, c.Order.ID)
			continue
		}
		c.Order.Version++
		s.put(t, c.Order)
	}
	return changes
}

func (s *shop) put(t testing.TB, o workorders.Order) {
	t.Helper()
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var back workorders.Order
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	s.orders[back.ID] = back
}

func (s *shop) act(t testing.TB, id string, c workorders.Command) {
	t.Helper()
	c.Actor = "Mia"
	o, err := workorders.Apply(s.orders[id], c, s.now)
	if err != nil {
		t.Fatalf("%s: %v", c.Action, err)
	}
	o.Version++
	s.put(t, o)
}

// only returns the one order in the state.
func (s *shop) only(t testing.TB, state workorders.State) workorders.Order {
	t.Helper()
	var found []workorders.Order
	for _, o := range s.orders {
		if o.State == state {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d orders in state %s, want 1", len(found), state)
	}
	return found[0]
}

func (s *shop) none(t testing.TB, state workorders.State) {
	t.Helper()
	for _, o := range s.orders {
		if o.State == state {
			t.Fatalf("there is an order in state %s: %v", state, families(o))
		}
	}
}

func families(o workorders.Order) []string {
	out := []string{}
	for _, l := range o.Lines {
		out = append(out, l.Family)
	}
	return out
}

func urgent(l workorders.Line) workorders.Line { l.Drivability = "stop"; return l }

func monitor(l workorders.Line) workorders.Line { l.Drivability = "monitor"; return l }

// finish takes an accepted order to its end with this outcome for every line.
func (s *shop) finish(t testing.TB, id string, outcome workorders.Outcome) {
	t.Helper()
	s.act(t, id, workorders.Command{Action: workorders.ActionCheckIn, OdometerKm: 50000})
	s.act(t, id, workorders.Command{Action: workorders.ActionStart})
	s.act(t, id, workorders.Command{Action: workorders.ActionFinish})
	var results []workorders.LineResult
	for _, l := range s.orders[id].Lines {
		results = append(results, workorders.LineResult{Seq: l.Seq, Outcome: outcome})
	}
	s.act(t, id, workorders.Command{Action: workorders.ActionClose, OdometerKm: 50001, Lines: results})
}

func TestOneProposalPerVehicle(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.plan(t, pads("first"))
	before := s.only(t, workorders.Proposed)
	s.plan(t, urgent(pads("first")), lean("a"))
	got := s.only(t, workorders.Proposed)
	want := workorders.Order{
		ID: before.ID, Number: before.Number, VIN: vin, State: workorders.Proposed, Source: workorders.ByMachine,
		Priority: workorders.Emergency, Created: start, Updated: start, Version: 2, Title: got.Title,
	}
	if diff := gocmp.Diff(want, got, cmpopts.IgnoreFields(workorders.Order{}, "Lines")); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got.Title.EN != "The mixture is too lean (and 1 more)" || got.Title.ZH != "混合气过稀（另有 1 项）" {
		t.Errorf("the title is %q / %q, want the trouble codes first", got.Title.EN, got.Title.ZH)
	}
	if diff := gocmp.Diff([]string{"brake_pads_front", "lean_common"}, families(got)); diff != "" {
		t.Errorf("lines are not by urgency:\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"trouble_codes", "wear"}, got.Origins()); diff != "" {
		t.Errorf("origins:\n%s", diff)
	}
	if changes := s.plan(t, lean("a"), urgent(pads("first"))); len(changes) > 0 {
		t.Errorf("the same again changes %d orders", len(changes))
	}
	s.plan(t)
	if len(s.orders) > 0 {
		t.Errorf("without a reason %d orders are left", len(s.orders))
	}
}

func TestOpenOrderGetsALineNotATwin(t *testing.T) {
	t.Parallel()
	for _, state := range []workorders.State{workorders.Open, workorders.InProgress, workorders.Ready} {
		s := newShop()
		s.plan(t, pads("first"))
		id := s.only(t, workorders.Proposed).ID
		s.act(t, id, workorders.Command{Action: workorders.ActionAccept})
		if state != workorders.Open {
			s.act(t, id, workorders.Command{Action: workorders.ActionCheckIn, OdometerKm: 50000})
			s.act(t, id, workorders.Command{Action: workorders.ActionStart})
		}
		if state == workorders.Ready {
			s.act(t, id, workorders.Command{Action: workorders.ActionFinish})
		}
		s.plan(t, monitor(pads("first")), urgent(lean("a")))
		got := s.only(t, state)
		if len(s.orders) != 1 || len(got.Lines) != 2 || !got.Lines[1].Tentative || got.Lines[1].Seq != 2 || got.Priority != workorders.Emergency {
			t.Errorf("%s: %d orders, lines %+v, priority %s", state, len(s.orders), families(got), got.Priority)
		}
		if got.Lines[0].Drivability != "soon" || got.Title.EN != "Front brake pads worn" {
			t.Errorf("%s: what the advisor took has changed: %+v", state, got.Lines[0])
		}
		s.plan(t) // the new finding goes again, the accepted one stays
		if got = s.only(t, state); !slices.Equal(families(got), []string{"brake_pads_front"}) || got.Priority != workorders.Urgent {
			t.Errorf("%s: lines %v, priority %s after the finding went", state, families(got), got.Priority)
		}
	}
}

func TestNextStepTakesTheNewLineIn(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.plan(t, pads("first"))
	id := s.only(t, workorders.Proposed).ID
	s.act(t, id, workorders.Command{Action: workorders.ActionAccept})
	s.plan(t, pads("first"), lean("a"))
	s.act(t, id, workorders.Command{Action: workorders.ActionCheckIn, OdometerKm: 50000})
	s.plan(t)
	if got := s.only(t, workorders.CheckedIn); len(got.Lines) != 2 || got.Lines[1].Tentative {
		t.Errorf("lines %v after check-in", families(got))
	}
}

func TestWhatPeopleDecidedStays(t *testing.T) {
	t.Parallel()
	accept := workorders.Command{Action: workorders.ActionAccept}
	for name, tc := range map[string]struct {
		decide func(t *testing.T, s *shop, id string)
		then   []workorders.Line
		want   []string // lines of the proposal that follows; nil: none
	}{
		"dismissed": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, workorders.Command{Action: workorders.ActionDismiss, DismissReason: workorders.FalsePositive})
			}, []workorders.Line{urgent(pads("first"))}, nil,
		},
		"dismissed, and again in another cycle": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, workorders.Command{Action: workorders.ActionDismiss, DismissReason: workorders.FalsePositive})
			}, []workorders.Line{pads("second")}, []string{"brake_pads_front"},
		},
		"fixed": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.finish(t, id, workorders.OutcomeFixed)
			}, []workorders.Line{pads("first")}, nil,
		},
		"not found": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.finish(t, id, workorders.OutcomeNotFound)
			}, []workorders.Line{pads("first")}, nil,
		},
		"deferred, alone": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.finish(t, id, workorders.OutcomeDeferred)
			}, []workorders.Line{pads("first")}, nil,
		},
		"deferred, with other work": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.finish(t, id, workorders.OutcomeDeferred)
			}, []workorders.Line{pads("first"), lean("a")}, []string{"lean_common", "brake_pads_front"},
		},
		"deferred, and worse now": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.finish(t, id, workorders.OutcomeDeferred)
			}, []workorders.Line{urgent(pads("first"))}, []string{"brake_pads_front"},
		},
		"cancelled": {
			func(t *testing.T, s *shop, id string) {
				s.act(t, id, accept)
				s.act(t, id, workorders.Command{Action: workorders.ActionCancel, Note: "the owner is away"})
			}, []workorders.Line{pads("first")}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop()
			s.plan(t, pads("first"))
			tc.decide(t, s, s.only(t, workorders.Proposed).ID)
			s.plan(t, tc.then...)
			if tc.want == nil {
				s.none(t, workorders.Proposed)
				return
			}
			if diff := gocmp.Diff(tc.want, families(s.only(t, workorders.Proposed))); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// Work whose time has not come waits for a reason to come in, and goes along then.
func TestEarlyWorkGoesAlong(t *testing.T) {
	t.Parallel()
	s := newShop()
	early := []workorders.Line{pads("first")}
	s.planEarly(t, early)
	s.none(t, workorders.Proposed)
	s.planEarly(t, early, lean("a"))
	if got := families(s.only(t, workorders.Proposed)); !slices.Equal(got, []string{"lean_common", "brake_pads_front"}) {
		t.Errorf("with other work the lines are %v", got)
	}
	s.planEarly(t, early)
	s.none(t, workorders.Proposed)

	s.plan(t, lean("a"))
	id := s.only(t, workorders.Proposed).ID
	s.act(t, id, workorders.Command{Action: workorders.ActionAccept})
	s.planEarly(t, early, lean("a"))
	if got := s.only(t, workorders.Open); len(got.Lines) != 2 || !got.Lines[1].Tentative {
		t.Errorf("the accepted order has the lines %v", families(got))
	}

	s = newShop()
	s.plan(t, pads("first"))
	s.act(t, s.only(t, workorders.Proposed).ID, workorders.Command{Action: workorders.ActionDismiss, DismissReason: workorders.FalsePositive})
	s.planEarly(t, early, lean("a"))
	if got := families(s.only(t, workorders.Proposed)); !slices.Equal(got, []string{"lean_common"}) {
		t.Errorf("what was dismissed goes along: %v", got)
	}
}

func TestUndoneDismissalIsNoTwin(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.plan(t, pads("first"))
	id := s.only(t, workorders.Proposed).ID
	s.act(t, id, workorders.Command{Action: workorders.ActionDismiss, DismissReason: workorders.Duplicate})
	s.plan(t, pads("first"), lean("a"))
	if next := s.only(t, workorders.Proposed); next.ID == id || !slices.Equal(families(next), []string{"lean_common"}) {
		t.Fatalf("after the dismissal: %s, %v", next.ID, families(next))
	}
	s.act(t, id, workorders.Command{Action: workorders.ActionReopen})
	s.plan(t, pads("first"), lean("a"))
	if got := s.only(t, workorders.Proposed); got.ID != id || !slices.Equal(families(got), []string{"brake_pads_front", "lean_common"}) {
		t.Errorf("after the undo: %s, %v", got.ID, families(got))
	}
}

// drawWanted draws which findings are there, and how bad they are.
func drawWanted(rt *rapid.T) []workorders.Line {
	var out []workorders.Line
	for _, l := range []workorders.Line{pads("first"), pads("second"), lean("a"), lean("b")} {
		if rapid.Bool().Draw(rt, l.Family) {
			l.Drivability = rapid.SampledFrom([]string{"stop", "soon", "monitor"}).Draw(rt, "drivability")
			out = append(out, l)
		}
	}
	return out
}

// step is what a person does to the first order that allows it.
type step struct {
	wanted  []workorders.Line
	command workorders.Command
}

var commands = []workorders.Command{
	{Action: workorders.ActionAccept},
	{Action: workorders.ActionDismiss, DismissReason: workorders.FalsePositive},
	{Action: workorders.ActionReopen},
	{Action: workorders.ActionCheckIn, OdometerKm: 50000},
	{Action: workorders.ActionStart},
	{Action: workorders.ActionFinish},
	{Action: workorders.ActionClose, OdometerKm: 50001},
	{Action: workorders.ActionCancel, Note: "called off"},
}

func (s *shop) do(t testing.TB, c workorders.Command, outcome workorders.Outcome) {
	for _, o := range s.all() {
		if !slices.Contains(workorders.Allowed(o.State), c.Action) {
			continue
		}
		if c.Action == workorders.ActionReopen && s.now.Sub(o.Closed) > workorders.UndoWindow {
			continue
		}
		for _, l := range o.Lines {
			if c.Action == workorders.ActionClose && !l.Tentative {
				c.Lines = append(c.Lines, workorders.LineResult{Seq: l.Seq, Outcome: outcome})
			}
		}
		s.act(t, o.ID, c)
		return
	}
}

// What earlier rounds proposed leaves no trace: with other findings in between,
// in another order and several times over, the same facts and the same human
// actions end in the same orders. And no finding ever stands in two live places.
func TestProposalsDependOnFactsAndPeopleOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		quiet, noisy := newShop(), newShop()
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "shuffle"), 0))
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			s := step{drawWanted(rt), rapid.SampledFrom(commands).Draw(rt, "command")}
			outcome := rapid.SampledFrom([]workorders.Outcome{workorders.OutcomeFixed, workorders.OutcomeNotFound, workorders.OutcomeDeferred}).Draw(rt, "outcome")
			pause := time.Duration(rapid.IntRange(1, 8).Draw(rt, "minutes")) * time.Minute
			for range rapid.IntRange(0, 3).Draw(rt, "noise") {
				noisy.now = noisy.now.Add(time.Second)
				noisy.plan(t, drawWanted(rt)...)
			}
			quiet.now = quiet.now.Add(pause)
			noisy.now = quiet.now
			quiet.plan(t, s.wanted...)
			rng.Shuffle(len(s.wanted), func(i, j int) { s.wanted[i], s.wanted[j] = s.wanted[j], s.wanted[i] })
			noisy.plan(t, s.wanted...)
			if again := noisy.plan(t, s.wanted...); len(again) > 0 {
				rt.Fatalf("the same again changes %d orders", len(again))
			}
			ignore := cmpopts.IgnoreFields(workorders.Order{}, "Created", "Updated", "Version")
			if diff := gocmp.Diff(quiet.all(), noisy.all(), ignore); diff != "" {
				rt.Fatalf("other findings in between leave a trace:\n%s", diff)
			}
			checkNoTwins(rt, noisy)
			quiet.do(t, s.command, outcome)
			noisy.do(t, s.command, outcome)
		}
	})
}

func checkNoTwins(rt *rapid.T, s *shop) {
	seen := map[string]string{}
	untouched := 0
	for _, o := range s.all() {
		if o.State == workorders.Proposed && len(o.Events) == 0 {
			untouched++
		}
		switch o.State {
		case workorders.Closed, workorders.Cancelled, workorders.Dismissed, workorders.Withdrawn:
			continue
		default:
		}
		for _, l := range o.Lines {
			if other, ok := seen[l.Family+l.Cycle]; ok {
				rt.Fatalf("%s stands in %s and in %s", l.Family, other, o.ID)
			}
			seen[l.Family+l.Cycle] = o.ID
		}
	}
	if untouched > 1 {
		rt.Fatalf("%d proposals that nobody has touched", untouched)
	}
}
