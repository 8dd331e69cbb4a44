package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// brokerFloor is Mosquitto with a reader that acknowledges at once.
type brokerFloor struct {
	*bench
	servers
	address string
	reader  *reader
}

func (*brokerFloor) name() string                            { return "mosquitto alone" }
func (f *brokerFloor) stored(context.Context) (int64, error) { return f.reader.got.Load(), nil }
func (f *brokerFloor) check(ctx context.Context, n int64) error {
	if got, _ := f.stored(ctx); got != n {
		return fmt.Errorf("%d messages came, want %d", got, n)
	}
	return nil
}

func (f *brokerFloor) start(ctx context.Context, folder string) error {
	p, address, err := f.mosquitto(ctx, folder)
	f.add(p)
	if err != nil {
		return err
	}
	f.address = address
	f.reader, err = newReader(ctx, address, "pitcrew/v1/#")
	return err
}

func (f *brokerFloor) stop() {
	if f.reader != nil {
		f.reader.close()
	}
	f.servers.stop()
}

func (f *brokerFloor) open(ctx context.Context) (driver, error) {
	return newPublisher(ctx, newFleet(f.options), f.address, f.options)
}

// influxFloor is influxd that gets ready-made line protocol, in the batches and
// the order in which pitcrew and Telegraf write.
type influxFloor struct {
	*bench
	viaInflux
}

// Telegraf's default, and what Mosquitto lets pitcrew have at a time.
const floorBatch = 1000

func (*influxFloor) name() string { return "influxd alone" }

func (f *influxFloor) start(ctx context.Context, folder string) error {
	f.measurement, f.field = "vehicle", string(signals[0].name)
	p, db, err := f.influxd(ctx, folder)
	f.db = db
	f.add(p)
	if err != nil {
		return err
	}
	return f.begin(ctx)
}

func (f *influxFloor) open(context.Context) (driver, error) {
	fleet := newFleet(f.options)
	return &lineWriter{fleet: fleet, url: f.db.url, turns: fleet.turnsOf(0, 1)}, nil
}

// lineWriter is the driver of influxFloor.
type lineWriter struct {
	fleet *fleet
	url   string
	turns turns
}

func (*lineWriter) close() {}

// publish writes the lines of n messages, one batch while it makes the next.
func (w *lineWriter) publish(ctx context.Context, n int, rate float64) ([]time.Time, error) {
	batches := make(chan []byte, 1)
	group, ctx := errgroup.WithContext(ctx)
	times := make([]time.Time, 0, n)
	started := time.Now()
	group.Go(func() error {
		defer close(batches)
		for made := 0; made < n; {
			size := min(floorBatch, n-made)
			body := w.batch(size)
			made += size
			if rate > 0 {
				time.Sleep(time.Until(started.Add(time.Duration(float64(made) / rate * float64(time.Second)))))
			}
			for range size {
				times = append(times, time.Now())
			}
			select {
			case batches <- body:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range 2 { // as many as there are processors on a small machine
		group.Go(func() error {
			for body := range batches {
				if err := w.write(ctx, body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return times, group.Wait()
}

func (w *lineWriter) batch(size int) []byte {
	type message struct{ car, n int }
	messages := make([]message, size)
	for i := range messages {
		messages[i].car, messages[i].n = w.turns.next(w.fleet.trips)
	}
	slices.SortFunc(messages, func(a, b message) int { return cmp.Or(cmp.Compare(a.car, b.car), cmp.Compare(a.n, b.n)) })
	readings, sample := make([]vehicle.Reading, len(signals)), make([]vehicle.Sample, 1)
	var body []byte
	for _, m := range messages {
		r := w.fleet.report(m.car, m.n, readings, sample)
		body = append(append(body, "vehicle,vin="...), r.VIN...)
		separator := byte(' ')
		for _, reading := range readings {
			body = append(append(append(body, separator), reading.Signal...), '=')
			body = strconv.AppendFloat(body, reading.Value.Num, 'f', -1, 64)
			separator = ','
		}
		body = strconv.AppendInt(append(body, ' '), r.Samples[0].Time.UnixMilli(), 10)
		body = append(body, '\n')
	}
	return body
}

func (w *lineWriter) write(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/api/v2/write?bucket=pitcrew/autogen&precision=ms", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("influxd answers %s: %s", response.Status, text)
	}
	return nil
}
