package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The idle connections of the default transport, which the tests use.
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// output collects what a command prints, while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *output) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.Write(p)
}

func (c *output) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}

// running is a command under way in this process.
type running struct {
	t        *testing.T
	out, err output
	cancel   context.CancelFunc
	code     chan int
	web      string // http://host:port
	broker   string // tcp://host:port
}

var address = regexp.MustCompile(`pitcrew is at (http://\S+) \(MQTT ([^,]+),`)

// startDemo runs `pitcrew demo` on free ports and waits until it says where it is.
func startDemo(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{t: t, code: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	all := append([]string{"demo", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}, args...)
	go func() { r.code <- run(ctx, all, &r.out, &r.err) }()
	t.Cleanup(r.stop)
	within(t, 30*time.Second, "the demo to say where it is", func() (bool, string) {
		m := address.FindStringSubmatch(r.out.String())
		if m == nil {
			return false, r.err.String()
		}
		r.web, r.broker = m[1], "tcp://"+m[2]
		return true, ""
	})
	return r
}

// stop is Ctrl-C; it wants a clean end.
func (r *running) stop() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	if code := <-r.code; code != 0 {
		r.t.Errorf("stopped with exit code %d:\n%s", code, r.err.String())
	}
}

// within asks until the answer is yes.
func within(t *testing.T, limit time.Duration, what string, ask func() (bool, string)) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, last := ask()
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("waited %s for %s; last: %s", limit, what, last)
		case <-tick.C:
		}
	}
}

func (r *running) get(path string, into any) error {
	resp, err := http.Get(r.web + path)
	if err != nil {
		return err
	}
	return decode(resp, into)
}

func (r *running) post(path string, body, into any) error {
	return r.send(http.MethodPost, path, body, into)
}

func (r *running) send(method, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.web+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return decode(resp, into)
}

func decode(resp *http.Response, into any) error {
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

// once runs a short command and returns its exit code and what it printed.
func once(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var o, e output
	code = run(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

func TestMistakesAreAnswered(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	port := taken.Addr().String()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	free := []string{"--http", "127.0.0.1:0", "--grpc", "off", "--mqtt", "127.0.0.1:0", "--data", t.TempDir()}
	with := func(command string, args ...string) []string { return slices.Concat([]string{command}, free, args) }
	for name, tc := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"unknown command":    {[]string{"dmeo"}, 2, []string{"dmeo", "--help"}},
		"unknown flag":       {[]string{"demo", "--vehiclez", "3"}, 2, []string{"--vehiclez", "--help"}},
		"not a number":       {[]string{"demo", "--vehicles", "many"}, 2, []string{"--vehicles"}},
		"web port taken":     {with("demo", "--http", port), 1, []string{port, "taken", "--http"}},
		"mqtt port taken":    {with("demo", "--mqtt", port), 1, []string{port, "taken", "--mqtt"}},
		"grpc port taken":    {with("demo", "--grpc", port), 1, []string{port, "taken", "--grpc"}},
		"data is a file":     {with("demo", "--data", file), 1, []string{file}},
		"open to the world":  {with("serve", "--http", "0.0.0.0:0"), 1, []string{"--token"}},
		"anonymous outside":  {with("serve", "--mqtt-anonymous", "--mqtt", "0.0.0.0:0"), 1, []string{"--mqtt-client-ca"}},
		"profiler outside":   {with("serve", "--mqtt-anonymous", "--pprof", "0.0.0.0:0"), 1, []string{"--pprof", "127.0.0.1:6060"}},
		"no cars allowed in": {with("serve"), 1, []string{"--mqtt-user"}},
		"broker away":        {[]string{"replay", "--vin", "LJCPCBLCX14500264", "--broker", "tcp://" + closedPort(t), "testdata/drive.csv"}, 1, []string{"--broker", "no answer"}},
		"no broker address":  {[]string{"simulate", "--broker", "127.0.0.1:1883"}, 1, []string{"--broker", "tcp://"}},
		"no mqtt address":    {with("demo", "--mqtt", "1883"), 1, []string{"--mqtt", "HOST:PORT"}},
		"wrong vin":          {[]string{"replay", "--vin", "LJCPCBLCX1450O264", "testdata/drive.csv"}, 1, []string{"LJCPCBLCX1450O264"}},
		"no such log":        {[]string{"replay", "--vin", "LJCPCBLCX14500264", "nowhere.csv"}, 2, []string{"nowhere.csv"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, errOut := once(t, tc.args...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			for _, w := range tc.want {
				if !strings.Contains(errOut, w) {
					t.Errorf("the error does not name %q:\n%s", w, errOut)
				}
			}
		})
	}
}

// closedPort is an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The profiler is on an address of its own, and nowhere else.
func TestProfiler(t *testing.T) {
	t.Parallel()
	profiler := closedPort(t)
	r := startDemo(t, "--data", t.TempDir(), "--vehicles", "1", "--pprof", profiler)
	for address, want := range map[string]int{"http://" + profiler: http.StatusOK, r.web: http.StatusNotFound} {
		response, err := http.Get(address + "/debug/pprof/goroutine?debug=1")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s answers %s, want %d", address, response.Status, want)
		}
	}
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"demo", "serve", "simulate", "replay"} {
		code, out, _ := once(t, command, "--help")
		if code != 0 || !strings.Contains(out, "pitcrew "+command) || !strings.Contains(out, "PITCREW_") || !strings.Contains(out, "127.0.0.1:1883") {
			t.Errorf("%s --help: exit %d, no example, no environment names or no defaults:\n%s", command, code, out)
		}
	}
	if code, out, _ := once(t, "version"); code != 0 || !strings.HasPrefix(out, "pitcrew ") {
		t.Errorf("version: %d %q", code, out)
	}
}
