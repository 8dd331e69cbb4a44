package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Options says how a fleet is connected. Broker is required.
type Options struct {
	Broker string // "tcp://127.0.0.1:1883"
	// Username is for all cars; empty means that each uses its VIN.
	Username, Password string
	// TLS is for brokers at ssl://, tls:// or mqtts://; nil is the system's trust.
	TLS *tls.Config
	// StatePath is the file that remembers what was acknowledged; empty: nothing
	// is remembered.
	StatePath string
	// Uploads is how many cars upload at the same time; 0 is 8.
	Uploads int
	// Window is how many messages of a car may be unacknowledged; 0 is 20.
	Window int
	// Link is how bad the connection is.
	Link Link
	// Progress is called at the start and after every acknowledged message, from
	// many goroutines but one at a time. It must not block. May be nil.
	Progress func(Progress)
	// HistoryOnly ends Run when everything up to now is acknowledged.
	HistoryOnly bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger is told once when the broker is away, and of every lost connection at
	// level debug. nil discards.
	Logger *slog.Logger
}

// Progress is how far the upload of the stored history is. Vehicle-days are
// counted and not messages: how many messages there are is known only when they
// are made.
type Progress struct {
	Days      int   // vehicle-days acknowledged since this Run began
	TotalDays int   // vehicle-days that were missing when it began
	Messages  int64 // messages acknowledged, live ones included
	target    time.Time
}

// Done reports whether the whole history is acknowledged.
func (p Progress) Done() bool { return p.Days >= p.TotalDays }

func (o Options) user(vin vehicle.VIN) string {
	if o.Username != "" {
		return o.Username
	}
	return string(vin)
}

func (o Options) withDefaults() Options {
	if o.Uploads <= 0 {
		o.Uploads = 8
	}
	if o.Window <= 0 {
		o.Window = 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Run connects every car as its own MQTT client, uploads what it has stored
// until now, and lets it drive on live until the context ends. It returns nil
// within a second of that; a broker that is away is waited for. A later Run
// with the same StatePath goes on where this one was acknowledged. One Run of a
// fleet at a time.
func (f *Fleet) Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	if o.Broker == "" {
		return errors.New("run simulated fleet: broker missing")
	}
	if err := o.Link.check(); err != nil {
		return err
	}
	l, err := openLedger(f, o)
	if err != nil {
		return err
	}
	l.done.target = o.Now()
	for i := range f.cars {
		l.done.TotalDays += days(l.position(i), l.done.target, l.done.target)
	}
	if l.report != nil {
		l.report(l.done)
	}
	saverCtx, stopSaver := context.WithCancel(context.WithoutCancel(ctx))
	saved := make(chan error, 1)
	go func() { saved <- l.keepSaving(saverCtx, o) }()

	slots := make(chan struct{}, o.Uploads)
	group, groupCtx := errgroup.WithContext(ctx)
	for i := range f.cars {
		u := &unit{fleet: f, index: i, options: o, ledger: l, slots: slots}
		group.Go(func() error { return f.keepConnected(groupCtx, i, o, u.drive) })
	}
	err = group.Wait()
	stopSaver()
	return errors.Join(err, <-saved)
}

// keepSaving writes the state every second, and once more at the end.
func (l *ledger) keepSaving(ctx context.Context, o Options) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := l.save(); err != nil {
				o.Logger.Error("simulator state not saved", slog.Any("error", err))
			}
		case <-ctx.Done():
			return l.save()
		}
	}
}

// unit is one car on the network.
type unit struct {
	fleet    *Fleet
	index    int
	options  Options
	ledger   *ledger
	slots    chan struct{}
	sessions uint64
}

// drive is the work of one session: upload, then live.
func (u *unit) drive(ctx context.Context, s *session) error {
	w := &window{
		size: u.options.Window, session: s,
		fates: u.options.Link.fatesOf(u.fleet.cars[u.index], u.sessions),
		acked: func(m Message) { u.ledger.acknowledged(u.index, m.Resume) },
	}
	u.sessions++
	err := u.upload(ctx, w)
	if err == nil && !u.options.HistoryOnly {
		err = u.live(ctx, w)
	}
	if ctx.Err() != nil {
		w.finish(200 * time.Millisecond)
	}
	return err
}

// upload sends what the car has stored and that is not acknowledged, while it
// holds one of the slots.
func (u *unit) upload(ctx context.Context, w *window) error {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-w.session.lost:
		return errLinkLost
	case <-ctx.Done():
		return ctx.Err()
	}
	skew := u.options.Link.skewOf(u.fleet.cars[u.index])
	now := u.options.Now()
	for m := range u.fleet.history(u.index, u.ledger.position(u.index), now, skew) {
		if err := w.send(ctx, m); err != nil {
			return err
		}
	}
	if err := w.drain(ctx); err != nil {
		return err
	}
	u.ledger.reached(u.index, now)
	return nil
}

// live reports from the road until the link or the context ends.
func (u *unit) live(ctx context.Context, w *window) error {
	c := u.fleet.cars[u.index]
	car := u.fleet.live(u.index, u.ledger.position(u.index), u.options.Link.skewOf(c))
	for {
		for m := range car.Until(u.options.Now()) {
			if err := w.send(ctx, m); err != nil {
				return err
			}
		}
		if err := w.drain(ctx); err != nil {
			return err
		}
		// The clock is looked at every second: it may jump, when a laptop wakes.
		wait := min(max(car.Next().Sub(u.options.Now()), 10*time.Millisecond), time.Second)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.changed:
		case <-w.session.lost:
			timer.Stop()
			return errLinkLost
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}
