package elm327_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
)

func TestAppendMessageRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		want := []string{}
		for i := range rapid.IntRange(1, 4).Draw(t, "replies") {
			id := rapid.SampledFrom([]string{"7E8", "7EF", "18DAF110"}).Draw(t, "id")
			payload := rapid.SliceOfN(rapid.Byte(), 1, rapid.SampledFrom([]int{7, 8, 20, 300, 4095}).Draw(t, "most")).Draw(t, "payload")
			var err error
			if text, err = elm327.AppendMessage(text, id, payload); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf("%s:%X", id, payload))
			if i%2 == 0 {
				text = elm327.AppendPrompt(text)
			}
		}
		r := elm327.Parse(string(text))
		if diff := cmp.Diff(want, said(r.Messages)); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, text)
		}
		for _, l := range r.Lines {
			if l.Class != elm327.ClassMessage || l.Reason != "" {
				t.Fatalf("%+v", l)
			}
		}
	})
}

func TestAppendMessageRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id   string
		size int
	}{"empty": {"7E8", 0}, "too long": {"7E8", 4096}, "no id": {"", 1}, "not hexadecimal": {"7EX", 1}, "tester": {"18DA10F1", 1}} {
		if got, err := elm327.AppendMessage(nil, tt.id, make([]byte, tt.size)); err == nil || len(got) > 0 {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}
