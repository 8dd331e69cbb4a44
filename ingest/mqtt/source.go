// Package mqtt takes messages from an external MQTT 3.1.1 broker (Mosquitto,
// EMQX, HiveMQ and others) with a persistent session and manual
// acknowledgement: the broker keeps a message until it is stored.
//
// The broker must hold what pitcrew has not acknowledged. Mosquitto's defaults do
// not: raise max_queued_messages.
package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
)

// OwnTopics is the filter of everything below pitcrew's own topics, also what
// is not understood: it belongs in quarantine.
const OwnTopics = obd.TopicRoot + "+/#"

// Options say where the broker is and who we are to it. Zero limits take the
// default named beside them.
type Options struct {
	// URL is tcp://host:1883 (or mqtt://), ssl://host:8883 (tls://, mqtts://),
	// ws://host/path or wss://host/path. A user and password in it are used when
	// Username is empty.
	URL string
	// ClientID names the session that the broker keeps for us. It must stay the
	// same over restarts, and no two ingesters may share one.
	ClientID           string
	Username, Password string
	TLS                *tls.Config // for ssl and wss; nil: the system's roots

	Topics      []string // nil: OwnTopics
	SharedGroup string   // several ingesters of one group share the messages; empty: none

	Logger     *slog.Logger          // nil: no log
	Registerer prometheus.Registerer // nil: metrics are not exported

	KeepAlive      time.Duration // after how long a silent broker is asked whether it is there; 30 s
	ConnectTimeout time.Duration // 10 s
	StopGrace      time.Duration // how long a stop waits for messages being stored; 2 s
}

var schemes = []string{"tcp", "mqtt", "ssl", "tls", "mqtts", "ws", "wss"}

func (o Options) withDefaults() (Options, *url.URL, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return o, nil, fmt.Errorf("parse MQTT broker address: %w", err)
	case !slices.Contains(schemes, u.Scheme):
		return o, nil, fmt.Errorf("MQTT broker address %q: want one of %s://", u.Redacted(), strings.Join(schemes, "://, "))
	case u.Host == "":
		return o, nil, fmt.Errorf("MQTT broker address %q has no host", u.Redacted())
	case o.ClientID == "":
		return o, nil, errors.New("the MQTT client id is required: the broker keeps our messages under it")
	}
	if o.Username == "" && u.User != nil {
		o.Username = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if len(o.Topics) == 0 {
		o.Topics = []string{OwnTopics}
	}
	orDefault(&o.KeepAlive, 30*time.Second)
	orDefault(&o.ConnectTimeout, 10*time.Second)
	orDefault(&o.StopGrace, 2*time.Second)
	return o, u, nil
}

func orDefault(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

// Source is an ingest.Source on an external broker.
type Source struct {
	o       Options
	url     *url.URL
	metrics *metrics
	waiting atomic.Int64 // bytes of the message for which the pipeline has no room yet; 0: none

	mu    sync.Mutex
	state error // why messages cannot arrive; nil while subscribed
}

// New checks the options. It does not connect: a broker that is away is no error.
func New(o Options) (*Source, error) {
	o, u, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Source{o: o, url: u, state: errors.New("MQTT source has not started")}
	if s.metrics, err = newMetrics(o.Registerer, &s.waiting); err != nil {
		return nil, fmt.Errorf("register MQTT source metrics: %w", err)
	}
	return s, nil
}

// Ready reports whether messages can arrive now, and if not, why.
func (s *Source) Ready(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *Source) setState(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = err
}

// steady is how long a connection must have lasted for the next attempt to be quick.
const steady = 10 * time.Second

// Run delivers messages until ctx ends. It connects again whenever the
// connection is lost, or when a message could not be stored: the broker sends
// what is unacknowledged again only to a new connection.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval, waits.Multiplier = 200*time.Millisecond, 15*time.Second, 2
	for ctx.Err() == nil {
		started := time.Now()
		err := s.session(ctx, emit)
		if ctx.Err() != nil {
			break
		}
		if time.Since(started) > steady {
			waits.Reset()
		}
		next := waits.NextBackOff()
		s.setState(fmt.Errorf("MQTT broker %s: %w", s.url.Redacted(), err))
		s.o.Logger.Warn("MQTT broker is away", "broker", s.url.Redacted(), "error", err, "next_try_in", next)
		pause(ctx, next)
	}
	s.setState(errors.New("MQTT source is stopping"))
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
