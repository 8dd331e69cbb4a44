package dialect

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Torque Pro uploads by HTTP: the query of a GET, or the form of a POST, one
// moment each.
//
//	eml=<e-mail>&v=8&session=<ms>&id=<device>&time=<ms>&k<pid>=<value>&kff1005=<longitude>&...
//
// k and up to two hexadecimal digits without a leading zero is a PID of SAE J1979
// service 01, scaled, in metric units whatever the telephone shows; kff1... are
// Torque's own. Where a key stands twice the last value counts. Messages that only
// name the keys (userUnit.., userShortName.., defaultUnit..) hold no values. The
// e-mail is personal data: it is never read, and removed before anything is kept.

func torque() Dialect {
	return Dialect{
		Name:   "torque",
		About:  "Torque Pro web upload: the query of an HTTP request; id identifies the device",
		Decode: decodeTorque,
		Redact: withoutEmail,

		WithoutLocation: torqueWithoutLocation,
	}
}

// withoutEmail takes the value of eml out of a query.
func withoutEmail(query []byte) []byte {
	return withoutValues(query, "removed", func(name string) bool { return strings.EqualFold(name, "eml") })
}

// torqueWithoutLocation takes the values of the place out of a query.
func torqueWithoutLocation(query []byte) []byte {
	return withoutValues(query, "", func(name string) bool {
		k, known := torqueKeys().find(strings.ToLower(name))
		return known && vehicle.ClassOf(k.signal) == vehicle.ClassLocation || !known && vehicle.NamesLocation(name)
	})
}

// withoutValues writes something else for the values of some names of a query.
func withoutValues(query []byte, instead string, of func(name string) bool) []byte {
	var kept []byte
	for i, part := range bytes.Split(query, []byte("&")) {
		if i > 0 {
			kept = append(kept, '&')
		}
		name, _, hasValue := bytes.Cut(part, []byte("="))
		plain, err := url.QueryUnescape(string(bytes.TrimLeft(name, "?\r\n ")))
		if hasValue && err == nil && of(plain) {
			part = append(name[:len(name):len(name)], "="+instead...)
		}
		kept = append(kept, part...)
	}
	return kept
}

var torqueKeys = index(torqueTable)

func torqueTable() []key {
	return []key{
		{key: "kff1005", name: "longitude", unit: "deg", signal: longitude},
		{key: "kff1006", name: "latitude", unit: "deg", signal: latitude},
		{key: "kff1010", name: "altitude", unit: "m", signal: altitude},
		{key: "kff1007", name: "heading", unit: "deg", signal: heading},
		{key: "kff1239", name: "gps_accuracy", unit: "m", signal: accuracy},
		{key: "kff1001", name: "gps_speed", unit: "km/h", signal: vehicle.Speed},
		{key: "kff1238", name: "adapter_voltage", unit: "V", signal: vehicle.LowVoltage},
		{key: "kff1204", name: "trip_distance", unit: "km"},
		{key: "kff123a", name: "satellites"},
	}
}

func decodeTorque(m Message) (Result, error) {
	c := &collector{dialect: "torque"}
	pairs := c.torquePairs(string(m.Payload))
	if len(pairs) == 0 {
		return Result{}, &vehicle.Refusal{Reason: "want a query, id=...&time=...&kc=..."}
	}
	when := moment{at: m.Received, source: vehicle.TimeFromReceiver}
	var values []pair
	for _, p := range pairs {
		switch p.key {
		case "id":
			c.Device = cut(p.value, maxName)
		case "session":
			c.torqueMillis("session_ms", p)
		case "time":
			when = c.torqueTime(p, m.Received)
		default:
			if isTorqueValue(p.key) {
				values = append(values, p)
			}
		}
	}
	c.begin(when)
	c.torqueValues(values)
	c.end(when)
	return c.Result, nil
}

// torquePairs cuts the query. Of keys that repeat, the last one stands; the
// e-mail does not get this far.
func (c *collector) torquePairs(query string) []pair {
	offset := 0
	if at := strings.IndexByte(query, '?'); at >= 0 && !strings.ContainsAny(query[:at], "=&") {
		offset = at + 1 // a whole URL
	}
	var pairs []pair
	seen := map[string]int{}
	for offset <= len(query) && len(pairs) <= 2*maxValues {
		part, _, _ := strings.Cut(query[offset:], "&")
		at := offset
		offset += len(part) + 1
		name, value, ok := strings.Cut(strings.TrimRight(part, "\r\n"), "=")
		if !ok || name == "eml" {
			continue
		}
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			c.refuse(at, cut(strings.ToValidUTF8(name, "?"), maxName), "not a value of a query: a %% without two hexadecimal digits")
			continue
		}
		p := pair{name, value, at}
		if i, again := seen[name]; again {
			pairs[i] = p
			continue
		}
		seen[name] = len(pairs)
		pairs = append(pairs, p)
	}
	return pairs
}

// isTorqueValue reports whether a key names a value: k and hexadecimal digits.
func isTorqueValue(name string) bool {
	digits, ok := strings.CutPrefix(name, "k")
	return ok && digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

func (c *collector) torqueMillis(name string, p pair) (int64, bool) {
	ms, err := strconv.ParseInt(p.value, 10, 64)
	if err != nil || ms < 0 {
		c.refuse(p.offset, p.key, "want milliseconds since 1970, got %q", cut(p.value, 32))
		return 0, false
	}
	c.detail(name, ms)
	return ms, true
}

func (c *collector) torqueTime(p pair, received time.Time) moment {
	const year9999 = 253402300799 * 1000
	ms, ok := c.torqueMillis("time_ms", p)
	if !ok {
		return moment{refused: true}
	}
	reason := "time is after the year 9999"
	at := time.UnixMilli(min(ms, year9999)).UTC()
	if ms <= year9999 {
		reason = vehicle.Impossible(at, received)
	}
	if reason != "" {
		c.refuse(p.offset, p.key, "%s", reason)
		return moment{refused: true}
	}
	return moment{at: at}
}

// torqueValues adds the values: the car's own first, then what Torque computes,
// the speed of the position receiver last.
func (c *collector) torqueValues(values []pair) {
	rank := func(p pair) int {
		if len(p.key) <= len("kff") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(values, func(a, b pair) int { return rank(a) - rank(b) })
	speed := -1
	for i, p := range values {
		if c.values > maxValues {
			return
		}
		name := strings.ToLower(p.key)
		value := strings.TrimSpace(p.value)
		before := len(c.Refusals)
		r, known := torqueKeys().find(name)
		switch {
		case r.signal == vehicle.Speed:
			speed = i
		case known:
			c.given(r, value, "")
		case !c.torquePID(name, value, p.offset):
			c.unknown(key{key: name}, value)
		}
		c.placed(before, p.offset)
	}
	before := len(c.Refusals)
	fix := c.checkPosition("kff1006")
	c.placed(before, offsetOf(values, "kff1006"))
	if speed >= 0 {
		p, before := values[speed], len(c.Refusals)
		r, _ := torqueKeys().find(strings.ToLower(p.key))
		c.receiverSpeed(r, p.value, fix)
		c.placed(before, p.offset)
	}
}

// torquePID adds the value of a PID. It is false for a key that is none, or that
// pitcrew does not know.
func (c *collector) torquePID(name, value string, offset int) bool {
	pid, err := strconv.ParseUint(strings.TrimPrefix(name, "k"), 16, 8)
	if err != nil || value == "" {
		return false
	}
	f, ok := pidField(byte(pid))
	if ok {
		c.pid(f, key{key: name, name: pidName(f), unit: f.Unit}, value, "", offset)
	}
	return ok
}
