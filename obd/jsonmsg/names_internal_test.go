package jsonmsg

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What was read before must not show in what is read now, whatever the names of signals
// are, in whatever order, and however often.
func TestMemoryOfNamesDoesNotShow(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	signals := rapid.SliceOfN(rapid.SampledFrom([]string{
		`"Vehicle.Speed":63.2`, `"Vehicle.Speed": 300`, `"Vehicle.Speed" :1`, `"Vehicle.Speed":"fast"`, `"Vehicle.TraveledDistance":5`,
		`"Vehicle.IsMoving":true`, `"Vehicle.VehicleIdentification.Brand":"x"`, `"own":1`, `"own":true`, `"\u006fwn":2`,
		`"a\"b":1`, `"a\\b":1`, `"\u0001":1`, `"":1`, `"` + strings.Repeat("n", MaxName) + `":1`, `"` + strings.Repeat("n", MaxName+1) + `":1`,
		"\"\xff\":1", `"ä":1`, `"own":1e999`, `"own":{}`, `"own":[1]`, `"own"`, `"own`,
	}), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		var memory names
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			payload := `{"samples":[`
			for i := range rapid.IntRange(1, 3).Draw(t, "samples") {
				if i > 0 {
					payload += ","
				}
				payload += `{"time":"2026-03-01T11:59:00Z","signals":{` + strings.Join(signals.Draw(t, "signals"), ",") + `}}`
			}
			payload += `]}`
			read := func(n names) (*message, []any) {
				m := &message{scanner: scanner{data: []byte(payload)}, received: received, parts: "samples", names: n}
				report, refusals, err := m.telemetry()
				return m, []any{report, refusals, err}
			}
			_, want := read(names{})
			m, got := read(memory)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s (-without memory +with):\n%s", payload, d)
			}
			memory = m.names
		}
	})
}
