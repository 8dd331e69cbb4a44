package console

import (
	"embed"
	"fmt"
	"log/slog"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

//go:embed locales/*.json
var localeFiles embed.FS

// catalogue holds what the pages say, in every language of the console.
type catalogue struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
	tags    []language.Tag
	log     *slog.Logger
}

func newCatalogue(log *slog.Logger) (*catalogue, error) {
	c := &catalogue{
		bundle: i18n.NewBundle(language.English),
		tags:   []language.Tag{language.English, language.SimplifiedChinese},
		log:    log,
	}
	for _, tag := range c.tags {
		if _, err := c.bundle.LoadMessageFileFS(localeFiles, "locales/"+tag.String()+".json"); err != nil {
			return nil, fmt.Errorf("read the texts in %s: %w", tag, err)
		}
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

// locale returns the best language for what a reader asked for: the choice made
// on the page first (empty for none), then the browser's list.
func (c *catalogue) locale(chosen, accepted string) locale {
	_, i := language.MatchStrings(c.matcher, chosen, accepted)
	tag := c.tags[i]
	return locale{
		Lang: tag.String(), loc: i18n.NewLocalizer(c.bundle, tag.String()),
		num: message.NewPrinter(tag), log: c.log,
	}
}

// locale speaks one reader's language.
type locale struct {
	Lang string // BCP 47: "en" or "zh-Hans"
	loc  *i18n.Localizer
	num  *message.Printer
	log  *slog.Logger
}

func (l locale) chinese() bool { return strings.HasPrefix(l.Lang, "zh") }

// T returns a text of the catalogue; pairs fill its placeholders by name.
func (l locale) T(id string, pairs ...any) string {
	return l.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: fill(pairs)})
}

// N is T for a text that depends on a number, which fills the placeholder N.
func (l locale) N(id string, n int, pairs ...any) string {
	data := fill(pairs)
	data["N"] = l.Num(float64(n), 0)
	return l.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: n})
}

func (l locale) localize(c *i18n.LocalizeConfig) string {
	text, err := l.loc.Localize(c)
	if err != nil {
		l.log.Warn("a text is missing", "id", c.MessageID, "language", l.Lang, "error", err)
		if text == "" {
			return c.MessageID
		}
	}
	return text
}

func fill(pairs []any) map[string]any {
	out := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out
}

// Word returns what a word of the contract ("in_progress") is called, as a kind
// of thing ("state"). A word that a newer API speaks is shown as it is.
func (l locale) Word(kind, word string) string {
	if word == "" {
		return ""
	}
	id := kind + "." + word
	if text, ok := l.known(id); ok {
		return text
	}
	l.log.Warn("a text is missing", "id", id, "language", l.Lang)
	return strings.ReplaceAll(word, "_", " ")
}

// known returns a text of the catalogue; false when it has none.
func (l locale) known(id string) (string, bool) {
	text, err := l.loc.Localize(&i18n.LocalizeConfig{MessageID: id})
	return text, err == nil
}

// Between writes a span; nothing when both ends read the same.
func (l locale) Between(from, to string) string {
	if from == to {
		return ""
	}
	return l.T("between", "From", from, "To", to)
}

// Text chooses the reader's language of a text that the API answers in both.
func (l locale) Text(t *pitcrewv1.Text) string {
	if l.chinese() && t.GetZh() != "" {
		return t.GetZh()
	}
	return t.GetEn()
}

// Num writes a number with a fixed count of decimals.
func (l locale) Num(v float64, decimals int) string {
	return l.num.Sprint(number.Decimal(v, number.MinFractionDigits(decimals), number.MaxFractionDigits(decimals)))
}

// Short writes a measured value with as many decimals as its size deserves.
func (l locale) Short(v float64) string {
	digits := 2
	switch {
	case v <= -100 || v >= 100:
		digits = 0
	case v <= -10 || v >= 10:
		digits = 1
	}
	return l.num.Sprint(number.Decimal(v, number.MaxFractionDigits(digits)))
}

// Km writes a distance.
func (l locale) Km(v float64) string { return l.T("unit.km", "V", l.Num(v, 0)) }

// Percent writes a fraction.
func (l locale) Percent(share float64) string { return l.Num(share*100, 0) + "%" }

// Hours writes a span of working hours; one number where both ends are the same.
func (l locale) Hours(from, to float64) string {
	decimals := func(v float64) string { return l.num.Sprint(number.Decimal(v, number.MaxFractionDigits(1))) }
	if from == to || from == 0 {
		return l.T("unit.hours", "V", decimals(to))
	}
	return l.T("unit.hours", "V", decimals(from)+"–"+decimals(to))
}

// Money writes an amount given in the minor unit of its currency.
func (l locale) Money(m *pitcrewv1.Money) string {
	if m.GetCurrency() == "" {
		return ""
	}
	digits := minorDigits(m.GetCurrency())
	v := float64(m.GetMinor())
	for range digits {
		v /= 10
	}
	return m.GetCurrency() + " " + l.Num(v, digits)
}
