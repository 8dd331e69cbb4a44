package influx

import (
	"context"
	"net/http"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// CountWithFlux has a store on InfluxDB 1.8 count as it does on 2.x.
func CountWithFlux(s *Store) { s.server = counting{s.server, s} }

type counting struct {
	server
	store *Store
}

func (c counting) countByDay(ctx context.Context, vin vehicle.VIN, from, to time.Time) (map[vehicle.Day]int, error) {
	return c.store.countByDay(ctx, vin, from, to)
}

// LineProtocol is the body that Write would send, when nothing is refused.
func LineProtocol(s *Store, records []telemetry.Record) int {
	b := s.encode(records)
	defer s.done(b)
	return len(b.body)
}

// SetTransport changes what carries the store's requests.
func SetTransport(s *Store, t http.RoundTripper) { s.http.Transport = t }

// Compresses is Gzip.compresses.
var Compresses = Gzip.compresses

// RetryAfter reads the header of that name.
var RetryAfter = retryAfter

// The exceptions and numbers, for their fuzz tests.
var (
	EncodeException = encodeException
	DecodeException = decodeException
	AppendNumber    = appendNumber
)
