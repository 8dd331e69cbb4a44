package reminders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/reminders"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outbox is a table of messages in memory.
type outbox struct {
	mu       sync.Mutex
	rows     []*entry
	markFail int // how many marks fail from now on
	claimErr error
}

type entry struct {
	reminders.Claimed
	next   time.Time
	state  string
	reason error
}

func newOutbox(ids ...string) *outbox {
	b := &outbox{}
	for _, id := range ids {
		b.rows = append(b.rows, &entry{Claimed: reminders.Claimed{Message: reminders.Message{ID: id, Severity: reminders.SeveritySoon}}, state: "queued"})
	}
	return b
}

func (b *outbox) Claim(_ context.Context, n int, lease time.Duration) ([]reminders.Claimed, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.claimErr; err != nil {
		b.claimErr = nil
		return nil, err
	}
	var out []reminders.Claimed
	for _, r := range b.rows {
		if r.state == "queued" && !r.next.After(time.Now()) && len(out) < n {
			r.next, r.Attempt = time.Now().Add(lease), r.Attempt+1
			out = append(out, r.Claimed)
		}
	}
	return out, nil
}

func (b *outbox) mark(ctx context.Context, id, state string, next time.Time, reason error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.markFail > 0 {
		b.markFail--
		return errors.New("the database is away")
	}
	i := slices.IndexFunc(b.rows, func(r *entry) bool { return r.ID == id })
	b.rows[i].state, b.rows[i].next, b.rows[i].reason = state, next, reason
	return nil
}

func (b *outbox) Delivered(ctx context.Context, id string) error {
	return b.mark(ctx, id, "delivered", time.Time{}, nil)
}

func (b *outbox) Failed(ctx context.Context, id string, retryAt time.Time, reason error) error {
	return b.mark(ctx, id, "queued", retryAt, reason)
}

func (b *outbox) Dead(ctx context.Context, id string, reason error) error {
	return b.mark(ctx, id, "dead", time.Time{}, reason)
}

func (b *outbox) states() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]string{}
	for _, r := range b.rows {
		out[r.ID] = r.state
	}
	return out
}

// channel is a receiver that remembers.
type channel struct {
	mu    sync.Mutex
	sent  []string
	times []time.Time
	send  func(ctx context.Context, n int) error // n counts attempts from 1
}

func (c *channel) Send(ctx context.Context, m reminders.Message) error {
	c.mu.Lock()
	c.sent, c.times = append(c.sent, m.ID), append(c.times, time.Now())
	n := len(c.sent)
	c.mu.Unlock()
	if c.send == nil {
		return nil
	}
	return c.send(ctx, n)
}

// run runs a dispatcher for a while of fake time, and stops it.
func run(t *testing.T, b *outbox, c *channel, o reminders.DispatcherOptions, while time.Duration) {
	t.Helper()
	o.Now = time.Now
	d, err := reminders.NewDispatcher(b, c, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), while)
	defer cancel()
	if err := d.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestDispatcherDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newOutbox("a", "b", "c")
		b.rows[2].next = time.Now().Add(time.Hour) // quiet hours
		c := &channel{}
		run(t, b, c, reminders.DispatcherOptions{}, 30*time.Minute)
		if diff := cmp.Diff(map[string]string{"a": "delivered", "b": "delivered", "c": "queued"}, b.states()); diff != "" {
			t.Errorf("after half an hour (-want +got):\n%s", diff)
		}
		run(t, b, c, reminders.DispatcherOptions{}, time.Hour)
		slices.Sort(c.sent)
		if diff := cmp.Diff([]string{"a", "b", "c"}, c.sent); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

// The process dies, or the database is away, between sending and marking: the
// message is repeated under its id, so that the receiver can tell, and not lost.
func TestDispatcherRepeatsWhatWasNotMarked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, c := newOutbox("a"), &channel{}
		b.markFail = 1
		run(t, b, c, reminders.DispatcherOptions{}, 10*time.Minute)
		if diff := cmp.Diff([]string{"a", "a"}, c.sent); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if b.states()["a"] != "delivered" {
			t.Errorf("the message is %s", b.states()["a"])
		}
		if gap := c.times[1].Sub(c.times[0]); gap < 2*time.Minute {
			t.Errorf("repeated after %v, while it was leased", gap)
		}
	})
}

func TestDispatcherRetriesForThreeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newOutbox("a")
		away := errors.New("the receiver is away")
		c := &channel{send: func(context.Context, int) error { return away }}
		begun := time.Now()
		run(t, b, c, reminders.DispatcherOptions{}, 10*24*time.Hour)
		if b.states()["a"] != "dead" || !errors.Is(b.rows[0].reason, away) {
			t.Errorf("the message is %s (%v)", b.states()["a"], b.rows[0].reason)
		}
		if n, last := len(c.times), c.times[len(c.times)-1].Sub(begun); n != 11 || last < 72*time.Hour || last > 84*time.Hour {
			t.Errorf("%d attempts over %v, want 11 over about three days", n, last)
		}
		for i := 2; i < len(c.times); i++ {
			if c.times[i].Sub(c.times[i-1]) <= c.times[i-1].Sub(c.times[i-2]) {
				t.Errorf("the gap before attempt %d does not grow", i+1)
			}
		}
	})
}

func TestDispatcherOutcomes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		send    error
		news    bool
		newsErr error
		want    string
		sent    int
		outcome string
	}{
		"delivered":        {nil, true, nil, "delivered", 1, "delivered"},
		"receiver is away": {errors.New("away"), true, nil, "queued", 1, "failed"},
		"receiver said no": {fmt.Errorf("send: %w", reminders.ErrDisabled), true, nil, "dead", 1, "dead"},
		"booked meanwhile": {nil, false, nil, "dead", 0, "outdated"},
		"cannot look":      {nil, false, errors.New("the database is away"), "queued", 0, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, c := newOutbox("a"), &channel{send: func(context.Context, int) error { return tc.send }}
				registry := prometheus.NewRegistry()
				run(t, b, c, reminders.DispatcherOptions{
					Registerer: registry,
					StillNews:  func(context.Context, reminders.Message) (bool, error) { return tc.news, tc.newsErr },
				}, time.Second)
				if b.states()["a"] != tc.want || len(c.sent) != tc.sent {
					t.Errorf("the message is %s after %d attempts, want %s after %d", b.states()["a"], len(c.sent), tc.want, tc.sent)
				}
				if diff := cmp.Diff(map[string]float64{tc.outcome: 1}, outcomes(t, registry)); diff != "" {
					t.Errorf("metrics (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func outcomes(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			out[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return out
}

// A stop lets the attempt under way finish and marks it.
func TestDispatcherStopsSoftly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newOutbox("a", "b", "c")
		c := &channel{send: func(ctx context.Context, _ int) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		run(t, b, c, reminders.DispatcherOptions{Workers: 1}, time.Second)
		states := b.states()
		delivered := 0
		for _, s := range states {
			if s == "delivered" {
				delivered++
			}
		}
		if delivered != len(c.sent) || delivered == 0 || delivered == 3 {
			t.Errorf("sent %v, states %v: want what was begun delivered, the rest queued", c.sent, states)
		}
	})
}

// A receiver that does not answer must not hold up a stop: its message is sent
// again after the next start.
func TestDispatcherCutsOffWhatHangsAtAStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newOutbox("a", "b")
		c := &channel{send: func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		began := time.Now()
		run(t, b, c, reminders.DispatcherOptions{Workers: 1}, time.Second)
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("stopped after %s, want the second it ran and 3 s of grace", took)
		}
		for id, state := range b.states() {
			if state == "delivered" || state == "dead" {
				t.Errorf("message %s is %s, want it to be sent again", id, state)
			}
		}
		if len(c.sent) != 1 {
			t.Errorf("sent %v, want nothing begun after the stop", c.sent)
		}
	})
}

func TestDispatcherOutlivesTroubleWithTheOutbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b, c := newOutbox("a"), &channel{}
		b.claimErr = errors.New("the database is away")
		run(t, b, c, reminders.DispatcherOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))}, time.Minute)
		if b.states()["a"] != "delivered" || !strings.Contains(log.String(), "the database is away") {
			t.Errorf("the message is %s, the log says %q", b.states()["a"], log.String())
		}
	})
}

// A receiver that hangs costs its own attempt and nobody else's.
func TestDispatcherBoundsAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newOutbox("a", "b")
		c := &channel{send: func(ctx context.Context, n int) error {
			if n > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		run(t, b, c, reminders.DispatcherOptions{Workers: 1}, 5*time.Minute)
		if diff := cmp.Diff(map[string]string{"a": "delivered", "b": "delivered"}, b.states()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestDispatcherOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]reminders.DispatcherOptions{
		"a lease shorter than an attempt": {Now: time.Now, Lease: time.Second},
		"no clock":                        {},
	} {
		if _, err := reminders.NewDispatcher(newOutbox(), &channel{}, o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestLogShowsNoAddress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := reminders.Log{Logger: slog.New(slog.NewTextHandler(&out, nil))}
	if err := l.Send(t.Context(), reminders.Message{ID: "m1", To: "ada@example.com", Subject: "Oil due"}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "Oil due") || strings.Contains(text, "ada@example.com") {
		t.Errorf("the log says %q", text)
	}
}

func TestStillNews(t *testing.T) {
	t.Parallel()
	want := map[reminders.State]bool{reminders.DueSoon: true, reminders.Due: true, reminders.Overdue: true}
	for _, s := range reminders.States() {
		if got := (reminders.Reminder{State: s, Severity: reminders.SeveritySoon}).StillNews(); got != want[s] {
			t.Errorf("%s: still news is %v", s, got)
		}
	}
	if !(reminders.Reminder{State: reminders.Booked, Severity: reminders.SeverityStop}).StillNews() {
		t.Error("a stop that is booked is kept quiet")
	}
}
