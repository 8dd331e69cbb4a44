package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

func TestFleetShowsFiguresAndVehicles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/").sees(
		"Vehicles 5 3 online", "Proposed orders 2", "Reminders due 2 1 overdue", "Quarantined 2", "2 messages to owners could not be delivered.",
		"Pudong 07 沪A·8D207 Volkswagen Passat 2022 Petrol Workshop soon 3 active codes · engine lamp on Front brake pads 13 Dec 2026 · in 19 days 48,213 km online 12 min ago",
		"Toyota Etios 2014", "due now", "9 days ago", "ZZZ0000000000NEW1 No data yet",
	)
	b.get(chinese, "/").sees("尽快进厂 3 个当前故障码 · 发动机灯亮 前制动片 2026年12月13日 · 19 天后 48,213 km 在线 12 分钟前")
}

func TestFleetAsksTheAPIForItsFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.get(english, "/?q=pudong&powertrain=petrol&drivability=soon")
	want := &pitcrewv1.ListVehiclesRequest{Query: "pudong", Powertrain: "petrol", Drivability: "soon", PageSize: 50}
	if diff := cmp.Diff(want, b.api.lists[0], protocmp.Transform()); diff != "" {
		t.Errorf("the API was asked (-want +got):\n%s", diff)
	}
	rows := got.find("tr", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "id"), "v-") })
	if len(rows) != 1 || attr(rows[0], "id") != "v-"+carVIN {
		t.Errorf("the page has %d rows, want the one that matches", len(rows))
	}
	b.get(english, "/?q=nobody").sees("No vehicle matches.", "Show the whole fleet")
}

func TestMoreVehiclesStayThroughARefresh(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.data.vehicles = nil
	for i := range 230 {
		b.api.data.vehicles = append(b.api.data.vehicles, &pitcrewv1.Vehicle{Vin: fmt.Sprintf("LSVAA4182E2%06d", i)})
	}
	rows := func(a answer) int {
		return len(a.find("tr", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "id"), "v-") }))
	}
	first := b.get(english, "/?powertrain=")
	more := first.find("a", func(n *html.Node) bool { return attr(n, "id") == "more" })
	if rows(first) != 50 || len(more) != 1 || attr(more[0], "href") != "/?show=100" {
		t.Fatalf("the first page has %d rows and %d links to more", rows(first), len(more))
	}
	all := b.get(english, "/?show=250") // over two pages of the API
	live := all.find("div", func(n *html.Node) bool { return attr(n, "id") == "fleet" })
	if rows(all) != 230 || attr(live[0], "hx-get") != "/?show=250" {
		t.Errorf("250 asked for: %d rows, refreshed from %q", rows(all), attr(live[0], "hx-get"))
	}
}

func TestRefreshAnswersTheLivePartOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, id := range map[string]string{"/": "fleet", "/orders": "board", "/reminders": "reminders", "/quarantine": "quarantine", "/vehicles/" + carVIN: "now"} {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("HX-Request", "true")
		got := b.do(req)
		if !strings.HasPrefix(got.Body, `<div id="`+id+`"`) || len(got.find("header", func(n *html.Node) bool { return attr(n, "class") == "top" })) != 0 {
			t.Errorf("%s answers htmx with %.80q", path, got.Body)
		}
		req.Header.Set("HX-History-Restore-Request", "true")
		if got := b.do(req); !strings.HasPrefix(got.Body, "<!doctype html>") {
			t.Errorf("%s: going back in the browser's history gets a fragment", path)
		}
	}
}

func TestFleetSaysThatTheAPIIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.fail("ListVehicles", status.Error(codes.Unavailable, "the store does not answer"))
	got := b.get(english, "/")
	if got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("answered %d, want 503", got.StatusCode)
	}
	got.sees("pitcrew does not answer", "The store does not answer.", "Try again in a minute.")
}
