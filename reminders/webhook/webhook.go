// Package webhook sends owners' messages to a receiver of the operator, who
// passes them on by whatever means it has. Requests follow Standard Webhooks
// 1.0.0 (https://www.standardwebhooks.com): signed, and with an id by which the
// receiver can tell a repetition.
package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-kit/kit/endpoint"
	"github.com/go-kit/kit/ratelimit"
	kithttp "github.com/go-kit/kit/transport/http"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"github.com/pitcrew-telematics/pitcrew/reminders"
)

// Options say where messages go. Zero values of the optional ones are good.
type Options struct {
	URL string
	// Secrets sign every request, each with a signature of its own, so that one
	// can be replaced while both are valid: "whsec_" and 24 to 64 bytes in base64.
	Secrets []string

	Client    *http.Client  // nil is one that follows no redirects
	PerSecond float64       // requests per second; 0 is 10
	Pause     time.Duration // how long the circuit stays open; 0 is 30 s
	Now       func() time.Time
}

// Channel implements reminders.Channel. After the receiver has answered 410 Gone
// it sends nothing more until the process starts again.
type Channel struct {
	send     endpoint.Endpoint
	url      string
	secrets  [][]byte
	now      func() time.Time
	disabled atomic.Bool
}

// New checks the options and returns a channel.
func New(o Options) (*Channel, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("webhook address %q: give an absolute http or https address", o.URL)
	}
	if len(o.Secrets) == 0 {
		return nil, errors.New("webhook: give at least one secret")
	}
	c := &Channel{url: o.URL, now: o.Now}
	for i, s := range o.Secrets {
		key, err := parseSecret(s)
		if err != nil {
			return nil, fmt.Errorf("webhook secret %d: %w", i+1, err)
		}
		c.secrets = append(c.secrets, key)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 10
	}
	if o.Pause <= 0 {
		o.Pause = 30 * time.Second
	}
	limit := rate.NewLimiter(rate.Limit(o.PerSecond), max(int(o.PerSecond), 1))
	circuit := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Name: "webhook", Timeout: o.Pause,
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, reminders.ErrDisabled) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
	client := kithttp.NewExplicitClient(c.request, answer, kithttp.SetClient(o.Client))
	c.send = endpoint.Chain(ratelimit.NewDelayingLimiter(limit), breaker(circuit))(client.Endpoint())
	return c, nil
}

func parseSecret(s string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(s, "whsec_")
	if !ok {
		return nil, errors.New(`must begin with "whsec_"`)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New(`must be base64 after "whsec_"`)
	}
	if len(key) < 24 || len(key) > 64 {
		return nil, fmt.Errorf("must hold 24 to 64 bytes, not %d", len(key))
	}
	return key, nil
}

// breaker turns a circuit breaker into endpoint middleware.
func breaker(circuit *gobreaker.CircuitBreaker[any]) endpoint.Middleware {
	return func(next endpoint.Endpoint) endpoint.Endpoint {
		return func(ctx context.Context, request any) (any, error) {
			return circuit.Execute(func() (any, error) { return next(ctx, request) })
		}
	}
}

// Send delivers one message: any 2xx is delivered, 410 is disabled, all else is
// worth another attempt.
func (c *Channel) Send(ctx context.Context, m reminders.Message) error {
	if c.disabled.Load() {
		return reminders.ErrDisabled
	}
	_, err := c.send(ctx, m)
	if errors.Is(err, reminders.ErrDisabled) {
		c.disabled.Store(true)
	}
	if err != nil {
		return fmt.Errorf("send message to webhook: %w", err)
	}
	return nil
}

// payload is the body of a request. It is the same in every attempt.
type payload struct {
	Type      string    `json:"type"`      // always "reminder.message"
	Timestamp time.Time `json:"timestamp"` // from when on the owner may be told
	Data      data      `json:"data"`
}

type data struct {
	ID         string `json:"id"`
	ReminderID string `json:"reminderId"`
	VIN        string `json:"vin"`
	To         string `json:"to"`
	Locale     string `json:"locale"`
	Severity   string `json:"severity"` // stop, soon, routine
	Subject    string `json:"subject"`
	Body       string `json:"body"`
}

func (c *Channel) request(ctx context.Context, request any) (*http.Request, error) {
	m, ok := request.(reminders.Message)
	if !ok {
		return nil, fmt.Errorf("a webhook cannot send a %T", request)
	}
	body, err := json.Marshal(payload{Type: "reminder.message", Timestamp: m.NotBefore.UTC(), Data: data{
		ID: m.ID, ReminderID: m.ReminderID, VIN: string(m.VIN), To: m.To, Locale: m.Locale,
		Severity: string(m.Severity), Subject: m.Subject, Body: m.Body,
	}})
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at := c.now()
	signatures := make([]string, len(c.secrets))
	for i, key := range c.secrets {
		signatures[i] = Sign(key, m.ID, at, body)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", m.ID)
	r.Header.Set("Webhook-Timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	return r, nil
}

func answer(_ context.Context, r *http.Response) (any, error) {
	// A short answer is read to its end so that the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 64<<10))
	switch {
	case r.StatusCode >= 200 && r.StatusCode < 300:
		return nil, nil
	case r.StatusCode == http.StatusGone:
		return nil, reminders.ErrDisabled
	}
	return nil, fmt.Errorf("the receiver answered %s", r.Status)
}
