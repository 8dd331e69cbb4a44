package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A device sends before anybody said which vehicle it is in. Once that is said,
// nothing is lost: the story of docs/operations.md.
func TestADeviceIsBoundLate(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	serve := func(more ...string) *running {
		return startServe(t, append([]string{"--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--feed", "wican", "--data", data}, more...)...)
	}
	const topic = "wican/a1b2c3d4e5f6/can/rx"
	r := serve()
	publish(t, r, "", "", [2]string{topic, `{"SOC": 66.7}`}, [2]string{topic, `{"SOC": 66.4}`}, [2]string{"wican/ffffffffffff/can/rx", `{"SOC": 12}`})
	r.stop()

	r = serve("--device", "wican/a1b2c3d4e5f6="+wicanCar)
	quarantine := func(args ...string) (int, string, string) {
		return once(t, append(append([]string{"quarantine"}, args...), "--server", r.web)...)
	}
	code, out, _ := quarantine("list")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "RECEIVED") ||
		strings.Count(out, topic) != 2 || strings.Count(out, "is bound to no vehicle") != 3 {
		t.Errorf("list: exit %d:\n%s", code, out)
	}
	var oldest struct{ Received time.Time }
	if code, out, _ = quarantine("list", "--json", "--topic", "wican/a1b2", "--since", "1h", "--limit", "1"); json.Unmarshal([]byte(out), &oldest) != nil || code != 0 {
		t.Errorf("list --json: exit %d: %s", code, out)
	}

	code, out, errOut := quarantine("replay", "--topic", "wican/")
	if code != 1 || out != "2 messages stored, 1 still refused.\n" {
		t.Errorf("replay: exit %d: %s%s", code, out, errOut)
	}
	if code, out, _ = quarantine("replay", "--reason", "a1b2c3d4e5f6"); code != 0 || out != "0 messages stored, 0 still refused.\n" {
		t.Errorf("replay again: exit %d: %s", code, out)
	}
	var series struct {
		Points []struct {
			Time time.Time
			Last float64
		}
	}
	signal := url.QueryEscape("Vehicle.Powertrain.TractionBattery.StateOfCharge.Current")
	if err := r.get("/v1/vehicles/"+wicanCar+"/series?signal="+signal, &series); err != nil || len(series.Points) != 2 || series.Points[0].Last != 66.7 {
		t.Errorf("stored: %+v, %v", series, err)
	} else if got := series.Points[1].Time; got.Sub(oldest.Received).Abs() > time.Millisecond {
		t.Errorf("stored at %s, received at %s", got, oldest.Received)
	}

	if code, _, errOut = quarantine("discard", "--topic", "wican/"); code != 2 || !strings.Contains(errOut, "--yes") {
		t.Errorf("discard without a person to ask: exit %d: %s", code, errOut)
	}
	if code, out, _ = quarantine("discard", "--topic", "wican/", "--yes"); code != 0 || out != "1 entry discarded.\n" {
		t.Errorf("discard: exit %d: %s", code, out)
	}
	if code, out, errOut = quarantine("list"); code != 0 || strings.Count(out, "\n") != 1 || !strings.Contains(errOut, "Nothing") {
		t.Errorf("list at the end: exit %d: %s%s", code, out, errOut)
	}
	within(t, 30*time.Second, "the car to be planned", func() (bool, string) {
		var car struct{ LastSeen time.Time }
		err := r.get("/v1/vehicles/"+wicanCar, &car)
		return err == nil && !car.LastSeen.IsZero(), fmt.Sprint(err)
	})
}

// Limits of quarantine are held from the start.
func TestQuarantineIsBounded(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", data)
	for i := range 3 {
		publish(t, r, "", "", [2]string{"pitcrew/v1/" + ovmsCar + "/telemetry", strings.Repeat(fmt.Sprint(i), 1000)})
	}
	r.stop()
	r = startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", data, "--quarantine-max", "2500B", "--quarantine-keep", "1d")
	within(t, 10*time.Second, "the oldest to expire", func() (bool, string) {
		left := r.quarantined(t)
		return len(left) == 2, fmt.Sprint(left)
	})
	if log := r.err.String(); !strings.Contains(log, "quarantine expired") || !strings.Contains(log, "too_much=1") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

// fakeServer answers each request with the next answer.
func fakeServer(t *testing.T, answers ...string) (string, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		if len(answers) == 0 {
			http.Error(w, "{}", http.StatusInternalServerError)
			return
		}
		status := http.StatusOK
		if strings.Contains(answers[0], `"detail"`) {
			status = http.StatusBadRequest
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answers[0]))
		answers = answers[1:]
	}))
	t.Cleanup(s.Close)
	return s.URL, &asked
}

func TestQuarantineCommandsPage(t *testing.T) {
	t.Parallel()
	entry := `{"id": "1", "topic": "t\u001b[2J", "reason": "bad\nthing", "received": "2026-11-22T10:00:00Z", "count": 3}`
	at, asked := fakeServer(t, `{"messages": [`+entry+`], "nextPageToken": "x"}`, `{"messages": [`+entry+`], "unheardOf": 1}`)
	code, out, errOut := once(t, "quarantine", "list", "--server", at, "--token", "s3cret", "--limit", "0", "--vin", "X", "--until", "2026-11-22T11:00:00Z")
	if code != 0 || strings.Count(out, "x3") != 2 || strings.ContainsAny(out, "\x1b") || strings.Count(out, "\n") != 3 {
		t.Errorf("list: exit %d: %q%s", code, out, errOut)
	}
	if len(*asked) != 2 || !strings.Contains((*asked)[1], "pageToken=x") || !strings.Contains((*asked)[1], "vin=X") ||
		!strings.Contains((*asked)[1], "to=2026-11-22T11") || !strings.HasSuffix((*asked)[0], "Bearer s3cret") {
		t.Errorf("asked %q", *asked)
	}

	at, _ = fakeServer(t, `{"messages": [`+entry+`], "nextPageToken": "x"}`)
	if code, _, errOut = once(t, "quarantine", "list", "--server", at, "--limit", "1"); code != 0 || !strings.Contains(errOut, "--limit 0") {
		t.Errorf("list of more: exit %d: %s", code, errOut)
	}

	at, _ = fakeServer(t, `{"replayed": 4, "nextPageToken": "x"}`, `{"replayed": 1, "incomplete": 1}`)
	code, out, _ = once(t, "quarantine", "replay", "--server", at)
	if want := "5 messages stored, 0 still refused, 1 left alone because not all of their bytes were kept.\n"; code != 0 || out != want {
		t.Errorf("replay: exit %d: %s", code, out)
	}
	at, _ = fakeServer(t, `{"stillRefused": 2}`)
	if code, out, _ = once(t, "quarantine", "replay", "--server", at, "--json", "id"); code != 1 || out != `{"replayed":0,"stillRefused":2,"incomplete":0}`+"\n" {
		t.Errorf("replay --json: exit %d: %s", code, out)
	}
	at, _ = fakeServer(t, `{"replayed": 4, "nextPageToken": "x"}`, `{"detail": "the database cannot be used"}`)
	if code, _, errOut = once(t, "quarantine", "replay", "--server", at); code != 1 || !strings.Contains(errOut, "4 messages stored") || !strings.Contains(errOut, "database") {
		t.Errorf("replay that breaks off: exit %d: %s", code, errOut)
	}
	at, _ = fakeServer(t, `{"discarded": 4, "more": true}`, `{"discarded": 1}`)
	if code, out, _ = once(t, "quarantine", "discard", "--server", at, "--all", "--yes"); code != 0 || out != "5 entries discarded.\n" {
		t.Errorf("discard: exit %d: %s", code, out)
	}
}

func TestDiscardAsks(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false} {
		at, asked := fakeServer(t, `{"discarded": 1}`)
		var out, errOut output
		s := &env{ctx: context.Background(), in: strings.NewReader(answer), out: &out, err: &errOut}
		c := quarantineDiscardCmd{server: server{Server: at}, quarantineFilter: quarantineFilter{Topic: "weather/"}}
		if err := c.Run(s); (err == nil) != want || (len(*asked) == 1) != want || !strings.Contains(errOut.String(), "for good?") {
			t.Errorf("answer %q: %v, %d requests, %q", answer, err, len(*asked), errOut.String())
		}
	}
}

func TestQuarantineMistakesAreAnswered(t *testing.T) {
	t.Parallel()
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusUnauthorized) }))
	t.Cleanup(locked.Close)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	t.Cleanup(other.Close)
	refusing, _ := fakeServer(t, `{"detail": "is not a token of this list", "field": "pageToken"}`)
	for name, tc := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"nobody there":       {[]string{"list", "--server", "http://" + closedPort(t)}, 1, []string{"no answer", "--server"}},
		"no URL":             {[]string{"list", "--server", "127.0.0.1:8080"}, 2, []string{"--server", "http://"}},
		"locked":             {[]string{"list", "--server", locked.URL}, 1, []string{"PITCREW_TOKEN"}},
		"another program":    {[]string{"list", "--server", other.URL}, 1, []string{"--server"}},
		"refused":            {[]string{"list", "--server", refusing}, 1, []string{"pageToken: is not a token"}},
		"not a time":         {[]string{"list", "--since", "yesterday"}, 2, []string{"--since", "yesterday", "7d"}},
		"ids and flags":      {[]string{"replay", "--vin", "X", "id"}, 2, []string{"not both"}},
		"discard of nothing": {[]string{"discard", "--yes"}, 2, []string{"--all"}},
		"discard, two ways":  {[]string{"discard", "--yes", "--all", "id"}, 2, []string{"--all"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, errOut := once(t, append([]string{"quarantine"}, tc.args...)...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d: %s", code, tc.code, errOut)
			}
			for _, w := range tc.want {
				if !strings.Contains(errOut, w) {
					t.Errorf("the error does not name %q:\n%s", w, errOut)
				}
			}
		})
	}
	for _, command := range []string{"", "list", "replay", "discard"} {
		args := strings.Fields("quarantine " + command + " --help")
		if code, out, _ := once(t, args...); code != 0 || !strings.Contains(out, "  pitcrew quarantine ") {
			t.Errorf("%s: exit %d, or no example:\n%s", args, code, out)
		}
	}
}
