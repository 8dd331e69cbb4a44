package dialect

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// nothing is how devices write that they have no value.
func nothing(text string) bool { return text == "" || text == "null" || text == "nil" }

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

const tooLarge = "number is too large" // parseNumber's reason for a number beyond float64

func notFinite(s string) bool {
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
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
