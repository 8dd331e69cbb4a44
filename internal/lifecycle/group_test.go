package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lifecycle"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(s string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, s)
}

func (j *journal) part(g *lifecycle.Group, name string) {
	g.Add(name, func(ctx context.Context) error {
		<-ctx.Done()
		j.add(name)
		return nil
	})
}

func TestStopsInReverseOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		g := lifecycle.Group{Logger: slog.New(slog.DiscardHandler)}
		j.part(&g, "store")
		j.part(&g, "planner")
		j.part(&g, "source")
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 1)
		go func() { errs <- g.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-errs; err != nil {
			t.Fatalf("clean stop returned %v", err)
		}
		if want := []string{"source", "planner", "store"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped %v, want %v", j.lines, want)
		}
	})
}

func TestAFailureStopsTheRest(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, tc := range map[string]struct{ fail, want error }{
		"with an error":    {boom, boom},
		"without an error": {nil, lifecycle.ErrEnded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j journal
			g := lifecycle.Group{Logger: slog.New(slog.DiscardHandler)}
			j.part(&g, "store")
			g.Add("broken", func(context.Context) error { return tc.fail })
			if err := g.Run(t.Context()); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if !slices.Equal(j.lines, []string{"store"}) {
				t.Errorf("the other part was not stopped: %v", j.lines)
			}
		})
	}
}

func TestAPartThatDoesNotStopIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := lifecycle.Group{Logger: slog.New(slog.DiscardHandler), StopTimeout: time.Second}
		g.Add("stuck", func(context.Context) error { <-release; return nil })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := g.Run(ctx)
		if err == nil || err.Error() != "stop stuck: did not end within 1s" {
			t.Errorf("got %v", err)
		}
		close(release)
		synctest.Wait()
	})
}
