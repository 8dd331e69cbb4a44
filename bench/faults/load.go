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
	group     sync.WaitGroup
	mu        sync.Mutex
	failed    error
}

// drive lets n cars publish to a broker, one message each pace, until end.
func drive(ctx context.Context, n int, broker string, pace time.Duration) *load {
	l := &load{
		cars:      cars{n: n, epoch: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -20)},
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

// end lets no more messages be published, and waits until all have their PUBACK.
func (l *load) end() ([]int, error) {
	close(l.enough)
	l.group.Wait()
	return l.published, l.failed
}

func (l *load) print(out io.Writer, took time.Duration) {
	acked := l.tally.acked.Load()
	fmt.Fprintf(out, "  %d messages of %d cars acknowledged one by one in %s (%.0f/s), %d of them published again for want of a PUBACK\n",
		acked, l.cars.n, took.Round(time.Second), rate(acked, took), l.tally.resent.Load())
}

// sentinels are published behind everything else; so many that each of several
// ingesters gets one of them.
const sentinels = 20

// drained waits until an external broker has handed over all it acknowledged,
// and pitcrew has stored it: a broker keeps the order of what waits for a client.
func (s *stage) drained(ctx context.Context) error {
	enough := make(chan struct{})
	vin := func(n int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXS%06d", n)) }
	p := publisher{
		address: s.broker, client: "sentinel", pace: time.Millisecond, tally: &tally{},
		message: func(n int) message {
			if n == sentinels-1 {
				close(enough)
			}
			report := vehicle.Report{Boot: "b1", Seq: 1, Samples: []vehicle.Sample{{Time: time.Now(), Readings: []vehicle.Reading{
				{Signal: vehicle.Speed, Value: vehicle.Number(1)},
			}}}}
			return message{topic: obd.Topic(vin(n), obd.Telemetry), payload: jsonmsg.AppendTelemetry(nil, report)}
		},
	}
	if _, err := p.run(ctx, enough); err != nil {
		return err
	}
	for n := range sentinels {
		err := s.until(ctx, "the broker to be drained", func() (bool, string) {
			a, err := s.ask(ctx, "/v1/vehicles/"+string(vin(n)))
			return err == nil && a.code == http.StatusOK, fmt.Sprint(a.text, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
