package jtt808_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
)

// seeds are payloads of every kind.
func seeds(f testing.TB) [][]byte {
	f.Helper()
	batch, err := jtt808.AppendBatch(nil, 1, locations(2))
	if err != nil {
		f.Fatal(err)
	}
	long, err := jtt808.AppendMessage(nil, jtt808.Header{ID: jtt808.Transparent, Phone: "013812345678"}, make([]byte, 1500))
	if err != nil {
		f.Fatal(err)
	}
	beat := frame(f, jtt808.Header{ID: jtt808.Heartbeat}, nil)
	location := frame(f, jtt808.Header{ID: jtt808.LocationReport}, locationBody(f, somewhere()))
	edition2019 := jtt808.Header{ID: jtt808.LocationBatch, Edition2019: true, Version: 1, Phone: "00000000013812345678"}
	return [][]byte{
		beat, location, append(bytes.Clone(beat), location...), frame(f, edition2019, batch), long,
		frame(f, jtt808.Header{ID: jtt808.Registration}, make([]byte, 40)),
		bytes.ReplaceAll(location, []byte{0x7D, 0x02}, []byte{0x7E}),
		location[:20], {0x7E, 0x7D, 0x7E}, []byte("noise"),
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r := jtt808.Decode(payload)
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		if len(r.Refusals) > jtt808.MaxRefusals+1 {
			t.Fatalf("%d refusals", len(r.Refusals))
		}
		for _, refusal := range r.Refusals {
			if refusal.Offset < 0 || refusal.Offset > len(payload) || refusal.Reason == "" {
				t.Fatalf("%+v in %d bytes", refusal, len(payload))
			}
		}
		total := 0
		for _, frame := range r.Frames {
			total += len(frame.Body)
			if frame.Fault == "" && frame.Parts == 0 {
				reencode(t, frame)
			}
		}
		if total > 2*len(payload) { // whole messages repeat their parts
			t.Fatalf("bodies of %d bytes in %d", total, len(payload))
		}
	})
}

// reencode encodes a sound frame and decodes it again.
func reencode(t *testing.T, f jtt808.Frame) {
	t.Helper()
	if len(f.Body) > 1023 {
		return // longer than a frame can say: the header was wrong
	}
	b, err := jtt808.AppendFrame(nil, f.Header, f.Body)
	if err != nil {
		t.Fatal(err)
	}
	again := jtt808.Decode(b)
	want := f.Header
	want.Length, want.LengthValid = len(f.Body), true
	if len(again.Frames) == 0 || again.Frames[0].Header != want || !bytes.Equal(again.Frames[0].Body, f.Body) {
		t.Fatalf("%+v became %+v", f, again.Frames)
	}
}

func FuzzDecodeLocation(f *testing.F) {
	f.Add(locationBody(f, somewhere()))
	f.Add(append(locationBody(f, somewhere()), 0, 0, 0, 0x78, 0))
	f.Add(make([]byte, 28))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, refusals := jtt808.DecodeLocation(b)
		for _, refusal := range refusals {
			if refusal.Offset > len(b) || refusal.Reason == "" {
				t.Fatalf("%+v", refusal)
			}
		}
		if len(b) < 28 {
			return
		}
		encoded := locationBody(t, l)
		if len(encoded) != len(b) {
			t.Fatalf("%X became %X", b, encoded)
		}
		again, _ := jtt808.DecodeLocation(encoded)
		if diff := cmp.Diff(l, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzDecodeReport(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		device, report, refusals, err := jtt808.DecodeReport(payload, received)
		if err != nil && (len(report.Samples) > 0 || len(refusals) == 0) {
			t.Fatalf("%v with %+v", err, report)
		}
		if len(report.Samples) > 0 && device == "" {
			t.Fatal("samples of nobody")
		}
		for _, s := range report.Samples {
			if s.Time.Year() < 2000 || s.Time.Sub(received) >= 24*time.Hour || len(s.Readings) == 0 {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	l := somewhere()
	l.Items[0].Value = []byte{0, 1, 0x70, 0x70} // no escapes
	payload := frame(b, jtt808.Header{ID: jtt808.LocationReport}, locationBody(b, l))
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		jtt808.Decode(payload)
	}
}

func BenchmarkDecodeReport(b *testing.B) {
	payload := frame(b, jtt808.Header{ID: jtt808.LocationReport}, locationBody(b, somewhere()))
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		jtt808.DecodeReport(payload, received)
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	body := locationBody(b, somewhere())
	h := jtt808.Header{ID: jtt808.LocationReport, Phone: "013812345678"}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = jtt808.AppendFrame(dst[:0], h, body)
	}
}
