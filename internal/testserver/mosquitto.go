package testserver

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Mosquitto is a running Mosquitto broker that keeps its sessions over restarts.
type Mosquitto struct {
	Address string // host:port

	t      T
	binary string
	config string
	listen []string // the addresses of all its listeners
	cmd    *exec.Cmd
	output *bytes.Buffer
}

// StartMosquitto starts a broker for the test and stops it at its end. Lines are
// added to the configuration; without any, everybody may do everything, nothing
// queued is dropped, and 1,000 messages may be in flight to a client.
func StartMosquitto(t T, lines ...string) *Mosquitto {
	t.Helper()
	m := &Mosquitto{t: t, binary: Find(t, "mosquitto"), Address: freeAddress(t)}
	m.listen = []string{m.Address}
	_, port, err := net.SplitHostPort(m.Address)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	var config bytes.Buffer
	fmt.Fprintf(&config, "listener %s 127.0.0.1\nallow_anonymous true\n", port)
	fmt.Fprintf(&config, "persistence true\npersistence_location %s/\n", folder)
	fmt.Fprint(&config, "max_queued_messages 0\nmax_inflight_messages 1000\n")
	if os.Geteuid() == 0 {
		fmt.Fprint(&config, "user root\n") // it would give up the right to write in our folder
	}
	for _, line := range lines {
		fmt.Fprintln(&config, line)
	}
	m.config = filepath.Join(folder, "mosquitto.conf")
	if err := os.WriteFile(m.config, config.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Stop() })
	m.Start()
	return m
}

// RunMosquitto starts a broker with a configuration file that listens on the
// addresses, and stops it at the end of the test.
func RunMosquitto(t T, config, address string, more ...string) *Mosquitto {
	t.Helper()
	m := &Mosquitto{t: t, binary: Find(t, "mosquitto"), Address: address, config: config, listen: append(more, address)}
	t.Cleanup(func() { m.Stop() })
	m.Start()
	return m
}

// Start starts the broker, again after Stop, and waits until it answers on every
// listener: it opens them one after the other, and reads certificates in between.
func (m *Mosquitto) Start() {
	m.t.Helper()
	m.output = &bytes.Buffer{}
	m.cmd = exec.Command(m.binary, "-c", m.config)
	m.cmd.Stdout, m.cmd.Stderr = m.output, m.output
	if err := m.cmd.Start(); err != nil {
		m.t.Fatalf("start mosquitto: %v", err)
	}
	for _, address := range m.listen {
		if err := waitForTCP(address, 5*time.Second); err != nil {
			_ = m.cmd.Process.Kill()
			_ = m.cmd.Wait()
			m.t.Fatalf("mosquitto does not answer: %v\n%s", err, m.output)
		}
	}
}

// Stop stops the broker as an operator does; it saves its sessions.
func (m *Mosquitto) Stop() {
	if m.cmd == nil {
		return
	}
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
	m.cmd = nil
}

// waitForTCP waits until something accepts connections on the address.
func waitForTCP(address string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
}
