package elm327_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
)

func TestReader(t *testing.T) {
	t.Parallel()
	var r elm327.Reader
	if got := r.Feed([]byte("010D\r41 0D")); len(got) != 0 || r.Pending() != len("010D\r41 0D") {
		t.Errorf("got %+v before the prompt", got)
	}
	got := r.Feed([]byte(" 3C\r\r>0105\r7E8 03 41 05 5A\r\r>7E8 03 4"))
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{":410D3C", "7E8:41055A"} {
		if diff := cmp.Diff([]string{want}, said(got[i].Messages)); diff != "" || !got[i].Complete || got[i].Truncated {
			t.Errorf("reply %d %+v (-want +got):\n%s", i, got[i], diff)
		}
	}
	if rest := r.Rest(); rest.Complete || rest.Status == elm327.OK || len(rest.Lines) != 1 || r.Pending() != 0 {
		t.Errorf("got %+v", rest)
	}
}

// TestReaderIsBounded makes sure that an adapter which never prompts takes no more
// memory than allowed, and that the line at the limit is not taken for whole.
func TestReaderIsBounded(t *testing.T) {
	t.Parallel()
	r := elm327.Reader{MaxReply: 20}
	for range 100 {
		r.Feed([]byte("41 0D 3C 00\r"))
	}
	if r.Pending() > 20 {
		t.Errorf("%d characters are kept", r.Pending())
	}
	got := r.Feed([]byte(">41 05 5A\r>"))
	if len(got) != 2 || !got[0].Truncated || got[1].Truncated {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([]string{":410D3C00", ":41055A"}, said(append(got[0].Messages, got[1].Messages...))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func ExampleReader() {
	var r elm327.Reader
	for _, chunk := range []string{"7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 3", "8 32 36 33 33\r7E8 22 41 30 30 34 33", " 35 32\r\r", ">"} {
		for _, reply := range r.Feed([]byte(chunk)) {
			fmt.Println(reply.Status, reply.Messages[0])
		}
	}
	// Output: ok 7E8490201314847434D383236333341303034333532
}

// FuzzReader feeds text in one piece, byte by byte, and cut where the input says:
// the replies are the same.
func FuzzReader(f *testing.F) {
	f.Add("010D\r41 0D 3C\r\r>ATRV\r12.3V\r>7E8 03", uint16(3))
	f.Add("7E8 10 14 49 02 01 31 48 47\r7E8 21>43 4D\r\n>", uint16(17))
	f.Add(strings.Repeat("41 0D 3C\r", 10), uint16(50))
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		const limit = 40
		read := func(size int) []elm327.Reply {
			r := elm327.Reader{MaxReply: limit}
			var all []elm327.Reply
			for rest := []byte(text); len(rest) > 0; {
				n := min(size, len(rest))
				all = append(all, r.Feed(rest[:n])...)
				rest = rest[n:]
				if r.Pending() > limit {
					t.Fatalf("%d characters are kept", r.Pending())
				}
			}
			return append(all, r.Rest())
		}
		whole := read(len(text) + 1)
		for _, size := range []int{1, int(cut) + 1} {
			if diff := cmp.Diff(whole, read(size)); diff != "" {
				t.Fatalf("in pieces of %d (-whole +pieces):\n%s", size, diff)
			}
		}
		pieces := strings.SplitAfter(text, ">")
		for i, reply := range whole {
			if !reply.Truncated && len(pieces) > i {
				if diff := cmp.Diff(elm327.Parse(pieces[i]), reply); diff != "" {
					t.Fatalf("(-Parse +Reader):\n%s", diff)
				}
			}
		}
	})
}

// BenchmarkParse reads replies of many lines; ns/line is what one costs.
func BenchmarkParse(b *testing.B) {
	vin := "7E8 10 14 49 02 01 31 48 47\r7E8 21 43 4D 38 32 36 33 33\r7E8 22 41 30 30 34 33 35 32\r"
	for name, lines := range map[string]string{
		"headers":     "7E804410C1AF8\r7E803410D3C\r7E90341055A\r7EA064100183B0011\r",
		"plain":       "41 0C 1A F8\r41 0D 3C\r41 05 5A\r41 00 18 3B 00 11\r",
		"multi-frame": vin,
		"long":        "014\r0: 49 02 01 31 48 47\r1: 43 4D 38 32 36 33 33\r2: 41 30 30 34 33 35 32\r",
		"pre-CAN":     "48 6B 10 41 0C 1A F8 1C\r48 6B 10 41 0D 3C AA\r",
		"words":       "NO DATA\rSEARCHING...\rCAN ERROR\r%$!!\r",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(lines+"\r>", 8)
			n := 8 * strings.Count(lines, "\r")
			b.ReportAllocs()
			for b.Loop() {
				if r := elm327.Parse(text); len(r.Lines) != n {
					b.Fatal(r)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/line")
		})
	}
}

// BenchmarkOneLine reads a reply of one line, as a fleet sends most of the time.
func BenchmarkOneLine(b *testing.B) {
	for name, text := range map[string]string{"headers": "7E804410C1AF8\r\r>", "plain": "41 0C 1A F8 \r\r>", "29 bit": "18DAF11004410C1AF8\r\r>"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := elm327.Parse(text); len(r.Messages) != 1 {
					b.Fatal(r)
				}
			}
		})
	}
}
