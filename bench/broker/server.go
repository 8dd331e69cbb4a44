package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// server is `pitcrew serve` with everything embedded, as a process of its own,
// so that its CPU time and memory are its own too.
type server struct {
	cmd        *exec.Cmd
	folder     string
	mqtt, http string
	log        *os.File
	ended      chan error
}

// start runs the binary in a new folder and waits until it is ready.
func start(ctx context.Context, binary string, users map[string]string) (*server, error) {
	folder, err := os.MkdirTemp("", "pitcrew-bench-broker-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, ended: make(chan error, 1)}
	if err := s.start(ctx, binary, users); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) start(ctx context.Context, binary string, users map[string]string) (err error) {
	if s.mqtt, err = testserver.FreeAddress(); err != nil {
		return err
	}
	if s.http, err = testserver.FreeAddress(); err != nil {
		return err
	}
	settings, err := json.Marshal(map[string]any{"mqtt-user": users}) // JSON is YAML
	if err != nil {
		return err
	}
	config := filepath.Join(s.folder, "pitcrew.yaml")
	if err := os.WriteFile(config, settings, 0o600); err != nil {
		return err
	}
	if s.log, err = os.Create(filepath.Join(s.folder, "pitcrew.log")); err != nil {
		return err
	}
	s.cmd = exec.Command(binary, "serve", "--config", config, "--data", filepath.Join(s.folder, "data"),
		"--mqtt", s.mqtt, "--http", s.http, "--grpc", "off")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start pitcrew: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s.await(ctx)
}

// await returns when the server says that it is ready.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if body, err := s.get(ctx, "/readyz"); err == nil {
			_ = body.Close()
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("pitcrew ended: %w; %s", err, s.logged())
		case <-ctx.Done():
			return fmt.Errorf("pitcrew did not become ready: %s", s.logged())
		case <-tick.C:
		}
	}
}

// logged is what the server said.
func (s *server) logged() string {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// stop ends the server as Ctrl-C does, and removes its folder.
func (s *server) stop() error {
	var err error
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(os.Interrupt)
		select {
		case err = <-s.ended:
			if err != nil {
				said := s.logged()
				err = fmt.Errorf("pitcrew ended with %w: %s", err, said[strings.LastIndex(said, "\n")+1:])
			}
		case <-time.After(patience):
			err = errors.Join(errors.New("pitcrew did not stop"), s.cmd.Process.Kill())
		}
	}
	if s.log != nil {
		_ = s.log.Close()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

func (s *server) get(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return resp.Body, nil
}

// metrics are the values of the server's metrics by name and labels.
func (s *server) metrics(ctx context.Context) (map[string]float64, error) {
	body, err := s.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	out := map[string]float64{}
	for lines := bufio.NewScanner(body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] = v
		}
	}
	return out, nil
}

// usage is what the process has used up to now.
type usage struct {
	cpu      time.Duration
	resident int64 // bytes, now
	peak     int64 // bytes, the most since the last resetPeak
}

func (s *server) usage() (usage, error) {
	var u usage
	stat, err := os.ReadFile(s.proc("stat"))
	if err != nil {
		return u, err
	}
	_, after, _ := strings.Cut(string(stat), ") ") // proc(5): the name is in brackets
	fields := strings.Fields(after)
	for _, i := range []int{11, 12} { // utime and stime, in ticks of 10 ms
		ticks, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return u, err
		}
		u.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			u.resident = kib << 10
		case "VmHWM":
			u.peak = kib << 10
		}
	}
	return u, nil
}

// resetPeak begins a new measurement of peak.
func (s *server) resetPeak() error { return os.WriteFile(s.proc("clear_refs"), []byte("5"), 0) }

func (s *server) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), file)
}

// raiseFiles raises the limit of open files as far as it may, for this process
// and those it starts.
func raiseFiles() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	limit.Cur = limit.Max
	return limit.Cur, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
