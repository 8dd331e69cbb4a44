package console_test

import (
	"encoding/json"
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
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

func TestVehiclePageTellsEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get(english, "/vehicles/"+carVIN)
	got.sees(
		"Pudong 07 沪A·8D207", "check digit does not match", "48,213 km 24 Nov 2026, 15:48 · 61 km a day", "Asia/Shanghai (UTC+8)", "李雷",
		"The engine runs lean on both banks and misfires.", "P0171 P0174 P0300",
		"Front brake pads Due soon Due 13 Dec 2026 9 Dec 2026 to 19 Dec 2026 At 49,367 km 49,136 to 49,713 Worn now 93% 91%–95%",
		"Tyres Due now Due Now", "12 V battery Too early to tell Only 3 readings", "Coolant Old data",
		"Trouble codes 3 active", "P0171 System too lean, bank 1 Confirmed", "control unit 7E8", "Freeze frame", "18.4 %",
		"P0128 Coolant below thermostat temperature Gone", "14.1 V", "91 °C", "2,140 rpm",
		"14:05–15:00 55 min 30.4 km average 34, top 84 km/h", "Earlier day",
		"2 visits 1.2 h CNY 680.00 since 20 Oct 2025", "Engine air filter replaced early", "四轮定位", "Tyres: 5.2 mm", "entered in error",
		"Lean mixture with misfire; front brake pads",
		"14.1 V 12 min ago · time of receipt",
		"Device clock 37 s ahead times are shown as the device gave them",
		"Messages 45 missing 41,982 received since 25 Oct 2026, 16:00 · 41 of the missing ones are too old to be listed · the device's counter jumped 1 time",
		"b7 1842–1844 3 missing since 24 Nov 2026, 11:00", "b6 17 1 missing",
	)
	if n := strings.Count(got.Body, `class="fan"`); n != 5 {
		t.Errorf("%d wear paths are drawn, want one for each of the 5 forecasts that have one", n)
	}
	if strings.Contains(got.Body, "NaN") || strings.Contains(got.Body, "Inf") {
		t.Error("a drawing has a coordinate that is no number")
	}
}

func TestWearPathRunsFromLeftToRightInsideItsFrame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paths := b.get(english, "/vehicles/"+carVIN).find("path", func(n *html.Node) bool { return attr(n, "class") == "past" || attr(n, "class") == "ahead" })
	if len(paths) != 10 {
		t.Fatalf("%d lines are drawn, want 10", len(paths))
	}
	for _, p := range paths {
		last := 0.0
		for _, point := range strings.FieldsFunc(attr(p, "d"), func(r rune) bool { return r == 'M' || r == 'L' }) {
			x, y := pair(t, point)
			if x < last || x > 314 || y < 8 || y > 98 {
				t.Errorf("the line goes to %v, %v after x = %v", x, y, last)
			}
			last = x
		}
	}
}

func pair(t *testing.T, s string) (x, y float64) {
	t.Helper()
	var out []float64
	for _, word := range strings.Fields(s) {
		var v float64
		if err := json.Unmarshal([]byte(word), &v); err != nil {
			t.Fatalf("%q is no number", word)
		}
		out = append(out, v)
	}
	return out[0], out[1]
}

// What nobody has measured and is not due stands apart, so that a long table does not
// hide what is to be done; and a component that a workshop has added has its name.
func TestComponentsOfAWorkshop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get(english, "/vehicles/"+carVIN)
	got.sees("Only 3 readings", "1 more: not due within a year, or too early to tell Brake hoses Too early to tell Too early to tell: nobody has looked.")
	if !strings.Contains(got.Body, `value="brake_hoses"`) || strings.Contains(got.Body, `value="cell_balance"`) {
		t.Error("the form offers what a petrol car has not, or not what it has")
	}
	b.get(chinese, "/vehicles/"+carVIN).sees("另有 1 项：一年内不到期，或暂无法判断 制动软管")

	b = setup(t)
	b.api.fail("ListComponents", status.Error(codes.Unavailable, "not now"))
	b.get(english, "/vehicles/"+carVIN).sees("engine oil", "air filter replaced early")
}

func TestPartThatFailsLeavesTheRest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.fail("ListTrips", status.Error(codes.Unavailable, "the telemetry store does not answer"))
	got := b.get(english, "/vehicles/"+carVIN)
	if got.StatusCode != http.StatusOK {
		t.Errorf("answered %d, want 200", got.StatusCode)
	}
	got.sees("The telemetry store does not answer.", "Front brake pads", "Service history")
}

func TestTripsOfAnotherDayAreAskedInTheVehiclesZone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN+"?day=2026-11-20").sees("No drive on this day.", "Later day")
	want := &pitcrewv1.ListTripsRequest{
		Vin:  carVIN,
		From: timestamppb.New(time.Date(2026, 11, 19, 16, 0, 0, 0, time.UTC)), To: timestamppb.New(time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)),
	}
	for _, req := range b.api.lists {
		if got, ok := req.(*pitcrewv1.ListTripsRequest); ok {
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("the API was asked (-want +got):\n%s", diff)
			}
			return
		}
	}
	t.Error("the API was not asked for trips")
}

func TestTripsOfADayThatIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.data.expired = []*pitcrewv1.Expired{{}}
	b.get(english, "/vehicles/"+carVIN+"?day=2024-11-20").sees("What was measured on this day is not kept any more.", "Later day")
	b.get(chinese, "/vehicles/"+carVIN+"?day=2024-11-20").sees("当天的测量数据已过保存期限")
}

func TestSpeedLineBreaksBetweenDrives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var line struct {
		Times  []int64    `json:"times"`
		Values []*float64 `json:"values"`
		Unit   string     `json:"unit"`
	}
	if err := json.Unmarshal([]byte(b.get(english, "/vehicles/"+carVIN+"/speed?from=1795536000&to=1795622400").Body), &line); err != nil {
		t.Fatal(err)
	}
	breaks := 0
	for _, v := range line.Values {
		if v == nil {
			breaks++
		}
	}
	if breaks != 1 || len(line.Times) != len(line.Values) || len(line.Times) != 187 || line.Unit != "km/h" {
		t.Errorf("%d points with %d breaks in %q, want 187 with 1 in km/h", len(line.Times), breaks, line.Unit)
	}
	for _, bad := range []string{"", "?from=1", "?from=2&to=1", "?from=0&to=999999999"} {
		if got := b.get(english, "/vehicles/"+carVIN+"/speed"+bad); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%q answered %d, want 400", bad, got.StatusCode)
		}
	}
}

func TestServiceRecordIsAdded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := form("id", "abc", "visited", "2026-11-20", "odometer", "47 900", "source", "workshop", "shop", "Kwik", "text", "wheels aligned", "note", "n")
	sent["component"] = []string{"tyres", "engine_oil", "invented"}
	got := b.post("/vehicles/"+carVIN+"/history", sent)
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", got.StatusCode, got.text())
	}
	want := &pitcrewv1.AddHistoryRequest{Vin: carVIN, Record: &pitcrewv1.ServiceRecord{
		Vin: carVIN, Visited: timestamppb.New(time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)), OdometerKm: 47900, Source: "workshop", SourceId: "console-abc",
		Shop: "Kwik", Note: "n", Items: []*pitcrewv1.ServiceItem{{Component: "engine_oil"}, {Component: "tyres"}, {Text: "wheels aligned"}},
	}}
	if diff := cmp.Diff(want, b.api.last(), protocmp.Transform()); diff != "" {
		t.Errorf("the API was asked (-want +got):\n%s", diff)
	}
}

func TestServiceRecordTellsWhatCameOutAndWhatWasToppedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := form("id", "abc", "visited", "2026-11-20", "source", "owner", "component", "tyres", "part-coolant", " G12 evo ", "outcome", "replaced_early", "topped_up", "engine_oil", "litres-engine_oil", "0,5")
	sent.Add("component", "coolant")
	if got := b.post("/vehicles/"+carVIN+"/history", sent); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", got.StatusCode, got.text())
	}
	want := []*pitcrewv1.ServiceItem{{Component: "tyres", Outcome: "replaced_early"}, {Component: "coolant", Outcome: "replaced_early", Part: "G12 evo"}, {Component: "engine_oil", Outcome: "topped_up", Litres: 0.5}}
	if diff := cmp.Diff(want, b.api.last().(*pitcrewv1.AddHistoryRequest).GetRecord().GetItems(), protocmp.Transform()); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}

	for name, sent := range map[string]url.Values{
		"Litres are a number":               form("visited", "2026-11-20", "topped_up", "engine_oil", "litres-engine_oil", "a drop"),
		"Tick as renewed":                   form("visited", "2026-11-20", "topped_up", "engine_oil", "part-coolant", "G12 evo"),
		"renewed or that it was topped up,": form("visited", "2026-11-20", "component", "engine_oil", "topped_up", "engine_oil"),
	} {
		got := b.post("/vehicles/"+carVIN+"/history", sent)
		if got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: answered %d, want 400", name, got.StatusCode)
		}
		got.sees(name)
		kept := got.find("input", func(n *html.Node) bool { return attr(n, "value") == "engine_oil" && attr(n, "name") == "topped_up" })
		if len(kept) != 1 || !slices.ContainsFunc(kept[0].Attr, func(a html.Attribute) bool { return a.Key == "checked" }) {
			t.Errorf("%s: the tick is lost", name)
		}
	}
	// Pads are no fill.
	if found := b.get(english, "/vehicles/"+carVIN).find("input", func(n *html.Node) bool { return attr(n, "name") == "topped_up" }); len(found) != 2 {
		t.Errorf("%d components may be topped up, want oil and coolant", len(found))
	}
}

// What readings leave open is asked, and each button is an answer that becomes a record.
func TestAnAdvisorAnswersWhatReadingsLeaveOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN).sees("Was it topped up?", "63% likely")
	b.get(chinese, "/vehicles/"+carVIN).sees("是否补加过？")
	by := "2026-11-24T01:00:00Z" // this morning in Shanghai: not noon yet when it is pressed
	for day, want := range map[string]time.Time{"2026-11-24": time.Date(2026, 11, 24, 0, 59, 0, 0, time.UTC), "2026-11-23": time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)} {
		b.post("/vehicles/"+carVIN+"/history", form("id", day, "source", "owner", "by", by, "visited", day, "component", "engine_oil"))
		if got := b.api.last().(*pitcrewv1.AddHistoryRequest).GetRecord().GetVisited().AsTime(); !got.Equal(want) {
			t.Errorf("work of %s, shown at %s, is recorded at %v, want %v", day, by, got, want)
		}
	}
	for answer, want := range map[string]struct {
		item *pitcrewv1.ServiceItem
		at   time.Time
	}{
		"component": {&pitcrewv1.ServiceItem{Component: "engine_oil"}, time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)},
		"topped_up": {&pitcrewv1.ServiceItem{Component: "engine_oil", Outcome: "topped_up"}, time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)},
		"kept":      {&pitcrewv1.ServiceItem{Component: "engine_oil", Outcome: "kept"}, now}, // of now, whatever the day in the form
	} {
		if got := b.post("/vehicles/"+carVIN+"/history", form("id", answer, "source", "owner", "visited", "2026-11-20", answer, "engine_oil")); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: answered %d: %s", answer, got.StatusCode, got.text())
		}
		rec := b.api.last().(*pitcrewv1.AddHistoryRequest).GetRecord()
		if diff := cmp.Diff([]*pitcrewv1.ServiceItem{want.item}, rec.GetItems(), protocmp.Transform()); diff != "" || !rec.GetVisited().AsTime().Equal(want.at) || rec.GetSource() != "owner" {
			t.Errorf("%s: recorded of %v, want %v; items (-want +got):\n%s", answer, rec.GetVisited().AsTime(), want.at, diff)
		}
	}
}

func TestServiceRecordThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refused error
		visited string
		wanted  string
	}{
		"by the API":  {refusal(codes.InvalidArgument, "visited", "the visit lies in the future"), "2030-01-01", "The visit lies in the future."},
		"by the form": {nil, "yesterday", "Say on which day the work was done."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.api.fail("AddHistory", c.refused)
			got := b.post("/vehicles/"+carVIN+"/history", form("id", "abc", "visited", c.visited, "shop", "Kwik", "component", "tyres"))
			if got.StatusCode != http.StatusBadRequest {
				t.Errorf("answered %d, want 400", got.StatusCode)
			}
			got.sees(c.wanted, "Front brake pads")
			kept := got.find("input", func(n *html.Node) bool { return attr(n, "name") == "shop" })
			if len(kept) != 1 || attr(kept[0], "value") != "Kwik" {
				t.Error("what was typed is lost")
			}
		})
	}
}

// The life of a code tells each step, how far the car had gone, and who ended it.
func TestLifeOfACode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN).sees("From first to last", "48,010 km", "Erased with a tester, or by a flat battery",
		"the distance since codes were erased began again", "Gone by itself", "1 time before")
	b.get(chinese, "/vehicles/"+carVIN).sees("变化过程", "清码后行驶里程归零", "自行消失")
}

// What an emissions inspection asks for: how many monitors are complete, which are not, and
// since when they are on the way.
func TestReadiness(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN).sees("Readiness monitors: 4 of 6 complete", "not yet: catalyst, fuel vapour (EVAP)", "reset")
	b.get(chinese, "/vehicles/"+carVIN).sees("就绪监测项：已完成 4/6", "未完成：催化器、燃油蒸发系统", "复位于")
}
