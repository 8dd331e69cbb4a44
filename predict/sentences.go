package predict

import (
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// sentences collects what is said in both languages, in memory that is used again: the words
// of a forecast must not cost more than the forecast.
type sentences struct {
	en, zh []byte
	within []value // what stands in phrases
}

// say adds a sentence. {0} in either language is the first of the values, {1} the next. An
// English one begins with a capital and stands apart from the one before.
func (s *sentences) say(en, zh string, values ...value) {
	if len(s.en) > 0 {
		s.en = append(s.en, ' ')
	}
	begin := len(s.en)
	s.goOn(en, zh, values...)
	if said := s.en[begin:]; len(said) > 0 && said[0] >= 'a' && said[0] <= 'z' {
		said[0] -= 'a' - 'A'
	}
}

// goOn goes on with the sentence that was said last.
func (s *sentences) goOn(en, zh string, values ...value) {
	s.en = appendFilled(s.en, english, en, values)
	s.zh = appendFilled(s.zh, chinese, zh, values)
}

// text is what was said, both languages in one piece of memory.
func (s *sentences) text() lang.Text {
	n := len(s.en)
	s.en = append(s.en, s.zh...)
	both := string(s.en)
	return lang.Text{EN: both[:n], ZH: both[n:]}
}

// phrase is words with values in their places, to stand in a sentence.
func (s *sentences) phrase(en, zh string, values ...value) value {
	first := len(s.within)
	s.within = append(s.within, values...)
	return value{words: lang.Text{EN: en, ZH: zh}, within: s.within[first:len(s.within):len(s.within)]}
}

type language bool

const (
	english language = false
	chinese language = true
)

// appendFilled writes words of a language with the values in their places.
func appendFilled(b []byte, in language, words string, values []value) []byte {
	for {
		at := strings.IndexByte(words, '{')
		if at < 0 {
			return append(b, words...)
		}
		b = values[words[at+1]-'0'].append(append(b, words[:at]...), in)
		words = words[at+len("{0}"):]
	}
}

// value is what stands in a sentence beside its words: something that each language writes
// in its own way.
type value struct {
	kind   valueKind
	number float64
	at     time.Time
	words  lang.Text // of a phrase or a name, and of a thing counted, in English
	within []value   // what stands in the words of a phrase
}

type valueKind uint8

const (
	aPhrase  valueKind = iota
	aName              // as it is, whoever gave it
	aWhole             // 48,213
	aPercent           // 12 %
	aFine              // 1.3 %, to two digits
	aCount             // 1 reading, 2 readings; the Chinese words have 次 and the like in them
	aDate              // 3 Feb 2026
	aMonth             // Feb 2026
)

func phrase(en, zh string) value      { return value{words: lang.Text{EN: en, ZH: zh}} }
func name(en, zh string) value        { return value{kind: aName, words: lang.Text{EN: en, ZH: zh}} }
func whole(v float64) value           { return value{kind: aWhole, number: v} }
func percent(share float64) value     { return value{kind: aPercent, number: 100 * share} }
func percentFine(share float64) value { return value{kind: aFine, number: 100 * share} }
func date(t time.Time) value          { return value{kind: aDate, at: t} }
func month(t time.Time) value         { return value{kind: aMonth, at: t} }

// count is so many of a thing that has a name in English.
func count(n int, of string) value {
	return value{kind: aCount, number: float64(n), words: lang.Text{EN: of}}
}

func (v *value) append(b []byte, in language) []byte {
	switch v.kind {
	case aWhole:
		return lang.AppendThousands(b, v.number)
	case aPercent:
		return append(lang.AppendWhole(b, v.number), " %"...)
	case aFine:
		return append(strconv.AppendFloat(b, v.number, 'g', 2, 64), " %"...)
	case aDate, aMonth:
		return v.appendDate(b, in)
	case aCount:
		b = strconv.AppendInt(b, int64(v.number), 10)
		if in == chinese {
			return b
		}
		b = append(append(b, ' '), v.words.EN...)
		if v.number != 1 {
			b = append(b, 's')
		}
		return b
	case aName:
		return append(b, v.said(in)...)
	case aPhrase:
		return appendFilled(b, in, v.said(in), v.within)
	}
	return b
}

// said are the words in a language.
func (v *value) said(in language) string {
	if in == chinese {
		return v.words.ZH
	}
	return v.words.EN
}

// appendDate does without time.Format, which takes half of the time of a forecast's words.
func (v *value) appendDate(b []byte, in language) []byte {
	year, month, day := v.at.UTC().Date()
	if in == english {
		if v.kind == aDate {
			b = append(strconv.AppendInt(b, int64(day), 10), ' ')
		}
		b = append(append(b, month.String()[:3]...), ' ')
		return strconv.AppendInt(b, int64(year), 10)
	}
	b = append(strconv.AppendInt(b, int64(year), 10), "年"...)
	b = append(strconv.AppendInt(b, int64(month), 10), "月"...)
	if v.kind == aDate {
		b = append(strconv.AppendInt(b, int64(day), 10), "日"...)
	}
	return b
}
