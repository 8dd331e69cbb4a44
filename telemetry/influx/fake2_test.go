package influx_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The one organisation of a fakeServer, and who may ask it.
const (
	fakeOrg   = "shop"
	fakeOrgID = "0a1b2c3d4e5f6071"
	fakeToken = "secret"
)

// takeLines is POST /api/v2/write up to the points: http/write_handler.go.
func (f *fakeServer) takeLines(w http.ResponseWriter, r *http.Request) {
	body, err := unzipped(r)
	if err != nil {
		reply(w, http.StatusBadRequest, "unable to read data: "+err.Error())
		return
	}
	f.note(&f.bodies, body)
	f.note(&f.encodings, r.Header.Get("Content-Encoding"))
	precision := r.URL.Query().Get("precision")
	if !slices.Contains([]string{"", "ns", "us", "ms", "s"}, precision) {
		reply(w, http.StatusBadRequest, "invalid precision; valid precision units are ns, us, ms, and s")
		return
	}
	if !f.knows(w, r) {
		return
	}
	if f.write == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	f.write(w, r)
}

// knows answers unless the organisation and the bucket of a request exist.
func (f *fakeServer) knows(w http.ResponseWriter, r *http.Request) bool {
	org, bucket := r.URL.Query().Get("org"), r.URL.Query().Get("bucket")
	switch _, known := f.keeps()[bucket]; {
	case org != fakeOrg:
		reply(w, http.StatusNotFound, fmt.Sprintf("organization name %q not found", org))
	case !known:
		reply(w, http.StatusNotFound, fmt.Sprintf("bucket %q not found", bucket))
	default:
		return true
	}
	return false
}

func (f *fakeServer) keeps() map[string]int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.kept)
}

// bucketAnswer is what tenant/http_server_bucket.go says of a bucket. A bucket that
// keeps data for ever has a rule, too, since shards have a duration.
func bucketAnswer(name string, seconds int64) map[string]any {
	return map[string]any{
		"id": "00000000000000b1", "orgID": fakeOrgID, "type": "user", "name": name,
		"retentionRules": []any{map[string]any{"type": "expire", "everySeconds": seconds, "shardGroupDurationSeconds": 604800}},
		"createdAt":      "2026-03-01T12:00:00Z", "updatedAt": "2026-03-01T12:00:00Z",
		"links": map[string]any{"self": "/api/v2/buckets/00000000000000b1"}, "labels": []any{},
	}
}

// answerBuckets is GET and POST /api/v2/buckets: tenant/http_server_bucket.go,
// tenant/service_bucket.go, v1/services/meta/client.go.
func (f *fakeServer) answerBuckets(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		f.makeBucket(w, r)
		return
	}
	kept := f.keeps()
	org, name := r.URL.Query().Get("org"), r.URL.Query().Get("name")
	if org != "" && org != fakeOrg {
		reply(w, http.StatusNotFound, fmt.Sprintf("organization name %q not found", org))
		return
	}
	list := []any{}
	for _, bucket := range slices.Sorted(maps.Keys(kept)) {
		if name == "" || name == bucket {
			list = append(list, bucketAnswer(bucket, kept[bucket]))
		}
	}
	if name != "" && len(list) == 0 {
		reply(w, http.StatusNotFound, fmt.Sprintf("bucket %q not found", name))
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"links": map[string]any{"self": r.URL.String()}, "buckets": list})
}

func (f *fakeServer) makeBucket(w http.ResponseWriter, r *http.Request) {
	var request struct {
		OrgID, Name    string
		RetentionRules []struct {
			Type         string
			EverySeconds int64
		}
	}
	err := json.NewDecoder(r.Body).Decode(&request)
	seconds := int64(0)
	if len(request.RetentionRules) == 1 {
		seconds = request.RetentionRules[0].EverySeconds
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, exists := f.kept[request.Name]
	switch {
	case err != nil:
		reply(w, http.StatusBadRequest, "failed to decode request body: "+err.Error())
	case request.OrgID == "":
		reply(w, http.StatusBadRequest, "organization id must be provided")
	case request.OrgID != fakeOrgID:
		reply(w, http.StatusNotFound, "organization not found")
	case len(request.RetentionRules) > 1:
		reply(w, http.StatusUnprocessableEntity, "buckets cannot have more than one retention rule at this time")
	case seconds < 0:
		reply(w, http.StatusUnprocessableEntity, "expiration seconds cannot be negative")
	case exists:
		reply(w, http.StatusUnprocessableEntity, fmt.Sprintf("bucket with name %s already exists", request.Name))
	case seconds > 0 && seconds < 3600:
		reply(w, http.StatusInternalServerError, "retention policy duration must be at least 1h0m0s")
	default:
		f.kept[request.Name] = seconds
		answerJSON(w, http.StatusCreated, bucketAnswer(request.Name, seconds))
	}
}

// answerOrgs is GET /api/v2/orgs: tenant/http_server_org.go.
func (f *fakeServer) answerOrgs(w http.ResponseWriter, r *http.Request) {
	if org := r.URL.Query().Get("org"); org != fakeOrg {
		reply(w, http.StatusNotFound, fmt.Sprintf("organization name %q not found", org))
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"orgs": []any{map[string]any{"id": fakeOrgID, "name": fakeOrg}}})
}

// tagsOnly is the predicates that a delete takes: tags that are, or are not, a value,
// joined by AND.
var tagsOnly = regexp.MustCompile(`^[\w-]+\s*!?=\s*"[^"]*"(\s+AND\s+[\w-]+\s*!?=\s*"[^"]*")*$`)

// takeDelete is POST /api/v2/delete: http/delete_handler.go, predicate/parser.go.
func (f *fakeServer) takeDelete(w http.ResponseWriter, r *http.Request) {
	var request struct{ Start, Stop, Predicate string }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		reply(w, http.StatusBadRequest, "error decoding json body: "+err.Error())
		return
	}
	for _, at := range []string{request.Start, request.Stop} {
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
			reply(w, http.StatusBadRequest, "invalid RFC3339Nano for field start or stop, please format your time with RFC3339Nano format, example: 2009-01-02T23:00:00Z")
			return
		}
	}
	switch {
	case strings.Contains(request.Predicate, "_field"):
		reply(w, http.StatusNotImplemented, "delete by field is not supported")
	case !tagsOnly.MatchString(request.Predicate):
		reply(w, http.StatusBadRequest, "invalid request; error parsing predicate")
	case f.knows(w, r):
		w.WriteHeader(http.StatusNoContent)
	}
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
