package influx

import (
	"net/http"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

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
