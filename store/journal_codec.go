package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A row of the journal is a byte that says the format, the vehicles that reported, and
// the marks, each list with its length before it. Numbers are varints, texts have their
// length before them, and times are nanoseconds since the one before. Of Seen and Mark it
// holds what divide lets wait: no status, no attributes, nothing urgent.
const journalFormat = 0xB1

// What is said of a vehicle beside its fields.
const (
	seenRetained = 1 << iota
	seenEvent    // LastEvent is set
)

func encodeJournal(b ingest.Batch) []byte {
	w := journalWriter{body: make([]byte, 0, 64+48*len(b.Seen)+32*len(b.Marks))}
	w.body = append(w.body, journalFormat)
	w.number(uint64(len(b.Seen)))
	for i := range b.Seen {
		s := &b.Seen[i]
		flags := byte(0)
		if s.Retained {
			flags |= seenRetained
		}
		if !s.LastEvent.IsZero() {
			flags |= seenEvent
		}
		w.body = append(w.body, flags)
		w.text(string(s.VIN))
		w.text(s.Boot)
		w.number(s.Seq)
		w.time(s.Received)
		if flags&seenEvent != 0 {
			w.time(s.LastEvent)
		}
	}
	w.number(uint64(len(b.Marks)))
	for i := range b.Marks {
		w.text(string(b.Marks[i].VIN))
		w.body = binary.AppendVarint(w.body, int64(b.Marks[i].Day))
		w.time(b.Marks[i].At)
	}
	return w.body
}

type journalWriter struct {
	body []byte
	last int64 // time
}

func (w *journalWriter) number(n uint64) { w.body = binary.AppendUvarint(w.body, n) }

func (w *journalWriter) text(s string) {
	w.number(uint64(len(s)))
	w.body = append(w.body, s...)
}

func (w *journalWriter) time(t time.Time) {
	ns := t.UnixNano()
	w.body = binary.AppendVarint(w.body, ns-w.last)
	w.last = ns
}

var errJournal = errors.New("it is damaged, or in a format that this version does not know")

func decodeJournal(body []byte) (b ingest.Batch, err error) {
	if len(body) == 0 || body[0] != journalFormat {
		return b, errJournal
	}
	r := journalReader{rest: body[1:]}
	for n := r.number(); n > 0 && !r.bad; n-- {
		flags := r.byte()
		s := ingest.Seen{VIN: vehicle.VIN(r.text()), Boot: r.text(), Seq: r.number(), Received: r.time(), Retained: flags&seenRetained != 0}
		if flags&seenEvent != 0 {
			s.LastEvent = r.time()
		}
		b.Seen = append(b.Seen, s)
	}
	for n := r.number(); n > 0 && !r.bad; n-- {
		b.Marks = append(b.Marks, ingest.Mark{VIN: vehicle.VIN(r.text()), Day: vehicle.Day(r.signed()), At: r.time()})
	}
	if r.bad || len(r.rest) > 0 {
		return ingest.Batch{}, errJournal
	}
	return b, nil
}

// journalReader reads zeros once something is not there.
type journalReader struct {
	rest []byte
	last int64 // time
	bad  bool
}

// take returns the next n bytes, nil when there are not so many.
func (r *journalReader) take(n uint64) []byte {
	if r.bad = r.bad || n > uint64(len(r.rest)); r.bad {
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *journalReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *journalReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	return n
}

func (r *journalReader) signed() int64 {
	n, size := binary.Varint(r.rest)
	r.skip(size)
	return n
}

func (r *journalReader) skip(size int) {
	if size <= 0 {
		r.bad = true
		return
	}
	r.take(uint64(size))
}

func (r *journalReader) text() string { return string(r.take(r.number())) }

func (r *journalReader) time() time.Time {
	r.last += r.signed()
	return time.Unix(0, r.last).UTC()
}
