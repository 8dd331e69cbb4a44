package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	carA vehicle.VIN = "1M8GDM9AXKP042788"
	carB vehicle.VIN = "WVWZZZ1JZXW000001"
)

// noon is the time the tests' messages speak of and are received at.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// fakeTelemetry keeps values in a map. before is asked first and may fail.
type fakeTelemetry struct {
	telemetry.Store // for the methods that ingest does not call
	before          func(batch []telemetry.Record) error

	mu      sync.Mutex
	values  map[string]vehicle.Value // by vehicle, time and signal
	batches [][]telemetry.Record
}

func (f *fakeTelemetry) Write(ctx context.Context, batch []telemetry.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rejected := map[int]bool{}
	var result error
	if f.before != nil {
		result = f.before(batch)
		var partial *telemetry.PartialError
		switch {
		case errors.As(result, &partial):
			for _, r := range partial.Rejected {
				rejected[r.Index] = true
			}
		case result != nil:
			return result
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, batch)
	if f.values == nil {
		f.values = make(map[string]vehicle.Value)
	}
	for i, r := range batch {
		if rejected[i] {
			continue
		}
		for _, reading := range r.Sample.Readings {
			f.values[fmt.Sprintf("%s %s %s", r.VIN, r.Sample.Time.Format(time.RFC3339Nano), reading.Signal)] = reading.Value
		}
	}
	return result
}

// fakeFacts keeps facts as the contract says a store does.
type fakeFacts struct {
	before func(b ingest.Batch) error

	mu      sync.Mutex
	batches []ingest.Batch
	state   factState
	settled int
}

// factState is what is left of the facts when repetitions and the times of
// marks are left out.
type factState struct {
	LastEvent map[vehicle.VIN]time.Time
	Online    map[vehicle.VIN]bool
	Told      map[string]string
	Codes     map[string]ingest.CodeFact
	Marked    map[string]bool
	Refused   map[string]ingest.Refused
	Numbers   map[string]*ingest.Sequence
	Clocks    map[string]time.Duration
}

func newFactState() factState {
	return factState{
		LastEvent: map[vehicle.VIN]time.Time{}, Online: map[vehicle.VIN]bool{}, Told: map[string]string{},
		Codes: map[string]ingest.CodeFact{}, Marked: map[string]bool{}, Refused: map[string]ingest.Refused{},
		Numbers: map[string]*ingest.Sequence{}, Clocks: map[string]time.Duration{},
	}
}

func (f *fakeFacts) Record(ctx context.Context, b ingest.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.before != nil {
		if err := f.before(b); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, b)
	if f.state.Codes == nil {
		f.state = newFactState()
	}
	f.state.add(b)
	return nil
}

// Settle counts how often it is asked for.
func (f *fakeFacts) Settle(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled++
	return nil
}

func (s *factState) add(b ingest.Batch) {
	for _, seen := range b.Seen {
		if seen.LastEvent.After(s.LastEvent[seen.VIN]) {
			s.LastEvent[seen.VIN] = seen.LastEvent
		}
		if seen.Online != nil {
			s.Online[seen.VIN] = *seen.Online
		}
		if seen.Boot != "" {
			boot := fmt.Sprintf("%s %s", seen.VIN, seen.Boot)
			if s.Numbers[boot] == nil {
				s.Numbers[boot] = &ingest.Sequence{}
			}
			s.Numbers[boot].Add(ingest.Run{First: seen.Seq, Last: seen.Seq, Since: seen.Received})
		}
		for _, a := range seen.Attributes {
			s.Told[fmt.Sprintf("%s %s", seen.VIN, a.Signal)] = a.Value.String()
		}
	}
	for _, c := range b.Codes {
		c.Received = time.Time{}
		s.Codes[fmt.Sprintf("%s %s %s %v", c.VIN, c.Report.ECU, c.Report.Time.Format(time.RFC3339Nano), c.Report.Covers)] = c
	}
	for _, c := range b.Clocks {
		hour := fmt.Sprintf("%s %s", c.VIN, c.Hour)
		if lead, ok := s.Clocks[hour]; !ok || c.Lead > lead {
			s.Clocks[hour] = c.Lead
		}
	}
	for _, m := range b.Marks {
		s.Marked[fmt.Sprintf("%s %s", m.VIN, m.Day)] = true
	}
	for _, r := range b.Released {
		maps.DeleteFunc(s.Refused, func(key string, _ ingest.Refused) bool {
			return strings.HasPrefix(key, strings.Join([]string{r.Topic, string(r.Payload), ""}, "\x00"))
		})
	}
	for _, r := range b.Refused {
		r.Received = time.Time{}
		s.Refused[strings.Join([]string{r.Topic, string(r.Payload), r.Place, r.Reason}, "\x00")] = r
	}
}

// refused returns the refusals in the order of their topics and reasons.
func (f *fakeFacts) refused() []ingest.Refused {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.SortedFunc(maps.Values(f.state.Refused), func(a, b ingest.Refused) int {
		return strings.Compare(a.Topic+a.Place+a.Reason, b.Topic+b.Place+b.Reason)
	})
}

// codes returns every report of trouble codes, in the order it was recorded in.
func (f *fakeFacts) codes() []ingest.CodeFact {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []ingest.CodeFact
	for _, b := range f.batches {
		all = append(all, b.Codes...)
	}
	return all
}

func (f *fakeFacts) marks() []ingest.Mark {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []ingest.Mark
	for _, b := range f.batches {
		all = append(all, b.Marks...)
	}
	return all
}

// fakeSource emits what the test sends, one message after the other.
type fakeSource struct {
	in    chan ingest.Message
	fail  chan error
	taken chan struct{} // one token for each message the pipeline has taken
}

func newSource() *fakeSource {
	return &fakeSource{in: make(chan ingest.Message), fail: make(chan error), taken: make(chan struct{}, 100_000)}
}

func (s *fakeSource) Run(ctx context.Context, emit ingest.Emit) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.fail:
			return err
		case m := <-s.in:
			if err := emit(ctx, m); err != nil {
				return err
			}
			s.taken <- struct{}{}
		}
	}
}

func (s *fakeSource) Ready(context.Context) error { return nil }

// answers collects what Done was called with.
type answers struct {
	mu    sync.Mutex
	order []string // keys in the order of Done
	errs  map[string][]error
}

// ask returns the message with a Done that is noted under the key.
func (a *answers) ask(key string, m ingest.Message) ingest.Message {
	m.Done = func(err error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.errs == nil {
			a.errs = make(map[string][]error)
		}
		a.order = append(a.order, key)
		a.errs[key] = append(a.errs[key], err)
	}
	return m
}

func (a *answers) done() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.order)
}

// speedAt is a telemetry message with one sample.
func speedAt(vin vehicle.VIN, at time.Time, kmh int) ingest.Message {
	return ingest.Message{
		Topic:    obd.Topic(vin, obd.Telemetry),
		Payload:  fmt.Appendf(nil, `{"samples":[{"time":%q,"signals":{"Vehicle.Speed":%d}}]}`, at.Format(time.RFC3339Nano), kmh),
		Received: noon,
	}
}

func telemetryMessage(vin vehicle.VIN, payload string) ingest.Message {
	return ingest.Message{Topic: obd.Topic(vin, obd.Telemetry), Payload: []byte(payload), Received: noon}
}

// codesAt is a trouble code message: code, status pairs.
func codesAt(vin vehicle.VIN, at time.Time, pairs ...string) ingest.Message {
	var codes []string
	for i := 0; i < len(pairs); i += 2 {
		codes = append(codes, fmt.Sprintf(`{"code":%q,"status":%q}`, pairs[i], pairs[i+1]))
	}
	return ingest.Message{
		Topic:    obd.Topic(vin, obd.DTC),
		Payload:  fmt.Appendf(nil, `{"time":%q,"ecu":"7E8","codes":[%s]}`, at.Format(time.RFC3339Nano), strings.Join(codes, ",")),
		Received: noon,
	}
}
