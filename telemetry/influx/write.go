package influx

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// One request holds at most this much line protocol before compression: well
// below the 25 MB that InfluxDB 1.8 takes by default, and enough lines that
// their number does not matter to the server.
const (
	maxRequestBytes = 4 << 20
	maxRequestLines = 10_000
)

// line is one record in line protocol.
type line struct {
	index      int // in the batch
	start, end int // in the body of the batch
}

// batch is records on their way, ordered by vehicle and time: influxd needs a
// third of the work when many lines of a vehicle come together.
type batch struct {
	order    []int // of the records
	body     []byte
	lines    []line
	rejected []telemetry.Rejection
}

// keptBody is the largest body whose memory is used again.
const keptBody = maxRequestBytes

// newBatch takes memory of an earlier batch, if there is some.
func (s *Store) newBatch() *batch {
	b := s.batches.take()
	b.order, b.body, b.lines, b.rejected = b.order[:0], b.body[:0], b.lines[:0], nil
	return b
}

func (s *Store) done(b *batch) {
	if cap(b.body) <= keptBody {
		s.batches.giveBack(b)
	}
}

// Write implements telemetry.Store. InfluxDB syncs its log before it answers, so
// that nil means durable, unless wal-fsync-delay was raised.
func (s *Store) Write(ctx context.Context, records []telemetry.Record) error {
	done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("write telemetry: %w", err)
	}
	defer done()
	b := s.encode(records)
	defer s.done(b)
	for part := range b.parts() {
		if err := s.send(ctx, b, part); err != nil {
			return fmt.Errorf("write telemetry: %w", err)
		}
	}
	if len(b.rejected) == 0 {
		return nil
	}
	slices.SortFunc(b.rejected, func(x, y telemetry.Rejection) int { return cmp.Compare(x.Index, y.Index) })
	return &telemetry.PartialError{Rejected: b.rejected}
}

func (s *Store) encode(records []telemetry.Record) *batch {
	b := s.newBatch()
	for i := range records {
		if reason := refusedReason(&records[i]); reason != "" {
			b.reject(i, reason)
			continue
		}
		b.order = append(b.order, i)
	}
	byVehicleAndTime := func(i, j int) int {
		x, y := &records[i], &records[j]
		if c := cmp.Compare(x.VIN, y.VIN); c != 0 {
			return c
		}
		return x.Sample.Time.Compare(y.Sample.Time)
	}
	if !slices.IsSortedFunc(b.order, byVehicleAndTime) { // ingest has sorted them
		slices.SortStableFunc(b.order, byVehicleAndTime)
	}
	w := lineWriter{names: s.fields}
	for _, i := range b.order {
		start := len(b.body)
		b.body = w.appendLine(b.body, &records[i])
		if len(b.body) == start {
			continue
		}
		b.body = append(b.body, '\n')
		b.lines = append(b.lines, line{index: i, start: start, end: len(b.body)})
	}
	return b
}

func refusedReason(r *telemetry.Record) string {
	if err := r.Validate(); err != nil {
		return err.Error()
	}
	return refusal(r)
}

func (b *batch) reject(index int, reason string) {
	b.rejected = append(b.rejected, telemetry.Rejection{Index: index, Reason: reason})
}

// parts yields the lines in the sizes of requests.
func (b *batch) parts() func(yield func([]line) bool) {
	return func(yield func([]line) bool) {
		rest := b.lines
		for len(rest) > 0 {
			n := 1
			for n < len(rest) && n < maxRequestLines && rest[n].end-rest[0].start <= maxRequestBytes {
				n++
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// send writes lines that follow each other. What the server refuses for good is
// narrowed down by halves, which is harmless: a line that is written again
// changes nothing.
func (s *Store) send(ctx context.Context, b *batch, lines []line) error {
	body := bytes.TrimSuffix(b.body[lines[0].start:lines[len(lines)-1].end], []byte("\n"))
	err := s.post(ctx, body)
	if err == nil {
		return nil
	}
	status := statusOf(err)
	reason, pointsOnly := refusedPoints(err)
	tooLarge := status == http.StatusRequestEntityTooLarge
	switch {
	case !tooLarge && !pointsOnly:
		return err
	case len(lines) == 1 || dropped(reason) == len(lines):
		if tooLarge {
			reason = "InfluxDB takes no line as large as this"
		}
		s.tellConflict(reason)
		for _, l := range lines {
			b.reject(l.index, reason)
		}
		return nil
	}
	half := len(lines) / 2
	if err := s.send(ctx, b, lines[:half]); err != nil {
		return err
	}
	return s.send(ctx, b, lines[half:])
}

// post writes line protocol once, not before a pause that the server asked for
// is over.
func (s *Store) post(ctx context.Context, body []byte) error {
	if err := s.pause.wait(ctx); err != nil {
		return err
	}
	var back sync.WaitGroup
	if s.zip {
		c := s.compressors.take()
		defer s.compressors.giveBack(c)
		var err error
		if body, err = c.compress(body); err != nil {
			return fmt.Errorf("compress: %w", err)
		}
	}
	defer back.Wait()
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	answer := s.client.HTTPService().DoPostRequest(ctx, s.writeURL, nil,
		func(r *http.Request) {
			lend(r, body, &back)
			if s.zip {
				r.Header.Set("Content-Encoding", "gzip")
			}
		},
		func(r *http.Response) error { return r.Body.Close() })
	if answer == nil {
		return nil
	}
	s.pause.ask(retryAfter(answer.Header, time.Now()))
	return s.explain("write", answer)
}

// retryAfter is how long a server wants to be left alone, RFC 9110 §10.2.3: seconds
// or a date; 0 when it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// The server's words for points it will never take. Any other 400 or 422 speaks
// of the request, such as a missing bucket, and must not send data to quarantine.
var pointReasons = []string{
	"partial write", "unable to parse", "field type conflict", "retention policy", "retention enforcement",
	"max key length", "invalid field", "outside range", "time out of range", "missing fields", "invalid tag",
}

// refusedPoints returns the server's reason when it refused points for good.
func refusedPoints(err error) (string, bool) {
	var answer *influxhttp.Error
	if !errors.As(err, &answer) || (answer.StatusCode != http.StatusBadRequest && answer.StatusCode != http.StatusUnprocessableEntity) {
		return "", false
	}
	said := strings.ToLower(answer.Message)
	return answer.Message, slices.ContainsFunc(pointReasons, func(r string) bool { return strings.Contains(said, r) })
}

var droppedCount = regexp.MustCompile(`dropped=(\d+)`)

// dropped is how many points the server says it left out, 0 when it does not.
func dropped(reason string) int {
	found := droppedCount.FindStringSubmatch(reason)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// pause is how long the server wants to be left alone.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

// Longer pauses are not believed.
const maxPause = 10 * time.Minute

func (p *pause) ask(d time.Duration) {
	if d <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Now().Add(min(d, maxPause))
}

func (p *pause) wait(ctx context.Context) error {
	p.mu.Lock()
	left := time.Until(p.until)
	p.mu.Unlock()
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
