package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// load is cars under way.
type load struct {
	cars      cars
	tally     tally
	published []int // messages of each car
	enough    chan struct{}
	once      sync.Once // closes enough
	group     sync.WaitGroup
	mu        sync.Mutex
	failed    error
}

// drive lets n cars publish to a broker, one message of so many samples each pace,
// until end.
func drive(ctx context.Context, n, samples int, broker string, pace time.Duration) *load {
	l := &load{
		cars:      cars{n: n, samples: samples, epoch: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -20)},
		published: make([]int, n), enough: make(chan struct{}),
	}
	for car := range n {
		l.group.Go(func() {
			p := publisher{
				address: broker, client: fmt.Sprintf("car-%d", car), pace: pace, tally: &l.tally,
				message: func(i int) message { return l.cars.message(car, i) },
			}
			count, err := p.run(ctx, l.enough)
			l.mu.Lock()
			defer l.mu.Unlock()
			l.published[car] = count
			if err != nil {
				l.failed = err
			}
		})
	}
	return l
}

// until waits until so many messages are acknowledged.
func (l *load) until(ctx context.Context, acked int64) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for l.tally.acked.Load() < acked {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d messages are acknowledged, not %d: %w", l.tally.acked.Load(), acked, ctx.Err())
		}
	}
	return nil
}

// stop lets no more messages be published.
func (l *load) stop() { l.once.Do(func() { close(l.enough) }) }

// end stops, and waits until all that was published has its PUBACK.
func (l *load) end() ([]int, error) {
	l.stop()
	l.group.Wait()
	return l.published, l.failed
}

// print says what was published. Of an external broker it says, too, what it had to
// deliver again, beside what each of so many subscriptions gets once; 0: unknown.
func (l *load) print(ctx context.Context, out io.Writer, took time.Duration, s *stage, subscriptions int64) {
	acked := l.tally.acked.Load()
	fmt.Fprintf(out, "  %d messages of %d cars acknowledged one by one in %s (%.0f/s), %d of them published again for want of a PUBACK\n",
		acked, l.cars.n, took.Round(time.Second), float64(acked)/took.Seconds(), l.tally.resent.Load())
	if s.mosquitto == nil || subscriptions == 0 {
		return
	}
	sent, err := sentBy(ctx, s.broker)
	if err != nil {
		fmt.Fprintln(out, "  the broker does not say how much it delivered again:", err)
		return
	}
	fmt.Fprintf(out, "  %d messages delivered again by the broker\n", sent-subscriptions*(acked+sentinels))
}

// sentinels are published behind everything else; so many that each of several
// ingesters gets one of them.
const sentinels = 20

func sentinel(n int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXS%06d", n)) }

// drain waits until an external broker has handed over all it acknowledged, and
// all stages have stored it: a broker keeps the order of what waits for a client.
func drain(ctx context.Context, stages ...*stage) error {
	enough := make(chan struct{})
	p := publisher{
		address: stages[0].broker, client: "sentinel", pace: time.Millisecond, tally: &tally{},
		message: func(n int) message {
			if n == sentinels-1 {
				close(enough)
			}
			report := vehicle.Report{Boot: "b1", Seq: 1, Samples: []vehicle.Sample{{Time: time.Now(), Readings: []vehicle.Reading{
				{Signal: vehicle.Speed, Value: vehicle.Number(1)},
			}}}}
			return message{topic: obd.Topic(sentinel(n), obd.Telemetry), payload: jsonmsg.AppendTelemetry(nil, report)}
		},
	}
	if _, err := p.run(ctx, enough); err != nil {
		return err
	}
	for _, s := range stages {
		for n := range sentinels {
			err := s.until(ctx, "the broker to be drained", func() (bool, string) {
				a, err := s.ask(ctx, "/v1/vehicles/"+string(sentinel(n)))
				return err == nil && a.code == http.StatusOK, fmt.Sprint(a.text, err)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// settle waits until all that was published is stored and planned.
func settle(ctx context.Context, stages ...*stage) error {
	for _, s := range stages {
		if err := s.ready(ctx); err != nil {
			return err
		}
	}
	if stages[0].mosquitto != nil { // it acknowledged for pitcrew, which may be behind
		if err := drain(ctx, stages...); err != nil {
			return err
		}
	}
	for _, s := range stages {
		if err := s.planned(ctx); err != nil {
			return err
		}
	}
	return nil
}
