package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// binary is a pitcrew of this source, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "pitcrew")
	out, err := exec.Command("go", "build", "-o", path, "github.com/pitcrew-telematics/pitcrew/cmd/pitcrew").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build pitcrew: %w\n%s", err, out)
	}
	return path, nil
})

var scratch string // folder of what all tests share

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pitcrew-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// thePitcrew returns the binary to break.
func thePitcrew(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKilledPitcrewLosesNothing(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]killing{
		"embedded":           {kills: 8, cars: 4, pace: 10 * time.Millisecond},
		"embedded, 400 cars": {kills: 4, cars: 400, pace: 300 * time.Millisecond}, // batches of many vehicles go another way
		"servers around":     {kills: 8, cars: 4, pace: 10 * time.Millisecond, on: external{broker: true, influx: influx1, postgres: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			k.binary, k.seed, k.out = thePitcrew(t), 5, &out
			v, err := k.run(t.Context(), t)
			t.Logf("\n%s", &out)
			if err != nil {
				t.Fatal(err)
			}
			if !v.ok() {
				t.Error(errDiffers)
			}
		})
	}
}

func TestOutagesEndByThemselves(t *testing.T) {
	t.Parallel()
	for _, what := range []away{awayInflux, awayInflux2, awayBroker, awayPostgres, awayDisk} {
		t.Run(string(what), func(t *testing.T) { // one after the other: three influxd at a time are enough
			var out bytes.Buffer
			v, err := outage{binary: thePitcrew(t), what: what, cars: 4, pace: 5 * time.Millisecond, out: &out}.run(t.Context(), t)
			t.Logf("\n%s", &out)
			if err != nil {
				t.Fatal(err)
			}
			if !v.ok() {
				t.Error(errDiffers)
			}
		})
	}
}

// 12 cars and not 1,000; the same else.
func TestMonthInAnyOrderEndsTheSame(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a month of a fleet takes a while")
	}
	var out bytes.Buffer
	ok, err := anyOrder{cars: 12, days: 30, seed: 3, out: &out}.run(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Errorf("%v:\n%s", errDiffers, &out)
	}
}

func TestIngestersThatShareStoreTheSameAsOne(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	alone, shared, err := sharing{
		binary: thePitcrew(t), n: 2, kills: 3, cars: 4, pace: 10 * time.Millisecond, seed: 2, out: &out,
	}.run(t.Context(), t)
	t.Logf("\n%s", &out)
	if err != nil {
		t.Fatal(err)
	}
	if !alone.ok() || !shared.ok() {
		t.Error(errDiffers)
	}
}

// A verdict that could not find a difference would say nothing.
func TestVerdictFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	s := set(t, thePitcrew(t), t.TempDir(), external{})
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	if err := s.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	load := drive(t.Context(), 2, live, s.broker, time.Millisecond)
	if err := load.until(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	published, err := load.end()
	if err != nil {
		t.Fatal(err)
	}
	if err := settle(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	v, err := s.stopAndJudge(t.Context(), load.cars, published)
	if err != nil || !v.ok() {
		t.Fatalf("%+v, %v", v, err)
	}
	samples, db, err := s.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { samples.Close(); db.Close() })
	if v, err := judge(t.Context(), load.cars, append(slices.Clone(published), 0), samples, db); err != nil || !v.ok() {
		t.Errorf("with a car that has published nothing: %+v, %v", v, err)
	}
	for what, change := range map[string]func(c *cars, published []int){
		"more was published":   func(_ *cars, published []int) { published[0] += 40 },
		"less was published":   func(_ *cars, published []int) { published[1] -= 40 },
		"it was another value": func(c *cars, _ []int) { c.epoch = c.epoch.Add(time.Millisecond) },
	} {
		c, n := load.cars, slices.Clone(published)
		change(&c, n)
		v, err := judge(t.Context(), c, n, samples, db)
		if err != nil {
			t.Fatal(err)
		}
		for name, d := range map[string]difference{
			"values": v.values, "latest": v.latest, "roll-ups": v.rollups, "codes": v.codes, "derived": v.derived,
		} {
			if d.none() {
				t.Errorf("%s: no difference in %s", what, name)
			}
		}
		if v.refused.none() && what != "it was another value" {
			t.Errorf("%s: no difference in quarantine", what)
		}
	}
}
