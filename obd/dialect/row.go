package dialect

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// word adds a word that stands for yes or no.
func (c *collector) word(k key, text string) {
	shown := k
	shown.signal = ""
	c.text(shown, text)
	if yes, ok := k.words[text]; ok && !c.has(k.signal) {
		c.reading(k.key, vehicle.Reading{Signal: k.signal, Value: vehicle.Bool(yes)})
	}
}

// stray adds a value that no table knows. k.unit is what the message names.
func (c *collector) stray(k key, value any) {
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
	case value == nil || isText && text == "":
		c.none(k)
	case !isText:
		c.given(k, value, "") // refuses it
	case reason == "":
		k.signal = vehicle.Signal(c.dialect + "." + k.key)
		c.measured(k, v, "")
	case notFinite(text), reason == tooLarge:
		c.unreadable(0, k, "not a finite number")
	case isTruth:
		c.truth(k, yes)
	default:
		c.text(k, text)
	}
}

// free is the short name of a key, or nothing where another key has it already:
// of several sources of one quantity the first in the table counts.
func (c *collector) free(k key) string {
	for i := range c.Points {
		if p := &c.Points[i]; p.Name == k.name && p.Key != k.key && !p.None {
			return ""
		}
	}
	return k.name
}

// has reports whether the moment has a reading of the signal.
func (c *collector) has(s vehicle.Signal) bool {
	return slices.ContainsFunc(c.readings, func(r vehicle.Reading) bool { return r.Signal == s })
}

// plainText returns what a JSON text or number says, without blanks around it.
func plainText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	default:
		return "", false
	}
}

const tooLarge = "number is too large" // parseNumber's reason for a number beyond float64

func notFinite(s string) bool {
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}

// codeSet reads the codes of one set, each once. A set with a text that is no
// code is refused whole: its other codes are not the full set.
func codeSet(texts []string) ([]vehicle.CodeEntry, string) {
	if len(texts) > maxValues {
		return nil, fmt.Sprintf("more than %d codes", maxValues)
	}
	seen := make(map[vehicle.Code]bool, len(texts))
	set := make([]vehicle.CodeEntry, 0, len(texts))
	for _, text := range texts {
		code, err := vehicle.ParseCode(text)
		if err != nil {
			return nil, cut(err.Error(), maxName)
		}
		if !seen[code] {
			seen[code] = true
			set = append(set, vehicle.CodeEntry{Code: code, Status: vehicle.CodeConfirmed})
		}
	}
	return set, ""
}

// locate finds the places of refusals in a JSON payload: where the key stands for
// the first time. The parser keeps no offsets, and only what is refused needs one.
func locate(payload []byte, refusals []*vehicle.Refusal) {
	const most = 64 // each is a search through the payload
	for i, r := range refusals {
		if i == most {
			return
		}
		if r.Offset == 0 && r.Place != "" {
			r.Offset = max(0, bytes.Index(payload, []byte(`"`+r.Place+`"`)))
		}
	}
}
