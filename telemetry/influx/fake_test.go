package influx_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

const fakeToken = "secret"

// fakeServer does what no real server can be made to do when a test wants it. It is
// an InfluxDB 2.x with one bucket that stores nothing. Handlers left nil answer as a
// healthy server.
type fakeServer struct {
	*httptest.Server
	version string           // of the server; empty: it does not say
	unnamed bool             // the bucket has no name in InfluxQL, as in older 2.x
	write   http.HandlerFunc // gets the body decompressed, but no checks of Open

	mu       sync.Mutex
	bodies   []string // of the writes
	requests []string // of the rest
	check    string   // what Open wrote to read it again

	encodings []string // of the writes
}

func newFake(t testing.TB, f *fakeServer) *fakeServer {
	t.Helper()
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ping":
		w.Header().Set("X-Influxdb-Version", f.version)
		w.WriteHeader(http.StatusNoContent)
	case "/api/v2/write":
		f.takeLines(w, r)
	case "/api/v2/buckets":
		_, _ = io.WriteString(w, `{"buckets": [{"id": "b1", "orgID": "01", "name": "pitcrew"}]}`)
	case "/api/v2/dbrps":
		f.answerMappings(w, r)
	case "/query":
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.check == "" {
			_, _ = io.WriteString(w, `{"results": [{"statement_id": 0}]}`)
			return
		}
		fmt.Fprintf(w, `{"results": [{"statement_id": 0, "series": [{"columns": ["time", "check"], "values": [[0, %q]]}]}]}`, f.check)
		f.check = ""
	default:
		reply(w, http.StatusNotFound, "path not found")
	}
}

var checkLine = regexp.MustCompile(`^pitcrew_ping check="(\w+)"`)

func (f *fakeServer) takeLines(w http.ResponseWriter, r *http.Request) {
	body, err := unzipped(r)
	if err != nil {
		reply(w, http.StatusBadRequest, "unable to read data: "+err.Error())
		return
	}
	if check := checkLine.FindStringSubmatch(body); check != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.check = check[1]
		return
	}
	f.note(&f.bodies, body)
	f.note(&f.encodings, r.Header.Get("Content-Encoding"))
	if f.write == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	f.write(w, r)
}

func (f *fakeServer) answerMappings(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.note(&f.requests, r.Method+" "+r.URL.String()+" "+string(body))
	switch {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
	case f.unnamed:
		_, _ = io.WriteString(w, `{"content": []}`)
	default:
		_, _ = io.WriteString(w, `{"content": [{"database": "pitcrew", "retention_policy": "autogen", "virtual": true}]}`)
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
	return influx.Options{URL: f.URL, Token: fakeToken, Org: "shop", Bucket: "pitcrew"}
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

// reply answers as InfluxDB 2.x answers errors.
func reply(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": http.StatusText(status), "message": message})
}

func refusing(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, message) }
}
