package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := filled(); err == nil {
		os.RemoveAll(dir)
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// now is where the clock of every fixture stands: the end of the fleet's history.
var now = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// cars is how many the fleet has: enough for orders of every origin.
const cars = 16

// filled is a data folder with a small fleet whose history is stored and
// planned, made once per test binary. Tests open copies of it.
var filled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "api-fixture-")
	if err != nil {
		return "", err
	}
	return dir, fill(context.Background(), dir)
})

func fill(ctx context.Context, dir string) (err error) {
	log := slog.New(slog.DiscardHandler)
	p, err := openParts(ctx, dir, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	const days = 200
	fleet, err := simulator.New(simulator.Config{Seed: 2, Vehicles: cars, Epoch: now.AddDate(0, 0, -days), HistoryDays: days})
	if err != nil {
		return err
	}
	var messages []simulator.Message
	for i := range fleet.Len() {
		if err := enter(ctx, p.planner, fleet.Profile(i).Vehicle, fleet.Visits(i)); err != nil {
			return err
		}
		messages = slices.AppendSeq(messages, fleet.History(i, fleet.Epoch(), fleet.End()))
	}
	for n := range 3 {
		messages = append(messages, simulator.Message{
			Topic:   "pitcrew/v1/" + string(fleet.Profile(0).VIN) + "/telemetry",
			Payload: fmt.Appendf(nil, "not JSON %d", n),
		})
	}
	if err := p.take(ctx, messages); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	return p.planner.Learn(ctx)
}

// ids counts, where the product takes random ids.
func ids(name string) func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("%s-%d", name, n.Add(1)) }
}

// enter registers a car with its papers, as the dealer does.
func enter(ctx context.Context, p *planner.Planner, v vehicle.Vehicle, visits []simulator.Visit) error {
	if err := p.Register(ctx, v.VIN, func(to *vehicle.Vehicle) { *to = v }); err != nil {
		return err
	}
	for n, visit := range visits {
		rec := history.Record{
			VIN: v.VIN, Visited: visit.Time, OdometerKm: visit.OdometerKm, Source: history.FromDealer,
			SourceID: fmt.Sprintf("%s-%d", v.VIN, n), Shop: visit.Shop, Cost: history.Money{Minor: 12000, Currency: "CNY"},
			Items: []history.Item{{Text: "inspection"}},
		}
		for _, item := range visit.Items {
			rec.Items = append(rec.Items, history.Item{Component: item})
		}
		for _, m := range visit.Measurements {
			rec.Measurements = append(rec.Measurements, history.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
		}
		if _, err := p.AddRecord(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// parts is the embedded product below its transports.
type parts struct {
	db        *store.DB
	telemetry *embedded.Store
	planner   *planner.Planner
}

func openParts(ctx context.Context, dir string, log *slog.Logger) (p parts, err error) {
	if p.db, err = store.Open(ctx, filepath.Join(dir, "pitcrew.db"), store.Options{Logger: log}); err != nil {
		return p, err
	}
	if p.telemetry, err = embedded.Open(dir, embedded.Options{Logger: log}); err != nil {
		return p, errors.Join(err, p.db.Close())
	}
	p.planner, err = planner.New(planner.Options{
		Store: p.db.Planner(), Telemetry: p.telemetry, Now: func() time.Time { return now },
		Logger: log, Registry: prometheus.NewRegistry(), Shop: "Test Garage", NewID: ids("receipt"),
	})
	return p, err
}

func (p parts) close() error { return errors.Join(p.telemetry.Close(), p.db.Close()) }

// take sends messages through the pipeline and waits until all are answered.
func (p parts) take(ctx context.Context, messages []simulator.Message) error {
	// They came a minute ago: their marks have been quiet long enough.
	received := now.Add(-time.Minute)
	pipeline, err := ingest.New(ingest.Options{Telemetry: p.telemetry, Facts: p.db, Now: func() time.Time { return received }})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return pipeline.Run(ctx, played{messages: messages, received: received, done: cancel})
}

// played is a source that emits a list and ends the run when all is stored.
type played struct {
	messages []simulator.Message
	received time.Time
	done     func()
}

func (s played) Run(ctx context.Context, emit ingest.Emit) error {
	var left atomic.Int64
	left.Store(int64(len(s.messages)))
	for _, m := range s.messages {
		err := emit(ctx, ingest.Message{Topic: m.Topic, Payload: m.Payload, Received: s.received, Done: func(error) {
			if left.Add(-1) == 0 {
				s.done()
			}
		}})
		if err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (played) Ready(context.Context) error { return nil }

// settle plans until nothing is marked any more.
func (p parts) settle(ctx context.Context) error {
	for range 100 {
		if err := p.planner.Round(ctx); err != nil {
			return err
		}
		counts, err := p.db.Counts(ctx)
		if err != nil || counts.Unplanned == 0 {
			return err
		}
	}
	return errors.New("marks do not come to rest")
}

// served is the API over both transports on a copy of the filled data folder.
type served struct {
	parts
	t    *testing.T
	api  *api.Server
	http *httptest.Server
	log  *lockedBuffer
	grpc string // address outside the process
	stop func() // stops the API and waits until it has

	endIngest func()
}

// serve starts an API of its own for the test; change may replace parts of it.
func serve(t *testing.T, change ...func(*api.Options)) *served {
	t.Helper()
	src, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, log: &lockedBuffer{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	if s.parts, err = openParts(t.Context(), dir, log); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	o := api.Options{
		Planner: s.planner, Queries: s.db, Quarantine: s.db, Replay: s.ingest(), Telemetry: s.telemetry, Now: func() time.Time { return now },
		Ready:   func(context.Context) map[string]error { return map[string]error{"store": nil, "mqtt": nil} },
		Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		Logger:  log, Registry: registry,
	}
	for _, f := range change {
		f(&o)
	}
	if s.api, err = api.New(o); err != nil {
		t.Fatal(err)
	}
	handler, err := s.api.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.http = httptest.NewServer(api.Guard(o.Token, handler))
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.grpc = outside.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.api.Run(ctx, outside) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	t.Cleanup(func() {
		s.http.Client().CloseIdleConnections()
		s.http.Close()
		s.stop()
		s.endIngest()
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ingest runs a pipeline without sources for the test, and returns its Replay.
func (s *served) ingest() api.Replay {
	s.t.Helper()
	pipeline, err := ingest.New(ingest.Options{Telemetry: s.telemetry, Facts: s.db, Now: func() time.Time { return now }})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pipeline.Run(ctx) }()
	s.endIngest = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the pipeline ended with %v", err)
		}
	}
	return pipeline.Replay
}

// dial connects from outside the process, without a token.
func (s *served) dial() *grpc.ClientConn {
	s.t.Helper()
	conn, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// within is the same API as seen by a test of its own inside the one that started it.
func (s *served) within(t *testing.T) *served {
	inner := *s
	inner.t = t
	return &inner
}

// lockedBuffer takes the log of a server.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// reply is the head of an HTTP answer.
type reply struct {
	Status     string
	StatusCode int
	Header     http.Header
}

// send makes one HTTP request; header pairs follow the body.
func (s *served) send(method, path, body string, header ...string) (reply, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{resp.Status, resp.StatusCode, resp.Header}, answer
}
