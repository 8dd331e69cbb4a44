package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
	"github.com/pitcrew-telematics/pitcrew/ingest/mqtt"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type serveCmd struct {
	settings `embed:""`

	Database string `help:"PostgreSQL to keep everything but samples in, as postgres://user:password@host/name. Without it: SQLite in the data folder."`

	InfluxURL    string `name:"influx-url" help:"InfluxDB to keep samples in, as http://host:8086. Without it: the embedded store in the data folder."`
	InfluxToken  string `name:"influx-token" help:"Token; for InfluxDB 1.8 user:password."`
	InfluxOrg    string `name:"influx-org" help:"Organisation; InfluxDB 1.8 has none."`
	InfluxBucket string `name:"influx-bucket" help:"Bucket; for InfluxDB 1.8 database/retention-policy." default:"pitcrew"`
	InfluxGzip   string `name:"influx-gzip" help:"Compress what is written to InfluxDB: always, never, or auto: unless it is on this machine, where that costs more than it saves." enum:"auto,always,never" default:"auto"`

	InfluxRetention span `name:"influx-retention" help:"How long samples are kept in a bucket, or retention policy, that pitcrew makes, as 400d; 0: for ever. One that exists is left as it is." default:"0"`

	Broker         string `help:"External MQTT broker to read from, as tcp://host:1883 or ssl://host:8883. Without it: the embedded broker."`
	BrokerUser     string `help:"User name at the external broker."`
	BrokerPassword string `help:"Password at the external broker."`
	BrokerClientID string `name:"broker-client-id" help:"Client id at the external broker: keep it, the session hangs on it." default:"pitcrew-ingest"`
	BrokerGroup    string `help:"Name of a shared subscription, when several ingesters share the messages."`
	BrokerCA       string `name:"broker-ca" help:"PEM file with the authority that signed the external broker's certificate." type:"existingfile"`

	MQTTCert      string            `name:"mqtt-cert" help:"PEM certificate of the embedded broker; turns TLS on." type:"existingfile"`
	MQTTKey       string            `name:"mqtt-key" help:"Its PEM key." type:"existingfile"`
	MQTTClientCA  string            `name:"mqtt-client-ca" help:"PEM file with the authority that signs the cars' certificates: then a car without a password needs a certificate, with the VIN as common name or with that of a device (--mqtt-device)." type:"existingfile"`
	MQTTUsers     map[string]string `name:"mqtt-user" help:"Cars that log in by password, as VIN=PASSWORD; may be repeated." placeholder:"VIN=PASSWORD"`
	MQTTDevices   map[string]string `name:"mqtt-device" help:"Vehicle of a device whose certificate or user name is not the VIN, as DEVICE=VIN; may be repeated." placeholder:"DEVICE=VIN"`
	MQTTAnonymous bool              `name:"mqtt-anonymous" help:"Let cars in without saying who they are. Only on 127.0.0.1."`
}

func (c *serveCmd) Help() string {
	return `Broker, time series and database are embedded and live in --data. Say how cars log in; to try it
on one machine:

  pitcrew serve --mqtt-anonymous

Production takes a broker, PostgreSQL and InfluxDB from outside, one by one:

  pitcrew serve --broker ssl://mqtt.example.org:8883 --broker-user pitcrew \
    --database postgres://pitcrew@db/pitcrew --influx-url http://influx:8086 --influx-org shop

Passwords are better in the environment: PITCREW_BROKER_PASSWORD, PITCREW_INFLUX_TOKEN, PITCREW_TOKEN.`
}

func (c *serveCmd) Run(s *env) error {
	p, err := open(s.ctx, c.settings, backends{database: c.Database, telemetry: c.openTelemetry(s), source: c.openSource}, s.logger)
	if err != nil {
		return err
	}
	s.logger.Info("pitcrew is ready", "console", p.url(), "data", c.Data, "version", version)
	return errors.Join(p.run(s.ctx), p.close())
}

func (c *serveCmd) openTelemetry(s *env) func(context.Context) (telemetry.Store, error) {
	if c.InfluxURL == "" {
		return embeddedTelemetry(s, c.Data)
	}
	return func(ctx context.Context) (telemetry.Store, error) {
		return influx.Open(ctx, influx.Options{
			URL: c.InfluxURL, Token: c.InfluxToken, Org: c.InfluxOrg, Bucket: c.InfluxBucket, Logger: s.logger,
			Retention: time.Duration(c.InfluxRetention), Gzip: influx.Gzip(c.InfluxGzip),
		})
	}
}

func embeddedTelemetry(s *env, dir string) func(context.Context) (telemetry.Store, error) {
	return func(context.Context) (telemetry.Store, error) {
		return embedded.Open(dir, embedded.Options{Logger: s.logger})
	}
}

func (c *serveCmd) openSource(p *product) (ingest.Source, error) {
	if c.Broker != "" {
		if err := checkBroker(c.Broker); err != nil {
			return nil, err
		}
		conf, err := clientTLS(c.BrokerCA)
		if err != nil {
			return nil, err
		}
		return mqtt.New(mqtt.Options{
			URL: c.Broker, ClientID: c.BrokerClientID, Username: c.BrokerUser, Password: c.BrokerPassword,
			Topics: p.topics(), SharedGroup: c.BrokerGroup, TLS: conf, Logger: p.logger, Registerer: p.registry,
		})
	}
	if c.MQTTAnonymous && !loopback(c.MQTT) {
		return nil, fmt.Errorf("--mqtt-anonymous on %s would let anybody write: use --mqtt-client-ca or --mqtt-user, or listen on 127.0.0.1", c.MQTT)
	}
	conf, err := c.serverTLS(p.logger)
	if err != nil {
		return nil, err
	}
	if !c.MQTTAnonymous && len(c.MQTTUsers) == 0 && c.MQTTClientCA == "" {
		return nil, errors.New("no car could log in: set --mqtt-client-ca (certificates), --mqtt-user (passwords) or, on 127.0.0.1, --mqtt-anonymous")
	}
	vehicles, err := c.vehicles()
	if err != nil {
		return nil, err
	}
	o := broker.Options{Address: c.MQTT, TLS: conf, AllowAnonymous: c.MQTTAnonymous, Vehicles: vehicles}
	if len(c.MQTTUsers) > 0 {
		o.Authenticate = c.authenticate
	}
	return embeddedBroker(p, o)
}

// vehicles are the devices that log in under a name of their own.
func (c *serveCmd) vehicles() (map[string]vehicle.VIN, error) {
	all := make(map[string]vehicle.VIN, len(c.MQTTDevices))
	for device, text := range c.MQTTDevices {
		vin, err := vehicle.ParseVIN(text)
		if err != nil {
			return nil, fmt.Errorf("--mqtt-device %s=%s: %w", device, text, err)
		}
		all[device] = vin
	}
	return all, nil
}

// topics are the filters to subscribe to at an external broker.
func (p *product) topics() []string {
	own := []string{mqtt.OwnTopics}
	if p.feeds == nil {
		return own
	}
	return append(own, p.feeds.Filters()...)
}

// authenticate checks a car's password; its user name is its VIN.
func (c *serveCmd) authenticate(user string, password []byte) bool {
	want, ok := c.MQTTUsers[user]
	return ok && want != "" && sameSecret(want, string(password))
}

// embeddedBroker opens the broker and has it closed with the product.
func embeddedBroker(p *product, o broker.Options) (ingest.Source, error) {
	o.Logger, o.Registerer = p.logger, p.registry
	if p.feeds != nil {
		o.Feeds = p.feeds.Matches
	}
	b, err := broker.New(o)
	if err != nil {
		return nil, err
	}
	p.mqttOn = b.Addr()
	p.closers = append(p.closers, b)
	return b, nil
}

// clientTLS trusts one authority, or the system's when ca is empty.
func clientTLS(ca string) (*tls.Config, error) {
	if ca == "" {
		return nil, nil
	}
	pool, err := authority(ca)
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
