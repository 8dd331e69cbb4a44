package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"

	"github.com/pitcrew-telematics/pitcrew/api"
)

type object = map[string]any

// The document lists what is served, no more and no less, and holds together.
func TestOpenAPIListsWhatIsServed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, body := s.send("GET", "/openapi.json", "")
	if resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	doc := decode(t, body).(object)
	info := doc["info"].(object)
	if doc["openapi"] != "3.1.0" || info["title"] != "pitcrew" || info["version"] != "v1" || info["description"] == "" || len(doc["servers"].([]any)) != 1 {
		t.Errorf("openapi %v, info %v, servers %v", doc["openapi"], info, doc["servers"])
	}

	want := []string{"get /healthz", "get /readyz", "get /metrics", "get /openapi.json"}
	for _, m := range contract() {
		rule := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		for method, path := range map[string]string{"get": rule.GetGet(), "post": rule.GetPost(), "put": rule.GetPut()} {
			if path != "" {
				want = append(want, method+" "+path)
			}
		}
	}
	var got []string
	ids := map[string]bool{}
	for path, methods := range doc["paths"].(object) {
		for method, op := range methods.(object) {
			got = append(got, method+" "+path)
			o := op.(object)
			if id := o["operationId"].(string); ids[id] || o["summary"] == nil || o["responses"].(object)["200"] == nil {
				t.Errorf("%s %s: id %q once more, or no summary or answer", method, path, id)
			} else {
				ids[id] = true
			}
			checkServed(t, s, strings.ToUpper(method), path, o)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	checkRefs(t, doc, doc)
}

// checkServed sends a request to the documented path with nothing in it: what
// comes back may be an error of the operation, but not that there is none.
func checkServed(t *testing.T, s *served, method, path string, op object) {
	t.Helper()
	for _, p := range slices.Concat([]any{}, list(op["parameters"])) {
		p := p.(object)
		if p["in"] == "path" {
			path = strings.ReplaceAll(path, fmt.Sprintf("{%s}", p["name"]), "1M8GDM9AXKP042788")
		} else if resp, body := s.send(method, path+fmt.Sprintf("?%s=", p["name"]), ""); strings.Contains(string(body), "unknown query parameter") {
			t.Errorf("%s %s does not know %s: %s", method, path, p["name"], resp.Status)
		}
	}
	resp, body := s.send(method, path, "")
	if resp.StatusCode == http.StatusMethodNotAllowed || strings.Contains(string(body), "there is nothing at this path") || strings.Contains(path, "{") {
		t.Errorf("%s %s: %s %s", method, path, resp.Status, body)
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// checkRefs looks up every reference within the document.
func checkRefs(t *testing.T, doc object, v any) {
	t.Helper()
	switch v := v.(type) {
	case object:
		if ref, ok := v["$ref"].(string); ok {
			at := any(doc)
			for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				at = at.(object)[part]
			}
			if at == nil {
				t.Errorf("nothing at %s", ref)
			}
		}
		for _, inner := range v {
			checkRefs(t, doc, inner)
		}
	case []any:
		for _, inner := range v {
			checkRefs(t, doc, inner)
		}
	}
}

// The codes that the document promises are those that are sent.
func TestOpenAPINamesEveryCode(t *testing.T) {
	t.Parallel()
	_, body := serve(t).send("GET", "/openapi.json", "")
	schemas := decode(t, body).(object)["components"].(object)["schemas"].(object)
	var got []string
	for _, c := range schemas["Problem"].(object)["properties"].(object)["code"].(object)["enum"].([]any) {
		got = append(got, c.(string))
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(api.Codes())), got); diff != "" {
		t.Errorf("codes (-sent +documented):\n%s", diff)
	}
}

// Every request in docs/api.md has a path and parameters that are served.
func TestDocumentationShowsWhatIsServed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	shown := regexp.MustCompile(`curl (.*)127\.0\.0\.1:8080(/[^\s'"]*)`).FindAllStringSubmatch(string(text), -1)
	if len(shown) < 20 {
		t.Errorf("found only %d requests", len(shown))
	}
	for _, request := range shown {
		method := "GET"
		if _, after, ok := strings.Cut(request[1], "-X "); ok {
			method, _, _ = strings.Cut(after, " ")
		}
		path := regexp.MustCompile(`\$[A-Za-z]+`).ReplaceAllString(request[2], "")
		path = strings.NewReplacer("/:", "/1:").Replace(path)
		if resp, body := s.send(method, path, ""); resp.StatusCode == http.StatusMethodNotAllowed ||
			strings.Contains(string(body), "there is nothing at this path") || strings.Contains(string(body), "unknown query parameter") {
			t.Errorf("%s %s: %s", method, path, body)
		}
	}
}
