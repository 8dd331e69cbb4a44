package testserver

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Influxd is a running InfluxDB 1.8 that keeps its data over restarts.
type Influxd struct {
	URL string // http://host:port

	t      T
	binary string
	config string
	cmd    *exec.Cmd
	output *bytes.Buffer
}

// StartInfluxd starts a server for the test and everything below it, and stops
// it at its end. Lines are added to the [http] section of its configuration.
func StartInfluxd(t T, lines ...string) *Influxd {
	t.Helper()
	i := &Influxd{t: t, binary: Find(t, "influxd")}
	folder, address := t.TempDir(), freeAddress(t)
	i.URL = "http://" + address
	var config bytes.Buffer
	fmt.Fprintf(&config, "reporting-disabled = true\nbind-address = %q\n", freeAddress(t))
	fmt.Fprintf(&config, "[meta]\ndir = %q\n", filepath.Join(folder, "meta"))
	fmt.Fprintf(&config, "[data]\ndir = %q\nwal-dir = %q\n", filepath.Join(folder, "data"), filepath.Join(folder, "wal"))
	fmt.Fprint(&config, "query-log-enabled = false\n[monitor]\nstore-enabled = false\n")
	fmt.Fprintf(&config, "[http]\nbind-address = %q\nflux-enabled = true\nlog-enabled = false\n", address)
	for _, line := range lines {
		fmt.Fprintln(&config, line)
	}
	i.config = filepath.Join(folder, "influxdb.conf")
	if err := os.WriteFile(i.config, config.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Stop)
	i.Start()
	return i
}

// Start starts the server, again after Stop, and waits until it answers: a few
// seconds, in which it compiles the library of Flux; more on a busy machine.
func (i *Influxd) Start() {
	i.t.Helper()
	i.output = &bytes.Buffer{}
	i.cmd = exec.Command(i.binary, "-config", i.config)
	i.cmd.Stdout, i.cmd.Stderr = i.output, i.output
	if err := i.cmd.Start(); err != nil {
		i.t.Fatalf("start influxd: %v", err)
	}
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(time.Minute)
	for {
		response, err := http.Get(i.URL + "/ping")
		if err == nil {
			_ = response.Body.Close()
			return
		}
		select {
		case <-deadline:
			i.Stop()
			i.t.Fatalf("influxd does not answer: %v\n%s", err, i.output)
		case <-retry.C:
		}
	}
}

// Stop stops the server as an operator does.
func (i *Influxd) Stop() { i.end(syscall.SIGTERM) }

// Kill is kill -9.
func (i *Influxd) Kill() { i.end(syscall.SIGKILL) }

func (i *Influxd) end(signal os.Signal) {
	if i.cmd == nil {
		return
	}
	_ = i.cmd.Process.Signal(signal)
	_ = i.cmd.Wait()
	i.cmd = nil
	http.DefaultClient.CloseIdleConnections()
}
