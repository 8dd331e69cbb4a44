package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// build makes a pitcrew of this source, and returns its path.
func build(t testserver.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "pitcrew")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/pitcrew-telematics/pitcrew/cmd/pitcrew").CombinedOutput()
	if err != nil {
		t.Fatalf("build pitcrew: %v\n%s", err, out)
	}
	return binary
}

// pitcrew is a server process that is started again and again.
type pitcrew struct {
	binary string
	args   []string // of serve
	web    string   // http://host:port
	log    string   // file that all runs write to

	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
}

// start starts the process; ready says when it works.
func (p *pitcrew) start() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close() // the process has its own
	p.cmd = exec.Command(p.binary, append([]string{"serve"}, p.args...)...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start pitcrew: %w", err)
	}
	p.ended = make(chan struct{})
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return nil
}

// kill is kill -9. It reports whether there was a process to kill.
func (p *pitcrew) kill() bool {
	if p.cmd == nil {
		return false
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// terminate asks the process to end.
func (p *pitcrew) terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// stop ends the process as an operator does, and wants a clean end.
func (p *pitcrew) stop(ctx context.Context) error {
	p.terminate()
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("stop pitcrew: %w", ctx.Err())
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("pitcrew stopped with exit code %d; the end of its log:\n%s", code, p.lastLines())
	}
	return nil
}

// ready waits until every part of pitcrew works.
func (p *pitcrew) ready(ctx context.Context) error {
	return p.until(ctx, "pitcrew to be ready", func() (bool, string) {
		state, err := p.readyz(ctx)
		return err == nil && state.code == http.StatusOK, fmt.Sprint(state.text, err)
	})
}

// patience is how long something may take that takes seconds on a quick machine.
const patience = 2 * time.Minute

// until asks again and again until the answer is yes, and fails when the process
// ends before, or with the last answer when it takes too long.
func (p *pitcrew) until(ctx context.Context, what string, ask func() (bool, string)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, last := ask()
		if ok {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("pitcrew ended while waiting for %s; the end of its log:\n%s", what, p.lastLines())
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w; last: %s", what, ctx.Err(), last)
		}
	}
}

// lastLines is the end of the log.
func (p *pitcrew) lastLines() string {
	all, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(all, []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}

// answer is what an HTTP endpoint said.
type answer struct {
	code int
	text string
}

func (p *pitcrew) ask(ctx context.Context, path string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.web+path, nil)
	if err != nil {
		return answer{}, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(b)}, err
}

func (p *pitcrew) readyz(ctx context.Context) (answer, error) { return p.ask(ctx, "/readyz") }

// planned waits until every mark was planned.
func (p *pitcrew) planned(ctx context.Context) error {
	return p.until(ctx, "all vehicles to be planned", func() (bool, string) {
		a, err := p.ask(ctx, "/v1/fleet")
		var fleet struct{ Unplanned *int }
		if err == nil {
			err = json.Unmarshal([]byte(a.text), &fleet)
		}
		return err == nil && a.code == http.StatusOK && fleet.Unplanned != nil && *fleet.Unplanned == 0, fmt.Sprint(a.text, err)
	})
}

// metric is the value of a sample in /metrics, named with its labels; 0 when it is not there.
func (p *pitcrew) metric(ctx context.Context, name string) (float64, error) {
	a, err := p.ask(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(a.text)
	if found == nil {
		return 0, nil
	}
	return strconv.ParseFloat(found[1], 64)
}

// memory is what the process holds and the most it ever held, in MB, as Linux counts.
func (p *pitcrew) memory() (rss, peak float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	read := func(field string) float64 {
		found := regexp.MustCompile(field + `:\s+(\d+) kB`).FindSubmatch(status)
		if found == nil {
			err = errors.Join(err, fmt.Errorf("no %s in /proc", field))
			return 0
		}
		kb, _ := strconv.ParseFloat(string(found[1]), 64)
		return kb / 1024
	}
	return read("VmRSS"), read("VmHWM"), err
}
