package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/console"
)

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, header := range map[string][2]string{
		"another site":   {"Sec-Fetch-Site", "cross-site"},
		"a sibling":      {"Sec-Fetch-Site", "same-site"},
		"another origin": {"Origin", "https://evil.example"},
	} {
		req := httptest.NewRequest(http.MethodPost, "/orders/o1/accept", strings.NewReader(form("version", "3").Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(header[0], header[1])
		got := b.do(req)
		if got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: answered %d, want 403", name, got.StatusCode)
		}
		got.sees("Not allowed", "This form was sent from another site.")
	}
	if asked := b.api.last(); asked != nil {
		t.Errorf("the API was asked %v", asked)
	}
}

func TestHeadersKeepPagesSafe(t *testing.T) {
	t.Parallel()
	got := setup(t).get(english, "/")
	for header, want := range map[string]string{
		"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if !strings.Contains(got.Header.Get(header), want) {
			t.Errorf("%s is %q, want %q in it", header, got.Header.Get(header), want)
		}
	}
	if strings.Contains(got.Header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("the content policy lets inline code run")
	}
}

func TestAssetsAreKeptByBrowsers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	page := b.get(english, "/vehicles/"+carVIN)
	var linked []string
	for _, n := range page.find("script", nil) {
		linked = append(linked, attr(n, "src"))
	}
	for _, n := range page.find("link", nil) {
		linked = append(linked, attr(n, "href"))
	}
	if len(linked) != 6 {
		t.Errorf("the page links %v", linked)
	}
	for _, path := range linked {
		got := b.get(english, path)
		if got.StatusCode != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", path, got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
	if got := b.get(english, "/static/app.css?v=old"); strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Error("an old address is kept with new content")
	}
}

func TestLanguageIsChosenAndKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.post("/language", form("language", "zh-Hans", "back", "/reminders?state=done"))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/reminders?state=done" {
		t.Fatalf("answered %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("Accept-Language", english)
	req.AddCookie(got.Cookies()[0])
	b.do(req).sees("车队")
	for _, elsewhere := range []string{"//evil.example", "https://evil.example", "/\\evil.example", ""} {
		if got := b.post("/language", form("language", "en", "back", elsewhere)); got.Header.Get("Location") != "/" {
			t.Errorf("back to %q leads to %q", elsewhere, got.Header.Get("Location"))
		}
	}
}

func TestReadersZoneIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for zone, wanted := range map[string]string{"Europe%2FBerlin": "09:00 · Europe/Berlin (UTC+1)", "Asia%2FKolkata": "13:30 · Asia/Kolkata (UTC+5:30)", "No%2FWhere": "08:00 · UTC", "Local": "08:00 · UTC"} {
		req := httptest.NewRequest(http.MethodGet, "/quarantine", nil)
		req.AddCookie(&http.Cookie{Name: "pitcrew_zone", Value: zone})
		b.do(req).sees(wanted)
	}
}

func TestHugeFormIsRefused(t *testing.T) {
	t.Parallel()
	got := setup(t).post("/orders/o1/accept", form("version", "3", "note", strings.Repeat("x", 1<<20)))
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("answered %d, want 400", got.StatusCode)
	}
}

func TestConnectionIsRequired(t *testing.T) {
	t.Parallel()
	if _, err := console.New(console.Options{}); err == nil {
		t.Error("a console without a connection was made")
	}
}
