package testserver

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Influxd is a running InfluxDB that keeps its data over restarts.
type Influxd struct {
	URL string // http://host:port

	// Of 2.x: the organisation there is, and a token that may do everything.
	Org, Token string

	t       T
	command func() *exec.Cmd
	cmd     *exec.Cmd
	output  *bytes.Buffer
}

// StartInfluxd starts InfluxDB 1.8 for the test and everything below it, and stops
// it at its end. Lines are added to the [http] section of its configuration.
func StartInfluxd(t T, lines ...string) *Influxd {
	t.Helper()
	binary, folder, address := Find(t, "influxd"), t.TempDir(), freeAddress(t)
	var config bytes.Buffer
	fmt.Fprintf(&config, "reporting-disabled = true\nbind-address = %q\n", freeAddress(t))
	fmt.Fprintf(&config, "[meta]\ndir = %q\n", filepath.Join(folder, "meta"))
	fmt.Fprintf(&config, "[data]\ndir = %q\nwal-dir = %q\n", filepath.Join(folder, "data"), filepath.Join(folder, "wal"))
	fmt.Fprint(&config, "query-log-enabled = false\n[monitor]\nstore-enabled = false\n")
	fmt.Fprintf(&config, "[http]\nbind-address = %q\nlog-enabled = false\n", address)
	for _, line := range lines {
		fmt.Fprintln(&config, line)
	}
	path := filepath.Join(folder, "influxdb.conf")
	if err := os.WriteFile(path, config.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	i := &Influxd{t: t, URL: "http://" + address, command: func() *exec.Cmd { return exec.Command(binary, "-config", path) }}
	t.Cleanup(i.Stop)
	i.Start()
	return i
}

// StartInfluxd2 starts InfluxDB 2.7 for the test and everything below it, sets it up
// with a first user, the organisation shop and the bucket first, and stops it at its
// end. Settings are of the kind http-read-timeout=1s. It is built without Flux, see
// scripts/influxd2.
func StartInfluxd2(t T, settings ...string) *Influxd {
	t.Helper()
	binary, folder, address := Find(t, "influxd2"), t.TempDir(), freeAddress(t)
	args := []string{
		"--http-bind-address", address, "--reporting-disabled", "--log-level", "error",
		"--bolt-path", filepath.Join(folder, "influxd.bolt"), "--sqlite-path", filepath.Join(folder, "influxd.sqlite"),
		"--engine-path", filepath.Join(folder, "engine"),
	}
	for _, s := range settings {
		args = append(args, "--"+s)
	}
	i := &Influxd{
		URL: "http://" + address, Org: "shop", Token: "all-access-token",
		t: t, command: func() *exec.Cmd { return exec.Command(binary, args...) },
	}
	t.Cleanup(i.Stop)
	i.Start()
	setup := fmt.Sprintf(`{"username": "first", "password": "a long password", "org": %q, "bucket": "first", "token": %q}`, i.Org, i.Token)
	response, err := http.Post(i.URL+"/api/v2/setup", "application/json", strings.NewReader(setup))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("set up InfluxDB 2: %s", response.Status)
	}
	return i
}

// Start starts the server, again after Stop, and waits until it answers: a few
// seconds for 1.8, in which it compiles the library of Flux; more on a busy machine.
func (i *Influxd) Start() {
	i.t.Helper()
	i.output = &bytes.Buffer{}
	i.cmd = i.command()
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
