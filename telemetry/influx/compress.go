package influx

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	t.IdleConnTimeout = 90 * time.Second
	return t
}

// compressor makes bodies small. The client can do that too, but only at the
// default level, which costs more than all the rest of a write; the fastest level
// makes line protocol nearly as small.
type compressor struct{ writers sync.Pool }

// compress returns a body in gzip, which is the caller's.
func (c *compressor) compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(body)/4 + 64) // more than it takes: 20 signals become a sixth
	zip, _ := c.writers.Get().(*gzip.Writer)
	if zip == nil {
		var err error
		if zip, err = gzip.NewWriterLevel(&out, gzip.BestSpeed); err != nil {
			return nil, err
		}
	}
	zip.Reset(&out)
	defer c.writers.Put(zip)
	if _, err := zip.Write(body); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
