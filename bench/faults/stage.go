package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

// stores say where a pitcrew keeps what it knows.
type stores struct {
	data     string         // folder of the embedded ones
	database string         // PostgreSQL; empty: SQLite
	influx   influx.Options // no URL: the embedded store
}

// args are the flags of serve.
func (s stores) args() []string {
	args := []string{"--data", s.data}
	if s.database != "" {
		args = append(args, "--database", s.database)
	}
	if o := s.influx; o.URL != "" {
		args = append(args, "--influx-url", o.URL, "--influx-org", o.Org, "--influx-bucket", o.Bucket, "--influx-token", o.Token)
	}
	return args
}

// open opens the stores beside pitcrew, or after it.
func (s stores) open(ctx context.Context) (telemetry.Store, *store.DB, error) {
	log := slog.New(slog.DiscardHandler)
	var samples telemetry.Store
	var err error
	if s.influx.URL != "" {
		samples, err = influx.Open(ctx, s.influx)
	} else {
		samples, err = embedded.Open(s.data, embedded.Options{Logger: log})
	}
	if err != nil {
		return nil, nil, err
	}
	dsn := s.database
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(s.data, "pitcrew.db")
	}
	db, err := store.Open(ctx, dsn, store.Options{Logger: log})
	if err != nil {
		return nil, nil, errors.Join(err, samples.Close())
	}
	return samples, db, nil
}

// stage is a pitcrew with the servers around it.
type stage struct {
	*pitcrew
	stores
	broker string // host:port that cars publish to

	mosquitto *testserver.Mosquitto // nil: pitcrew's own broker
	influxd   *testserver.Influxd   // nil: embedded
	postgres  *testserver.Postgres  // nil: SQLite
}

// external says which parts are programs of their own.
type external struct {
	broker, postgres bool
	influx           version
}

// version is one of InfluxDB; empty: the embedded time series.
type version string

const (
	influx1 version = "1.8"
	influx2 version = "2.7"
)

func (e external) String() string {
	name := "embedded broker"
	if e.broker {
		name = "Mosquitto"
	}
	if e.influx != "" {
		name += ", influxd " + string(e.influx)
	} else {
		name += ", embedded time series"
	}
	if e.postgres {
		return name + ", PostgreSQL"
	}
	return name + ", SQLite"
}

// set starts the servers and prepares a pitcrew on them, with its data in a
// folder. More flags of serve may follow.
func set(t testserver.T, binary, data string, e external, more ...string) *stage {
	t.Helper()
	s := &stage{}
	if e.broker {
		s.mosquitto = testserver.StartMosquitto(t, "sys_interval 1") // it is asked how much it sent
	}
	switch e.influx {
	case influx1:
		s.influxd = testserver.StartInfluxd(t)
	case influx2:
		s.influxd = testserver.StartInfluxd2(t)
	}
	if e.postgres {
		s.postgres = testserver.StartPostgres(t)
	}
	return s.another(t, binary, s.newStores(t, data, "pitcrew"), more...)
}

// newStores are stores of their own on the servers.
func (s *stage) newStores(t testserver.T, data, database string) stores {
	t.Helper()
	on := stores{data: data}
	if s.influxd != nil {
		on.influx = influx.Options{URL: s.influxd.URL, Org: s.influxd.Org, Token: s.influxd.Token, Bucket: database}
	}
	if s.postgres != nil {
		on.database = s.postgres.Create(t)
	}
	return on
}

// another prepares a pitcrew beside this one, on the same servers.
func (s *stage) another(t testserver.T, binary string, on stores, more ...string) *stage {
	t.Helper()
	web := freeAddress(t)
	n := &stage{mosquitto: s.mosquitto, influxd: s.influxd, postgres: s.postgres, stores: on}
	args := append(on.args(), "--http", web, "--grpc", "off")
	if s.mosquitto != nil {
		n.broker = s.mosquitto.Address
		args = append(args, "--broker", "tcp://"+n.broker)
	} else {
		n.broker = freeAddress(t)
		args = append(args, "--mqtt", n.broker, "--mqtt-anonymous")
	}
	n.pitcrew = &pitcrew{binary: binary, web: "http://" + web, log: filepath.Join(t.TempDir(), "log"), args: append(args, more...)}
	t.Cleanup(func() { n.kill() })
	return n
}

func freeAddress(t testserver.T) string {
	t.Helper()
	address, err := testserver.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
