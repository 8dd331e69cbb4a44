package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

// wantProblem is what a problem must say; the detail in full or in part.
type wantProblem struct {
	status              int
	code, field, detail string
}

func checkProblem(t *testing.T, resp reply, body []byte, want wantProblem) {
	t.Helper()
	if resp.StatusCode != want.status || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s, %s: want %d as problem+json", resp.Status, resp.Header.Get("Content-Type"), want.status)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	detail, _ := got["detail"].(string)
	if !strings.Contains(detail, want.detail) || detail == "" {
		t.Errorf("detail %q, want %q", detail, want.detail)
	}
	delete(got, "detail")
	fields := map[string]any{
		"type": "about:blank", "title": http.StatusText(want.status), "status": float64(want.status), "code": want.code,
	}
	if want.field != "" {
		fields["field"] = want.field
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

var errSecret = errors.New("table orders is locked")

// broken answers the fleet's figures with an error, or as a function says.
type broken struct {
	planner.Queries
	counts func(context.Context) error
}

func (b broken) Counts(ctx context.Context) (planner.Counts, error) {
	return planner.Counts{}, b.counts(ctx)
}

func failing(err error) func(*api.Options) {
	return breaking(func(context.Context) error { return err })
}

func breaking(counts func(context.Context) error) func(*api.Options) {
	return func(o *api.Options) { o.Queries = broken{o.Queries, counts} }
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := serve(t)
	vin := string(s.proposed("wear").VIN)
	for name, tc := range map[string]struct {
		method, path, body string
		want               wantProblem
	}{
		"unknown path":              {"GET", "/v1/cars", "", wantProblem{404, "not_found", "", "/openapi.json"}},
		"unknown transition":        {"POST", "/v1/workOrders/1:explode", "", wantProblem{404, "not_found", "", "/openapi.json"}},
		"root of the contract":      {"GET", "/v1/", "", wantProblem{404, "not_found", "", ""}},
		"wrong method":              {"DELETE", "/v1/vehicles", "", wantProblem{405, "method_not_allowed", "", "only GET, HEAD, OPTIONS"}},
		"transition by GET":         {"GET", "/v1/workOrders/1:accept", "", wantProblem{405, "method_not_allowed", "", "only POST, OPTIONS"}},
		"misspelt parameter":        {"GET", "/v1/workOrders?status=open", "", wantProblem{400, "invalid", "status", "this operation takes pageSize, pageToken, state, vin"}},
		"another list's parameter":  {"GET", "/v1/workOrders?powertrain=petrol", "", wantProblem{400, "invalid", "powertrain", "takes pageSize"}},
		"parameter of the contract": {"GET", "/v1/workOrders?page_size=1", "", wantProblem{400, "invalid", "page_size", "takes pageSize"}},
		"parameter for none":        {"GET", "/v1/fleet?x=1", "", wantProblem{400, "invalid", "x", "takes none"}},
		"parameter of a command":    {"POST", "/v1/workOrders/1:accept?actor=Li", "", wantProblem{400, "invalid", "actor", "takes none"}},
		"page size no number":       {"GET", "/v1/vehicles?pageSize=ten", "", wantProblem{400, "invalid", "pageSize", `"ten" is not a whole number`}},
		"time no time":              {"GET", "/v1/vehicles/" + vin + "/trips?from=yesterday", "", wantProblem{400, "invalid", "from", `"yesterday" is not a time such as`}},
		"parameter twice":           {"GET", "/v1/vehicles?pageSize=1&pageSize=2", "", wantProblem{400, "invalid", "pageSize", "more than once"}},
		"unknown field":             {"POST", "/v1/workOrders/1:accept", `{"who": "Li"}`, wantProblem{400, "invalid", "", `unknown field "who"`}},
		"not JSON":                  {"POST", "/v1/workOrders/1:accept", `actor=Li`, wantProblem{400, "invalid", "", "invalid character"}},
		"broken JSON":               {"POST", "/v1/workOrders/1:accept", `{"actor":`, wantProblem{400, "invalid", "", ""}},
		"wrong type":                {"POST", "/v1/workOrders/1:checkIn", `{"odometerKm": "many"}`, wantProblem{400, "invalid", "", "odometerKm"}},
		"too large a body":          {"POST", "/v1/workOrders/1:accept", `{"note": "` + strings.Repeat("x", 1<<20) + `"}`, wantProblem{413, "too_large", "", "1048576"}},
		"bad time":                  {"POST", "/v1/workOrders/1:schedule", `{"scheduledFor": "soon"}`, wantProblem{400, "invalid", "", "soon"}},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := s.send(tc.method, tc.path, tc.body)
			checkProblem(t, resp, body, tc.want)
		})
	}
}

func TestMethodsBesideGetAndPost(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, body := s.send("OPTIONS", "/v1/vehicles/1M8GDM9AXKP042788/history", "")
	if allow := resp.Header.Get("Allow"); resp.StatusCode != http.StatusNoContent || allow != "GET, HEAD, POST, OPTIONS" || len(body) > 0 {
		t.Errorf("OPTIONS: %s, Allow %q, %q", resp.Status, allow, body)
	}
	resp, body = s.send("HEAD", "/v1/vehicles", "")
	if resp.StatusCode != http.StatusOK || len(body) > 0 || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %s, %q", resp.Status, body)
	}
	if resp, _ = s.send("DELETE", "/v1/fleet", ""); resp.Header.Get("Allow") == "" {
		t.Error("405 does not say what is allowed")
	}
}

// A page of another site that the advisor has open must not accept orders.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path := "/v1/workOrders/" + s.proposed("wear").ID + ":accept"
	resp, body := s.send("POST", path, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://example.com")
	checkProblem(t, resp, body, wantProblem{403, "permission_denied", "", "another site"})
	if resp, body := s.send("POST", path, ""); resp.StatusCode != http.StatusOK {
		t.Errorf("without a browser: %s %s", resp.Status, body)
	}
}

func TestAnswersAreJSONAsIntegratorsKnowIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, body := s.send("GET", "/v1/workOrders/"+s.proposed("trouble_codes").ID, "")
	if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", resp.Header)
	}
	for name := range resp.Header {
		if strings.HasPrefix(name, "Grpc") {
			t.Errorf("header %s shows what is behind", name)
		}
	}
	var walk func(at string, v any)
	camel, stamp := regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`), regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				if !camel.MatchString(k) {
					t.Errorf("%s.%s is not lowerCamelCase", at, k)
				}
				if slices.Contains([]string{"created", "updated", "at"}, k) && !stamp.MatchString(inner.(string)) {
					t.Errorf("%s.%s is %v, not a time in UTC", at, k, inner)
				}
				walk(at+"."+k, inner)
			}
		case []any:
			for _, inner := range v {
				walk(at+"[]", inner)
			}
		case nil:
			t.Errorf("%s is null", at)
		}
	}
	walk("order", decode(t, body))
	for _, list := range []string{`"events":[]`, `"lines":[{`} {
		if !strings.Contains(string(body), list) {
			t.Errorf("%s is missing in %s", list, body)
		}
	}
	if strings.Contains(string(body), `"closed"`) {
		t.Error("an order that is not closed has a time of closing")
	}
}

func TestHealthReadinessAndMetrics(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if resp, body := s.send("GET", "/healthz", ""); resp.StatusCode != 200 || string(body) != "ok\n" {
		t.Errorf("healthz: %s %s", resp.Status, body)
	}
	if resp, body := s.send("GET", "/readyz", ""); resp.StatusCode != 200 || string(body) != "mqtt: ok\nstore: ok\n" {
		t.Errorf("readyz: %s %s", resp.Status, body)
	}
	s.send("GET", "/v1/fleet", "")
	_, body := s.send("GET", "/metrics", "")
	if want := `pitcrew_api_operation_seconds_count{code="OK",operation="/pitcrew.v1.VehicleService/GetFleet"} 1`; !strings.Contains(string(body), want) {
		t.Errorf("no %s in:\n%s", want, body)
	}

	away := serve(t, func(o *api.Options) {
		o.Ready = func(context.Context) map[string]error {
			return map[string]error{"store": nil, "mqtt": fault.New(fault.Unavailable, "the broker is away")}
		}
	})
	if resp, body := away.send("GET", "/readyz", ""); resp.StatusCode != 503 || string(body) != "mqtt: the broker is away\nstore: ok\n" {
		t.Errorf("readyz: %s %s", resp.Status, body)
	}
}
