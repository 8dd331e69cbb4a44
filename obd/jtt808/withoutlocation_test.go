package jtt808_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
)

func TestWithoutLocation(t *testing.T) {
	t.Parallel()
	l := somewhere()
	l.Time, l.Stamp = l.Time.Add(time.Second), [6]byte{}
	batch, err := jtt808.AppendBatch(nil, 1, []jtt808.Location{l, l})
	if err != nil {
		t.Fatal(err)
	}
	var payload []byte
	payload = append(payload, frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, l))...)
	payload = append(payload, frame(t, jtt808.Header{ID: jtt808.Heartbeat}, nil)...)
	payload = append(payload, frame(t, jtt808.Header{ID: jtt808.LocationBatch}, batch)...)

	blank := jtt808.WithoutLocation(payload)
	got, want := jtt808.Decode(blank), jtt808.Decode(payload)
	if len(got.Refusals) > 0 {
		t.Errorf("refused: %v", got.Refusals)
	}
	none := func(l *jtt808.Location) {
		l.Latitude, l.Longitude, l.Altitude, l.Heading = 0, 0, 0, 0
		l.Status &^= jtt808.StatusFix | jtt808.StatusSouth | jtt808.StatusWest
	}
	none(want.Frames[0].Location)
	for i := range want.Frames[2].Batch.Locations {
		none(&want.Frames[2].Batch.Locations[i])
	}
	for i, w := range want.Frames {
		if diff := cmp.Diff(w.Content, got.Frames[i].Content); diff != "" {
			t.Errorf("frame %d (-want +got):\n%s", i, diff)
		}
	}
	if again := jtt808.WithoutLocation(blank); !bytes.Equal(again, blank) {
		t.Errorf("taking out twice is more than once:\n%x\n%x", blank, again)
	}
	for _, seed := range seeds(t) {
		once := jtt808.WithoutLocation(seed)
		if twice := jtt808.WithoutLocation(once); !bytes.Equal(once, twice) {
			t.Errorf("of %x is left %x, and of that %x", seed, once, twice)
		}
	}
	for name, as := range map[string][]byte{"damaged": append([]byte{0x7E, 1}, payload[1:30]...), "noise": []byte("noise"), "nothing": nil} {
		if got := jtt808.WithoutLocation(as); !bytes.Equal(got, as) {
			t.Errorf("%s: %x became %x", name, as, got)
		}
	}
}
