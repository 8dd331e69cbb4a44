package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// get fetches a message over HTTP.
func get[M proto.Message](s *served, path string, into M) M {
	s.t.Helper()
	resp, body := s.send("GET", path, "")
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: %s %s", path, resp.Status, body)
	}
	if err := protojson.Unmarshal(body, into); err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	return into
}

// renewed is the forecast of the first component that an order renews.
func (s *served) renewed(o workorders.Order) *pitcrewv1.Forecast {
	s.t.Helper()
	forecasts := get(s, "/v1/vehicles/"+string(o.VIN)+"/forecasts", &pitcrewv1.ListForecastsResponse{}).GetForecasts()
	for _, f := range forecasts {
		if slices.ContainsFunc(o.Lines, func(l workorders.Line) bool { return l.Component == f.GetComponent() }) {
			return f
		}
	}
	s.t.Fatalf("no forecast of what order %s renews", o.ID)
	return nil
}

// Forecasts of another time, and by another model, are asked for as those of now are.
func TestForecastsOfAnotherTime(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path := "/v1/vehicles/" + string(s.proposed(workorders.OriginWear).VIN) + "/forecasts"
	now := get(s, path+"/brake_fluid", &pitcrewv1.Forecast{})
	asOf := now.GetAsOf().AsTime().AddDate(0, 0, -30).Format(time.RFC3339)
	ago := get(s, path+"?path=true&explanation=true&asOf="+asOf, &pitcrewv1.ListForecastsResponse{}).GetForecasts()
	if len(ago) == 0 {
		t.Fatal("no forecasts of a month ago")
	}
	paths := 0
	for _, f := range ago {
		if got := f.GetAsOf().AsTime().Format(time.RFC3339); got != asOf || f.GetExplanation() == nil || f.GetDataUntil().AsTime().After(f.GetAsOf().AsTime()) {
			t.Errorf("%s: as of %s, data until %v, explained %v", f.GetComponent(), got, f.GetDataUntil().AsTime(), f.GetExplanation() != nil)
		}
		for _, p := range f.GetPath() {
			if paths++; !(p.GetChance() >= 0 && p.GetChance() <= 1) {
				t.Errorf("%s: chance %v", f.GetComponent(), p.GetChance())
			}
		}
	}
	if paths == 0 {
		t.Error("no path of a month ago")
	}
	if one := get(s, path+"/brake_fluid?model=expert", &pitcrewv1.Forecast{}); !strings.Contains(one.GetModel(), "expert") || one.GetExplanation() == nil {
		t.Errorf("by the expert: %s", one.GetModel())
	}
	for query, want := range map[string]int{"?asOf=2099-01-01T00:00:00Z": http.StatusBadRequest, "?asOf=yesterday": http.StatusBadRequest, "?model=fleet-unheard-of": http.StatusNotFound} {
		if resp, body := s.send("GET", path+query, ""); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d: %s", query, resp.Status, want, body)
		}
	}
}

// The whole life of an order with the shortest requests that the contract
// allows: what it leaves is a record, a new wear path and no open reminder.
func TestClosingAnOrderOverHTTPClosesTheLoop(t *testing.T) {
	t.Parallel()
	s := serve(t)
	order := s.proposed(workorders.OriginWear)
	before := s.renewed(order)
	for _, step := range []struct{ verb, body, state string }{
		{"accept", "", "open"},
		{"schedule", `{"scheduledFor": "2026-05-02T09:00:00+08:00"}`, "scheduled"},
		{"checkIn", "{}", "checked_in"},
		{"start", "", "in_progress"},
		{"finish", "", "ready"},
		{"close", "{}", "closed"},
	} {
		resp, body := s.send("POST", "/v1/workOrders/"+order.ID+":"+step.verb, step.body)
		var got struct{ State string }
		if err := json.Unmarshal(body, &got); err != nil || resp.StatusCode != http.StatusOK || got.State != step.state {
			t.Fatalf("%s: %s %s", step.verb, resp.Status, body)
		}
	}
	closed := get(s, "/v1/workOrders/"+order.ID, &pitcrewv1.WorkOrder{})
	car := get(s, closed.GetVehicleUrl(), &pitcrewv1.Vehicle{})
	if closed.GetOdometerInKm() != car.GetOdometerKm() || closed.GetOdometerOutKm() != car.GetOdometerKm() {
		t.Errorf("odometer in %f, out %f, want the newest known, %f", closed.GetOdometerInKm(), closed.GetOdometerOutKm(), car.GetOdometerKm())
	}
	for _, e := range closed.GetEvents() {
		if e.GetActor() != "api" {
			t.Errorf("%s was done by %q", e.GetAction(), e.GetActor())
		}
	}

	history := get(s, closed.GetHistoryUrl(), &pitcrewv1.ListHistoryResponse{})
	record := history.GetRecords()[0]
	if record.GetId() != closed.GetRecordId() || record.GetWorkOrderId() != order.ID || record.GetSource() != "work_order" || record.GetShop() != "Test Garage" {
		t.Errorf("the newest record is %v", record)
	}
	if len(record.GetItems()) != len(order.Lines) {
		t.Errorf("the record has %d items for %d lines", len(record.GetItems()), len(order.Lines))
	}
	after := s.renewed(order)
	if after.GetCycle() == before.GetCycle() || after.GetWear().GetP50() >= before.GetWear().GetP50() ||
		!after.GetServicedAt().AsTime().Equal(closed.GetClosed().AsTime()) {
		t.Errorf("forecast of %s: cycle %s, serviced %v; before %s", after.GetComponent(), after.GetCycle(), after.GetServicedAt().AsTime(), before.GetCycle())
	}
	open := get(s, "/v1/reminders?state=planned,due_soon,due,overdue,snoozed,booked&vin="+string(order.VIN), &pitcrewv1.ListRemindersResponse{})
	for _, r := range open.GetReminders() {
		if r.GetItem() == before.GetComponent() {
			t.Errorf("the reminder of %s is still %s", r.GetItem(), r.GetState())
		}
	}
	again := get(s, "/v1/workOrders?state=proposed&vin="+string(order.VIN), &pitcrewv1.ListWorkOrdersResponse{})
	for _, o := range again.GetWorkOrders() {
		for _, l := range o.GetLines() {
			if l.GetComponent() == before.GetComponent() {
				t.Errorf("%s is proposed again", l.GetComponent())
			}
		}
	}
}

// An added record that renews a component starts a new wear path at once.
func TestAnAddedRecordResetsTheForecast(t *testing.T) {
	t.Parallel()
	s := serve(t)
	order := s.proposed(workorders.OriginWear)
	before := s.renewed(order)
	car := get(s, "/v1/vehicles/"+string(order.VIN), &pitcrewv1.Vehicle{})
	rec := &pitcrewv1.ServiceRecord{
		Visited: car.GetDataUntil(), OdometerKm: car.GetOdometerKm(), Source: "owner", Note: "did it myself",
		Items: []*pitcrewv1.ServiceItem{{Component: before.GetComponent()}},
	}
	body, err := protojson.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 2 { // twice is once
		resp, answer := s.send("POST", car.GetHistoryUrl(), string(body))
		var added pitcrewv1.ServiceRecord
		if err := protojson.Unmarshal(answer, &added); err != nil {
			t.Fatalf("%s %s: %v", resp.Status, answer, err)
		}
		ids = append(ids, added.GetId())
	}
	if ids[0] == "" || ids[0] != ids[1] {
		t.Errorf("added as %s and %s", ids[0], ids[1])
	}
	if after := s.renewed(order); after.GetCycle() == before.GetCycle() {
		t.Errorf("%s is still in cycle %s", after.GetComponent(), after.GetCycle())
	}
	all := get(s, car.GetHistoryUrl(), &pitcrewv1.ListHistoryResponse{})
	if n := strings.Count(all.String(), rec.GetNote()); n != 1 {
		t.Errorf("the record is there %d times", n)
	}
}

// Going through a list page by page gives each thing once, in the order that the
// contract promises.
func TestPagingGivesEachThingOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := serve(t)
	vin := string(s.proposed(workorders.OriginWear).VIN)
	for n := range 5 {
		body := `{"source": "owner", "sourceId": "` + strings.Repeat("x", n+1) + `", "visited": "2026-04-20T10:00:00Z", "items": [{"text": "wash"}]}`
		if resp, answer := s.send("POST", "/v1/vehicles/"+vin+"/history", body); resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s", resp.Status, answer)
		}
	}
	urgency := map[string]int{"emergency": 0, "urgent": 1, "routine": 2}
	for path, list := range map[string]struct {
		member  string
		ordered func(a, b map[string]any) bool // b may follow a
	}{
		"/v1/vehicles":   {"vehicles", func(a, b map[string]any) bool { return a["vin"].(string) < b["vin"].(string) }},
		"/v1/quarantine": {"messages", func(a, b map[string]any) bool { return instant(t, a["received"]) >= instant(t, b["received"]) }},
		"/v1/workOrders": {"workOrders", func(a, b map[string]any) bool {
			x, y := urgency[a["priority"].(string)], urgency[b["priority"].(string)]
			return x < y || x == y && instant(t, a["created"]) >= instant(t, b["created"])
		}},
		"/v1/reminders": {"reminders", func(a, b map[string]any) bool {
			return b["dueAt"] == nil || a["dueAt"] != nil && instant(t, a["dueAt"]) <= instant(t, b["dueAt"])
		}},
		"/v1/vehicles/" + vin + "/history": {"records", func(a, b map[string]any) bool {
			return instant(t, a["visited"]) >= instant(t, b["visited"])
		}},
	} {
		whole := s.list(path+"?pageSize=200", list.member)
		if len(whole) < 3 {
			t.Fatalf("%s: %d rows say nothing about paging", path, len(whole))
		}
		for i := range whole[1:] {
			if !list.ordered(whole[i], whole[i+1]) {
				t.Errorf("%s: %v stands before %v", path, whole[i], whole[i+1])
			}
		}
		paged := s.list(path+"?pageSize=2", list.member)
		if a, b := keysOf(whole), keysOf(paged); !slices.Equal(a, b) {
			t.Errorf("%s: %v in one page, %v in pages of two", path, a, b)
		}
	}
}

// list follows the pages of a list to its end.
func (s *served) list(path, member string) []map[string]any {
	s.t.Helper()
	var rows []map[string]any
	token := ""
	for range 100 {
		next := path
		if token != "" {
			next += "&pageToken=" + token
		}
		resp, body := s.send("GET", next, "")
		if resp.StatusCode != http.StatusOK {
			s.t.Fatalf("GET %s: %s %s", next, resp.Status, body)
		}
		page := decode(s.t, body).(map[string]any)
		for _, row := range page[member].([]any) {
			rows = append(rows, row.(map[string]any))
		}
		if token = page["nextPageToken"].(string); token == "" {
			return rows
		}
	}
	s.t.Fatalf("GET %s does not end", path)
	return nil
}

func keysOf(rows []map[string]any) []string {
	var out []string
	for _, r := range rows {
		if id, ok := r["id"].(string); ok {
			out = append(out, id)
			continue
		}
		out = append(out, r["vin"].(string))
	}
	return out
}

func instant(t *testing.T, v any) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}
