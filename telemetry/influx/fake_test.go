package influx_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

// fakeServer answers as InfluxDB 2.x does: what it checks, and the words and statuses
// of its answers, are those of http/ and tenant/ of its 2.7.12. It stores nothing.
// Handlers left nil answer as a healthy server.
type fakeServer struct {
	*httptest.Server
	version string
	kept    map[string]int64 // buckets, and the seconds that they keep data; nil: pitcrew, for ever
	write   http.HandlerFunc // gets the body decompressed
	query   http.HandlerFunc
	buckets http.HandlerFunc
	rest    http.HandlerFunc // organisations, deletes

	mu       sync.Mutex
	bodies   []string // of the writes
	requests []string // method and path of the rest

	encodings []string // of the writes
}

func newFake(t testing.TB, f *fakeServer) *fakeServer {
	t.Helper()
	if f.kept == nil {
		f.kept = map[string]int64{"pitcrew": 0}
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" { // anybody may
		w.Header().Set("X-Influxdb-Version", f.version)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.Header.Get("Authorization") != "Token "+fakeToken {
		reply(w, http.StatusUnauthorized, "unauthorized access")
		return
	}
	handler, own := f.route(r)
	if own != nil {
		handler = own
	}
	handler(w, r)
}

// route returns the handler of a healthy server, and the test's own, if it has one.
func (f *fakeServer) route(r *http.Request) (healthy, own http.HandlerFunc) {
	switch r.URL.Path {
	case "/api/v2/write":
		return f.takeLines, nil
	case "/api/v2/query":
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\r\n") }, f.query
	case "/api/v2/buckets":
		if r.URL.RawQuery == "limit=1" {
			return f.answerBuckets, nil
		}
		f.note(&f.requests, r.Method+" "+r.URL.Path)
		return f.answerBuckets, f.buckets
	}
	body, _ := io.ReadAll(r.Body)
	f.note(&f.requests, r.Method+" "+r.URL.String()+" "+string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch r.URL.Path {
	case "/api/v2/orgs":
		return f.answerOrgs, f.rest
	case "/api/v2/delete":
		return f.takeDelete, f.rest
	}
	return refusing(http.StatusNotFound, "path not found"), f.rest
}

func (f *fakeServer) note(list *[]string, s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*list = append(*list, s)
}

func (f *fakeServer) seen(list *[]string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), *list...)
}

func (f *fakeServer) options() influx.Options {
	return influx.Options{URL: f.URL, Token: fakeToken, Org: fakeOrg, Bucket: "pitcrew"}
}

func unzipped(r *http.Request) (string, error) {
	if r.Header.Get("Content-Encoding") == "" {
		body, err := io.ReadAll(r.Body)
		return string(body), err
	}
	zip, err := gzip.NewReader(r.Body)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(zip)
	return string(body), err
}

// reply answers as InfluxDB 2.x answers errors: http/errors.go and
// http/write_handler.go of its 2.7.
func reply(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Platform-Error-Code", codes[status])
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": codes[status], "message": message})
}

var codes = map[int]string{
	http.StatusBadRequest:            "invalid",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not found",
	http.StatusRequestEntityTooLarge: "request too large",
	http.StatusUnprocessableEntity:   "unprocessable entity",
	http.StatusTooManyRequests:       "too many requests",
	http.StatusInternalServerError:   "internal error",
	http.StatusServiceUnavailable:    "unavailable",
}

func refusing(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, message) }
}
