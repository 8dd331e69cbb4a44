package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// addOdometer is the ledger of a car with a new cluster, a slip of the hand, a
// reading that somebody voided, and one that telemetry said twice.
func (d *fleetData) addOdometer() {
	d.readings = []*pitcrewv1.OdometerReading{
		{Id: "a1", Time: ago(time.Hour), Source: "telemetry", Value: 907_000, Unit: "m", DialKm: 907, State: "accepted", TotalKm: 82_907},
		{Id: "a2", Time: ago(26 * time.Hour), Source: "person", Value: 800, Unit: "km", DialKm: 800, State: "accepted", TotalKm: 82_800, Decision: "a2"},
		{Id: "b1", Time: ago(5 * 24 * time.Hour), Source: "work_order", Value: 815_000, Unit: "km", DialKm: 815_000, State: "refused", Kind: "typo",
			Reason: text("a digit too many, beside 81,500 km on 2026-11-18", "多输入了一位数字，对照 2026-11-18 的 81,500 公里")},
		{Id: "b2", Time: ago(8 * 24 * time.Hour), Source: "service_record", Value: 50_500, Unit: "mi", DialKm: 81_272, State: "refused", Kind: "voided", Decision: "b2",
			Reason: text("voided by advisor on 2026-11-20", "李雷于 2026-11-20 作废")},
		{Id: "b3", Time: ago(9 * 24 * time.Hour), Source: "person", Value: 81_100, Unit: "km", DialKm: 81_100, State: "refused", Kind: "duplicate",
			Reason: text("already known from telemetry", "已有来自车载数据的相同读数")},
	}
	d.odometer = &pitcrewv1.Odometer{
		Vin: carVIN, TotalKm: 82_907, TotalAt: ago(time.Hour), Accepted: 2, Undecided: 1,
		Segments: []*pitcrewv1.OdometerSegment{
			{Start: ago(400 * 24 * time.Hour), Kind: "first", Why: text("the first reading", "首个读数")},
			{Start: ago(10 * 24 * time.Hour), OffsetKm: 82_000, Kind: "swap", Why: text("7 km after 81,900 km on 2026-11-13: the cluster was replaced", "2026-11-13 为 81,900 公里，此后为 7 公里：仪表已更换")},
		},
		Decisions: []*pitcrewv1.OdometerDecision{
			{Reading: "b2", Time: ago(8 * 24 * time.Hour), Source: "service_record", DialKm: 81_272, Verdict: "void", Decided: ago(4 * 24 * time.Hour), By: "advisor", InForce: true},
			{Reading: "c1", Time: ago(9 * 24 * time.Hour), Verdict: "correct", TotalKm: 81_000, Decided: ago(5 * 24 * time.Hour), By: "lilei"},
		},
	}
	d.vehicles[0].DialKm, d.vehicles[0].OdometerRefused = 907, 1
}

func TestOdometerPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/vehicles/" + carVIN + "/odometer"
	got := b.get(english, path)
	got.sees("82,907 km", "the instrument shows 907 km", "1 to decide", "815,000 km", "slip of the hand", "A digit too many, beside 81,500 km on 2026-11-18.",
		"given as 50,500 mi", "the cluster was replaced", "82,000 km added", "81,000 km in all", "Withdraw the decision")
	b.get(chinese, path).sees("1 条待认定", "输入错误", "多输入了一位数字", "仪表已更换", "撤回认定")
	forms := map[string]bool{}
	for _, f := range got.find("form", func(n *html.Node) bool { return attr(n, "class") == "verdict" }) {
		for n := range f.Descendants() {
			if attr(n, "name") == "reading" {
				forms[attr(f, "action")[len(path)+1:]+" "+attr(n, "value")] = true
			}
		}
	}
	for _, want := range []string{"accept b1", "void b1", "correct b1", "withdraw b2", "correct "} {
		if !forms[want] {
			t.Errorf("there is no form to %s; there are %v", want, forms)
		}
	}
	if forms["void b2"] || forms["void b3"] || forms["withdraw c1"] {
		t.Errorf("there are forms for what is decided, or needs no decision: %v", forms)
	}
	b.get(english, "/vehicles/"+carVIN).sees("the instrument shows 907 km", "All readings", "1 to decide")
}

func TestOdometerDecisions(t *testing.T) {
	t.Parallel()
	path := "/vehicles/" + carVIN + "/odometer/"
	km := 81_500.0
	noon := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC) // in Shanghai, where the car is
	for name, tt := range map[string]struct {
		form url.Values
		want proto.Message
	}{
		"accept":   {form("reading", "b1"), &pitcrewv1.AcceptOdometerRequest{Vin: carVIN, Reading: "b1", Actor: "advisor"}},
		"void":     {form("reading", "b1"), &pitcrewv1.VoidOdometerRequest{Vin: carVIN, Reading: "b1", Actor: "advisor"}},
		"withdraw": {form("reading", "b2"), &pitcrewv1.WithdrawOdometerRequest{Vin: carVIN, Reading: "b2", Actor: "advisor"}},
		"correct": {form("reading", "b1", "total_km", "81,500", "note", " the invoice "),
			&pitcrewv1.CorrectOdometerRequest{Vin: carVIN, Reading: "b1", Actor: "advisor", Note: "the invoice", TotalKm: &km}},
		"correct a time": {form("reading", "", "total_km", "81500", "time", "2026-11-20T12:00"),
			&pitcrewv1.CorrectOdometerRequest{Vin: carVIN, Actor: "advisor", TotalKm: &km, Time: timestamppb.New(noon)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			verdict, _, _ := strings.Cut(name, " ")
			if got := b.post(path+verdict, tt.form); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path[:len(path)-1] {
				t.Errorf("answered %d, to %s", got.StatusCode, got.Header.Get("Location"))
			}
			if got := b.api.last(); !proto.Equal(got, tt.want) {
				t.Errorf("the API was asked %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRefusedOdometerDecisionKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/vehicles/" + carVIN + "/odometer/"
	b.api.fail("CorrectOdometer", refusal(codes.FailedPrecondition, "", "this contradicts what lilei said"))
	got := b.post(path+"correct", form("reading", "b1", "total_km", "99000", "note", "so"))
	if got.StatusCode != http.StatusConflict {
		t.Errorf("answered %d", got.StatusCode)
	}
	got.sees("This contradicts what lilei said.")
	for field, want := range map[string]string{"total_km": "99000", "note": "so"} {
		kept := got.find("input", func(n *html.Node) bool { return attr(n, "name") == field && attr(n, "value") == want })
		if len(kept) != 1 {
			t.Errorf("%q was kept in %d fields %s, want one", want, len(kept), field)
		}
	}
	for name, f := range map[string]url.Values{
		"no total": form("reading", "b1", "total_km", ""), "not a number": form("reading", "b1", "total_km", "many"), "no time": form("reading", "", "total_km", "5"),
	} {
		asked := b.api.last()
		if got := b.post(path+"correct", f); got.StatusCode != http.StatusBadRequest || b.api.last() != asked {
			t.Errorf("%s: answered %d", name, got.StatusCode)
		}
	}
	if got := b.post(path+"explode", form("reading", "b1")); got.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown verdict answered %d", got.StatusCode)
	}
}
