package influx

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// server is what the two generations of InfluxDB do differently. Both take v2 writes
// and answer InfluxQL; 1.8 has no organisations, buckets and v2 deletes.
type server interface {
	fmt.Stringer
	// prepare makes what the samples go to, when it is missing and permitted, and
	// finds out what InfluxQL calls it.
	prepare(ctx context.Context) error
	// erase removes every series of the vehicle.
	erase(ctx context.Context, vin vehicle.VIN) error
	// remove deletes the points of a vehicle in [from, to) from a measurement.
	remove(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) error
}

// connect finds out what the server is and prepares it.
func (s *Store) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	version, err := s.ping(ctx)
	if err != nil {
		return err
	}
	if strings.HasPrefix(strings.TrimPrefix(version, "v"), "3.") {
		return fmt.Errorf("the server at %s is InfluxDB %s, which cannot delete: pitcrew needs 2.x or 1.8", s.address, version)
	}
	// 1.8 does not know this call. A version in the answer to /ping is not enough:
	// self-made servers do not say any.
	s.server = &version2{s, version}
	if _, err := s.call(ctx, http.MethodGet, "/api/v2/buckets?limit=1", "", nil); err != nil {
		if statusOf(err) != http.StatusNotFound {
			return s.explain("ask for the buckets", err)
		}
		s.server = &version1{s, version}
	}
	if err := s.server.prepare(ctx); err != nil {
		return err
	}
	if err := s.canRead(ctx); err != nil {
		return err
	}
	return s.putBack(ctx)
}

// ping returns the version that the server says it is.
func (s *Store) ping(ctx context.Context) (string, error) {
	got, err := s.call(ctx, http.MethodGet, "/ping", "", nil)
	if err != nil {
		return "", s.explain("connect", err)
	}
	return got.header.Get("X-Influxdb-Version"), nil
}

// canRead makes the smallest query there is.
func (s *Store) canRead(ctx context.Context) error {
	return s.query(ctx, "query", "SELECT * FROM "+pingMeasurement+" LIMIT 1", func(rows) error { return nil })
}

// version2 is InfluxDB 2.x.
type version2 struct {
	*Store
	version string
}

func (v *version2) String() string { return v.version }

func (v *version2) prepare(ctx context.Context) error {
	org, name := v.options.Org, v.options.Bucket
	if org == "" {
		return fmt.Errorf("InfluxDB %s needs the name of an organisation", v.version)
	}
	var found struct{ Buckets []bucket }
	err := v.json(ctx, http.MethodGet, "/api/v2/buckets?"+url.Values{"org": {org}, "name": {name}}.Encode(), nil, &found)
	if err != nil && statusOf(err) != http.StatusNotFound {
		return v.explain("find bucket "+name, err)
	}
	if err == nil && len(found.Buckets) > 0 {
		if rules := found.Buckets[0].RetentionRules; !slices.Equal(rules, v.retentionRules()) {
			v.otherRetention(fmt.Sprint(rules), fmt.Sprintf("influx bucket update --id %s --retention %s", found.Buckets[0].ID, v.options.Retention))
		}
		return v.mapBucket(ctx, found.Buckets[0])
	}
	made, err := v.makeBucket(ctx, org, name)
	if err != nil {
		return fmt.Errorf("bucket %s of organisation %s is missing or hidden from the token, and cannot be made (make it: influx bucket create -o %s -n %s): %w",
			name, org, org, name, err)
	}
	v.options.Logger.Info("made the InfluxDB bucket", "bucket", name, "organisation", org)
	return v.mapBucket(ctx, made)
}

// bucket is one of 2.x.
type bucket struct {
	ID, OrgID      string
	RetentionRules []retentionRule
}

func (v *version2) makeBucket(ctx context.Context, org, name string) (bucket, error) {
	var orgs struct{ Orgs []struct{ ID string } }
	if err := v.json(ctx, http.MethodGet, "/api/v2/orgs?"+url.Values{"org": {org}}.Encode(), nil, &orgs); err != nil {
		return bucket{}, err
	}
	if len(orgs.Orgs) == 0 {
		return bucket{}, fmt.Errorf("there is no organisation %s, or the token may not see it", org)
	}
	request := map[string]any{"orgID": orgs.Orgs[0].ID, "name": name, "retentionRules": v.retentionRules()}
	var made bucket
	err := v.json(ctx, http.MethodPost, "/api/v2/buckets", request, &made)
	return made, err
}

// retentionRule is how 2.x says how long a bucket keeps data; no rule: for ever.
type retentionRule struct {
	Type         string `json:"type"`
	EverySeconds int64  `json:"everySeconds"`
}

func (r retentionRule) String() string {
	if r.EverySeconds == 0 {
		return "for ever"
	}
	return (time.Duration(r.EverySeconds) * time.Second).String()
}

func (v *version2) retentionRules() []retentionRule {
	if v.options.Retention == 0 {
		return []retentionRule{}
	}
	return []retentionRule{{Type: "expire", EverySeconds: int64(v.options.Retention.Seconds())}}
}

// otherRetention says that what is there is not as it would be made, if anything was
// asked for.
func (s *Store) otherRetention(found, change string) {
	if s.options.Retention != 0 {
		s.options.Logger.Warn("InfluxDB keeps samples for another time than asked for: what exists is left as it is",
			"bucket", s.options.Bucket, "found", found, "asked", s.options.Retention, "change_it_with", change)
	}
}

func (v *version2) erase(ctx context.Context, vin vehicle.VIN) error {
	return errors.Join(v.remove(ctx, keptMeasurement, vin, minTime, maxTime), v.remove(ctx, measurement, vin, minTime, maxTime))
}

// remove implements server. The stop of a deletion is deleted, too.
func (v *version2) remove(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) error {
	request := map[string]any{
		"start": from, "stop": to.Add(-1),
		"predicate": fmt.Sprintf(`_measurement="%s" AND %s="%s"`, in, vinTag, vin),
	}
	path := "/api/v2/delete?" + url.Values{"org": {v.options.Org}, "bucket": {v.options.Bucket}}.Encode()
	if err := v.json(ctx, http.MethodPost, path, request, nil); err != nil {
		return v.explain("delete", err)
	}
	return nil
}

// json makes a call whose request, unless nil, and answer, unless nil, are JSON.
func (v *version2) json(ctx context.Context, method, path string, request, answer any) error {
	var body []byte
	if request != nil {
		var err error
		if body, err = json.Marshal(request); err != nil {
			return err
		}
	}
	got, err := v.call(ctx, method, path, "application/json", body)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(got.body, answer); err != nil {
		return fmt.Errorf("the answer to %s is not what InfluxDB answers: %w", path, err)
	}
	return nil
}

// version1 is InfluxDB 1.8.
type version1 struct {
	*Store
	version string
}

func (v *version1) String() string { return "1.x " + v.version }

func (v *version1) prepare(ctx context.Context) error {
	v.database, v.policy, _ = strings.Cut(v.options.Bucket, "/")
	database, policy := v.database, v.policy
	own := policy != "" && policy != "autogen" // else the one that a database is made with
	duration := "INF"
	if v.options.Retention != 0 {
		duration = fmt.Sprintf("%ds", int64(v.options.Retention.Seconds()))
	}
	statement := "CREATE DATABASE " + quoteName(database)
	if !own && v.options.Retention != 0 {
		statement += " WITH DURATION " + duration + ` NAME "autogen"`
	}
	err := v.make(ctx, statement, duration)
	if err == nil && own {
		err = v.make(ctx, fmt.Sprintf("CREATE RETENTION POLICY %s ON %s DURATION %s REPLICATION 1", quoteName(policy), quoteName(database), duration), duration)
	}
	switch statusOf(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		if errors.Is(err, errWrongLogin) {
			return err
		}
		return nil // only an administrator may; the check that follows shows whether it is there
	}
	return err
}

// make runs a CREATE, which does nothing where the same is there already. Where it
// is there with another duration, that is the operator's choice.
func (v *version1) make(ctx context.Context, statement, duration string) error {
	err := v.run(ctx, "create database", statement)
	if err == nil || !strings.Contains(err.Error(), "already exists") && !strings.Contains(err.Error(), "conflicts with an existing policy") {
		return err
	}
	policy := cmp.Or(v.policy, "autogen")
	v.otherRetention("another duration", fmt.Sprintf("ALTER RETENTION POLICY %s ON %s DURATION %s", quoteName(policy), quoteName(v.database), duration))
	return nil
}

func (v *version1) erase(ctx context.Context, vin vehicle.VIN) error {
	return v.run(ctx, "drop series", fmt.Sprintf("DROP SERIES FROM %s, %s WHERE %s::tag = %s",
		quoteName(measurement), quoteName(keptMeasurement), quoteName(vinTag), quoteText(string(vin))))
}

func (v *version1) remove(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) error {
	return v.run(ctx, "delete", "DELETE"+ofVehicle(in, vin, from, to))
}

// run makes a statement that returns nothing.
func (v *version1) run(ctx context.Context, op, statement string) error {
	form := url.Values{"q": {statement}, "db": {v.database}}
	if _, err := v.call(ctx, http.MethodPost, "/query", formType, []byte(form.Encode())); err != nil {
		return v.explain(op, err)
	}
	return nil
}

// answer is what a call got.
type answer struct {
	header http.Header
	body   []byte
}

// call makes a request that the client has no method for, or one that loses the
// status. The error holds the status and what the server said.
func (s *Store) call(ctx context.Context, method, path, contentType string, body []byte) (answer, error) {
	response, err := s.request(ctx, method, path, contentType, body)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	return answer{header: response.Header, body: got}, answerError(response.StatusCode, got)
}

// maxAnswer is the most that is read of an answer which is not rows, in bytes.
const maxAnswer = 1 << 20

const formType = "application/x-www-form-urlencoded"

func (s *Store) request(ctx context.Context, method, path, contentType string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	if s.options.Token != "" {
		request.Header.Set("Authorization", "Token "+s.options.Token)
	}
	return s.http.Do(request)
}
