package ecu_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// FuzzAnswers gives the same bytes as an adapter's text and as the frames of a bus.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("1902FF\r7E8 07 59 02 FF 01 71 11 2D\r7E9 02 43 00\r\r>41 0C 1A F8\r>12.4V\r>"))
	f.Add([]byte("\x0042 0C 00 1A F8\r>42 02 00 01 71\r>43 01 01 71\r>49 02 01 31\r>"))
	f.Add([]byte("\xe8\x07\x08\x10\x14\x49\x02\x01WDD\xe8\x07\x08\x212040001\xe8\x07\x08\x221A12345"))
	f.Add([]byte("\xec\x07\x08\x07\x59\x02\xff\x01\x71\x11\x08\xe0\x07\x04\x03\x19\x02\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := ecu.Answers{Options: ecu.Options{Table: uds.Kona()}}
		text.Text(string(data))
		check(t, &text, len(data))

		var bus ecu.Answers
		bus.Frames(framesOf(data))
		check(t, &bus, len(data))
	})
}

// framesOf cuts bytes into frames: two of identifier, one of length, then the data.
func framesOf(data []byte) []ecu.Frame {
	var frames []ecu.Frame
	for i := 0; len(data) >= 3; i++ {
		id, n := can.Standard(uint32(data[0])|uint32(data[1])<<8), min(int(data[2])%9, len(data)-3)
		if data[2]&0x80 != 0 {
			id = can.Extended(0x18DAF100 | uint32(data[0]))
		}
		frames = append(frames, ecu.Frame{Frame: can.Frame{ID: id, Data: data[3 : 3+n]}, Index: i})
		data = data[3+n:]
	}
	return frames
}

func check(t *testing.T, a *ecu.Answers, size int) {
	t.Helper()
	said, err := a.Settle("", at)
	if err != nil {
		t.Fatalf("any vehicle: %v", err)
	}
	if len(said.Refusals) > ecu.MaxRefusals+1 || len(a.Messages) > size {
		t.Fatalf("%d refusals, %d messages of %d bytes", len(said.Refusals), len(a.Messages), size)
	}
	for _, r := range said.Refusals {
		if r.Reason == "" || r.Place == "" {
			t.Fatalf("refusal without place or reason: %+v", r)
		}
	}
	seen := map[vehicle.Signal]bool{}
	for _, r := range said.Readings {
		if seen[r.Signal] {
			t.Fatalf("%s comes twice", r.Signal)
		}
		seen[r.Signal] = true
	}
	codes := 0
	for _, c := range said.Codes {
		codes += len(c.Codes)
		for _, e := range c.Codes {
			if _, err := vehicle.ParseCode(string(e.Code)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if codes > size {
		t.Fatalf("%d codes of %d bytes", codes, size)
	}
}
