package obd_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
)

// TestPublishedVectorsDialects decodes messages of other makers' devices.
func TestPublishedVectorsDialects(t *testing.T) {
	t.Parallel()
	runPublished(t, "mqtt_devices.json", checkDialect)
}

// dialectAliases are names of vectors for forms that a dialect reads beside its
// main one.
var dialectAliases = map[string]string{"bmw_cardata_list": "bmw_cardata"}

func checkDialect(t *testing.T, v vector) string {
	in := unmarshal[struct{ Dialect, Topic, Payload string }](t, v.Input)
	want := unmarshal[map[string]any](t, v.Expected)
	name := in.Dialect
	if alias, ok := dialectAliases[name]; ok {
		name = alias
	}
	d, ok := dialect.Lookup(name)
	if !ok {
		return "dialect " + name + " is not registered"
	}
	topic := in.Topic
	if strings.HasPrefix(topic, "(") {
		topic = "" // the vector names a transport without topics
	}
	// Long after every time in the vectors: what is compared is what devices say.
	received := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	r, err := d.Decode(dialect.Message{Topic: topic, Payload: []byte(in.Payload), Received: received})
	if err != nil {
		return "refused: " + err.Error()
	}
	return diffDialect(want, unmarshal[map[string]any](t, marshal(t, r)))
}

func marshal(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// diffDialect compares every field that a vector holds. What else the decoder
// found is its own business.
func diffDialect(want, got map[string]any) string {
	var diffs []string
	for name, w := range want {
		g, given := got[name]
		diff := ""
		switch name {
		case "must_not_fail": // it did not
		case "values":
			diff = diffPoints(asObject(w), asObject(g))
		case "device", "online", "time", "event", "notify", "frames", "samples", "checksum_valid", "uptime_ms",
			"time_ms", "session_ms", "dtcs", "request", "command", "iccid", "sequence":
			if !given || !same(w, g) {
				diff = fmt.Sprintf("-%v\n+%v", w, g)
			}
		default:
			diff = "the checker does not know this field"
		}
		if diff != "" {
			diffs = append(diffs, name+": "+diff)
		}
	}
	sort.Strings(diffs)
	return strings.Join(diffs, "\n")
}

// diffPoints compares values by name. Names are a proposal of the vectors: where
// ours differ, another value with the same number, unit and time counts, once.
func diffPoints(want, got map[string]any) string {
	if len(want) == 0 && len(got) > 0 {
		return fmt.Sprintf("want none, got %v", got)
	}
	var missing []string
	for _, name := range sortedNames(want) {
		if g, ok := got[name]; ok {
			if !same(want[name], g) {
				return fmt.Sprintf("%s: -%v\n+%v", name, want[name], g)
			}
			delete(got, name)
			continue
		}
		missing = append(missing, name)
	}
	for _, name := range missing {
		found := slices.IndexFunc(sortedNames(got), func(other string) bool { return same(want[name], got[other]) })
		if found < 0 {
			return fmt.Sprintf("%s: -%v\n+nothing like it in %v", name, want[name], got)
		}
		delete(got, sortedNames(got)[found])
	}
	return ""
}

// same reports whether got holds what want says: members of objects that want does
// not name are free, numbers agree to a millionth, times are the same instant, and
// a unit that is null is none.
func same(want, got any) bool {
	switch w := want.(type) {
	case nil:
		return got == nil || got == ""
	case map[string]any:
		g, ok := got.(map[string]any)
		for name := range w {
			ok = ok && same(w[name], g[name])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, same)
	case float64:
		g, ok := got.(float64)
		return ok && math.Abs(w-g) <= 1e-6*max(1, math.Abs(w))
	case string:
		g, ok := got.(string)
		return ok && (w == g || sameInstant(w, g))
	default:
		return want == got
	}
}

func sameInstant(a, b string) bool {
	at, errA := time.Parse(time.RFC3339, a)
	bt, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && at.Equal(bt)
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
