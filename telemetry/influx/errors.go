package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// errWrongLogin is in the error of a server that does not know the token.
var errWrongLogin = errors.New("the token is not accepted")

// statusOf is the HTTP status in an error, 0 when there was no answer.
func statusOf(err error) int {
	var e *influxhttp.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

// answerError is nil for a good status and an InfluxQL answer without an error
// in it: such errors come with status 200.
func answerError(status int, body []byte) error {
	var answer struct {
		Error   string
		Message string
		Results []struct{ Error string }
	}
	_ = json.Unmarshal(body, &answer) // not every answer is JSON
	said := answer.Error + answer.Message
	for _, r := range answer.Results {
		said += r.Error
	}
	if status < 300 && said == "" {
		return nil
	}
	if said == "" {
		said = strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	return &influxhttp.Error{StatusCode: status, Code: strconv.Itoa(status), Message: said}
}

// missing is how InfluxQL says it, with status 200.
var missing = regexp.MustCompile(`(database|retention policy) not found`)

// explain adds to an error of the server what a person can do about it.
func (s *Store) explain(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s at %s: %w", op, s.address, err)
	}
	bucket := s.options.Bucket
	switch status := statusOf(err); {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%s at %s: %w (check it; for InfluxDB 1.8 it is user:password): %w", op, s.address, errWrongLogin, err)
	case status == http.StatusForbidden:
		return fmt.Errorf("%s at %s: the token needs the right to read and write %s: %w", op, s.address, bucket, err)
	case status == http.StatusNotFound || missing.MatchString(err.Error()):
		return fmt.Errorf("%s at %s: is there a bucket or database %s? %w", op, s.address, bucket, err)
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return fmt.Errorf("%s at %s: the server is overloaded: %w", op, s.address, err)
	case status == 0:
		return fmt.Errorf("%s: InfluxDB at %s does not answer (does it run, is the URL right?): %w", op, s.address, err)
	default:
		return fmt.Errorf("%s at %s, status %d: %w", op, s.address, status, err)
	}
}
