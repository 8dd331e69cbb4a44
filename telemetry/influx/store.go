// Package influx keeps telemetry in InfluxDB, for a pitcrew that shares its
// time series with other tools or needs more than one node. It works with
// InfluxDB 2.x and with 1.8, both through the v2 write API and InfluxQL.
//
// The schema, in one measurement, is made so that pitcrew can never cause a
// type conflict by itself, and so that the plain case is one plain field:
//
//	vehicle,vin=WVWZZZ1KZ6W000001 Vehicle.Speed=63.2,Vehicle.IsMoving|b=1 1763805598120
//
// See schema.go for the suffixes. The receive time of a record is not kept.
package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// Options say where the samples are.
type Options struct {
	URL    string       // http://host:8086
	Token  string       // InfluxDB 1.8: user:password; may be empty without authentication
	Org    string       // name of the organisation; InfluxDB 1.8 has none
	Bucket string       // InfluxDB 1.8: database/retention-policy, or a database
	Logger *slog.Logger // zero: silent

	// Retention is how long what Open makes keeps samples; zero: for ever. What is
	// there already is left as it is.
	Retention time.Duration

	Gzip Gzip // zero: GzipAuto
}

// Store implements telemetry.Store with the whole of its contract. Of two
// samples of one time that came with different time sources, the less certain
// source stays.
type Store struct {
	options Options
	address string // the URL without a password, for errors
	client  influxdb2.Client
	http    *http.Client
	fields  *fieldNames
	server  server

	database, policy string // what InfluxQL calls the bucket; no policy: the default

	pause  pause
	closed atomic.Bool

	writeURL string
	zip      bool         // see Gzip
	days     sync.RWMutex // held while a day is written anew, see Expire
	missing  bool         // what stays of a day is not where it belongs; guarded by days

	batches     spares[batch]
	compressors spares[compressor]

	conflicts conflicts
}

var _ telemetry.Store = (*Store)(nil)

// Requests other than queries end after this long, so that a server that
// hangs is noticed.
const requestTimeout = 30 * time.Second

// Open connects to InfluxDB, finds out its version, and makes the bucket, or the
// database and the retention policy, when missing and permitted. The error says
// what to do when the server does not answer, does not accept the token, is
// InfluxDB 3, or has no such bucket.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	address, zip, err := checkOptions(o)
	if err != nil {
		return nil, fmt.Errorf("open InfluxDB: %w", err)
	}
	fields, err := newFieldNames()
	if err != nil {
		return nil, fmt.Errorf("open InfluxDB: %w", err)
	}
	s := &Store{
		options: o, address: address, zip: zip, fields: fields, http: &http.Client{Transport: newTransport()},
		batches: newSpares[batch](), compressors: newSpares[compressor](),
	}
	settings := influxdb2.DefaultOptions().SetHTTPClient(s.http).SetApplicationName("pitcrew").
		SetUseGZip(false) // see Gzip
	s.writeURL = address + "/api/v2/write?" + url.Values{"org": {o.Org}, "bucket": {o.Bucket}, "precision": {"ms"}}.Encode()
	s.client = influxdb2.NewClientWithOptions(o.URL, o.Token, settings)
	if err := s.connect(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open InfluxDB: %w", err)
	}
	o.Logger.Info("telemetry is in InfluxDB", "url", address, "version", s.server.String(), "bucket", o.Bucket)
	return s, nil
}

// checkOptions returns the address as it may be shown, and whether to compress.
func checkOptions(o Options) (address string, zip bool, err error) {
	if o.Retention != 0 && o.Retention < time.Hour {
		return "", false, fmt.Errorf("a retention of %s is too short: InfluxDB takes an hour and more", o.Retention)
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", false, fmt.Errorf("the URL %q is not one: want http://host:8086 or https://host", o.URL)
	}
	if u.User != nil {
		return "", false, errors.New("the URL holds a password: put it into the token, for InfluxDB 1.8 as user:password")
	}
	if o.Bucket == "" {
		return "", false, errors.New("the bucket is missing")
	}
	zip, err = o.Gzip.compresses(u)
	return strings.TrimSuffix(u.String(), "/"), zip, err
}

// pingMeasurement is what checks write, and read.
const pingMeasurement = "pitcrew_ping"

// Ping writes and reads: a server that only answers is not enough. The point it
// writes, into a measurement of its own, is the same one for an hour.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return fmt.Errorf("check InfluxDB: %w", err)
	}
	if err := s.canRead(ctx); err != nil {
		return fmt.Errorf("check InfluxDB: %w", err)
	}
	line := fmt.Sprintf(pingMeasurement+" ok=true %d", time.Now().Truncate(time.Hour).UnixMilli())
	if err := s.post(ctx, []byte(line)); err != nil {
		return fmt.Errorf("check InfluxDB: %w", err)
	}
	return nil
}

// usable says why nothing can be asked of the store now.
func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return telemetry.ErrClosed
	}
	return ctx.Err()
}

// Close releases the connections.
func (s *Store) Close() error {
	s.closed.Store(true)
	s.client.Close()
	s.http.CloseIdleConnections()
	return nil
}
