package influx

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Gzip says whether what is written is compressed. That makes it a sixth, and costs
// more than making the line protocol does, here and in InfluxDB.
type Gzip string

// What Gzip can be.
const (
	GzipAuto   Gzip = "auto" // unless InfluxDB is on this machine; so is the empty text
	GzipAlways Gzip = "always"
	GzipNever  Gzip = "never"
)

// compresses says it for a server.
func (g Gzip) compresses(server *url.URL) (bool, error) {
	switch g {
	case GzipAuto, "":
		return !isLoopback(server.Hostname()), nil
	case GzipAlways, GzipNever:
		return g == GzipAlways, nil
	}
	return false, fmt.Errorf("gzip %q is not one of %s, %s, %s", string(g), GzipAuto, GzipAlways, GzipNever)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	t.IdleConnTimeout = 90 * time.Second
	return t
}

// spares is memory of requests that are over. A sync.Pool would lose it at every
// garbage collection, and it is most of what a write needs.
type spares[T any] chan *T

func newSpares[T any]() spares[T] { return make(spares[T], 2) } // ingest writes one batch at a time

func (s spares[T]) take() *T {
	select {
	case t := <-s:
		return t
	default:
		return new(T)
	}
}

func (s spares[T]) giveBack(t *T) {
	select {
	case s <- t:
	default:
	}
}

// compressor makes bodies small. The client can do that too, but only at the
// default level, which costs more than all the rest of a write; the fastest level
// makes line protocol nearly as small.
type compressor struct {
	out bytes.Buffer
	zip *gzip.Writer
}

// compress returns a body in gzip, which is valid until the next call.
func (c *compressor) compress(body []byte) (_ []byte, err error) {
	c.out.Reset()
	if c.zip == nil {
		if c.zip, err = gzip.NewWriterLevel(&c.out, gzip.BestSpeed); err != nil {
			return nil, err
		}
	}
	c.zip.Reset(&c.out)
	if _, err := c.zip.Write(body); err != nil {
		return nil, err
	}
	if err := c.zip.Close(); err != nil {
		return nil, err
	}
	return c.out.Bytes(), nil
}

// lend makes memory the body of a request. The transport may read it after the answer
// has come, and a second time: the memory is the caller's again after back.Wait.
func lend(r *http.Request, body []byte, back *sync.WaitGroup) {
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) {
		back.Add(1)
		return &lent{Reader: bytes.NewReader(body), close: sync.OnceFunc(back.Done)}, nil
	}
	r.Body, _ = r.GetBody()
}

type lent struct {
	*bytes.Reader
	close func()
}

// Close implements io.Closer. The transport closes every body, whatever happens.
func (l *lent) Close() error {
	l.close()
	return nil
}
