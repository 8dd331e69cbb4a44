package embedded

import (
	"encoding/binary"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// fuzzBlock has every kind of column.
func fuzzBlock() *block {
	var b builder
	for i := range int64(40) {
		at := 1_772_000_000_000 + i*1000 + i%3
		b.sample(at, vehicle.TimeSource(i%2))
		b.add(0, cell{at: at, num: float64(i) / 10})
		b.add(1, cell{at: at, num: float64(i) / 3, quality: vehicle.Quality(i % 4)})
		if i%5 == 0 {
			b.add(2, cell{at: at, kind: vehicle.KindText, text: "text"})
			b.add(3, cell{at: at, kind: vehicle.KindBool, num: float64(i % 2)})
		}
		if i%2 == 0 {
			b.add(4, cell{at: at, kind: vehicle.Kind(i % 3), num: float64(i % 2)})
		}
	}
	return b.finish()
}

// FuzzReadChunk feeds the decoder bytes with right checksums: it must answer
// with an error or a block that encodes again, and never panic.
func FuzzReadChunk(f *testing.F) {
	var e encoder
	headData, body, err := e.encode(fuzzBlock())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(headData, body)
	f.Fuzz(func(t *testing.T, headData, body []byte) {
		h, err := readHead(resealed(headData))
		if err != nil {
			return
		}
		h.bodySum = checksum(body)
		if h.cells > 1<<16 {
			return // large, not wrong
		}
		b, err := readBody(h, body, allSignals)
		if err != nil {
			return
		}
		for i := range h.columns {
			if _, err := readBody(h, body, h.columns[i].signal); err != nil {
				t.Fatalf("one column: %v", err)
			}
		}
		if len(b.columns) > 0 && b.times[0] >= 0 {
			var e encoder
			if _, _, err := e.encode(b); err != nil {
				t.Fatalf("encode again: %v", err)
			}
		}
	})
}

// FuzzReadHot does the same for hot rows.
func FuzzReadHot(f *testing.F) {
	f.Add(appendHot(nil, fuzzBlock()))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b builder
		if readHot(resealed(data), &b) != nil {
			return
		}
		appendHot(nil, b.finish())
	})
}

// resealed returns the data with the checksum it should have.
func resealed(data []byte) []byte {
	if len(data) < 5 {
		return data
	}
	out := append([]byte(nil), data...)
	binary.LittleEndian.PutUint32(out[1:], checksum(out[5:]))
	return out
}
