package ingest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
)

// fakeShelf holds entries of 10 bytes each, by the age of the oldest first.
type fakeShelf struct {
	last  []time.Time
	steps int
	fails int // how often it fails from now on
}

func (f *fakeShelf) QuarantineSize(context.Context) (int, int64, error) {
	if f.fails--; f.fails >= 0 {
		return 0, 0, errors.New("the database is away")
	}
	return len(f.last), int64(10 * len(f.last)), nil
}

func (f *fakeShelf) ExpireOldest(_ context.Context, before time.Time, excess int64, limit int) (e ingest.Expired, err error) {
	f.steps++
	for len(f.last) > 0 && e.Aged+e.Crowded < limit {
		switch {
		case f.last[0].Before(before):
			e.Aged++
		case e.Bytes < excess:
			e.Crowded++
		default:
			return e, nil
		}
		e.Bytes += 10
		f.last = f.last[1:]
	}
	return e, nil
}

func TestQuarantineExpires(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keep      time.Duration
		max       int64
		left      int
		aged, big float64
	}{
		"no limits":     {0, 0, 1500, 0, 0},
		"by age":        {1000 * time.Hour, 0, 1000, 500, 0},
		"by size":       {0, 12_345, 1234, 0, 266},
		"by both":       {1400 * time.Hour, 10_000, 1000, 100, 400},
		"within limits": {2000 * time.Hour, 15_000, 1500, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := &fakeShelf{}
			for i := range 1500 {
				shelf.last = append(shelf.last, noon.Add(time.Duration(i-1500)*time.Hour))
			}
			metrics := prometheus.NewRegistry()
			e, err := ingest.NewExpirer(ingest.ExpirerOptions{
				Shelf: shelf, Keep: test.keep, MaxBytes: test.max, Registerer: metrics, Now: func() time.Time { return noon },
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second round finds nothing to do
				if err := e.Round(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := []float64{
					float64(len(shelf.last)), metric(t, metrics, "pitcrew_quarantine_entries", ""), metric(t, metrics, "pitcrew_quarantine_bytes", ""),
					metric(t, metrics, "pitcrew_quarantine_expired_total", "age"), metric(t, metrics, "pitcrew_quarantine_expired_total", "size"),
				}
				if diff := cmp.Diff([]float64{float64(test.left), float64(test.left), float64(10 * test.left), test.aged, test.big}, got); diff != "" {
					t.Errorf("left, entries, bytes, aged, crowded (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What is in quarantine is told as it is, without waiting for a round; while the
// database is away there is no figure rather than an old one.
func TestFillIsTrueAtTheScrape(t *testing.T) {
	t.Parallel()
	shelf, metrics := &fakeShelf{}, prometheus.NewRegistry()
	if _, err := ingest.NewExpirer(ingest.ExpirerOptions{Shelf: shelf, Registerer: metrics}); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if entries, bytes := metric(t, metrics, "pitcrew_quarantine_entries", ""), metric(t, metrics, "pitcrew_quarantine_bytes", ""); entries != float64(n) || bytes != float64(10*n) {
			t.Errorf("%v entries of %v bytes, want %d of %d", entries, bytes, n, 10*n)
		}
		shelf.last = append(shelf.last, noon)
	}
	shelf.fails = 1
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "pitcrew_quarantine_expired_total" {
			t.Errorf("%s is told while the database is away", f.GetName())
		}
	}
}

func TestExpiryGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shelf := &fakeShelf{last: []time.Time{time.Now()}, fails: 1}
		e, err := ingest.NewExpirer(ingest.ExpirerOptions{Shelf: shelf, Keep: time.Hour, Every: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if len(shelf.last) != 0 || shelf.steps != 120 {
			t.Errorf("%d entries left after %d rounds", len(shelf.last), shelf.steps)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}
