package influx_test

import (
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

func TestCompressesWhatLeavesTheMachine(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]bool{
		"http://127.0.0.1:8086": false, "http://[::1]:8086": false, "http://[::ffff:127.0.0.1]": false, "http://LocalHost:8086": false,
		"http://influx:8086": true, "https://10.0.0.7": true, "http://localhost.example.com": true, "http://[2001:db8::1]:8086": true,
	} {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		for gzip, want := range map[influx.Gzip]bool{"": want, influx.GzipAuto: want, influx.GzipAlways: true, influx.GzipNever: false} {
			if got, err := influx.Compresses(gzip, u); err != nil || got != want {
				t.Errorf("%q to %s: %v, %v, want %v", gzip, server, got, err, want)
			}
		}
		if _, err := influx.Compresses("sometimes", u); err == nil {
			t.Error("a word that is not one is taken")
		}
	}
}

func TestBodyArrivesTheSameEitherWay(t *testing.T) {
	t.Parallel()
	var bodies [][]string
	for gzip, encoding := range map[influx.Gzip]string{influx.GzipAuto: "", influx.GzipAlways: "gzip"} {
		f := newFake(t, &fakeServer{version: "v2.7.12"})
		o := f.options()
		o.Gzip = gzip
		s := open(t, o)
		for n := range 5 { // memory is used again
			if err := s.Write(t.Context(), liveRecords(10+100*(n%2))); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff([]string{encoding, encoding, encoding, encoding, encoding}, f.seen(&f.encodings)); d != "" {
			t.Errorf("%s: encodings (-want +got):\n%s", gzip, d)
		}
		bodies = append(bodies, f.seen(&f.bodies))
	}
	if d := cmp.Diff(bodies[0], bodies[1]); d != "" {
		t.Errorf("compressed and not:\n%s", d)
	}
	if bodies[0][0] != bodies[0][2] || bodies[0][1] != bodies[0][3] {
		t.Error("the same records make another body the second time")
	}
}

// An answer may come before the body was read, and its memory must not be used again
// before that is over.
func TestWriteWaitsForItsMemory(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	s := open(t, f.options())
	late := &lateReader{}
	influx.SetTransport(s, late)
	for n := range 5 {
		if err := s.Write(t.Context(), liveRecords(100)); err != nil {
			t.Fatal(err)
		}
		if got := int(late.read.Load()); got != n+1 {
			t.Fatalf("write %d returned, and %d bodies have been read", n+1, got)
		}
	}
}

// lateReader answers before it reads.
type lateReader struct{ read atomic.Int32 }

func (l *lateReader) RoundTrip(r *http.Request) (*http.Response, error) {
	go func() {
		_, _ = io.Copy(io.Discard, iotest.OneByteReader(r.Body))
		l.read.Add(1)
		_ = r.Body.Close()
	}()
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}
