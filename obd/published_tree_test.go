package obd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// diffTrees tells where the JSON of a result differs from what a vector expects, a
// line for each place, and the result after them; "" when it does not.
//
//	null      nothing: null, no such key, or an empty text
//	number    the same when rounded: see sameNumber
//	text      the same, or the same instant
//	list      the same length, and every element the same
//	{}        no keys, or no such object
//	object    every key that is wanted is there and the same
//
// An object of ours may have more keys than are wanted in few places only: see isOpen
// and claims. Inside "values" names are proposals: see renamed.
func diffTrees(want, got object) string {
	var d differ
	d.object(nil, want, got)
	if len(d.lines) == 0 {
		return ""
	}
	return strings.Join(append(d.lines, "got "+text(got)), "\n")
}

// differ collects lines.
type differ struct{ lines []string }

func (d *differ) tell(path []string, want, got any) {
	d.lines = append(d.lines, fmt.Sprintf("%s: want %s, got %s", strings.Join(path, "."), text(want), text(got)))
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shown(b)
}

func (d *differ) node(path []string, want, got any) {
	same := false
	switch w := want.(type) {
	case object:
		g, ok := got.(object)
		if ok || got == nil && len(w) == 0 {
			d.object(path, w, g)
			return
		}
	case []any:
		if g, ok := got.([]any); ok && len(g) == len(w) {
			for i := range w {
				d.node(append(path, "["+strconv.Itoa(i)+"]"), w[i], g[i])
			}
			return
		}
	case json.Number:
		g, ok := got.(json.Number)
		same = ok && sameNumber(w.String(), g.String())
	case string:
		g, ok := got.(string)
		same = ok && (w == g || sameInstant(w, g))
	case nil:
		same = got == nil || got == ""
	default:
		same = want == got
	}
	if !same {
		d.tell(path, want, got)
	}
}

func (d *differ) object(path []string, want, got object) {
	if len(want) == 0 && len(got) > 0 {
		d.tell(path, want, got)
		return
	}
	if len(path) > 0 && path[len(path)-1] == "values" {
		got = renamed(want, got)
	}
	for _, key := range sortedKeys(want) {
		d.node(append(path, key), want[key], got[key])
	}
	for _, key := range sortedKeys(got) {
		if _, asked := want[key]; !asked && (!isOpen(path) || claims(key, got[key])) {
			d.tell(append(path, key), nil, got[key])
		}
	}
}

// isOpen reports whether vectors leave keys of an object out that we print: at the
// top, in all that is named by proposal, in messages, where vectors of transport are
// not about content, and in codes and notifications, where they are not about words.
func isOpen(path []string) bool {
	return len(path) == 0 || slices.ContainsFunc(path, func(name string) bool {
		return name == "values" || name == "messages" || name == "dtcs" || name == "notify"
	})
}

// claims reports whether a key says that something is so, which a vector would say
// as well, if it were. That a quality is ok is no news.
func claims(key string, value any) bool {
	switch key {
	case "ack", "ecu", "error", "frame", "voltage_mv":
		return true
	case "quality":
		return value != "ok"
	}
	return false
}

// renamed gives keys of got the names that a vector proposes for them: a name that
// got has not is given to the first key that the vector does not name, and that has
// the same value and unit. Every key is used once.
func renamed(want, got object) object {
	out := maps.Clone(got)
	for _, name := range sortedKeys(want) {
		if _, found := got[name]; found || want[name] == nil {
			continue
		}
		for _, key := range sortedKeys(out) {
			if _, asked := want[key]; !asked && sameUnit(name, key, want[name]) && isSame(want[name], out[key]) {
				out[name] = out[key]
				delete(out, key)
				break
			}
		}
	}
	return out
}

func isSame(want, got any) bool {
	var d differ
	d.node([]string{"values"}, want, got)
	return len(d.lines) == 0
}

// sameUnit compares the units at the end of two names, "speed_kmh". A value that is an
// object says its unit itself.
func sameUnit(a, b string, value any) bool {
	if _, isObject := value.(object); isObject {
		return true
	}
	return unitOf(a) == unitOf(b)
}

func unitOf(name string) string {
	switch unit := name[strings.LastIndexByte(name, '_')+1:]; unit {
	case "a", "ah", "bar", "c", "deg", "h", "km", "kmh", "kpa", "kwh", "ma", "min", "mpa", "nm", "pa", "pct", "psi", "rpm", "s", "v":
		return unit
	case "hours":
		return "h"
	default: // a count, a state, a ratio
		return ""
	}
}

// sameNumber reports whether got is the number that a vector writes as want. Written
// with three decimals or more it counts as rounded: half of its last step is left.
// Else a millionth is left, as vectors have six decimals and drop zeros at the end,
// but never half of the last step: millions of kilometres have tenths too.
func sameNumber(want, got string) bool {
	w, errW := strconv.ParseFloat(want, 64)
	g, errG := strconv.ParseFloat(got, 64)
	if errW != nil || errG != nil {
		return false
	}
	_, decimals, _ := strings.Cut(want, ".")
	half := 0.5 * math.Pow10(-len(decimals))
	if len(decimals) < 3 {
		half = min(half, max(1e-6*math.Abs(w), 0.5e-6))
	}
	return math.Abs(w-g) <= half*(1+1e-6)
}

func sameInstant(a, b string) bool {
	at, errA := time.Parse(time.RFC3339, a)
	bt, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && at.Equal(bt)
}

func sortedKeys(o object) []string { return slices.Sorted(maps.Keys(o)) }
