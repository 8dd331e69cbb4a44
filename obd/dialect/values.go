package dialect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// measured adds a number, or says why its unit cannot be used. unit is the one that
// the message names; empty stands for the row's own. Of several sources of a signal
// the first one counts.
func (c *collector) measured(k key, v float64, unit string) string {
	from := cmp.Or(unit, k.wire, k.unit)
	p := Point{Key: k.key, Name: k.name, Unit: cmp.Or(unit, k.unit), Value: vehicle.Number(v)}
	if unit == "" && k.wire != "" && k.unit != "" {
		shown, _ := convert(v, k.wire, k.unit)
		p.Value = vehicle.Number(shown)
	}
	if def, known := vehicle.Lookup(k.signal); known && from != def.Unit {
		ok := false
		if v, ok = convert(v, from, def.Unit); !ok {
			return wantUnit(def.Unit, from)
		}
	}
	if k.out {
		v = 0 - v // no negative zero
	}
	if c.point(p) && k.signal != "" && !c.has(k.signal) {
		c.reading(k.key, vehicle.Measure(k.signal, tidy(v)))
	}
	return ""
}

// wantUnit is the reason for a unit that cannot be used.
func wantUnit(want, got string) string {
	return fmt.Sprintf("want a unit that converts to %s, got %q", cmp.Or(want, "a number without one"), cut(got, 32))
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

// word adds a word that stands for yes or no.
func (c *collector) word(k key, text string) {
	shown := k
	shown.signal = ""
	c.text(shown, text)
	if yes, ok := k.words[text]; ok && !c.has(k.signal) {
		c.reading(k.key, vehicle.Reading{Signal: k.signal, Value: vehicle.Bool(yes)})
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
	case nothing(s):
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
	word, isWord := value.(noValue)
	switch {
	case value == nil:
		c.none(k)
	case isWord:
		c.unreadable(0, k, word.reason())
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

// unknown adds a value that no table knows. k.unit is what the message names. A
// number is stored under a name of the dialect's own.
func (c *collector) unknown(k key, value any) {
	text, isText := plainText(value)
	if yes, isBool := value.(bool); isBool {
		text, isText = strconv.FormatBool(yes), true
	}
	if reason := badName(k.key); reason != "" {
		c.refuse(0, cut(k.key, maxName), "%s", reason)
		return
	}
	k.name = c.free(k)
	v, reason := parseNumber(text)
	yes, isTruth := parseTruth(text)
	switch {
	case !isText:
		c.given(k, value, "") // nothing, or refused
	case nothing(text):
		c.none(k)
	case !utf8.ValidString(text):
		c.unreadable(invalidUTF8([]byte(text)), k, "text is not UTF-8")
	case reason == "":
		k.signal = vehicle.Signal(c.dialect + "." + k.key)
		c.measured(k, v, "")
	case notFinite(text), reason == tooLarge:
		c.unreadable(0, k, "not a finite number")
	case isTruth:
		c.truth(k, yes)
	default:
		if !c.namesUnits {
			k.unit = "text"
		}
		c.text(k, text)
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
		} else {
			c.unknown(key{key: name}, m[name])
		}
	}
}
