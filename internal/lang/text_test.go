package lang_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

func TestTextFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	both, half := lang.Text{EN: "oil", ZH: "机油"}, lang.Text{EN: "oil"}
	for _, tc := range []struct {
		text      lang.Text
		tag, want string
	}{
		{both, "zh-CN", "机油"}, {both, "zh", "机油"}, {both, "en-GB", "oil"}, {both, "", "oil"}, {both, "de", "oil"}, {half, "zh", "oil"},
	} {
		if got := tc.text.In(tc.tag); got != tc.want {
			t.Errorf("%+v in %q is %q, want %q", tc.text, tc.tag, got, tc.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		v                        float64
		thousands, whole, signed string
	}{
		{0, "0", "0", "0"},
		{-0.3, "0", "0", "0"},
		{26.6, "27", "27", "+27"},
		{-3.2, "-3", "-3", "-3"},
		{999.6, "1,000", "1000", "+1000"},
		{-123456, "-123,456", "-123456", "-123456"},
		{1234567, "1,234,567", "1234567", "+1234567"},
	} {
		if got := [3]string{lang.Thousands(tc.v), lang.Whole(tc.v), lang.Signed(tc.v)}; got != [3]string{tc.thousands, tc.whole, tc.signed} {
			t.Errorf("%v is written %q", tc.v, got)
		}
	}
}
