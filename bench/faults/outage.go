package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// outage takes something away from a working pitcrew for a while, under load.
type outage struct {
	binary string
	what   away
	hold   time.Duration // how long it is away; at least until pitcrew has said so
	cars   int
	pace   time.Duration

	samples int // of a message; zero: live
	out     io.Writer
}

// away is what can go away.
type away string

const (
	awayInflux   away = "influxd"  // 1.8 is killed
	awayInflux2  away = "influxd2" // 2.7 is killed
	awayBroker   away = "broker"   // Mosquitto is stopped, and keeps its sessions
	awayPostgres away = "postgres" // stopped at once, with all its connections
	awayDisk     away = "disk"     // the disk of both embedded stores is full
)

// place says what the outage needs around pitcrew, how /readyz and the metrics of
// ingest name what is away, and how it goes and comes back.
type place struct {
	on        external
	parts     []string // in /readyz
	stores    []string // of ingest, one of which refuses writes; empty: none
	cut, heal func(s *stage) error
}

func (o outage) place(t testserver.T, d *disk) place {
	done := func(do func()) error { do(); return nil }
	all := external{broker: true, influx: influx2, postgres: true}
	switch o.what {
	case awayInflux, awayInflux2:
		if o.what == awayInflux {
			all.influx = influx1
		}
		return place{all, []string{"telemetry"}, []string{"telemetry"},
			func(s *stage) error { return done(s.influxd.Kill) }, func(s *stage) error { return done(s.influxd.Start) }}
	case awayBroker:
		return place{all, []string{"mqtt"}, nil,
			func(s *stage) error { return done(s.mosquitto.Stop) }, func(s *stage) error { return done(s.mosquitto.Start) }}
	case awayPostgres:
		return place{all, []string{"store"}, []string{"facts"},
			func(s *stage) error { return done(s.postgres.Stop) }, func(s *stage) error { return done(s.postgres.Start) }}
	case awayDisk:
		return place{external{}, []string{"store", "telemetry"}, []string{"telemetry", "facts"}, d.fill, d.free} // whichever was to grow first
	}
	t.Fatalf("there is no outage %q", o.what)
	return place{}
}

// flow is how many messages are acknowledged before an outage.
const flow = 300

func (o outage) run(ctx context.Context, t testserver.T) (*verdict, error) {
	data, d := t.TempDir(), &disk{}
	if o.what == awayDisk {
		d = newDisk(t, data)
	}
	p := o.place(t, d)
	s := set(t, o.binary, data, p.on)
	if err := s.start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	load := drive(ctx, o.cars, cmp.Or(o.samples, live), s.broker, o.pace)
	began := time.Now()
	if err := load.until(ctx, flow); err != nil {
		return nil, err
	}
	fmt.Fprintf(o.out, "%s away, %s%s\n", o.what, p.on, d)
	if err := o.suffer(ctx, s, p, load); err != nil {
		return nil, err
	}
	published, err := load.end()
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	if err := settle(ctx, s); err != nil {
		return nil, err
	}
	_, peak, err := s.memory()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.out, "  memory of pitcrew: %.0f MB at its peak\n", peak)
	subscriptions := int64(1)
	if o.what == awayBroker {
		subscriptions = 0 // it counts from its last start
	}
	load.print(ctx, o.out, took, s, subscriptions)
	v, err := s.stopAndJudge(ctx, load.cars, published)
	if err != nil {
		return nil, err
	}
	v.print(o.out)
	bound := memoryBound
	if o.samples > live {
		bound = memoryBoundLong
	}
	if peak > bound {
		return v, fmt.Errorf("pitcrew held %.0f MB, which is above %.0f", peak, bound)
	}
	return v, nil
}

// What pitcrew may hold at most, in MB, however long an outage: it takes 64 MiB of
// messages that are not stored, and as much again is waiting or garbage. When it is
// over, long messages are written and planned in large pieces.
const (
	memoryBound     = 200.0
	memoryBoundLong = 320.0
)

// suffer is the outage itself, from its first to its last moment.
func (o outage) suffer(ctx context.Context, s *stage, p place, load *load) error {
	before, _, err := s.memory()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.cut(s); err != nil {
		return err
	}
	lines, err := s.noticed(ctx, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.out, "  noticed after %s:\n    %s\n", time.Since(began).Round(10*time.Millisecond), strings.Join(lines, "\n    "))
	at, most, err := s.watchMemory(ctx, began.Add(o.hold))
	if err != nil {
		return err
	}
	load.stop() // what waits now is the last: nothing new will make up for what got lost
	lasted := time.Since(began)
	if err := p.heal(s); err != nil {
		return err
	}
	back := time.Now()
	if err := s.ready(ctx); err != nil {
		return err
	}
	fmt.Fprintf(o.out, "  away for %s, ready again %s after it was back\n",
		lasted.Round(10*time.Millisecond), time.Since(back).Round(10*time.Millisecond))
	fmt.Fprintf(o.out, "  memory of pitcrew: %.0f MB before, %.0f MB when it was noticed, at most %.0f MB until the end\n", before, at, most)
	return nil
}

// noticed waits until /readyz and the metrics say what is away, and returns the
// lines of /readyz.
func (s *stage) noticed(ctx context.Context, p place) (lines []string, err error) {
	for _, part := range p.parts {
		says := regexp.MustCompile(`(?m)^` + part + `: does not work since .*$`)
		var line string
		err := s.until(ctx, "/readyz to say that "+part+" is away", func() (bool, string) {
			a, err := s.readyz(ctx)
			line = says.FindString(a.text)
			return err == nil && a.code == http.StatusServiceUnavailable && line != "", fmt.Sprint(a.text, err)
		})
		if err != nil {
			return nil, err
		}
		if err := s.atLeast(ctx, 1, `pitcrew_away_since_timestamp_seconds{part="`+part+`"}`); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if len(p.stores) > 0 {
		var away, retries []string
		for _, store := range p.stores {
			away = append(away, `pitcrew_ingest_store_away{store="`+store+`"}`)
			retries = append(retries, `pitcrew_ingest_store_retries_total{store="`+store+`"}`)
		}
		if err := errors.Join(s.atLeast(ctx, 1, away...), s.atLeast(ctx, 3, retries...)); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// atLeast waits until the sum of metrics has reached a value.
func (s *stage) atLeast(ctx context.Context, least float64, names ...string) error {
	return s.until(ctx, fmt.Sprintf("%v in metrics %q", least, names), func() (bool, string) {
		sum := 0.0
		for _, name := range names {
			value, err := s.metric(ctx, name)
			if err != nil {
				return false, err.Error()
			}
			sum += value
		}
		return sum >= least, fmt.Sprint(sum)
	})
}

// watchMemory looks at pitcrew's memory until a time: at the start, and the most.
func (s *stage) watchMemory(ctx context.Context, end time.Time) (at, most float64, err error) {
	for {
		rss, _, err := s.memory()
		if err != nil {
			return 0, 0, errors.Join(err, fmt.Errorf("the end of pitcrew's log:\n%s", s.lastLines()))
		}
		if at == 0 {
			at = rss
		}
		most = max(most, rss)
		if time.Now().After(end) || ctx.Err() != nil {
			return at, most, ctx.Err()
		}
		pause(ctx, 100*time.Millisecond)
	}
}
