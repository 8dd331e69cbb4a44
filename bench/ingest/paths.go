package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// path is one way from what cars publish to storage.
type path interface {
	name() string
	// start starts its servers in the folder. stop stops those that run, also
	// after a start that failed.
	start(ctx context.Context, folder string) error
	stop()
	// processes are what its cost is measured of.
	processes() []*process
	// open connects the cars, or whoever else sends.
	open(ctx context.Context) (driver, error)
	// stored is how many messages can be queried since it started.
	stored(ctx context.Context) (int64, error)
	// check fails unless exactly n messages are stored.
	check(ctx context.Context, n int64) error
}

// driver sends messages into a path.
type driver interface {
	// publish sends n messages and returns when each was sent, in order. rate is
	// messages per second; 0: as many as are taken.
	publish(ctx context.Context, n int, rate float64) ([]time.Time, error)
	close()
}

// servers are the processes of a path.
type servers struct{ running []*process }

func (s *servers) processes() []*process { return s.running }

func (s *servers) add(p *process) {
	if p != nil {
		s.running = append(s.running, p)
	}
}

// stop stops the last first: nobody loses what it talks to.
func (s *servers) stop() {
	for len(s.running) > 0 {
		last := len(s.running) - 1
		s.running[last].stop()
		s.running = s.running[:last]
	}
	http.DefaultClient.CloseIdleConnections()
}

// viaInflux is a path that ends in influxd.
type viaInflux struct {
	servers
	address            string
	db                 *influxDB
	before             int64 // points of the start
	measurement, field string
}

func (v *viaInflux) startServers(ctx context.Context, b *bench, folder string) error {
	p, address, err := b.mosquitto(ctx, folder)
	v.add(p)
	if err != nil {
		return err
	}
	v.address = address
	p, v.db, err = b.influxd(ctx, folder)
	v.add(p)
	return err
}

// begin is called when the path is ready: what was written until now was to find
// that out.
func (v *viaInflux) begin(ctx context.Context) (err error) {
	v.before, err = v.db.points(ctx)
	return err
}

func (v *viaInflux) stored(ctx context.Context) (int64, error) {
	n, err := v.db.points(ctx)
	return n - v.before, err
}

func (v *viaInflux) check(ctx context.Context, want int64) error {
	got, err := v.db.count(ctx, v.measurement, v.field)
	if err == nil && got != want {
		err = fmt.Errorf("%d messages are stored, want %d", got, want)
	}
	return err
}

// externalPath is Mosquitto, pitcrew and influxd.
type externalPath struct {
	*bench
	viaInflux
}

func (*externalPath) name() string { return "pitcrew" }

func (e *externalPath) open(ctx context.Context) (driver, error) {
	return newPublisher(ctx, newFleet(e.options), e.address, e.options)
}

func (e *externalPath) start(ctx context.Context, folder string) error {
	e.measurement, e.field = "vehicle", string(signals[0].name)
	if err := e.startServers(ctx, e.bench, folder); err != nil {
		return err
	}
	args := []string{"--broker", "tcp://" + e.address, "--influx-url", e.db.url, "--influx-bucket", "pitcrew/autogen"}
	if e.Facts == "postgres" {
		p, dsn, err := e.postgres(ctx, folder)
		e.add(p)
		if err != nil {
			return err
		}
		args = append(args, "--database", dsn)
	}
	p, _, err := e.pitcrew(ctx, folder, args...)
	e.add(p)
	if err != nil {
		return err
	}
	return e.begin(ctx)
}

// pitcrew starts `pitcrew serve` and waits until it is ready. It returns the
// address of its console too.
func (b *bench) pitcrew(ctx context.Context, folder string, args ...string) (*process, string, error) {
	address, err := testserver.FreeAddress()
	if err != nil {
		return nil, "", err
	}
	all := []string{"serve", "--data", filepath.Join(folder, "pitcrew"), "--http", address, "--grpc", "off", "--log-level", "warn"}
	if !b.Planner {
		all = append(all, "--plan-settle", "24h", "--plan-wait", "24h")
	}
	if b.Profile != "" {
		if b.profiler, err = testserver.FreeAddress(); err != nil {
			return nil, "", err
		}
		all = append(all, "--pprof", b.profiler)
	}
	p, err := start(folder, "pitcrew", b.Pitcrew, nil, append(all, args...)...)
	if err != nil {
		return nil, "", err
	}
	web := "http://" + address
	return p, web, p.await(ctx, func(ctx context.Context) error { return getJSON(ctx, web+"/readyz", nil) })
}

// embeddedPath is pitcrew with its own broker and store.
type embeddedPath struct {
	*bench
	servers
	mqtt, web string
}

func (*embeddedPath) name() string { return "pitcrew" }

func (e *embeddedPath) open(ctx context.Context) (driver, error) {
	return newPublisher(ctx, newFleet(e.options), e.mqtt, e.options)
}

func (e *embeddedPath) start(ctx context.Context, folder string) (err error) {
	if e.mqtt, err = testserver.FreeAddress(); err != nil {
		return err
	}
	p, web, err := e.pitcrew(ctx, folder, "--mqtt", e.mqtt, "--mqtt-anonymous")
	e.web = web
	e.add(p)
	return err
}

// stored counts what pitcrew has written.
func (e *embeddedPath) stored(ctx context.Context) (int64, error) {
	return metric(ctx, e.web, "pitcrew_ingest_samples_written_total")
}

func (e *embeddedPath) check(ctx context.Context, want int64) error {
	got, err := e.stored(ctx)
	if err == nil && got != want {
		err = fmt.Errorf("%d samples were written, want %d", got, want)
	}
	return err
}

// metric reads a counter of pitcrew.
func metric(ctx context.Context, web, name string) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, web+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			return int64(v), err
		}
	}
	return 0, errors.Join(fmt.Errorf("%s has no metric %s", web, name), lines.Err())
}

// telegrafPath is Mosquitto, Telegraf and influxd.
type telegrafPath struct {
	*bench
	viaInflux
}

func (t *telegrafPath) name() string { return "telegraf" }

func (t *telegrafPath) open(ctx context.Context) (driver, error) {
	return newPublisher(ctx, newFleet(t.options), t.address, t.options)
}

// What a user writes who wants every message stored: QoS 1, a session that lasts,
// and an acknowledgement only after the output has taken the metric. The rest is
// Telegraf's defaults, but for the flush interval, which would let a message wait
// for ten seconds when there is little traffic.
const telegrafConfig = `
[agent]
  interval = "10s"
  flush_interval = "1s"
  omit_hostname = true
  metric_batch_size = 1000
  metric_buffer_limit = 10000

[[inputs.mqtt_consumer]]
  servers = ["tcp://%s"]
  topics = ["pitcrew/v1/+/telemetry"]
  qos = 1
  persistent_session = true
  client_id = "telegraf"
  max_undelivered_messages = 1000
  topic_tag = ""
%s
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "pitcrew/v1/+/telemetry"
    tags = "_/_/vin/_"

[[outputs.influxdb_v2]]
  urls = ["%s"]
  token = ""
  organization = ""
  bucket = "pitcrew/autogen"
`

const telegrafJSON = `
  data_format = "json"
  json_query = "samples"
  json_time_key = "time"
  json_time_format = "2006-01-02T15:04:05.999Z07:00"
`

const telegrafJSONv2 = `
  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    timestamp_path = "samples.0.time"
    timestamp_format = "rfc3339"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "samples.0.signals"
      disable_prepend_keys = true
`

func (t *telegrafPath) start(ctx context.Context, folder string) error {
	t.measurement, t.field = "mqtt_consumer", "signals_"+string(signals[0].name)
	parser := telegrafJSON
	if t.TelegrafFormat == "json_v2" {
		t.field, parser = string(signals[0].name), telegrafJSONv2
	}
	if err := t.startServers(ctx, t.bench, folder); err != nil {
		return err
	}
	binary, err := find("telegraf")
	if err != nil {
		return err
	}
	config := filepath.Join(folder, "telegraf.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, telegrafConfig, t.address, parser, t.db.url), 0o600); err != nil {
		return err
	}
	p, err := start(folder, "telegraf", binary, nil, "--config", config)
	t.add(p)
	if err != nil {
		return err
	}
	// It has subscribed when it says so.
	err = p.await(ctx, func(context.Context) error {
		if text, err := os.ReadFile(p.log); err != nil || !strings.Contains(string(text), "Connected [tcp") {
			return errors.Join(errors.New("it has not connected"), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.begin(ctx)
}
