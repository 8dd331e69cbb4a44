package influx

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// transport compresses what is written. The client can do that too, but only at
// the default level, which costs more than all the rest of a write; the fastest
// level makes line protocol nearly as small.
type transport struct {
	next *http.Transport
	zips sync.Pool // *gzip.Writer
}

func newTransport() *transport {
	next := http.DefaultTransport.(*http.Transport).Clone()
	next.MaxIdleConnsPerHost = 16
	next.IdleConnTimeout = 90 * time.Second
	return &transport{next: next}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || !strings.HasSuffix(r.URL.Path, "/api/v2/write") {
		return t.next.RoundTrip(r)
	}
	body, err := t.compress(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	r = r.Clone(r.Context())
	r.Header.Set("Content-Encoding", "gzip")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return t.next.RoundTrip(r)
}

// CloseIdleConnections is what http.Client.CloseIdleConnections calls.
func (t *transport) CloseIdleConnections() { t.next.CloseIdleConnections() }

func (t *transport) compress(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	zip, _ := t.zips.Get().(*gzip.Writer)
	if zip == nil {
		var err error
		if zip, err = gzip.NewWriterLevel(&out, gzip.BestSpeed); err != nil {
			return nil, err
		}
	}
	zip.Reset(&out)
	defer t.zips.Put(zip)
	if _, err := io.Copy(zip, r); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
