package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The limits of one message: what is beyond them is refused, and the rest kept.
const (
	maxValues = 2048 // values of one message
	maxName   = 128  // bytes of a key that no table knows
	maxText   = 1024 // bytes of a text value

	maxRefusals = 256 // parts that are listed as refused
)

// collector gathers what one message says. A decoder hands it values by the rows
// of its table, and closes each moment with sample.
type collector struct {
	Result

	dialect  string
	at       time.Time // event time of the points that follow; zero when the message gives none
	readings []vehicle.Reading
	values   int
}

// refuse notes a part that was not used. offset is its byte in the payload, 0
// where the reader of the format keeps none. Of a message that is nothing but faults
// the first ones are listed.
func (c *collector) refuse(offset int, place, format string, args ...any) {
	switch {
	case len(c.Refusals) > maxRefusals:
		return
	case len(c.Refusals) == maxRefusals:
		c.Refusals = append(c.Refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: "more parts are wrong from here on: not listed"})
		return
	}
	c.Refusals = append(c.Refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: fmt.Sprintf(format, args...)})
}

// refuseError notes a part whose reader gave an error.
func (c *collector) refuseError(place string, err error) {
	var refusal *vehicle.Refusal
	if errors.As(err, &refusal) {
		c.refuse(refusal.Offset, place, "%s", refusal.Reason)
		return
	}
	c.refuse(0, place, "%s", err.Error())
}

// detail notes what else the message said.
func (c *collector) detail(name string, value any) {
	if c.Details == nil {
		c.Details = make(map[string]any)
	}
	c.Details[name] = value
}

// point adds a value as the device gave it. It is false when the message holds
// more of them than is read.
func (c *collector) point(p Point) bool {
	if c.values++; c.values > maxValues {
		if c.values == maxValues+1 {
			c.refuse(0, p.Key, "message holds more than %d values: the rest is not read", maxValues)
		}
		return false
	}
	if p.Name == "" {
		p.Name = p.Key
	}
	p.Time = c.at
	c.Points = append(c.Points, p)
	return true
}

// reading stores a value, unless its signal was given before for the same moment:
// the first one counts.
func (c *collector) reading(place string, r vehicle.Reading) {
	for i := range c.readings {
		if c.readings[i].Signal == r.Signal {
			c.refuse(0, place, "%s is given twice for one moment: the first value counts", r.Signal)
			return
		}
	}
	c.readings = append(c.readings, r)
}

// truth adds a yes or a no.
func (c *collector) truth(k key, v bool) {
	p := Point{Key: k.key, Name: k.name, Unit: "bool", Value: vehicle.Bool(v)}
	if c.point(p) && k.signal != "" {
		c.reading(k.key, vehicle.Reading{Signal: k.signal, Value: p.Value})
	}
}

// text adds a text. Long ones are cut at a character.
func (c *collector) text(k key, s string) {
	p := Point{Key: k.key, Name: k.name, Unit: k.unit, Value: vehicle.Text(cut(s, maxText))}
	if c.point(p) && k.signal != "" {
		c.reading(k.key, vehicle.Reading{Signal: k.signal, Value: p.Value})
	}
}

// list adds a list of numbers.
func (c *collector) list(k key, v []float64) {
	c.point(Point{Key: k.key, Name: k.name, Unit: k.unit, List: v})
}

// none notes that the device has no value for the key, or none that can be read.
func (c *collector) none(k key) {
	c.point(Point{Key: k.key, Name: k.name, Unit: k.unit, None: true})
}

// unreadable is none, with the reason why.
func (c *collector) unreadable(offset int, k key, reason string) {
	c.none(k)
	c.refuse(offset, k.key, "%s", reason)
}

// bare adds a value written as text without quotes, the way its row says: "96.3",
// "yes". Blanks around it do not count; nothing means no value.
func (c *collector) bare(k key, payload string) { c.bareIn(k, payload, "") }

// bareIn is bare for a number in the unit that the message names; empty stands for
// the row's own.
func (c *collector) bareIn(k key, payload, unit string) {
	s := strings.TrimSpace(payload)
	offset := strings.Index(payload, s)
	switch {
	case s == "" || s == "null" || s == "nil":
		c.none(k)
	case !utf8.ValidString(s):
		c.unreadable(offset+invalidUTF8([]byte(s)), k, "text is not UTF-8")
	case k.words != nil:
		c.word(k, s)
	case k.unit == "bool":
		if v, ok := parseTruth(s); ok {
			c.truth(k, v)
		} else {
			c.unreadable(offset, k, fmt.Sprintf("want yes or no, got %q", cut(s, 32)))
		}
	case k.unit == "time":
		c.moment(offset, k, s)
	case k.unit == "text" || k.unit == "enum":
		c.text(k, s)
	default:
		v, reason := parseNumber(s)
		if reason == "" {
			reason = c.measured(k, v, unit)
		}
		if reason != "" {
			c.unreadable(offset, k, reason)
		}
	}
}

// moment adds a time that is itself the value, RFC 3339.
func (c *collector) moment(offset int, k key, s string) {
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		c.unreadable(offset, k, fmt.Sprintf("want a time that exists, as 2026-11-22T10:00:00Z, got %q", cut(s, 32)))
		return
	}
	c.text(k, s)
}

// given adds a JSON value in the unit that the message names; empty stands for the
// row's own. Numbers, booleans and texts may stand for each other as far as the row
// allows it: "61570" is a number where one is wanted.
func (c *collector) given(k key, value any, unit string) {
	k.name = c.free(k)
	text, isText := plainText(value)
	yes, isBool := value.(bool)
	switch {
	case value == nil:
		c.none(k)
	case isText:
		c.bareIn(k, text, unit)
	case isBool && k.unit == "bool":
		c.truth(k, yes)
	case isBool:
		c.unreadable(0, k, fmt.Sprintf("want a number or a text, got %t", yes))
	default:
		c.unreadable(0, k, "want one value, got an object or a list")
	}
}

// unknown adds a value that no table knows. A number is stored under a name of
// the dialect's own.
func (c *collector) unknown(name, value string) {
	s := strings.TrimSpace(value)
	k := key{key: name}
	if reason := badName(name); reason != "" {
		c.refuse(0, cut(name, maxName), "%s", reason)
		return
	}
	if !utf8.ValidString(s) {
		c.unreadable(invalidUTF8([]byte(value)), k, "text is not UTF-8")
		return
	}
	if v, reason := parseNumber(s); reason == "" {
		k.signal = vehicle.Signal(c.dialect + "." + name)
		c.measured(k, v, "")
		return
	}
	switch s {
	case "", "null", "nil":
		c.none(k)
	case "yes", "no", "on", "off", "true", "false":
		v, _ := parseTruth(s)
		c.truth(k, v)
	default:
		k.unit = "text"
		c.text(k, s)
	}
}

// object adds the members of a JSON object, in order of name.
func (c *collector) object(m map[string]any, keys table) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if c.values > maxValues {
			return
		}
		if k, known := keys.find(name); known {
			c.given(k, m[name], "")
			continue
		}
		switch v := m[name].(type) {
		case nil:
			c.unknown(name, "")
		case string:
			c.unknown(name, v)
		case json.Number:
			c.unknown(name, v.String())
		case bool:
			c.unknown(name, strconv.FormatBool(v))
		default:
			c.refuse(0, cut(name, maxName), "want one value, got an object or a list")
		}
	}
}

// sample closes a moment: the readings since the last call become one sample.
func (c *collector) sample(at time.Time, source vehicle.TimeSource) {
	if len(c.readings) > 0 {
		c.Samples = append(c.Samples, vehicle.Sample{Time: at.UTC(), TimeSource: source, Readings: c.readings})
		c.readings = nil
	}
}

// badName says why a key cannot name a signal; empty if it can.
func badName(name string) string {
	switch {
	case name == "" || len(name) > maxName:
		return fmt.Sprintf("name is not 1 to %d bytes long", maxName)
	case !utf8.ValidString(name):
		return "name is not UTF-8"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "name holds a control character"
	}
	return ""
}

// parseNumber reads a decimal number, or says why it is none: words such as NaN,
// hexadecimal and underscores are no numbers of a device.
func parseNumber(s string) (float64, string) {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && strings.IndexByte("+-.eE", c) < 0 {
			return 0, fmt.Sprintf("want a number, got %q", cut(s, 32))
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case math.IsInf(v, 0):
		return 0, "number is too large"
	case err != nil:
		return 0, fmt.Sprintf("want a number, got %q", cut(s, 32))
	}
	return v, ""
}

// parseTruth reads a boolean in the words that devices use.
func parseTruth(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "true", "on", "1":
		return true, true
	case "no", "false", "off", "0":
		return false, true
	}
	return false, false
}

// tidy takes back the last digits that a conversion adds: 2.3 bar are 230 kPa and
// not 229.99999999999997.
func tidy(f float64) float64 {
	const steps = 1e9
	if math.Abs(f) < 1e6 {
		return math.Round(f*steps) / steps
	}
	return f
}

// cut shortens a text to at most n bytes, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
