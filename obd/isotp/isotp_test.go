package isotp_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// listen gives a receiver frames "7E8#0141" or, with milliseconds before it,
// "1500 7E8#0141", and lists what it says.
func listen(t testing.TB, r *isotp.Receiver, lines ...string) []string {
	t.Helper()
	said := []string{}
	tell := func(faults []isotp.Fault) {
		for _, f := range faults {
			said = append(said, fmt.Sprintf("%s %s at %d from %d", f.ID, f.Kind, f.Place, f.First))
		}
	}
	for i, line := range lines {
		at := time.Time{}
		if ms, rest, ok := strings.Cut(line, " "); ok {
			d, err := time.ParseDuration(ms + "ms")
			if err != nil {
				t.Fatal(err)
			}
			at, line = start.Add(d), rest
		}
		f, err := can.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		m, ok, faults := r.Add(f, at, i)
		tell(faults)
		if ok {
			said = append(said, fmt.Sprintf("%s %X at %d from %d", m.ID, m.Payload, m.Last, m.First))
		}
	}
	tell(r.Flush())
	return said
}

func TestReceiver(t *testing.T) {
	t.Parallel()
	fd := strings.Repeat("AB", 60)
	tests := map[string]struct {
		frames []string
		want   []string
	}{
		"single":                      {[]string{"7E8#0341057BAAAAAAAA"}, []string{"7E8 41057B at 0 from 0"}},
		"single, CAN FD":              {[]string{"7E8##1000841424344454647480000"}, []string{"7E8 4142434445464748 at 0 from 0"}},
		"single of nothing":           {[]string{"7E8#00000000"}, []string{"7E8 sf_length_zero at 0 from -1"}},
		"single of nothing, CAN FD":   {[]string{"7E8##100000000000000000000000000"[:len("7E8##1")+24]}, []string{"7E8 sf_length_zero at 0 from -1"}},
		"single beyond the frame":     {[]string{"7E8#044105"}, []string{"7E8 sf_length_invalid at 0 from -1"}},
		"single without the escape":   {[]string{"7E8##1034105000000000000000000"}, []string{"7E8 sf_length_invalid at 0 from -1"}},
		"escape beyond the frame":     {[]string{"7E8##1000B41050000000000000000"}, []string{"7E8 sf_length_invalid at 0 from -1"}},
		"padding ignored":             {[]string{"7E8#1008010203040506", "7E8#210708AAAAAAAAAA"}, []string{"7E8 0102030405060708 at 1 from 0"}},
		"ECUs mixed":                  {[]string{"7E8#1008010203040506", "18DAF110#1009010203040506", "7E8#210708", "18DAF110#21070809"}, []string{"7E8 0102030405060708 at 2 from 0", "18DAF110 010203040506070809 at 3 from 1"}},
		"escaped length":              {[]string{"7E8#100000000009AABB", "7E8#2101020304050607"}, []string{"7E8 AABB01020304050607 at 1 from 0"}},
		"first, CAN FD":               {[]string{"7E8##1103F" + fd + "0102", "7E8##12103"}, []string{"7E8 " + fd + "010203 at 1 from 0"}},
		"wrong number":                {[]string{"7E8#1014010203040506", "7E8#22070809", "7E8#23070809"}, []string{"7E8 wrong_sequence_number at 1 from 0", "7E8 unexpected_consecutive_frame at 2 from -1"}},
		"number twice":                {[]string{"7E8#1014010203040506", "7E8#2107080900000000", "7E8#2107080900000000"}, []string{"7E8 wrong_sequence_number at 2 from 0"}},
		"no first":                    {[]string{"7E8#2107"}, []string{"7E8 unexpected_consecutive_frame at 0 from -1"}},
		"interrupted by first":        {[]string{"7E8#1014010203040506", "7E8#1008010203040506", "7E8#210708"}, []string{"7E8 interrupted_by_first_frame at 1 from 0", "7E8 0102030405060708 at 2 from 1"}},
		"interrupted by single":       {[]string{"7E8#1014010203040506", "7E8#0141", "7E8#2107"}, []string{"7E8 interrupted_by_single_frame at 1 from 0", "7E8 41 at 1 from 1", "7E8 unexpected_consecutive_frame at 2 from -1"}},
		"not interrupted by the sick": {[]string{"7E8#1008010203040506", "7E8#00", "7E8#F0", "7E8#210708"}, []string{"7E8 sf_length_zero at 1 from -1", "7E8 invalid_pci_type at 2 from -1", "7E8 0102030405060708 at 3 from 0"}},
		"sick first interrupts":       {[]string{"7E8#1008010203040506", "7E8#100801", "7E8#210708"}, []string{"7E8 interrupted_by_first_frame at 1 from 0", "7E8 ff_too_short at 1 from -1", "7E8 unexpected_consecutive_frame at 2 from -1"}},
		"first of a single":           {[]string{"7E8#1007010203040506"}, []string{"7E8 ff_length_invalid at 0 from -1"}},
		"first of a single, CAN FD":   {[]string{"7E8##1100A01020304050607080910"}, []string{"7E8 ff_length_invalid at 0 from -1"}},
		"too long":                    {[]string{"7E8#1000000010000102", "7E8#2103"}, []string{"7E8 message_too_long at 0 from -1", "7E8 unexpected_consecutive_frame at 1 from -1"}},
		"too long by far":             {[]string{"7E8#1000FFFFFFFF0102"}, []string{"7E8 message_too_long at 0 from -1"}},
		"ends early":                  {[]string{"7E8#1014010203040506", "7E8#2107080900000000"}, []string{"7E8 incomplete at 1 from 0"}},
		"frame in the middle cut":     {[]string{"7E8#1014010203040506", "7E8#21070809", "7E8#22070809"}, []string{"7E8 incomplete at 1 from 0", "7E8 unexpected_consecutive_frame at 2 from -1"}},
		"flow control skipped":        {[]string{"7E8#1008010203040506", "7E8#300000", "7E0#300000", "7E8#210708"}, []string{"7E8 0102030405060708 at 3 from 0"}},
		"empty":                       {[]string{"7E8#"}, []string{"7E8 empty_frame at 0 from -1"}},
		"in time":                     {[]string{"0 7E8#1008010203040506", "1000 7E8#210708"}, []string{"7E8 0102030405060708 at 1 from 0"}},
		"too late":                    {[]string{"0 7E8#1008010203040506", "1001 7E8#210708"}, []string{"7E8 consecutive_frame_timeout at 0 from 0", "7E8 unexpected_consecutive_frame at 1 from -1"}},
		"timer starts anew":           {[]string{"0 7E8#1010010203040506", "900 7E8#2101020304050607", "1800 7E8#22010203"}, []string{"7E8 01020304050601020304050607010203 at 2 from 0"}},
		"silence of another":          {[]string{"0 7E8#1008010203040506", "5000 7E9#0141"}, []string{"7E8 consecutive_frame_timeout at 0 from 0", "7E9 41 at 1 from 1"}},
		"clock set back":              {[]string{"5000 7E8#1008010203040506", "0 7E8#210708"}, []string{"7E8 0102030405060708 at 1 from 0"}},
		"time not known":              {[]string{"7E8#1008010203040506", "5000 7E8#210708"}, []string{"7E8 0102030405060708 at 1 from 0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, listen(t, &isotp.Receiver{}, tt.frames...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	r := isotp.Receiver{MaxLength: 8, MaxOpen: 2, Timeout: time.Second}
	got := listen(t, &r, "7E8#1009010203040506", "7E9#1008010203040506", "7EA#1008010203040506", "7EB#1008010203040506", "7E9#210708", "7EA#210708")
	want := []string{
		"7E8 message_too_long at 0 from -1", "7E9 too_many_open_messages at 3 from 1", "7E9 unexpected_consecutive_frame at 4 from -1",
		"7EA 0102030405060708 at 5 from 2", "7EB incomplete at 3 from 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Open() != 0 {
		t.Errorf("%d open after Flush", r.Open())
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	var r isotp.Receiver
	r.Add(can.Frame{ID: can.Standard(0x7E8), Data: []byte{0x10, 8, 1, 2, 3, 4, 5, 6}}, start, 7)
	if got := r.Expire(start.Add(time.Second)); len(got) != 0 {
		t.Errorf("got %v within the second", got)
	}
	got := r.Expire(start.Add(time.Second + 1))
	if len(got) != 1 || got[0].Kind != isotp.Timeout || got[0].First != 7 || got[0].Have != 6 || got[0].Want != 8 || r.Open() != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestFaultsAreTold reads every text, and that only a message that is too long is
// answered with flow control.
func TestFaultsAreTold(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, k := range []isotp.Kind{
		isotp.SFLengthZero, isotp.SFLengthInvalid, isotp.FFTooShort, isotp.FFLengthInvalid, isotp.MessageTooLong, isotp.WrongSequence, isotp.UnexpectedCF,
		isotp.InterruptedByFirst, isotp.InterruptedBySingle, isotp.Timeout, isotp.Incomplete, isotp.TooManyOpen, isotp.InvalidPCI, isotp.EmptyFrame,
	} {
		f := isotp.Fault{Kind: k}
		data, ok := f.FlowControl()
		if text := f.Reason(); text == "" || told[text] || ok != (k == isotp.MessageTooLong) || data != [3]byte{0x32} {
			t.Errorf("%s: %q, % X, %v", k, text, data, ok)
		}
		told[f.Reason()] = true
	}
}

func TestSegmentRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		payload []byte
		size    int
	}{"nothing": {nil, 8}, "no such size": {[]byte{1}, 13}, "too small": {[]byte{1}, 7}, "too large": {[]byte{1}, 65}} {
		if got, err := isotp.Segment(can.Standard(0x7E8), tt.payload, tt.size); err == nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// TestLongMessage takes a message whose length needs the escape.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	payload := bytes.Repeat([]byte("0123456789"), 1000)
	frames, err := isotp.Segment(can.Standard(0x7E8), payload, 64)
	if err != nil || !bytes.HasPrefix(frames[0].Data, []byte{0x10, 0, 0, 0, 0x27, 0x10}) {
		t.Fatalf("got %v, %v", frames[0], err)
	}
	r := isotp.Receiver{MaxLength: len(payload)}
	for i, f := range frames {
		if m, ok, faults := r.Add(f, start, i); len(faults) > 0 || ok != (i == len(frames)-1) || ok && !bytes.Equal(m.Payload, payload) {
			t.Fatalf("frame %d: %v, %v", i, m, faults)
		}
	}
}

// TestRoundTrip cuts messages of several ECUs into frames, mixes the frames and
// wants the messages back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var queues [][]can.Frame
		want := map[can.ID][]byte{}
		total := 0
		for i := range rapid.IntRange(1, 4).Draw(t, "ecus") {
			id := can.Extended(0x18DAF100 + uint32(i))
			size := rapid.SampledFrom([]int{8, 12, 16, 20, 24, 32, 48, 64}).Draw(t, "size")
			most := rapid.SampledFrom([]int{7, 8, 63, 300, 5000}).Draw(t, "most")
			payload := rapid.SliceOfN(rapid.Byte(), 1, most).Draw(t, "payload")
			frames, err := isotp.Segment(id, payload, size)
			if err != nil {
				t.Fatal(err)
			}
			want[id], queues, total = payload, append(queues, frames), total+len(frames)
		}
		r := isotp.Receiver{MaxLength: 5000}
		for place := range total {
			i := rapid.IntRange(0, len(queues)-1).Draw(t, "next")
			for len(queues[i]) == 0 {
				i = (i + 1) % len(queues)
			}
			f := queues[i][0]
			queues[i] = queues[i][1:]
			m, ok, faults := r.Add(f, time.Time{}, place)
			if len(faults) > 0 || len(f.Data) > can.MaxData {
				t.Fatalf("%v: %v", f, faults)
			}
			if ok {
				if !bytes.Equal(m.Payload, want[m.ID]) {
					t.Fatalf("%s: got %X, want %X", m.ID, m.Payload, want[m.ID])
				}
				delete(want, m.ID)
			}
		}
		if len(want) > 0 || r.Open() > 0 {
			t.Fatalf("%d messages missing", len(want))
		}
	})
}

func TestSingleFramesDoNotAllocate(t *testing.T) {
	var r isotp.Receiver
	f := can.Frame{ID: can.Standard(0x7E8), Data: []byte{4, 0x41, 0x0C, 0x1A, 0xF8}}
	m, _, _ := r.Add(f, start, 0)
	if &m.Payload[0] != &f.Data[1] || cap(m.Payload) != len(m.Payload) {
		t.Error("the payload is a copy, or can be appended to")
	}
	if n := testing.AllocsPerRun(100, func() { r.Add(f, start, 0) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleReceiver() {
	var r isotp.Receiver
	for i, line := range []string{
		"7E8#1014490201314847", "7E9#03410D3C", "7E8#21434D3832363333", "7E8#2241303034333532", "7E8#21",
	} {
		frame, _ := can.Parse(line)
		m, ok, faults := r.Add(frame, time.Time{}, i)
		if ok {
			fmt.Printf("%s % X\n", m.ID, m.Payload)
		}
		for _, f := range faults {
			fmt.Printf("%s %s: %s\n", f.ID, f.Kind, f.Reason())
		}
	}
	// Output:
	// 7E9 41 0D 3C
	// 7E8 49 02 01 31 48 47 43 4D 38 32 36 33 33 41 30 30 34 33 35 32
	// 7E8 unexpected_consecutive_frame: unexpected consecutive frame
}

func ExampleSegment() {
	frames, _ := isotp.Segment(can.Standard(0x7E8), []byte{0x43, 4, 1, 8, 1, 0x18, 1, 0x19, 1, 0x20}, 8)
	for _, f := range frames {
		fmt.Println(f)
	}
	// Output:
	// 7E8#100A430401080118
	// 7E8#2101190120
}

// FuzzReceiver reads its input as frames: id, size, data. No message may be longer
// than the bytes that came for it.
func FuzzReceiver(f *testing.F) {
	for _, s := range []string{"0004030D3C00", "000810140102030405060008210708090A0B0C0D", "010C000A0102030405060708090A", "0003300000", "00081000FFFFFFFF0102"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := isotp.Receiver{MaxLength: 200, MaxOpen: 3}
		came := map[can.ID]int{}
		for i := 0; len(in) >= 2; i++ {
			id, n := can.Standard(uint32(in[0])), min(int(in[1]&0x7F), len(in)-2)
			frame := can.Frame{ID: id, Data: in[2 : 2+n]}
			at := time.Time{}
			if in[1]&0x80 != 0 {
				at = start.Add(time.Duration(i) * 300 * time.Millisecond)
			}
			in = in[2+n:]
			came[id] += n
			m, ok, faults := r.Add(frame, at, i)
			if len(faults) > 5 || r.Open() > 3 {
				t.Fatalf("%d faults, %d open", len(faults), r.Open())
			}
			if ok && (len(m.Payload) == 0 || len(m.Payload) > 200 || len(m.Payload) >= came[m.ID] || m.First > m.Last) {
				t.Fatalf("%+v", m)
			}
		}
		if open := r.Open(); len(r.Flush()) != open || r.Open() != 0 {
			t.Fatal("messages are open after the end")
		}
	})
}

func FuzzSegment(f *testing.F) {
	f.Add([]byte("494902"), byte(0))
	f.Add(bytes.Repeat([]byte{7}, 200), byte(3))
	f.Fuzz(func(t *testing.T, payload []byte, pick byte) {
		size := [...]int{8, 12, 16, 20, 24, 32, 48, 64}[pick&7]
		frames, err := isotp.Segment(can.Standard(1), payload, size)
		if err != nil {
			return
		}
		r := isotp.Receiver{MaxLength: len(payload)}
		for i, frame := range frames {
			m, ok, faults := r.Add(frame, start, i)
			if len(faults) > 0 || ok != (i == len(frames)-1) || ok && !bytes.Equal(m.Payload, payload) {
				t.Fatalf("frame %d of %d: %v %v", i, len(frames), m, faults)
			}
		}
	})
}

func BenchmarkSingleFrame(b *testing.B) {
	var r isotp.Receiver
	f := can.Frame{ID: can.Standard(0x7E8), Data: []byte{4, 0x41, 0x0C, 0x1A, 0xF8}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok, _ := r.Add(f, start, i); !ok {
			b.Fatal("no message")
		}
	}
}

func BenchmarkVIN(b *testing.B) {
	frames, err := isotp.Segment(can.Standard(0x7E8), []byte("\x49\x02\x011HGCM82633A004352"), 8)
	if err != nil {
		b.Fatal(err)
	}
	var r isotp.Receiver
	b.ReportAllocs()
	for b.Loop() {
		for i, f := range frames {
			r.Add(f, start, i)
		}
	}
}
