package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// secured is `pitcrew serve` with TLS, set up as docs/operations.md says.
type secured struct {
	*running
	pub, host, port string
}

// certify runs deploy/certificates.sh.
func certify(t *testing.T, names ...string) (folder string) {
	t.Helper()
	testserver.Find(t, "openssl")
	folder = t.TempDir()
	cmd := exec.Command("../../deploy/certificates.sh", append([]string{folder, "localhost"}, names...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("certificates.sh: %v: %s", err, out)
	}
	return folder
}

// send publishes one message with mosquitto_pub, and says whether it was
// acknowledged.
func (s *secured) send(vin string, args ...string) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Second)
	defer cancel()
	payload := `{"samples":[{"time":"` + time.Now().UTC().Format(time.RFC3339) + `","signals":{"Vehicle.Speed":50}}]}`
	all := append([]string{"-h", s.host, "-p", s.port, "-q", "1", "-t", "pitcrew/v1/" + vin + "/telemetry", "-m", payload}, args...)
	return exec.CommandContext(ctx, s.pub, all...).Run() == nil
}

func (s *secured) refused(what string) float64 {
	s.t.Helper()
	resp, err := http.Get(s.web + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), `pitcrew_broker_refused_total{what="`+what+`"} `); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return n
		}
	}
	s.t.Fatalf("there is no metric for refused %s", what)
	return 0
}

// with is a certificate of a folder, and the authority that the broker is checked by.
func with(authority, folder, name string) []string {
	return []string{"--cafile", filepath.Join(authority, "broker-ca.pem"),
		"--cert", filepath.Join(folder, name+".pem"), "--key", filepath.Join(folder, name+"-key.pem")}
}

// expire makes a certificate that was valid until yesterday.
func expire(t *testing.T, folder, name string) {
	t.Helper()
	block := func(file string) []byte {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := pem.Decode(text)
		return b.Bytes
	}
	authority, err := x509.ParseCertificate(block("cars-ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	var keys [2]*ecdsa.PrivateKey
	for i, file := range []string{"ca-key.pem", name + "-key.pem"} {
		if keys[i], err = x509.ParseECPrivateKey(block(file)); err != nil {
			t.Fatal(err)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		NotBefore: time.Now().AddDate(0, 0, -30), NotAfter: time.Now().AddDate(0, 0, -1),
	}, authority, &keys[1].PublicKey, keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Who may speak for which car, with the stock client and the documented
// certificates.
func TestCarsProveWhoTheyAre(t *testing.T) {
	t.Parallel()
	const (
		own, bound, byPassword, expired = "WVWZZZ1KZ6W000001", "WVWZZZ1KZ6W000002", "WVWZZZ1KZ6W000003", "WVWZZZ1KZ6W000004"
		device                          = "tcu-0815"
	)
	s := &secured{pub: testserver.Find(t, "mosquitto_pub"), host: "localhost"}
	folder, other := certify(t, own, device, expired), certify(t, own)
	expire(t, folder, expired)
	files := func(name string) string { return filepath.Join(folder, name) }
	s.running = startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-cert", files("cert.pem"), "--mqtt-key", files("key.pem"),
		"--mqtt-client-ca", files("cars-ca.pem"), "--mqtt-device", device+"="+bound, "--mqtt-user", byPassword+"=secret")
	var err error
	if _, s.port, err = net.SplitHostPort(strings.TrimPrefix(s.broker, "tcp://")); err != nil {
		t.Fatal(err)
	}

	password := []string{"--cafile", files("broker-ca.pem"), "-u", byPassword, "-P"}
	for name, c := range map[string]struct {
		vin     string
		args    []string
		refused string // as it is counted; empty: stored
	}{
		"its own certificate":            {vin: own, args: with(folder, folder, own)},
		"a device that is bound":         {vin: bound, args: with(folder, folder, device)},
		"its password":                   {vin: byPassword, args: append(password, "secret")},
		"another car's topic":            {vin: "WVWZZZ1KZ6W000009", args: with(folder, folder, own), refused: "publish"},
		"a device on the topic it names": {vin: device, args: with(folder, folder, device), refused: "publish"},
		"a certificate of nobody's":      {vin: own, args: with(folder, other, own), refused: "connect"},
		"a certificate that has expired": {vin: expired, args: with(folder, folder, expired), refused: "connect"},
		"a wrong password":               {vin: byPassword, args: append(password, "guess"), refused: "connect"},
		"nothing to show":                {vin: own, args: password[:2], refused: "connect"},
	} {
		before := 0.0
		if c.refused != "" {
			before = s.refused(c.refused)
		}
		stored := s.send(c.vin, c.args...)
		if want := c.refused == ""; stored != want {
			t.Errorf("%s: acknowledged %t, want %t\n%s", name, stored, want, s.err.String())
		}
		if c.refused != "" { // the client may know of it before the broker has counted it
			within(t, 10*time.Second, name, func() (bool, string) {
				return s.refused(c.refused) > before, "nothing was counted as refused " + c.refused
			})
		}
	}
	for _, vin := range []string{own, bound, byPassword} {
		if err := s.get("/v1/vehicles/"+vin, nil); err != nil {
			t.Errorf("%s is not known: %v", vin, err)
		}
	}
	for _, vin := range []string{"WVWZZZ1KZ6W000009", expired} {
		if err := s.get("/v1/vehicles/"+vin, nil); err == nil {
			t.Errorf("%s is known", vin)
		}
	}

	// Another authority takes over, and nobody restarts anything.
	for _, name := range []string{"cert.pem", "key.pem", "cars-ca.pem"} {
		text, err := os.ReadFile(filepath.Join(other, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 30*time.Second, "the new certificates", func() (bool, string) {
		return s.send(own, with(other, other, own)...), s.err.String()
	})
}

// Anybody may write without saying who they are on this machine only.
func TestAnonymousIsForThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		code, _, errOut := once(t, "serve", "--data", t.TempDir(), "--http", "127.0.0.1:0", "--grpc", "off", "--mqtt-anonymous", "--mqtt", address)
		if code == 0 || !strings.Contains(errOut, "would let anybody write") {
			t.Errorf("--mqtt %s: exit %d, %s", address, code, errOut)
		}
	}
}
