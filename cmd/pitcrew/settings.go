package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// settings is what the running product can be told; demo and serve share it. All
// of them work at their default.
type settings struct {
	Data string `help:"Folder of the embedded stores." default:"pitcrew-data" type:"path"`
	HTTP string `name:"http" help:"Address of the console and the HTTP API." default:"127.0.0.1:8080"`
	GRPC string `name:"grpc" help:"Address of the gRPC API; 'off' turns it off." default:"127.0.0.1:8090"`
	MQTT string `name:"mqtt" help:"Address of the embedded MQTT broker." default:"127.0.0.1:1883"`

	Pprof string `help:"Address of the profiler of Go, to find out what takes time and memory; on this machine only. Without it: none." placeholder:"127.0.0.1:6060"`

	Feed   []string          `help:"Read what devices of another product publish, as DIALECT or DIALECT=TOPIC-FILTER: wican, ovms3=fleet/ovms/#; may be repeated. See docs/devices.md." placeholder:"DIALECT[=TOPIC]"`
	Device map[string]string `help:"Vehicle that a device of a feed is in, as DIALECT/DEVICE=VIN; may be repeated." placeholder:"DIALECT/DEVICE=VIN"`

	UDSTable map[string]string `name:"uds-table" help:"Signals behind the data identifiers of UDS service 22, by how the VIN begins: kona, or a CSV file, and @km or @mi where its odometer follows the cluster; may be repeated. See docs/devices.md." placeholder:"VIN-PREFIX=TABLE[@UNIT]"`

	UDSCodes map[string]string `name:"uds-codes" help:"How a maker means the three bytes of UDS trouble codes, by how the VIN begins: j2012 (P0133-11, as most do), j1939, or maker (0x5E2000); may be repeated." placeholder:"VIN-PREFIX=NAMING"`

	J1939Version int `name:"j1939-version" help:"How SAE J1939 trouble codes whose conversion bit is 1 are packed: version 1, 2 or 3." default:"3" enum:"1,2,3"`

	Shop string `help:"Name of the workshop, as service records name it." default:"pitcrew"`

	Components string `help:"YAML or JSON file with components that wear, beside or instead of the built-in ones; see 'pitcrew components --help'." type:"path" placeholder:"FILE"`

	Token string `help:"Ask everybody for this API token. Required on an address that others can reach."`

	WebhookURL    string   `name:"webhook-url" help:"Deliver messages to owners through this URL (Standard Webhooks). Without it they are logged."`
	WebhookSecret []string `name:"webhook-secret" help:"Secrets that sign webhook messages, as whsec_ and 24 to 64 bytes in base64; several while one is being replaced."`

	StoreLocation bool `help:"Store where cars are: position, altitude, heading, places of charging. Without it these values are counted and dropped."`

	Keep map[string]span `help:"How long samples are kept, by class of signal (location, driving, odometer, health, other), as driving=400d; at least 2d; location=0 removes places that are stored. Without it: for ever. Roll-ups by day stay, and with them forecasts. May be repeated." placeholder:"CLASS=TIME"`

	PlanSettle time.Duration `help:"How long new data of a car must have been quiet before it is planned." default:"3s"`
	PlanWait   time.Duration `help:"How long a car that keeps reporting waits for planning at most." default:"30s"`

	ModelPromote string `name:"model-promote" help:"Who puts what the fleet teaches into force: auto, once it did not do worse on what happened since, or manual, a person with 'pitcrew model promote'." default:"auto" enum:"auto,manual"`

	QuarantineKeep span `help:"How long a refused message is kept after it came last, as 90d or 36h; 0: for ever." default:"90d"`
	QuarantineMax  size `help:"Bytes of refused messages that are kept, as 1GiB or 200MB; the oldest go first; 0: all." default:"1GiB"`
}

// router reads the feeds; nil when there are none.
func (s settings) router() (*dialect.Router, error) {
	if len(s.Feed) == 0 {
		if len(s.Device) > 0 {
			return nil, errors.New("--device without --feed: say which product's topics to read, such as --feed wican")
		}
		return nil, nil
	}
	var feeds []dialect.Feed
	for _, f := range s.Feed {
		feeds = append(feeds, dialect.ParseFeed(f))
	}
	return dialect.NewRouter(feeds, s.Device)
}

// keep is how long samples are kept, by class.
func (s settings) keep() (map[vehicle.Class]time.Duration, error) {
	keep := map[vehicle.Class]time.Duration{}
	for name, length := range s.Keep {
		class, err := vehicle.ParseClass(name)
		if err != nil {
			return nil, fmt.Errorf("--keep %s: %w", name, err)
		}
		if class == vehicle.ClassLocation && length == 0 && s.StoreLocation {
			return nil, errors.New("--keep location=0 removes what --store-location stores: choose one")
		}
		keep[class] = time.Duration(length)
	}
	return keep, nil
}

// validate refuses what would be open to the world without a token.
func (s settings) validate() error {
	for _, listens := range []struct{ flag, address string }{{"--http", s.HTTP}, {"--grpc", s.GRPC}, {"--mqtt", s.MQTT}} {
		if listens.flag == "--grpc" && listens.address == "off" {
			continue
		}
		if _, _, err := net.SplitHostPort(listens.address); err != nil {
			return fmt.Errorf("%s %s: want HOST:PORT, such as 127.0.0.1:8080", listens.flag, listens.address)
		}
		if s.Token == "" && listens.flag != "--mqtt" && !loopback(listens.address) {
			return fmt.Errorf("%s %s can be reached by others: set --token, or listen on 127.0.0.1", listens.flag, listens.address)
		}
	}
	if s.Pprof != "" && !loopback(s.Pprof) {
		return fmt.Errorf("--pprof %s: want an address of this machine only, such as 127.0.0.1:6060; profiles show what is in memory", s.Pprof)
	}
	if s.WebhookURL != "" && len(s.WebhookSecret) == 0 {
		return errors.New("--webhook-url needs --webhook-secret: receivers must be able to check where a message comes from")
	}
	return nil
}

// loopback reports whether only this machine reaches an address HOST:PORT.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err == nil && host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// checkBroker refuses what no client can connect to.
func checkBroker(address string) error {
	if u, err := url.Parse(address); err != nil || u.Scheme == "" || u.Host == "" {
		return fmt.Errorf("--broker %s: want a URL, such as tcp://127.0.0.1:1883 or ssl://mqtt.example.org:8883", address)
	}
	return nil
}

// sameSecret compares in constant time, whatever the lengths.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
