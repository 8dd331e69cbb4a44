package webhook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sony/gobreaker/v2"
	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/reminders/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func secret(b byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), 32)))
}

func message() reminders.Message {
	return reminders.Message{
		ID: "m1", ReminderID: "r1", VIN: "WVWZZZ1KZAW000001", To: "ada@example.com", Locale: "zh-CN",
		Severity: reminders.SeveritySoon, Subject: "高尔夫：请检查", Body: "发动机缺火。", NotBefore: now.Add(-time.Hour),
	}
}

// setup starts a receiver and a channel to it.
func setup(t *testing.T, receive http.HandlerFunc, o webhook.Options) *webhook.Channel {
	t.Helper()
	server := httptest.NewServer(receive)
	t.Cleanup(server.Close)
	client := server.Client()
	t.Cleanup(client.CloseIdleConnections)
	if o.URL == "" {
		o.URL = server.URL + "/hooks"
	}
	if o.Secrets == nil {
		o.Secrets = []string{secret('a'), secret('b')}
	}
	if o.Client == nil {
		o.Client = client
	}
	o.Now = func() time.Time { return now }
	c, err := webhook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The test vector that the standard's own libraries use.
func TestSignatureOfTheStandard(t *testing.T) {
	t.Parallel()
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature is %s, want %s", got, want)
	}
}

func TestRequestCanBeVerified(t *testing.T) {
	t.Parallel()
	var body []byte
	var header http.Header
	c := setup(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		header = r.Header
		w.WriteHeader(http.StatusAccepted)
	}, webhook.Options{})
	if err := c.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if id := header.Get("webhook-id"); id != "m1" {
		t.Errorf("webhook-id is %q", id)
	}
	seconds, err := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	if err != nil || seconds != now.Unix() {
		t.Errorf("webhook-timestamp is %q (%v)", header.Get("webhook-timestamp"), err)
	}
	want := webhook.Sign([]byte(strings.Repeat("a", 32)), "m1", now, body) + " " + webhook.Sign([]byte(strings.Repeat("b", 32)), "m1", now, body)
	if got := header.Get("webhook-signature"); got != want {
		t.Errorf("webhook-signature is %q, want %q", got, want)
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	wantBody := map[string]any{
		"type": "reminder.message", "timestamp": "2026-11-22T08:00:00Z",
		"data": map[string]any{
			"id": "m1", "reminderId": "r1", "vin": "WVWZZZ1KZAW000001", "to": "ada@example.com", "locale": "zh-CN",
			"severity": "soon", "subject": "高尔夫：请检查", "body": "发动机缺火。",
		},
	}
	if diff := cmp.Diff(wantBody, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status   int
		wantErr  bool
		disabled bool
	}{
		"200 is delivered":             {http.StatusOK, false, false},
		"204 is delivered":             {http.StatusNoContent, false, false},
		"302 is not followed":          {http.StatusFound, true, false},
		"400 is worth another attempt": {http.StatusBadRequest, true, false},
		"410 is the end":               {http.StatusGone, true, true},
		"503 is worth another attempt": {http.StatusServiceUnavailable, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tc.status)
			}))
			defer server.Close()
			// The channel's own client, which keeps connections in http.DefaultTransport.
			defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			c, err := webhook.New(webhook.Options{URL: server.URL, Secrets: []string{secret('a')}})
			if err != nil {
				t.Fatal(err)
			}
			err = c.Send(t.Context(), message())
			if (err != nil) != tc.wantErr || errors.Is(err, reminders.ErrDisabled) != tc.disabled {
				t.Errorf("error is %v", err)
			}
			again := c.Send(t.Context(), message())
			if want := map[bool]int32{false: 2, true: 1}[tc.disabled]; requests.Load() != want {
				t.Errorf("%d requests after two messages (%v), want %d", requests.Load(), again, want)
			}
		})
	}
}

func TestReceiverThatIsDownIsLeftAlone(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}, webhook.Options{PerSecond: 1000})
	var err error
	for range 20 {
		err = c.Send(t.Context(), message())
	}
	if !errors.Is(err, gobreaker.ErrOpenState) || requests.Load() != 6 {
		t.Errorf("after 20 failures: %v, %d requests, want an open circuit after 6", err, requests.Load())
	}
}

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	c := setup(t, func(http.ResponseWriter, *http.Request) {}, webhook.Options{PerSecond: 0.01})
	if err := c.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := c.Send(ctx, message()); err == nil {
		t.Error("a second message at once is sent, at one in a hundred seconds")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := []string{secret('a')}
	for name, o := range map[string]webhook.Options{
		"no address":       {Secrets: good},
		"relative address": {URL: "/hooks", Secrets: good},
		"another scheme":   {URL: "ftp://example.com", Secrets: good},
		"no secret":        {URL: "https://example.com"},
		"no prefix":        {URL: "https://example.com", Secrets: []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
		"no base64":        {URL: "https://example.com", Secrets: []string{"whsec_?"}},
		"too short":        {URL: "https://example.com", Secrets: []string{"whsec_c2hvcnQ="}},
	} {
		if _, err := webhook.New(o); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "MfKQ") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}
