// Package broker is the embedded MQTT broker: vehicles connect to pitcrew
// itself, and the PUBACK a vehicle gets means that its message is stored.
//
// Ingest runs inside the publish hook of mochi-mqtt, before mochi would
// acknowledge a message or deliver it. The hook takes the message away from
// mochi, and the PUBACK is written when the message is stored. What vehicles
// publish is not passed on to other clients; they read through the API.
package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"syscall"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Options are the address and the limits of a broker. Zero limits take the
// default named beside them.
type Options struct {
	Address string      // host:port; port 0 picks a free one, see Broker.Addr
	TLS     *tls.Config // nil: plain TCP. A verified client certificate's common name is the VIN, or in Vehicles

	Logger     *slog.Logger          // nil: no log
	Registerer prometheus.Registerer // nil: metrics are not exported

	// Authenticate says whether a user name and password belong together. A user
	// name that is a VIN may speak for that vehicle only; any other account speaks
	// for the vehicle that the client id names. nil: there are no accounts.
	Authenticate func(username string, password []byte) bool
	// Vehicles are those of devices that log in under another name, with a
	// certificate or an account.
	Vehicles map[string]vehicle.VIN
	// Feeds reports whether a topic outside pitcrew/v1/ may be published to: one
	// that devices of other products use. Whoever speaks for one vehicle only must
	// speak of that one there, which ingest checks (see ingest.Message.From). nil:
	// there are none.
	Feeds func(topic string) bool
	// AllowAnonymous lets clients without a certificate or an account publish for
	// any vehicle. For a demonstration on the loopback interface only.
	AllowAnonymous bool

	MaxClients     int           // 20,000
	MaxPacketBytes int           // 2 MiB; a larger packet ends the connection
	MaxReadBytes   int           // of messages that are not in the pipeline yet; a quarter for those up to 16 KiB; 32 MiB
	MaxInFlight    int           // unacknowledged messages per client; more are not read from it; 64
	MaxKeepAlive   time.Duration // 1 h; also for clients that ask for none
	ConnectTimeout time.Duration // from TCP connection to CONNECT; 10 s
	WriteTimeout   time.Duration // how long a client may take to read what it is sent; 10 s
	StopGrace      time.Duration // how long a stop waits for messages being stored; 2 s
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	orDefault(&o.MaxClients, 20_000)
	orDefault(&o.MaxPacketBytes, 2<<20)
	orDefault(&o.MaxReadBytes, 32<<20)
	orDefault(&o.MaxInFlight, 64)
	orDefault(&o.MaxKeepAlive, time.Hour)
	orDefault(&o.WriteTimeout, 10*time.Second)
	orDefault(&o.ConnectTimeout, 10*time.Second)
	orDefault(&o.StopGrace, 2*time.Second)
	return o
}

func orDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// AddressError says that the broker cannot listen on its address.
type AddressError struct {
	Address string
	Err     error
}

// InUse reports whether another process has the port.
func (e *AddressError) InUse() bool { return errors.Is(e.Err, syscall.EADDRINUSE) }

// Error implements error.
func (e *AddressError) Error() string {
	if e.InUse() {
		return fmt.Sprintf("listen for vehicles on %s: address already in use: choose another with --mqtt", e.Address)
	}
	return fmt.Sprintf("listen for vehicles on %s: %v", e.Address, e.Err)
}

// Unwrap returns the error of the operating system.
func (e *AddressError) Unwrap() error { return e.Err }

// Broker is an embedded MQTT 3.1.1 and 5 broker. It is an ingest.Source.
type Broker struct {
	o        Options
	listener *listener
	room     *room
	server   *mochi.Server
	metrics  *metrics

	runOnce sync.Once
	mu      sync.Mutex
	state   error // why messages cannot arrive; nil while serving
}

// New listens on the address, so that a port in use is told at once (as an
// *AddressError) and Addr is known. Clients are served while Run runs.
func New(o Options) (*Broker, error) {
	o = o.withDefaults()
	verified := o.TLS != nil && o.TLS.ClientAuth == tls.RequireAndVerifyClientCert
	if !o.AllowAnonymous && o.Authenticate == nil && !verified {
		return nil, errors.New("make MQTT broker: nobody could connect: require client certificates, give accounts, or allow anonymous clients")
	}
	l, err := listen(o)
	if err != nil {
		return nil, &AddressError{Address: o.Address, Err: err}
	}
	r := newRoom(o.MaxReadBytes, o.MaxPacketBytes)
	m, err := newMetrics(o.Registerer, l.open, r)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("register MQTT broker metrics: %w", err), l.stopAccepting())
	}
	return &Broker{
		o: o, listener: l, room: r, metrics: m, server: mochi.New(serverOptions(o)),
		state: errors.New("MQTT broker has not started"),
	}, nil
}

func serverOptions(o Options) *mochi.Options {
	c := mochi.NewDefaultServerCapabilities()
	c.MaximumClients = int64(o.MaxClients)
	c.MaximumPacketSize = uint32(min(o.MaxPacketBytes, math.MaxUint32))
	c.ReceiveMaximum = uint16(min(o.MaxInFlight, math.MaxUint16))
	c.MaximumInflight = 1024
	// mochi reserves a channel of this size for every client; nothing is sent to them.
	c.MaximumClientWritesPending = 1
	// Sessions live in memory. Vehicles need none: they send until acknowledged.
	c.MaximumSessionExpiryInterval = 0
	// mochi asks the ACL before it resolves an alias, so the topic would be empty.
	c.TopicAliasMaximum = 0
	c.SharedSubAvailable = 0
	return &mochi.Options{
		Capabilities:            c,
		Logger:                  slog.New(errorsOnly{o.Logger.Handler()}),
		SysTopicResendInterval:  3600, // nobody may read $SYS
		ClientNetReadBufferSize: 128,  // behind that of inbound
	}
}

// Addr returns the address that clients connect to.
func (b *Broker) Addr() net.Addr { return b.listener.net.Addr() }

// Close stops listening. It is for a broker that is not run; Run closes by itself.
func (b *Broker) Close() error { return b.listener.stopAccepting() }

// Ready reports whether vehicles can connect and publish now, and if not, why.
func (b *Broker) Ready(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

func (b *Broker) setState(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = err
}

// Run serves clients until ctx ends. Then it takes no more messages, gives those
// being stored StopGrace to be acknowledged, and closes all connections. A
// broker runs once.
func (b *Broker) Run(ctx context.Context, emit ingest.Emit) error {
	err := errors.New("run MQTT broker: it was run before")
	b.runOnce.Do(func() { err = b.run(ctx, emit) })
	return err
}

func (b *Broker) run(ctx context.Context, emit ingest.Emit) error {
	h := &hook{o: b.o, server: b.server, metrics: b.metrics, room: b.room, ctx: ctx, emit: emit}
	if err := b.server.AddHook(h, nil); err != nil {
		return fmt.Errorf("run MQTT broker: %w", err)
	}
	b.listener.ctx, b.listener.refuse = ctx, h.refuse
	if err := b.server.AddListener(b.listener); err != nil {
		return fmt.Errorf("run MQTT broker: %w", err)
	}
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("run MQTT broker: %w", err)
	}
	b.setState(nil)
	if a, ok := b.Addr().(*net.TCPAddr); ok && b.o.AllowAnonymous && !a.IP.IsLoopback() {
		b.o.Logger.Warn("MQTT broker lets anybody on the network publish for any vehicle", "address", b.Addr().String())
	}
	b.o.Logger.Info("MQTT broker listens", "address", b.Addr().String(), "tls", b.o.TLS != nil)

	<-ctx.Done()
	b.setState(errors.New("MQTT broker is stopping"))
	if err := b.listener.stopAccepting(); err != nil {
		b.o.Logger.Warn("cannot close the MQTT listener", "error", err)
	}
	grace := time.NewTimer(b.o.StopGrace)
	defer grace.Stop()
	select {
	case <-h.storing.close():
	case <-grace.C:
	}
	b.listener.limitWrites(time.Second) // a client that reads nothing must not hold up the stop
	err := b.server.Close()
	h.wills.Wait()
	if err != nil {
		return fmt.Errorf("stop MQTT broker: %w", err)
	}
	return nil
}
