package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// maxDepth is how deep JSON may be nested.
const maxDepth = 32

// parseJSON reads one JSON value: objects as map[string]any, numbers as
// json.Number, and NaN and its like as noValue. The error is a *vehicle.Refusal.
func parseJSON(payload []byte) (any, error) {
	if !utf8.Valid(payload) {
		return nil, &vehicle.Refusal{Offset: invalidUTF8(payload), Reason: "text is not UTF-8"}
	}
	if at := tooDeep(payload); at >= 0 {
		return nil, &vehicle.Refusal{Offset: at, Reason: fmt.Sprintf("JSON is nested deeper than %d", maxDepth)}
	}
	sound, words := quoteWords(payload)
	d := json.NewDecoder(bytes.NewReader(sound))
	d.UseNumber()
	var v any
	refusal := (*vehicle.Refusal)(nil)
	if err := d.Decode(&v); err != nil {
		refusal = refuseJSON(err, sound)
	} else if _, err := d.Token(); !errors.Is(err, io.EOF) {
		refusal = &vehicle.Refusal{Offset: int(d.InputOffset()), Reason: "more text after the message"}
	}
	if refusal != nil {
		for i := len(words) - 1; i >= 0; i-- { // back to where it is in the payload
			if quotes := len(openQuote) + len(closeQuote); refusal.Offset >= words[i]+(i+1)*quotes {
				refusal.Offset -= (i + 1) * quotes
				break
			}
		}
		return nil, refusal
	}
	if len(words) > 0 {
		v = unquoteWords(v)
	}
	return v, nil
}

// noValue is a word that stands for a number and has none: NaN, Infinity, -Infinity.
// JSON has no such words, but many programs write them.
type noValue string

func (w noValue) reason() string { return string(w) + " is not a value" }

// These make a text of a word, which no device sends: it begins with a NUL.
const openQuote, closeQuote = `"\u0000`, `"`

// quoteWords puts the words outside texts between quotes, so that they cost
// themselves and not the message. words are their offsets.
func quoteWords(payload []byte) (sound []byte, words []int) {
	inText, done := false, 0
	for i := 0; i < len(payload); i++ {
		switch c := payload[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText || c != 'N' && c != 'I' && c != '-':
		default:
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if !bytes.HasPrefix(payload[i:], []byte(word)) {
					continue
				}
				sound = append(sound, payload[done:i]...)
				sound = append(sound, openQuote+word+closeQuote...)
				words = append(words, i)
				done = i + len(word)
				i = done - 1
				break
			}
		}
	}
	if words == nil {
		return payload, nil
	}
	return append(sound, payload[done:]...), words
}

// unquoteWords makes a noValue of each word.
func unquoteWords(v any) any {
	switch v := v.(type) {
	case string:
		if word, is := strings.CutPrefix(v, "\x00"); is {
			return noValue(word)
		}
	case []any:
		for i := range v {
			v[i] = unquoteWords(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = unquoteWords(v[name])
		}
	}
	return v
}

func refuseJSON(err error, payload []byte) *vehicle.Refusal {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &vehicle.Refusal{Offset: int(max(syntax.Offset-1, 0)), Reason: "JSON: " + syntax.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &vehicle.Refusal{Offset: len(payload), Reason: "JSON ends in the middle"}
	default:
		return &vehicle.Refusal{Reason: "JSON: " + err.Error()}
	}
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// tooDeep returns where the nesting passes maxDepth; -1 if it does not. Brackets
// inside texts do not count.
func tooDeep(b []byte) int {
	depth, inText := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// isJSON reports whether a payload is meant as a JSON object or list.
func isJSON(payload []byte) bool {
	trimmed := bytes.TrimLeft(payload, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// locate finds where in a JSON payload the refused parts are: at their key, if that
// stands there once only. The parser keeps no offsets, and only what is refused
// needs one. Of the others Place says it all.
func locate(payload []byte, refusals []*vehicle.Refusal) {
	const most = 64 // each is a search through the payload
	for i, r := range refusals {
		if r.Offset != 0 || r.Place == "" {
			continue
		}
		r.Offset = -1
		if i >= most {
			continue
		}
		key := []byte(`"` + lastKey(r.Place) + `"`)
		at := bytes.Index(payload, key)
		if at >= 0 && !bytes.Contains(payload[at+1:], key) {
			r.Offset = at
		}
	}
}

// lastKey is the key that a path ends in: "CtrlTemp" of "Infos[0].Motors[2].CtrlTemp".
// Keys that hold dots themselves are searched whole.
func lastKey(path string) string {
	if i := strings.LastIndexByte(path, ']'); i >= 0 && i < len(path)-1 {
		return strings.TrimPrefix(path[i+1:], ".")
	}
	if rest, ok := strings.CutPrefix(path, "Data."); ok {
		path = rest
	}
	if i := strings.IndexByte(path, '['); i > 0 {
		return path[:i]
	}
	return path
}
