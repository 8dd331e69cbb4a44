package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/console"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/lifecycle"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// product is the running product: every part, wired. open makes it, run runs it,
// close releases it.
type product struct {
	settings settings
	logger   *slog.Logger
	registry *prometheus.Registry

	db        *store.DB
	telemetry telemetry.Store
	feeds     *dialect.Router // nil: pitcrew's own topics only
	decoder   obd.Decoder
	table     *predict.Table // what wears
	source    ingest.Source
	pipeline  *ingest.Pipeline
	expirer   *ingest.Expirer
	planner   *planner.Planner
	outbox    *reminders.Dispatcher
	watch     *watch
	api       *api.Server
	web       *http.Server
	webOn     net.Listener
	grpcOn    net.Listener
	pprofOn   net.Listener // nil: off
	mqttOn    net.Addr     // of the embedded broker
	closers   []io.Closer  // closed last to first
}

// backends are the choices that demo leaves at embedded.
type backends struct {
	database  string // DSN; empty: SQLite in the data folder
	telemetry func(ctx context.Context) (telemetry.Store, error)
	source    func(p *product) (ingest.Source, error)
}

// open makes every part, cheapest and likeliest to fail first: addresses, then
// stores, then what works on them. What was opened is closed again on failure.
func open(ctx context.Context, s settings, b backends, logger *slog.Logger) (p *product, err error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	p = &product{settings: s, logger: logger, registry: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			_ = p.close() // the first failure is the one to report
		}
	}()
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if p.webOn, err = listen("--http", s.HTTP); err != nil {
		return p, err
	}
	p.closers = append(p.closers, p.webOn)
	if s.GRPC != "off" {
		if p.grpcOn, err = listen("--grpc", s.GRPC); err != nil {
			return p, err
		}
		p.closers = append(p.closers, p.grpcOn)
	}
	if s.Pprof != "" {
		if p.pprofOn, err = listen("--pprof", s.Pprof); err != nil {
			return p, err
		}
		p.closers = append(p.closers, p.pprofOn)
	}
	if p.feeds, err = s.router(); err != nil {
		return p, err
	}
	if p.decoder, err = s.decoder(); err != nil {
		return p, err
	}
	if p.table, err = readComponents(s.Components); err != nil {
		return p, err
	}
	if p.source, err = b.source(p); err != nil {
		return p, err
	}
	if err := p.openStores(ctx, b); err != nil {
		return p, err
	}
	return p, p.wire()
}

func (p *product) openStores(ctx context.Context, b backends) error {
	if err := os.MkdirAll(p.settings.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	dsn := b.database
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(p.settings.Data, "pitcrew.db")
	}
	var err error
	if p.db, err = store.Open(ctx, dsn, store.Options{Logger: p.logger}); err != nil {
		return err
	}
	p.closers = append(p.closers, p.db)
	if p.mqttOn != nil { // nobody is connected to our own broker before it runs
		if err := p.db.Disconnected(ctx, time.Now()); err != nil {
			return err
		}
	}
	if p.telemetry, err = b.telemetry(ctx); err != nil {
		return err
	}
	p.closers = append(p.closers, p.telemetry)
	return nil
}

// wire makes the parts that work on the stores.
func (p *product) wire() error {
	var err error
	p.pipeline, err = ingest.New(ingest.Options{
		Telemetry: p.telemetry, Facts: p.db, Decoder: p.decoder, Feeds: p.feeds, StoreLocation: p.settings.StoreLocation,
		Logger: p.logger, Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	if err := ingest.RegisterMissing(p.registry, p.db, p.logger); err != nil {
		return err
	}
	p.expirer, err = ingest.NewExpirer(ingest.ExpirerOptions{
		Shelf: p.db, Keep: time.Duration(p.settings.QuarantineKeep), MaxBytes: int64(p.settings.QuarantineMax),
		Logger: p.logger, Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	keep, err := p.settings.keep()
	if err != nil {
		return err
	}
	p.planner, err = planner.New(planner.Options{
		Store: p.db.Planner(), Telemetry: p.telemetry, Table: p.table, Shop: p.settings.Shop, Now: time.Now, Logger: p.logger, Registry: p.registry,
		Settle: p.settings.PlanSettle, Wait: p.settings.PlanWait, Apart: p.pipeline.Apart, Keep: keep,
		ManualModels: p.settings.ModelPromote == "manual",
	})
	if err != nil {
		return err
	}
	if err := planner.RegisterAccuracy(p.registry, p.db, time.Now, p.logger); err != nil {
		return err
	}
	if p.outbox, err = p.dispatcher(); err != nil {
		return err
	}
	if p.watch, err = newWatch(p.ready, time.Now, p.registry); err != nil {
		return err
	}
	p.api, err = api.New(api.Options{
		Planner: p.planner, Queries: p.db, Quarantine: p.db, Replay: p.pipeline.Replay, Telemetry: p.telemetry, Table: p.table, Token: p.settings.Token, Ready: p.watch.ready,
		Metrics: promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{}),
		Now:     time.Now, Logger: p.logger, Registry: p.registry,
	})
	return err
}

// ready asks every part whether it can work now.
func (p *product) ready(ctx context.Context) map[string]error {
	return map[string]error{
		"store":     p.db.Ping(ctx),
		"telemetry": p.telemetry.Ping(ctx),
		"mqtt":      p.source.Ready(ctx),
		"ingest":    p.pipeline.Ready(ctx),
	}
}

// pages puts the console and the API behind one address.
func (p *product) pages(ctx context.Context) (http.Handler, error) {
	rest, err := p.api.Handler(ctx)
	if err != nil {
		return nil, err
	}
	pages, err := console.New(console.Options{Conn: p.api.Conn(), Now: time.Now, Logger: p.logger})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json"} {
		mux.Handle(path, rest)
	}
	mux.Handle("/", pages)
	return api.Guard(p.settings.Token, mux), nil
}

// run runs every part until ctx ends. Messages come in last and stop first; what
// was taken in is stored before the stores close.
func (p *product) run(ctx context.Context, also ...lifecycle.Part) error {
	handler, err := p.pages(ctx)
	if err != nil {
		return err
	}
	p.web = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(p.logger.Handler(), slog.LevelDebug)}
	g := lifecycle.Group{Logger: p.logger}
	g.Add("watch", p.watch.Run)
	g.Add("outbox", p.outbox.Run)
	g.Add("planner", p.planner.Run)
	g.Add("quarantine", p.expirer.Run)
	g.Add("api", func(ctx context.Context) error { return p.api.Run(ctx, p.grpcOn) })
	g.Add("web", func(ctx context.Context) error { return serveHTTP(ctx, p.web, p.webOn) })
	if p.pprofOn != nil {
		g.Add("pprof", p.serveProfiles)
	}
	g.Add("ingest", func(ctx context.Context) error { return p.pipeline.Run(ctx, p.source) })
	for _, part := range also {
		g.Add(part.Name, part.Run)
	}
	return g.Run(ctx)
}

// serveHTTP serves until ctx ends, and lets requests that are under way end.
func serveHTTP(ctx context.Context, server *http.Server, on net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(on) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // a page that keeps streaming is cut off
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// close releases everything that open opened.
func (p *product) close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		if err := p.closers[i].Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// url is where a browser finds the console.
func (p *product) url() string { return "http://" + p.webOn.Addr().String() }

// conn is the API from inside the process.
func (p *product) conn() *grpc.ClientConn { return p.api.Conn() }
