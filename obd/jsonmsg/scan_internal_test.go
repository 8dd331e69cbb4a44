package jsonmsg

import (
	"encoding/binary"
	"testing"
)

// Eight bytes at once are judged as one by one.
func TestArePlainAgreesWithIsPlain(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 8 {
			b := []byte("Vehicle.")
			b[at] = byte(c)
			if got := arePlain(binary.LittleEndian.Uint64(b)); got != isPlain[c] {
				t.Errorf("byte %#02x at %d: %v, alone %v", c, at, got, isPlain[c])
			}
		}
	}
}
