package deploy_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/ingest/ingesttest"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	vin      = "WVWZZZ1KZ6W000001"
	otherVIN = "WVWZZZ1KZ6W000002"
	password = "a long random word"
	patience = 10 * time.Second
)

// broker is Mosquitto with the configuration that is shipped.
type broker struct {
	plain, certs, passwords string // addresses of the listeners
	cars                    *ingesttest.Authority
}

// startBroker starts Mosquitto with deploy/mosquitto. Only the paths and ports are
// other ones, and the account when the test runs as root.
func startBroker(t *testing.T) *broker {
	t.Helper()
	testserver.Find(t, "mosquitto")
	b := &broker{plain: address(t), certs: address(t), passwords: address(t), cars: ingesttest.NewAuthority(t)}
	folder := t.TempDir()
	ca, cert, key := b.cars.Files(t, "localhost")
	for name, source := range map[string]string{"cars-ca.pem": ca, "cert.pem": cert, "key.pem": key, "acl": "mosquitto/acl"} {
		write(t, filepath.Join(folder, name), read(t, source))
	}
	passwords := filepath.Join(folder, "passwords")
	write(t, passwords, "")
	for _, user := range []string{"pitcrew", otherVIN} {
		if out, err := exec.Command(testserver.Find(t, "mosquitto_passwd"), "-b", passwords, user, password).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v\n%s", err, out)
		}
	}
	config := strings.NewReplacer(
		"/etc/mosquitto/pitcrew", folder, "/var/lib/mosquitto/", t.TempDir()+"/",
		"listener 1883 127.0.0.1", "listener "+port(b.plain)+" 127.0.0.1",
		"listener 8883", "listener "+port(b.certs), "listener 8884", "listener "+port(b.passwords),
	).Replace(read(t, "mosquitto/mosquitto.conf"))
	if os.Geteuid() == 0 {
		config += "\nuser root\n"
	}
	path := filepath.Join(folder, "mosquitto.conf")
	write(t, path, config)
	testserver.RunMosquitto(t, path, b.plain, b.certs, b.passwords)
	return b
}

// car is a client with a certificate of its own, nil for none.
func (b *broker) car(name string) *paho.ClientOptions {
	return paho.NewClientOptions().AddBroker("ssl://" + b.certs).SetClientID(name)
}

func (b *broker) tls(t *testing.T, name string) *tls.Config {
	t.Helper()
	conf := &tls.Config{RootCAs: b.cars.Pool, ServerName: "localhost"}
	if name != "" {
		conf.Certificates = []tls.Certificate{b.cars.Issue(t, name)}
	}
	return conf
}

// ingester is pitcrew, with a session that lasts.
func (b *broker) ingester() *paho.ClientOptions {
	return paho.NewClientOptions().AddBroker("tcp://" + b.plain).SetUsername("pitcrew").SetPassword(password).
		SetClientID("pitcrew-ingest").SetCleanSession(false).SetOrderMatters(false)
}

func connect(t *testing.T, o *paho.ClientOptions) paho.Client {
	t.Helper()
	c := paho.NewClient(o.SetAutoReconnect(false).SetConnectTimeout(patience))
	finish(t, "connect", c.Connect())
	t.Cleanup(func() { c.Disconnect(50) })
	return c
}

func finish(t *testing.T, what string, token paho.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) {
		t.Fatalf("%s: no answer", what)
	}
	if err := token.Error(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestCarsWriteBelowTheirOwnVIN(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	got := make(chan string, 16)
	ingester := connect(t, b.ingester())
	// Shared subscriptions pass the same rules.
	finish(t, "subscribe", ingester.Subscribe("$share/ingest/pitcrew/v1/#", 1, func(_ paho.Client, m paho.Message) {
		got <- m.Topic() + " " + string(m.Payload())
	}))
	certified := func() paho.Client { return connect(t, b.car(vin).SetTLSConfig(b.tls(t, vin))) }
	byPassword := func() paho.Client {
		return connect(t, paho.NewClientOptions().AddBroker("ssl://"+b.passwords).SetClientID("any").
			SetTLSConfig(b.tls(t, "")).SetUsername(otherVIN).SetPassword(password))
	}
	// Mosquitto drops what it denies, and acknowledges it or, over TLS, hangs up.
	// Both come after it has decided, so that an allowed message that is sent then
	// tells that the others will not come.
	for _, topic := range []string{
		"pitcrew/v1/" + otherVIN + "/telemetry", "pitcrew/v1/other/status", "pitcrew/v1/" + vin + "x/telemetry", "other/" + vin,
	} {
		certified().Publish(topic, 1, false, "forged").WaitTimeout(patience)
	}
	byPassword().Publish("pitcrew/v1/"+vin+"/dtc", 1, false, "forged").WaitTimeout(patience)

	finish(t, "publish", certified().Publish("pitcrew/v1/"+vin+"/telemetry", 1, false, "own"))
	if m, want := receive(t, got), "pitcrew/v1/"+vin+"/telemetry own"; m != want {
		t.Errorf("%s came, want %s", m, want)
	}
	finish(t, "publish", byPassword().Publish("pitcrew/v1/"+otherVIN+"/dtc", 1, false, "own"))
	if m, want := receive(t, got), "pitcrew/v1/"+otherVIN+"/dtc own"; m != want {
		t.Errorf("%s came, want %s", m, want)
	}
}

// A car does not hear what others say.
func TestCarsReadNothing(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	heard := make(chan string, 16)
	curious := connect(t, b.car(vin).SetTLSConfig(b.tls(t, vin)))
	finish(t, "subscribe", curious.Subscribe("#", 1, func(_ paho.Client, m paho.Message) { heard <- m.Topic() }))
	got := make(chan string, 1)
	finish(t, "subscribe", connect(t, b.ingester()).Subscribe("pitcrew/v1/#", 1, func(_ paho.Client, m paho.Message) { got <- m.Topic() }))
	other := connect(t, b.car(otherVIN).SetTLSConfig(b.tls(t, otherVIN)))
	finish(t, "publish", other.Publish("pitcrew/v1/"+otherVIN+"/status", 1, false, "online"))
	receive(t, got)
	// A message of its own passes the broker after the other one did.
	finish(t, "publish", curious.Publish("pitcrew/v1/"+vin+"/status", 1, false, "online"))
	receive(t, got)
	if len(heard) > 0 {
		t.Errorf("the car heard %s", <-heard)
	}
}

func receive(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case m := <-from:
		return m
	case <-time.After(patience):
		t.Fatal("no message came")
		return ""
	}
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	stranger := ingesttest.NewAuthority(t).Issue(t, vin)
	for name, o := range map[string]*paho.ClientOptions{
		"no certificate":       b.car(vin).SetTLSConfig(b.tls(t, "")),
		"another authority":    b.car(vin).SetTLSConfig(&tls.Config{RootCAs: b.cars.Pool, ServerName: "localhost", Certificates: []tls.Certificate{stranger}}),
		"a password instead":   b.car(vin).SetTLSConfig(b.tls(t, "")).SetUsername("pitcrew").SetPassword(password),
		"nobody in particular": paho.NewClientOptions().AddBroker("tcp://" + b.plain),
		"wrong password":       b.ingester().SetPassword("wrong"),
	} {
		c := paho.NewClient(o.SetAutoReconnect(false).SetConnectTimeout(patience))
		token := c.Connect()
		if token.WaitTimeout(patience) && token.Error() == nil {
			t.Errorf("%s: let in", name)
		}
		c.Disconnect(0)
	}
}

// Mosquitto's own settings keep 1,000 of these.
func TestNothingIsLostWhilePitcrewIsAway(t *testing.T) {
	t.Parallel()
	const messages = 5000
	b := startBroker(t)
	first := paho.NewClient(b.ingester())
	finish(t, "connect", first.Connect())
	finish(t, "subscribe", first.Subscribe("pitcrew/v1/#", 1, nil))
	first.Disconnect(50)

	car := connect(t, b.car(vin).SetTLSConfig(b.tls(t, vin)))
	var tokens []paho.Token
	for i := range messages {
		tokens = append(tokens, car.Publish("pitcrew/v1/"+vin+"/telemetry", 1, false, fmt.Sprint(i)))
	}
	for _, token := range tokens {
		finish(t, "publish", token)
	}

	var count atomic.Int64
	all := make(chan string, 1)
	seen := [messages]atomic.Bool{}
	connect(t, b.ingester().SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		var i int
		if _, err := fmt.Sscan(string(m.Payload()), &i); err == nil && i < messages && !seen[i].Swap(true) && count.Add(1) == messages {
			all <- "all"
		}
	}))
	select {
	case <-all:
	case <-time.After(patience):
		t.Errorf("%d of %d messages came", count.Load(), messages)
	}
}

// The shipped InfluxDB configuration takes what pitcrew does, from those who may.
func TestInfluxConfiguration(t *testing.T) {
	t.Parallel()
	binary := testserver.Find(t, "influxd")
	http8086, folder := address(t), t.TempDir()
	path := filepath.Join(folder, "influxdb.conf")
	write(t, path, strings.NewReplacer(
		"/var/lib/influxdb", folder, "127.0.0.1:8086", http8086, "127.0.0.1:8088", address(t),
	).Replace(read(t, "influxdb/influxdb-1.8.conf")))
	server := exec.Command(binary, "-config", path)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	base := "http://" + http8086
	create := url.Values{"q": {"CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES"}}
	post(t, base+"/query", create)

	s, err := influx.Open(t.Context(), influx.Options{URL: base, Token: "admin:secret", Bucket: "pitcrew/autogen"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for _, statement := range []string{"CREATE USER cars WITH PASSWORD 'other'", "GRANT ALL ON pitcrew TO cars"} {
		post(t, base+"/query?u=admin&p=secret", url.Values{"q": {statement}})
	}
	cars, err := influx.Open(t.Context(), influx.Options{URL: base, Token: "cars:other", Bucket: "pitcrew/autogen"})
	if err != nil {
		t.Fatalf("a user of this database alone: %v", err)
	}
	defer cars.Close()
	if err := cars.Ping(t.Context()); err != nil {
		t.Errorf("a user of this database alone: %v", err)
	}
	if s, err := influx.Open(t.Context(), influx.Options{URL: base, Token: "admin:wrong", Bucket: "pitcrew/autogen"}); err == nil {
		_ = s.Close()
		t.Error("a wrong password is let in")
	} else if !strings.Contains(err.Error(), "the token is not accepted") {
		t.Errorf("error %v, want one about the token", err)
	}
}

// post waits for a server that is still starting.
func post(t *testing.T, address string, form url.Values) {
	t.Helper()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(3 * patience)
	for {
		response, err := http.PostForm(address, form)
		if err == nil {
			defer response.Body.Close()
			if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", response.Status, body)
			}
			return
		}
		select {
		case <-deadline:
			t.Fatal(err)
		case <-retry.C:
		}
	}
}

// address is one on this machine that nobody listens on.
func address(t *testing.T) string {
	t.Helper()
	address, err := testserver.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}
