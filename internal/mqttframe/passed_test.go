package mqttframe_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
)

// However little comes at a time, a packet is passed on whole, and not a byte more.
func TestAPacketIsPassedOnWhole(t *testing.T) {
	t.Parallel()
	for size := 1; size <= 9; size++ {
		source := strings.NewReader("packet|next")
		in := iotest.HalfReader(source)
		var p mqttframe.Passed
		p.Set([]byte("a "), len("packet"))
		var got strings.Builder
		for b := make([]byte, size); !p.Empty(); {
			n, err := p.Read(b, in)
			if err != nil {
				t.Fatal(err)
			}
			got.Write(b[:n])
		}
		if after, _ := io.ReadAll(source); got.String() != "a packet" || string(after) != "|next" {
			t.Errorf("%d bytes at a time: %q, then %q", size, got.String(), after)
		}
	}
}

// A connection that ends within a packet says so.
func TestAPacketThatEndsEarlyIsAnError(t *testing.T) {
	t.Parallel()
	var p mqttframe.Passed
	p.Set(nil, 10)
	in := strings.NewReader("half")
	if n, err := p.Read(make([]byte, 10), in); n != 4 || err != nil {
		t.Fatalf("read %d, %v, want the 4 bytes that came", n, err)
	}
	if _, err := p.Read(make([]byte, 10), in); !errors.Is(err, io.EOF) || p.Empty() {
		t.Errorf("%v, empty %v, want io.EOF and 6 bytes to come", err, p.Empty())
	}
}
