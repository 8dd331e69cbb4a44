// Package lang holds text that a person reads, in every language pitcrew
// speaks: English and Simplified Chinese.
package lang

// Text is one sentence or label in both languages. What produces a reason, a
// cause or a title produces both, so that no reader gets a half-translated page.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// In returns the text in the language of the BCP 47 tag ("zh", "zh-CN", "en-GB"),
// English where the language is not one of ours or the translation is missing.
func (t Text) In(tag string) string {
	if len(tag) >= 2 && tag[:2] == "zh" && t.ZH != "" {
		return t.ZH
	}
	return t.EN
}

// IsZero reports whether there is no text at all.
func (t Text) IsZero() bool { return t.EN == "" && t.ZH == "" }
