package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// crashDir tells the test binary, started again, to be the process that is
// killed: it writes there and prints every batch that was acknowledged.
const crashDir = "PITCREW_TEST_CRASH_DIR"

var crashStart = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// crashBatch is samples of three vehicles and two days: some become hot rows,
// some chunks, and the days are sealed while the next batches come.
func crashBatch(n int) []telemetry.Record {
	var batch []telemetry.Record
	for i := range 30 {
		vin := vehicle.VIN(fmt.Sprintf("WPCZZZ%011d", n%3))
		at := crashStart.AddDate(0, 0, n%20).Add(time.Duration(n*30+i) * time.Second)
		batch = append(batch, telemetry.Record{VIN: vin, Received: at, Sample: vehicle.Sample{
			Time: at, Readings: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(float64(n*100 + i))}},
		}})
	}
	return batch
}

func crash(dir string) error {
	s, err := embedded.Open(dir, embedded.Options{HotCells: 100, ChunkCells: 200})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := s.Write(context.Background(), crashBatch(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(crashDir); dir != "" {
		t.Fatal(crash(dir)) // until the kill
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	for _, killAt := range []int{1, 40, 400} {
		last := writeAndKill(t, dir, killAt)
		s, err := embedded.Open(dir, embedded.Options{})
		check(t, err)
		for n := range last + 1 {
			for _, r := range crashBatch(n) {
				requireStored(t, s, r)
			}
		}
		check(t, s.Close())
	}
}

// writeAndKill starts the writer, kills it once killAt is acknowledged, and
// returns the last batch that was.
func writeAndKill(t *testing.T, dir string, killAt int) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcessLosesNothing$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	last := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatalf("the writer says %q", lines.Text())
		}
		if last = n; n == killAt {
			check(t, cmd.Process.Kill()) // what is in the pipe still counts
		}
	}
	if err := cmd.Wait(); err == nil || last < killAt {
		t.Fatalf("the writer ended by itself after batch %d", last)
	}
	return last
}

func requireStored(t *testing.T, s telemetry.Store, want telemetry.Record) {
	t.Helper()
	at := want.Sample.Time
	got := samples(t, s, want.VIN, at, at.Add(time.Millisecond))
	if len(got) != 1 || got[0].Readings[0] != want.Sample.Readings[0] {
		t.Fatalf("sample of %s at %s is %v, want %v", want.VIN, at, got, want.Sample.Readings)
	}
}
