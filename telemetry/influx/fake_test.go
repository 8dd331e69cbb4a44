package influx_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

// fakeServer answers as InfluxDB 2.x does. Fields left nil answer as a healthy
// server with the bucket.
type fakeServer struct {
	*httptest.Server
	version string
	write   http.HandlerFunc // gets the body decompressed
	query   http.HandlerFunc
	buckets http.HandlerFunc
	rest    http.HandlerFunc

	mu       sync.Mutex
	bodies   []string // of the writes
	requests []string // method and path of the rest

	encodings []string // of the writes
}

func newFake(t testing.TB, f *fakeServer) *fakeServer {
	t.Helper()
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := func(h http.HandlerFunc, otherwise string) {
		if h != nil {
			h(w, r)
			return
		}
		if otherwise == "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, otherwise)
	}
	switch r.URL.Path {
	case "/ping":
		w.Header().Set("X-Influxdb-Version", f.version)
		w.WriteHeader(http.StatusNoContent)
	case "/api/v2/write":
		body, err := unzipped(r)
		if err != nil {
			reply(w, http.StatusTeapot, err.Error())
			return
		}
		f.note(&f.bodies, body)
		f.note(&f.encodings, r.Header.Get("Content-Encoding"))
		r.Body = io.NopCloser(strings.NewReader(body))
		answer(f.write, "")
	case "/api/v2/query":
		answer(f.query, "\r\n")
	case "/api/v2/buckets":
		if r.URL.RawQuery == "limit=1" {
			answer(nil, `{"buckets": []}`)
			return
		}
		f.note(&f.requests, r.Method+" "+r.URL.Path)
		answer(f.buckets, `{"buckets": [{"name": "pitcrew"}]}`)
	default:
		body, _ := io.ReadAll(r.Body)
		f.note(&f.requests, r.Method+" "+r.URL.String()+" "+string(body))
		answer(f.rest, `{"orgs": [{"id": "0a1b", "name": "shop"}]}`)
	}
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
	return influx.Options{URL: f.URL, Token: "secret", Org: "shop", Bucket: "pitcrew"}
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
