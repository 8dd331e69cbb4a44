package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// form makes a form from pairs.
func form(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func TestButtonsCallTheirTransition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path string
		form url.Values
		want proto.Message
	}{
		"accept": {
			"/orders/o1/accept", form("version", "3"),
			&pitcrewv1.AcceptWorkOrderRequest{Id: "o1", Version: 3, Actor: "advisor"},
		},
		"dismiss": {
			"/orders/o1/dismiss", form("version", "3", "reason", "duplicate", "note", " see W-1 "),
			&pitcrewv1.DismissWorkOrderRequest{Id: "o1", Version: 3, Actor: "advisor", Reason: "duplicate", Note: "see W-1"},
		},
		"undo": {
			"/orders/o7/reopen", form("version", "3"),
			&pitcrewv1.ReopenWorkOrderRequest{Id: "o7", Version: 3, Actor: "advisor"},
		},
		"schedule in the vehicle's zone": {
			"/orders/o1/schedule", form("version", "3", "scheduled_for", "2026-11-26T09:30"),
			&pitcrewv1.ScheduleWorkOrderRequest{Id: "o1", Version: 3, Actor: "advisor", ScheduledFor: timestamppb.New(time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC))},
		},
		"check in": {
			"/orders/o3/check_in", form("version", "3", "odometer_km", "88,020 km"),
			&pitcrewv1.CheckInWorkOrderRequest{Id: "o3", Version: 3, Actor: "advisor", OdometerKm: 88020},
		},
		"start":  {"/orders/o1/start", form("version", "3"), &pitcrewv1.StartWorkOrderRequest{Id: "o1", Version: 3, Actor: "advisor"}},
		"finish": {"/orders/o4/finish", form("version", "3"), &pitcrewv1.FinishWorkOrderRequest{Id: "o4", Version: 3, Actor: "advisor"}},
		"close": {
			"/orders/o5/close",
			form("version", "3", "odometer_km", "48250", "outcome-1", "fixed", "cause-1", "hose split", "correction-1", "hose renewed", "hours-1", "1,5", "outcome-2", "deferred"),
			&pitcrewv1.CloseWorkOrderRequest{Id: "o5", Version: 3, Actor: "advisor", OdometerKm: 48250, Lines: []*pitcrewv1.LineResult{
				{Seq: 1, Outcome: "fixed", Cause: "hose split", Correction: "hose renewed", HoursActual: 1.5}, {Seq: 2, Outcome: "deferred"},
			}},
		},
		"close with a top-up": {
			"/orders/o5/close",
			form("version", "3", "odometer_km", "48250", "outcome-1", "topped_up", "litres-1", "0,5", "outcome-2", "fixed", "part-2", " 04465-12 "),
			&pitcrewv1.CloseWorkOrderRequest{Id: "o5", Version: 3, Actor: "advisor", OdometerKm: 48250, Lines: []*pitcrewv1.LineResult{
				{Seq: 1, Outcome: "fixed", ToppedUp: true, Litres: 0.5}, {Seq: 2, Outcome: "fixed", Part: "04465-12"},
			}},
		},
		"cancel": {
			"/orders/o3/cancel", form("version", "3", "note", "owner called"),
			&pitcrewv1.CancelWorkOrderRequest{Id: "o3", Version: 3, Actor: "advisor", Note: "owner called"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			got := b.post(c.path, c.form)
			if got.StatusCode != http.StatusSeeOther {
				t.Fatalf("%s answered %d: %s", c.path, got.StatusCode, got.text())
			}
			if diff := cmp.Diff(c.want, b.api.last(), protocmp.Transform()); diff != "" {
				t.Errorf("the API was asked (-want +got):\n%s", diff)
			}
		})
	}
}

// A top-up is offered of what holds a fill, and told again once it was done.
func TestOnlyAFillIsToppedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	offered := func(id string) int {
		return len(b.get(english, "/orders/"+id).find("input", func(n *html.Node) bool { return attr(n, "value") == "topped_up" }))
	}
	if n := offered("o5"); n != 0 {
		t.Errorf("offered %d times for brakes and a hose", n)
	}
	for _, o := range b.api.data.orders {
		if o.GetId() == "o5" {
			o.Lines[0].Component = "engine_oil"
		}
	}
	if n := offered("o5"); n != 1 {
		t.Errorf("offered %d times for oil and brakes, want once", n)
	}
	for _, o := range b.api.data.orders {
		if o.GetId() == "o5" {
			o.Lines[0].Outcome, o.Lines[0].ToppedUp, o.Lines[0].Litres = "fixed", true, 0.5
			o.Lines[0].Part = "5W30-07"
		}
	}
	b.get(english, "/orders/o5").sees("Topped up, not renewed", "Litres filled in", "Part put in 5W30-07")
	b.get(chinese, "/orders/o5").sees("仅补加，未更换", "补加量（升）", "装用件 5W30-07")
}

func TestOnlyAllowedActionsAreOffered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for id, want := range map[string][]string{
		"o1": {"accept", "dismiss"}, "o3": {"cancel", "check_in", "schedule"}, "o4": {"finish"}, "o5": {"close"}, "o6": nil, "o7": {"reopen"},
	} {
		offered := map[string]bool{}
		for _, f := range b.get(english, "/orders/"+id).find("form", nil) {
			if rest, ok := strings.CutPrefix(attr(f, "action"), "/orders/"+id+"/"); ok {
				offered[strings.TrimSuffix(rest, "#actions")] = true
			}
		}
		if got := slices.Sorted(maps.Keys(offered)); !slices.Equal(got, want) {
			t.Errorf("order %s offers %v, want %v", id, got, want)
		}
	}
}

func TestOrderShowsWhatAnAdvisorNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/orders/o1").sees(
		"W-83HJ", "Urgent", "Proposed", "Pudong 07", "48,213 km", "12 min ago", "1.3–2.6 h", "Workshop soon", "Unburnt fuel can harm the catalyst.",
		"Check first: Smoke test of the intake, 10 minutes.", "55% Air leak after the mass air flow meter both banks, trims +18 % at idle",
		"P0171 confirmed, seen 14 times", "P0174", "Intake hose × 1", "knowledge engine@7", "Service history", "Created by pitcrew",
	)
	b.get(chinese, "/orders/o7").sees("已驳回：误报", "误报：传感器脏", "撤销驳回")
}

func TestRefusalIsShownInPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path, accept string
		refused              error
		form                 url.Values
		status               int
		wanted               []string
	}{
		"a conflict": {
			"AcceptWorkOrder", "/orders/o1/accept", english, status.Error(codes.Aborted, "the order has changed since you saw it: look again"), form("version", "2"),
			http.StatusConflict, []string{"Somebody was faster", "The order has changed since you saw it: look again."},
		},
		"a field, with what was typed": {
			"CheckInWorkOrder", "/orders/o3/check_in", english, refusal(codes.FailedPrecondition, "odometerKm", "the odometer reads less than before: check it, or say why in the note"),
			form("version", "3", "odometer_km", "70000", "note", "kept text"), http.StatusConflict,
			[]string{"The odometer reads less than before", "Read the odometer again", "kept text"},
		},
		"in Chinese": {
			"ScheduleWorkOrder", "/orders/o3/schedule", chinese, refusal(codes.InvalidArgument, "scheduledFor", "the appointment lies in the past"),
			form("version", "3", "scheduled_for", "2020-01-01T09:00"), http.StatusBadRequest, []string{"填写有误", "请选择将来的时间。"},
		},
		"the API is away": {
			"FinishWorkOrder", "/orders/o4/finish", english, status.Error(codes.Unavailable, "no"), form("version", "3"),
			http.StatusServiceUnavailable, []string{"pitcrew does not answer", "Try again in a minute."},
		},
		"an inner error keeps its words": {
			"FinishWorkOrder", "/orders/o4/finish", english, status.Error(codes.Internal, "disk full at sector 7"), form("version", "3"),
			http.StatusInternalServerError, []string{"Something went wrong in pitcrew"},
		},
		"not a date":                 {"-", "/orders/o3/schedule", english, nil, form("version", "3", "scheduled_for", "soon"), http.StatusBadRequest, []string{"Say when the car comes.", "Choose a time that lies ahead."}},
		"not hours":                  {"-", "/orders/o5/close", english, nil, form("version", "3", "odometer_km", "48250", "hours-1", "long"), http.StatusBadRequest, []string{"Check the outcome and the hours"}},
		"not litres":                 {"-", "/orders/o5/close", english, nil, form("version", "3", "odometer_km", "48250", "outcome-1", "topped_up", "litres-1", "-1"), http.StatusBadRequest, []string{"Litres are a number"}},
		"litres of what was renewed": {"-", "/orders/o5/close", english, nil, form("version", "3", "odometer_km", "48250", "outcome-1", "fixed", "litres-1", "4"), http.StatusBadRequest, []string{"Litres are told of what was topped up."}},
		"not an amount":              {"-", "/orders/o5/close", english, nil, form("version", "3", "odometer_km", "1e99"), http.StatusBadRequest, []string{"Read the odometer again"}},
		"no version":                 {"-", "/orders/o1/accept", english, nil, form(), http.StatusBadRequest, []string{"which version of the order"}},
		"an old page":                {"-", "/orders/o1/accept", english, nil, form("version", "2"), http.StatusConflict, []string{"Somebody was faster"}},
		"no such action": {
			"-", "/orders/o1/explode", english, nil, form("version", "3"), http.StatusNotFound, []string{"Not found"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.api.fail(c.method, c.refused)
			language := "en"
			if c.accept == chinese {
				language = "zh-Hans"
			}
			got := b.post(c.path, c.form, &http.Cookie{Name: "pitcrew_language", Value: language})
			if got.StatusCode != c.status {
				t.Errorf("answered %d, want %d", got.StatusCode, c.status)
			}
			got.sees(c.wanted...)
			alerts := got.find("div", func(n *html.Node) bool { return attr(n, "role") == "alert" })
			if len(alerts) != 1 {
				t.Errorf("the page has %d alerts, want 1", len(alerts))
			}
			if strings.Contains(got.Body, "sector 7") {
				t.Error("the page shows the words of an inner error")
			}
			got.soundlyBuilt()
		})
	}
}

func TestActionsAreSignedWithTheNameThatWasGiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.post("/actor", form("actor", "  Wang  Fang ", "back", "/orders/o1"))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/orders/o1" || len(got.Cookies()) != 1 {
		t.Fatalf("the name is not kept: %d %v", got.StatusCode, got.Header)
	}
	b.post("/orders/o1/accept", form("version", "3"), got.Cookies()[0])
	want := &pitcrewv1.AcceptWorkOrderRequest{Id: "o1", Version: 3, Actor: "Wang Fang"}
	if diff := cmp.Diff(want, b.api.last(), protocmp.Transform()); diff != "" {
		t.Errorf("the API was asked (-want +got):\n%s", diff)
	}
}

func TestBoardHasEveryStateInItsColumn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get(english, "/orders")
	columns := got.find("section", nil)
	if len(columns) != 6 {
		t.Fatalf("the board has %d columns, want 6", len(columns))
	}
	for i, want := range []string{"W-4F0X", "", "W-7QK2", "", "W-5T1C", "W-2M9D"} {
		column := answer{t: t, root: columns[i]}.text()
		if !strings.Contains(column, want) || want == "" && strings.Contains(column, "W-") {
			t.Errorf("column %d says %q, want %q in it", i, column, want)
		}
	}
	got.sees("Emergency", "Oil pressure too low: stop the engine", "Toyota Etios 2014", "KA 05 MX 2211", "Trouble codes 40 min ago", "comes 26 Nov 2026, 09:00")
	b.get(english, "/orders?state=finished").sees("Closed", "Engine oil service", "Check the thermostat")
	marked := b.get(english, "/orders?state=ready").find("a", func(n *html.Node) bool {
		return strings.HasPrefix(attr(n, "href"), "/orders?state=ready") && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "aria-current" })
	})
	if len(marked) != 1 {
		t.Error("the column that a phone shows is not marked")
	}
}
