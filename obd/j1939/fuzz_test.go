package j1939_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
)

func FuzzDecodeDM(f *testing.F) {
	for _, seed := range []string{"40C061021300FFFF", "00FF00000000", "FFFFFFFFFFFF", "54CF6102130021061F00EE100483", "00"} {
		f.Add(unhex(f, seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, version uint8) {
		c := j1939.Conversion(version%4 + 1)
		dm, refusal := j1939.DecodeDM(data, c)
		if len(dm.DTCs) > len(data)/4 {
			t.Fatalf("%d codes in %d bytes", len(dm.DTCs), len(data))
		}
		if refusal != nil {
			if refusal.Offset > len(data) || refusal.Reason == "" {
				t.Fatalf("%+v", refusal)
			}
			return
		}
		for i := range dm.DTCs { // one message has one conversion
			if dm.DTCs[i].CM = 1; c == j1939.Version4 {
				dm.DTCs[i].CM = 0
			}
		}
		encoded := j1939.AppendDM(nil, dm, c)
		again, refusal := j1939.DecodeDM(encoded, c)
		if refusal != nil {
			t.Fatal(refusal)
		}
		// Only the code that reads as padding or as none may go missing.
		if re := j1939.AppendDM(nil, again, c); len(again.DTCs) == len(dm.DTCs) && !bytes.Equal(encoded, re) {
			t.Fatalf("%X became %X", encoded, re)
		}
	})
}

// split makes frames of fuzz input: a byte that picks the identifier, a length, data.
func split(input []byte) []can.Frame {
	ids := []uint32{
		0x1CECFF00, 0x1CEBFF00, 0x1CECF900, 0x1CEBF900, 0x1CEC00F9, 0x1CECFF17, 0x1CEBFF17,
		0x18FECA00, 0x18FECA17, 0x18FECB00, 0x18FEC117, 0x18FEE000, 0x18FEEC00, 0x0CF00400, 0x18FEF100, 0x18FEDF00,
	}
	var all []can.Frame
	for len(input) >= 2 {
		n := min(int(input[1]%10), len(input)-2)
		id := can.Extended(ids[int(input[0])%len(ids)])
		if input[0] > 0xF0 {
			id = can.Standard(uint32(input[0]))
		}
		all = append(all, can.Frame{ID: id, Data: input[2 : 2+n]})
		input = input[2+n:]
	}
	return all
}

// fuzzFrames is the input of split for a broadcast of two packets and one DM1.
const fuzzFrames = "0008200E0002FFCAFE00" + "01080100FF6102130021" + "010802061F00EE100400" + "070840C061021300FFFF"

func FuzzTransport(f *testing.F) {
	f.Add(unhex(f, fuzzFrames))
	f.Add(unhex(f, "0208100E0002FFCAFE00"+"0408110201FFFFCAFE00"+"03080100FF6102130021"+"0408FF03FFFFFFCAFE00"))
	f.Fuzz(func(t *testing.T, input []byte) {
		var r j1939.Reassembler
		pushed, came := 0, 0
		for i, frame := range split(input) {
			pushed += len(frame.Data)
			m, refusal := r.Push(i, frame)
			if m != nil {
				came += len(m.Data)
				if len(m.Data) > j1939.MaxTransport || m.Frame != i {
					t.Fatalf("%+v", m)
				}
			}
			if refusal != nil && (refusal.Reason == "" || refusal.Place == "") {
				t.Fatalf("%+v", refusal)
			}
		}
		if came > pushed {
			t.Fatalf("%d bytes of %d", came, pushed)
		}
		if open := len(r.Flush()); open > j1939.MaxSessions {
			t.Fatalf("%d open", open)
		}
	})
}

// FuzzAppendMessage sends any data and receives it.
func FuzzAppendMessage(f *testing.F) {
	f.Add([]byte("3HAMKSTN0FL575012*"))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		h := j1939.Header{Priority: 6, PGN: j1939.PGNVIN, Source: 3, Destination: j1939.Global}
		all, err := j1939.AppendMessage(nil, h, data)
		if (err != nil) != (len(data) > j1939.MaxTransport) {
			t.Fatal(err)
		}
		var r j1939.Reassembler
		for i, frame := range all {
			m, refusal := r.Push(i, frame)
			if refusal != nil || (m != nil) != (i == len(all)-1) {
				t.Fatalf("frame %d: %v, %v", i, m, refusal)
			}
			if m != nil && (m.PGN != h.PGN || m.Source != h.Source || !bytes.Equal(m.Data, data)) {
				t.Fatalf("got %+v", m)
			}
		}
	})
}

func FuzzDecodeReport(f *testing.F) {
	f.Add(unhex(f, fuzzFrames))
	f.Add(unhex(f, "0A0880140600FFFFFFFF"+"0B08FFFFFFFF40420F00"+"0D08F07D7D803E00FFFF"+"0E08FF0050FFFFFFFFFF"))
	f.Add(unhex(f, "0F080102030405060708"+"0C0131"+"090800FFEE100401FFFF"+"FF02410C"))
	f.Fuzz(func(t *testing.T, input []byte) {
		all := split(input)
		result := j1939.Decode(all, j1939.Options{})
		if len(result.Messages) > len(all) || len(result.Refusals) > 2*len(all)+j1939.MaxSessions {
			t.Fatalf("%d messages and %d refusals of %d frames", len(result.Messages), len(result.Refusals), len(all))
		}
		if _, err := json.Marshal(result); err != nil {
			t.Fatal(err)
		}
		got, _ := j1939.DecodeReport(vin, at, all, j1939.Options{})
		for _, s := range got.Samples {
			seen := map[string]bool{}
			for _, r := range s.Readings {
				if seen[string(r.Signal)] {
					t.Fatalf("%s twice", r.Signal)
				}
				seen[string(r.Signal)] = true
			}
		}
	})
}

func BenchmarkAppendValues(b *testing.B) {
	data := unhex(b, "8014060010270000")
	var values j1939.Values
	b.ReportAllocs()
	for b.Loop() {
		values, _ = j1939.AppendValues(values[:0], 65217, data)
		if values[0].Reading().Value.Num != 1992320 {
			b.Fatal(values)
		}
	}
}

func BenchmarkDecodeDM1(b *testing.B) {
	data := unhex(b, "54CF6102130021061F00EE100483")
	b.ReportAllocs()
	for b.Loop() {
		j1939.DecodeDM(data, 0)
	}
}

// BenchmarkDecodeReport is ten seconds of a quiet bus: 20 frames of values, ten
// equal DM1 in packets.
func BenchmarkDecodeReport(b *testing.B) {
	var lines []string
	for range 10 {
		lines = append(lines, "0CF00400#F07D7D803E00FFFF", "18FEF100#FF0050FFFFFFFFFF", bam, first, second)
	}
	all := frames(b, lines...)
	b.ReportAllocs()
	for b.Loop() {
		j1939.DecodeReport(vin, at, all, j1939.Options{})
	}
}
