package dialect

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// row is a key whose number may come in another unit than people use, or in one
// that the message names. Units convert: key.scale and key.offset are not used.
type row struct {
	key

	wire  string          // unit on the wire where it is not key.unit
	words map[string]bool // of an enum whose signal is a boolean; other words are shown, not stored
}

// numeric reports whether the row wants a number.
func (r row) numeric() bool {
	switch r.unit {
	case "bool", "text", "enum", "time":
		return false
	}
	return true
}

// given adds a JSON value in the unit that the message names; empty stands for
// the row's own.
func (c *collector) given(r row, value any, unit string) {
	r.name = c.free(r.key)
	text, isText := plainText(value)
	switch {
	case isText && text == "":
		c.none(r.key)
	case isText && r.words != nil:
		c.word(r, text)
	case isText && r.numeric():
		v, reason := parseNumber(text)
		if reason == "" {
			reason = c.measured(r, v, unit)
		}
		if reason != "" {
			c.unreadable(0, r.key, reason)
		}
	default:
		c.json(r.key, value)
	}
}

// measured adds a number, or says why its unit cannot be used. Of several sources
// of a signal the first one counts: tables list the better one first.
func (c *collector) measured(r row, v float64, unit string) string {
	from := cmp.Or(unit, r.wire, r.unit)
	p := Point{Key: r.key.key, Name: r.name, Unit: cmp.Or(unit, r.unit), Value: vehicle.Number(v)}
	if unit == "" && r.wire != "" && r.unit != "" {
		shown, _ := convert(v, r.wire, r.unit)
		p.Value = vehicle.Number(shown)
	}
	stored := v
	if def, known := vehicle.Lookup(r.signal); known && from != def.Unit {
		ok := false
		if stored, ok = convert(v, from, def.Unit); !ok {
			return wantUnit(def.Unit, from)
		}
	}
	if c.point(p) && r.signal != "" && !c.has(r.signal) {
		c.reading(r.key.key, vehicle.Measure(r.signal, stored))
	}
	return ""
}

// wantUnit is the reason for a unit that cannot be used.
func wantUnit(want, got string) string {
	return fmt.Sprintf("want a unit that converts to %s, got %q", cmp.Or(want, "a number without one"), cut(got, 32))
}

// word adds a word that stands for yes or no.
func (c *collector) word(r row, text string) {
	shown := r.key
	shown.signal = ""
	c.text(shown, text)
	if yes, ok := r.words[text]; ok && !c.has(r.signal) {
		c.reading(r.key.key, vehicle.Reading{Signal: r.signal, Value: vehicle.Bool(yes)})
	}
}

// stray adds a value that no table knows, with the unit that the message names.
func (c *collector) stray(name string, value any, unit string) {
	text, isText := plainText(value)
	if _, isBool := value.(bool); isBool {
		text, isText = fmt.Sprint(value), true
	}
	if reason := badName(name); reason != "" {
		c.refuse(0, cut(name, maxName), "%s", reason)
		return
	}
	k := key{key: name, unit: unit}
	v, reason := parseNumber(text)
	switch {
	case value == nil || isText && text == "":
		c.none(k)
	case !isText:
		c.json(k, value)
	case reason == "":
		k.signal = vehicle.Signal(c.dialect + "." + name)
		c.number(k, v)
	case notFinite(text), reason == tooLarge:
		c.unreadable(0, k, "not a finite number")
	default:
		if v, ok := parseTruth(text); ok {
			c.truth(k, v)
			return
		}
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

// pair is a key with its value in a text, and where it begins.
type pair struct {
	key, value string
	offset     int
}

// offsetOf returns where a key stands; 0 if it does not.
func offsetOf(pairs []pair, key string) int {
	for _, p := range pairs {
		if p.key == key {
			return p.offset
		}
	}
	return 0
}

// placed gives the refusals since from the offset of the value they are about.
func (c *collector) placed(from, offset int) {
	for _, r := range c.Refusals[from:] {
		if r.Offset == 0 {
			r.Offset = offset
		}
	}
}

// moment is an event time. With refused set, the device gave one that cannot be:
// what belongs to it is shown, not stored.
type moment struct {
	at      time.Time
	source  vehicle.TimeSource
	refused bool
}

// clock reads a device's time: RFC 3339, the same with a zone of four digits or,
// meaning UTC, without one; or a number of ticks since 1970. A time that is none,
// or cannot be, is refused.
func (c *collector) clock(place string, v any, tick time.Duration, received time.Time) moment {
	at, reason := parseClock(v, tick)
	if reason == "" {
		reason = impossible(at, received)
	}
	if reason != "" {
		c.refuse(0, place, "%s", reason)
		return moment{refused: true}
	}
	return moment{at: at}
}

// begin opens a moment: the points that follow show its time, if it is the
// device's.
func (c *collector) begin(m moment) {
	c.at = time.Time{}
	if m.source == vehicle.TimeFromDevice && !m.refused {
		c.at = m.at
	}
}

// end closes a moment.
func (c *collector) end(m moment) {
	if m.refused {
		c.readings = nil
	}
	c.sample(m.at, m.source)
}

func parseClock(v any, tick time.Duration) (time.Time, string) {
	text, isText := plainText(v)
	if !isText {
		return time.Time{}, "not a time"
	}
	if _, isNumber := v.(json.Number); !isNumber {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC(), ""
			}
		}
	}
	f, reason := parseNumber(text)
	const year9999 = 253402300799 // seconds
	switch {
	case reason != "":
		return time.Time{}, fmt.Sprintf("want a time that exists, as 2026-11-22T10:00:00Z, got %q", cut(text, 32))
	case math.Abs(f)*tick.Seconds() > year9999:
		return time.Time{}, "time is after the year 9999"
	}
	perSecond := float64(time.Second / tick)
	whole := math.Floor(f / perSecond)
	return time.Unix(int64(whole), int64((f-whole*perSecond)*float64(tick))).UTC(), ""
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

// compare orders moments by time, then by whose clock it is. A refused one has no
// time and comes first.
func (m moment) compare(o moment) int {
	return cmp.Or(m.at.Compare(o.at), cmp.Compare(m.source, o.source))
}

// rowIndex finds rows by the device's key.
type rowIndex struct {
	table []row
	place map[string]int
}

func rowsOf(table []row) rowIndex {
	index := rowIndex{table, make(map[string]int, len(table))}
	for i, r := range table {
		index.place[r.key.key] = i
	}
	return index
}

// find returns a row and its place in the table: past its end, and a row without
// a key, for a key that is not in it.
func (x rowIndex) find(name string) (int, row) {
	i, ok := x.place[name]
	if !ok {
		return len(x.table), row{}
	}
	return i, x.table[i]
}

const (
	latitude  = location + "Latitude"
	longitude = location + "Longitude"
	altitude  = location + "Altitude"
	heading   = location + "Heading"
	accuracy  = location + "HorizontalAccuracy"
)

// checkPosition takes the position back from the readings of a moment if it
// cannot be one; 0/0 is what a receiver without a fix says. Half of a position is
// none either. It is true unless a position was taken back. place is the key that
// the refusal names.
func (c *collector) checkPosition(place string) bool {
	find := func(s vehicle.Signal) (float64, bool) {
		i := slices.IndexFunc(c.readings, func(r vehicle.Reading) bool { return r.Signal == s })
		if i < 0 {
			return 0, false
		}
		return c.readings[i].Value.Num, true
	}
	lat, hasLat := find(latitude)
	lon, hasLon := find(longitude)
	reason := ""
	switch {
	case !hasLat && !hasLon:
		return true
	case !hasLat || !hasLon:
		reason = "latitude and longitude are worth nothing alone"
	case lat == 0 && lon == 0:
		reason = "latitude and longitude are 0: the receiver has no fix"
	case math.Abs(lat) > 90 || math.Abs(lon) > 180:
		reason = "latitude or longitude is out of range"
	default:
		return true
	}
	c.refuse(0, place, "%s", reason)
	c.readings = slices.DeleteFunc(c.readings, func(r vehicle.Reading) bool {
		return strings.HasPrefix(string(r.Signal), string(location))
	})
	return false
}

// receiverSpeed adds the speed of a position receiver: the vehicle's own where no
// wheel has told it. It comes after the other values of its moment, and after
// checkPosition.
func (c *collector) receiverSpeed(r row, value any, fix bool) {
	if !fix || c.has(vehicle.Speed) {
		r.signal = ""
	}
	c.given(r, value, "")
}
