package dialect_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
)

func TestTorque(t *testing.T) {
	t.Parallel()
	const head = "eml=user%40example.com&v=8&session=1795593000000&id=bcc&time=1795593600000"
	for name, tc := range map[string]struct {
		query string
		want  said
	}{
		"PIDs": {head + "&kc=1726.0&kd=19&k5=55&k2f=25.1&k42=13.8&kff1238=13.5&kff1001=20.5", said{Device: "bcc", Stored: []string{
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.Speed=1726",
			"2026-11-25 08:00:00 Speed=19",
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.EngineCoolant.Temperature=55",
			"2026-11-25 08:00:00 Powertrain.FuelSystem.RelativeLevel=25.1",
			"2026-11-25 08:00:00 LowVoltageBattery.CurrentVoltage=13.8",
		}}},
		"the last of two counts": {head + "&kc=1&kff1005=10&kff1006=20&kc=2&kff1001=36", said{Device: "bcc", Stored: []string{
			"2026-11-25 08:00:00 Powertrain.CombustionEngine.Speed=2",
			"2026-11-25 08:00:00 CurrentLocation.Longitude=10",
			"2026-11-25 08:00:00 CurrentLocation.Latitude=20",
			"2026-11-25 08:00:00 Speed=36",
		}}},
		"labels":           {head + "&userUnit0c=rpm&userShortName0c=Revs&defaultUnitff1005=%C2%B0", said{Device: "bcc"}},
		"other keys":       {head + "&k222a05=7&k14=1.5&kff1226=80&notice=5&kxyz=1", said{Device: "bcc", Stored: []string{"2026-11-25 08:00:00 torque.k14=1.5", "2026-11-25 08:00:00 torque.k222a05=7", "2026-11-25 08:00:00 torque.kff1226=80"}}},
		"a whole URL":      {"/torque?" + head + "&kd=5", said{Device: "bcc", Stored: []string{"2026-11-25 08:00:00 Speed=5"}}},
		"no fix":           {head + "&kff1005=0.0&kff1006=0.0&kff1001=12", said{Device: "bcc", Refused: []string{"kff1006, byte 87: latitude and longitude are 0: the receiver has no fix"}}},
		"wrong values":     {head + "&kc=NaN&kd=-5&k5=&k2f=%zz&kff1010=high&kff1226=Infinity", said{Device: "bcc", Stored: []string{"2026-11-25 08:00:00 Speed=-5 out of range"}, Refused: []string{"k2f, byte 92: not a value of a query: a % without two hexadecimal digits", `kc, byte 75: want a number, got "NaN"`, `kff1010, byte 100: want a number, got "high"`, "kff1226, byte 113: not a finite number"}}},
		"no time":          {"id=bcc&kc=800", said{Device: "bcc", Stored: []string{"receiver -0s Powertrain.CombustionEngine.Speed=800"}}},
		"wrong time":       {"id=bcc&time=soon&kc=800", said{Device: "bcc", Refused: []string{`time, byte 7: want milliseconds since 1970, got "soon"`}}},
		"time in seconds":  {"id=bcc&time=1795593600&kc=800", said{Device: "bcc", Refused: []string{"time, byte 7: time is before the year 2000: the clock was not set"}}},
		"time of a legend": {"id=bcc&time=9223372036854775807&kc=800", said{Device: "bcc", Refused: []string{"time, byte 7: time is after the year 9999"}}},
		"no query":         {"hello", said{Err: "byte 0: want a query, id=...&time=...&kc=..."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(readAs(t, "torque", "", tc.query))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTorqueKeepsTheAddressToItself: the e-mail is in no part of a result,
// however it is written.
func TestTorqueKeepsTheAddressToItself(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"eml=user%40example.com&id=bcc&kc=NaN", "eml=user%40example.com%zz&id=bcc", "id=bcc&eml=user@example.com&eml=user@example.com", "%65ml=user@example.com&id=bcc&kc=1", "EML=user@example.com&id=1",
	} {
		r, err := readAs(t, "torque", "", query)
		b, _ := json.Marshal(r)
		if all := string(b) + fmt.Sprint(err, r); strings.Contains(all, "example") {
			t.Errorf("%s: got %s", query, all)
		}
	}
}

func FuzzTorque(f *testing.F) {
	for _, s := range []string{"id=bcc&time=1795593600000&kc=1726&kff1005=1&kff1006=2&kff1001=3", "eml=a%40b&%6bc=1&kc=%", "?k=1&kff=2&time=-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r, err := readAs(t, "torque", "", query)
		checkSane(t, query, r, err)
	})
}

func BenchmarkTorque(b *testing.B) {
	d, _ := dialect.Lookup("torque")
	m := dialect.Message{Payload: []byte("eml=a%40b&v=8&session=1795593000000&id=bcc&time=1795593600000&kc=1726.0&kd=19&k5=55&kff1005=10&kff1006=20&kff1001=18.5"), Received: receivedAt}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(m); err != nil {
			b.Fatal(err)
		}
	}
}

// What is refused is kept with its bytes: the e-mail must be gone before.
func TestTorqueRedactsTheEmail(t *testing.T) {
	t.Parallel()
	r, err := dialect.NewRouter([]dialect.Feed{{Dialect: "torque", Filter: "torque/+"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"eml=a%40b.c&id=1&kc=2":         "eml=removed&id=1&kc=2",
		"id=1&EML=a@b.c&%65ml=x@y&kc=2": "id=1&EML=removed&%65ml=removed&kc=2",
		"?eml=a@b.c":                    "?eml=removed",
		"id=1&kemail=3":                 "id=1&kemail=3",
	} {
		if got := string(r.Redact("torque/x", []byte(query))); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
		if got := string(r.Redact("other/x", []byte(query))); got != query {
			t.Errorf("another topic: got %s", got)
		}
	}
}
