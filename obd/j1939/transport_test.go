package j1939_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
)

// A DM1 of three codes, 14 bytes in two packets, from station 00.
const (
	bam    = "1CECFF00#200E0002FFCAFE00"
	first  = "1CEBFF00#0100FF6102130021"
	second = "1CEBFF00#02061F00EE100400"
)

// The same from station 00 to station F9, as an answer.
const (
	rts     = "1CECF900#100E0002FFCAFE00"
	cts     = "1CEC00F9#110201FFFFCAFE00"
	one     = "1CEBF900#0100FF6102130021"
	two     = "1CEBF900#02061F00EE100400"
	endAck  = "1CEC00F9#130E0002FFCAFE00"
	abortBy = "1CEC00F9#FF03FFFFFFCAFE00"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	whole := []string{"65226 00 00FF6102130021061F00EE100400"}
	lost := func(frame, packets int, why string) []string {
		return []string{fmt.Sprintf("frames[%d]: message of station 00, PGN 65226, is lost after %d of 2 packets: %s", frame, packets, why)}
	}
	tests := map[string]struct {
		frames   []string
		want     []string
		refusals []string
	}{
		"broadcast":                        {[]string{bam, first, second}, whole, nil},
		"repeated packet":                  {[]string{bam, first, first, second}, whole, nil},
		"repeated after the end":           {[]string{bam, first, second, second}, whole, nil},
		"announced twice":                  {[]string{bam, bam, first, second}, whole, nil},
		"twice":                            {[]string{bam, first, second, bam, first, second}, append(whole, whole...), nil},
		"two stations":                     {[]string{bam, "1CECFF17#20090002FFECFE00", first, "1CEBFF17#0131323334353637", second, "1CEBFF17#023839FFFFFFFFFF"}, append(whole, "65260 17 313233343536373839"), nil},
		"missing packet":                   {[]string{bam, second}, nil, lost(1, 0, "packet 2 came instead of 1")},
		"out of order":                     {[]string{bam, second, first}, nil, lost(1, 0, "packet 2 came instead of 1")},
		"packet 0":                         {[]string{bam, "1CEBFF00#0000FF6102130021", first, second}, nil, lost(1, 0, "packet 0 came")},
		"packet beyond":                    {[]string{bam, first, "1CEBFF00#03061F00EE100400"}, nil, lost(2, 1, "packet 3 came")},
		"short packet":                     {[]string{bam, "1CEBFF00#0100FF61"}, nil, lost(1, 0, "packet 1 has 3 bytes")},
		"cut by the end":                   {[]string{bam, first}, nil, lost(0, 1, "the frames end")},
		"interrupted":                      {[]string{bam, first, bam, first, second}, whole, lost(2, 1, "another one is announced")},
		"no announcement":                  {[]string{first, second}, nil, []string{"frames[0]: a packet of station 00 without an announcement before it"}},
		"begins inside a message":          {[]string{second, bam, first, second}, whole, []string{"frames[0]: a packet of station 00 without an announcement before it"}},
		"eight bytes announced":            {[]string{"1CECFF00#20080002FFCAFE00", first, second}, nil, []string{"frames[0]: a message of 8 bytes is announced, want 9 to 1785"}},
		"1786 bytes announced":             {[]string{"1CECFF00#20FA06FFFFCAFE00", first}, nil, []string{"frames[0]: a message of 1786 bytes is announced, want 9 to 1785"}},
		"packets do not fit":               {[]string{"1CECFF00#200E0003FFCAFE00", first}, nil, []string{"frames[0]: 14 bytes are announced in 3 packets, want 2"}},
		"announced to one":                 {[]string{"1CECF900#200E0002FFCAFE00"}, nil, []string{"frames[0]: an announcement is for all stations, a request to send for one"}},
		"control of 7 bytes":               {[]string{"1CECFF00#200E0002FFCAFE"}, nil, []string{"frames[0]: transport control of 7 bytes, want 8"}},
		"unknown control":                  {[]string{"1CECFF00#210E0002FFCAFE00"}, nil, []string{"frames[0]: transport control byte 21 is not one of 10, 11, 13, 20 and FF"}},
		"packet without a number":          {[]string{bam, "1CEBFF00#"}, nil, append([]string{"frames[1]: a packet without a number"}, lost(0, 0, "the frames end")...)},
		"11 bits":                          {[]string{"7E8#0102"}, nil, []string{"frames[0]: id 7E8 has 11 bits: J1939 uses 29"}},
		"CAN FD":                           {[]string{"18FECA00##1010203040506070809"}, nil, []string{"frames[0]: 9 data bytes, want at most 8"}},
		"to one station":                   {[]string{rts, cts, one, two, endAck}, whole, nil},
		"asked again":                      {[]string{rts, cts, two, "1CEC00F9#110101FFFFCAFE00", one, "1CEC00F9#110102FFFFCAFE00", two, endAck}, whole, nil},
		"clearance a packet at a time":     {[]string{rts, "1CEC00F9#110101FFFFCAFE00", one, "1CEC00F9#110102FFFFCAFE00", two, endAck}, whole, nil},
		"request repeated":                 {[]string{rts, rts, cts, one, two, endAck}, whole, nil},
		"packet not heard":                 {[]string{rts, cts, two, endAck}, nil, lost(3, 0, "its receiver has all of it")},
		"aborted by the receiver":          {[]string{rts, cts, one, abortBy, two}, nil, lost(3, 1, "station F9 aborts: it waited too long")},
		"aborted by the sender":            {[]string{rts, cts, one, "1CECF900#FF02FFFFFFCAFE00"}, nil, lost(3, 1, "station 00 aborts: it has no room")},
		"another group aborted":            {[]string{rts, cts, one, "1CEC00F9#FF03FFFFFFECFE00", two}, whole, nil},
		"abort of what was not heard":      {[]string{abortBy}, nil, nil},
		"broadcast and answer of one":      {[]string{bam, rts, first, one, second, two}, append(whole, whole...), nil},
		"a broadcast cannot be aborted by": {[]string{bam, first, abortBy, second}, whole, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r j1939.Reassembler
			var got, refusals []string
			for i, f := range frames(t, tt.frames...) {
				m, refusal := r.Push(i, f)
				if m != nil {
					got = append(got, fmt.Sprintf("%d %02X %X", m.PGN, m.Source, m.Data))
				}
				if refusal != nil {
					refusals = append(refusals, refusal.Error())
				}
			}
			for _, refusal := range r.Flush() {
				refusals = append(refusals, refusal.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.refusals, refusals); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTransportIsBounded opens more messages than are kept.
func TestTransportIsBounded(t *testing.T) {
	t.Parallel()
	var r j1939.Reassembler
	const extra = 10
	var reasons []string
	push := func(line string, source int) {
		f := frames(t, strings.Replace(line, "FF00#", fmt.Sprintf("FF%02X#", source), 1))[0]
		if _, refusal := r.Push(source, f); refusal != nil {
			reasons = append(reasons, refusal.Reason)
		}
	}
	for source := range j1939.MaxSessions + extra {
		push(bam, source)
		push(first, source)
	}
	if want := "message of station 00, PGN 65226, is lost after 1 of 2 packets: more than 64 messages are under way"; len(reasons) != extra || reasons[0] != want {
		t.Errorf("got %d reasons, %q", len(reasons), reasons)
	}
	if open := len(r.Flush()); open != j1939.MaxSessions {
		t.Errorf("%d messages are open, want %d", open, j1939.MaxSessions)
	}
}
