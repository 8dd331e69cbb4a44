package isotp

import (
	"encoding/binary"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// Receiver joins the frames of a bus into messages. The zero value is ready and
// uses the defaults; set the limits before the first Add. It is not for use by
// several goroutines.
type Receiver struct {
	MaxLength int           // bytes of the longest message; 0: DefaultMaxLength
	MaxOpen   int           // messages that may be open at a time; 0: DefaultMaxOpen
	Timeout   time.Duration // N_Cr; 0: DefaultTimeout

	open   []partial // in the order of their first frames
	faults []Fault   // of the current call
}

// partial is a message whose end has not come.
type partial struct {
	id    can.ID
	next  byte // sequence number of the next consecutive frame
	frame int  // data bytes of its frames: only the last may have fewer
	want  int  // bytes announced
	first int
	last  int
	heard time.Time
	data  []byte
}

// The high half of the first byte.
const (
	single      = 0
	first       = 1
	consecutive = 2
	flowControl = 3
)

// classic is the most data bytes of a frame that is not CAN FD.
const classic = 8

// Add takes the next frame of the bus. at is when it was heard; the zero time means
// unknown, and then nothing times out. place is the caller's name for the frame, such
// as its index; messages and faults give it back.
//
// ok is set when the frame completes a message m. The faults are those the frame
// showed, of other identifiers too; they are valid until the next call. A single
// frame without fault costs no allocation.
func (r *Receiver) Add(f can.Frame, at time.Time, place int) (m Message, ok bool, faults []Fault) {
	r.faults = r.faults[:0]
	r.expire(at)
	if len(f.Data) == 0 {
		r.drop(EmptyFrame, f, place, 0)
		return Message{}, false, r.faults
	}
	switch f.Data[0] >> 4 {
	case single:
		m, ok = r.single(f, place)
	case first:
		r.first(f, at, place)
	case consecutive:
		m, ok = r.consecutive(f, at, place)
	case flowControl:
	default:
		r.drop(InvalidPCI, f, place, 0)
	}
	return m, ok, r.faults
}

// Expire gives up the messages that wait longer than the timeout for their next
// frame. Add does the same; this is for a bus that has gone silent.
func (r *Receiver) Expire(at time.Time) []Fault {
	r.faults = r.faults[:0]
	r.expire(at)
	return r.faults
}

// Flush gives up every open message: the stream has ended.
func (r *Receiver) Flush() []Fault {
	r.faults = r.faults[:0]
	for i := range r.open {
		r.lost(Incomplete, &r.open[i], r.open[i].last)
	}
	clear(r.open)
	r.open = r.open[:0]
	return r.faults
}

// Open returns how many messages are open.
func (r *Receiver) Open() int { return len(r.open) }

func (r *Receiver) single(f can.Frame, place int) (Message, bool) {
	n, head := int(f.Data[0]&15), 1
	if len(f.Data) > classic {
		if n != 0 { // more than 8 bytes need the escape
			r.drop(SFLengthInvalid, f, place, n)
			return Message{}, false
		}
		n, head = int(f.Data[1]), 2
	}
	switch {
	case n == 0:
		r.drop(SFLengthZero, f, place, 0)
		return Message{}, false
	case n > len(f.Data)-head:
		r.drop(SFLengthInvalid, f, place, n)
		return Message{}, false
	}
	r.abandon(f.ID, InterruptedBySingle, place)
	return Message{f.ID, f.Data[head : head+n : head+n], place, place}, true
}

// first opens a message. Whatever the frame is worth, its sender has left the
// message before: to keep that open could join the bytes of two.
func (r *Receiver) first(f can.Frame, at time.Time, place int) {
	r.abandon(f.ID, InterruptedByFirst, place)
	if len(f.Data) < classic {
		r.drop(FFTooShort, f, place, 0)
		return
	}
	n, head := uint32(f.Data[0]&15)<<8|uint32(f.Data[1]), 2
	if n == 0 {
		n, head = binary.BigEndian.Uint32(f.Data[2:]), 6
	}
	switch {
	case int64(n) <= int64(fitsSingle(len(f.Data))):
		r.drop(FFLengthInvalid, f, place, int(n))
		return
	case int64(n) > int64(or(r.MaxLength, DefaultMaxLength)):
		r.drop(MessageTooLong, f, place, int(n))
		return
	}
	if len(r.open) >= or(r.MaxOpen, DefaultMaxOpen) {
		r.lost(TooManyOpen, &r.open[0], place)
		r.remove(0)
	}
	const few = 128 // no more ahead of the bytes than this: the length is the sender's word
	data := append(make([]byte, 0, min(int(n), few)), f.Data[head:]...)
	r.open = append(r.open, partial{
		id: f.ID, next: 1, frame: len(f.Data), want: int(n), first: place, last: place, heard: at, data: data,
	})
}

// fitsSingle returns how many bytes a single frame of as many data bytes carries.
func fitsSingle(frame int) int {
	if frame <= classic {
		return classic - 1
	}
	return frame - 2
}

func (r *Receiver) consecutive(f can.Frame, at time.Time, place int) (Message, bool) {
	i := r.find(f.ID)
	if i < 0 {
		r.drop(UnexpectedCF, f, place, 0)
		return Message{}, false
	}
	p := &r.open[i]
	if f.Data[0]&15 != p.next {
		r.lost(WrongSequence, p, place)
		r.remove(i)
		return Message{}, false
	}
	p.next = (p.next + 1) & 15
	p.last, p.heard = place, at
	missing := p.want - len(p.data)
	p.data = append(p.data, f.Data[1:min(len(f.Data), 1+missing)]...)
	switch {
	case len(p.data) == p.want:
		m := Message{p.id, p.data, p.first, place}
		r.remove(i)
		return m, true
	case len(f.Data) < p.frame: // bytes are lost in the middle
		r.lost(Incomplete, p, place)
		r.remove(i)
	}
	return Message{}, false
}

// expire gives up what has waited too long. Times that go back prove nothing.
func (r *Receiver) expire(at time.Time) {
	if len(r.open) == 0 || at.IsZero() {
		return
	}
	limit := r.Timeout
	if limit == 0 {
		limit = DefaultTimeout
	}
	for i := 0; i < len(r.open); {
		p := &r.open[i]
		if p.heard.IsZero() || at.Sub(p.heard) <= limit {
			i++
			continue
		}
		r.lost(Timeout, p, p.last)
		r.remove(i)
	}
}

// abandon gives up the open message of an identifier.
func (r *Receiver) abandon(id can.ID, why Kind, place int) {
	if i := r.find(id); i >= 0 {
		r.lost(why, &r.open[i], place)
		r.remove(i)
	}
}

func (r *Receiver) find(id can.ID) int {
	for i := range r.open {
		if r.open[i].id == id {
			return i
		}
	}
	return -1
}

// remove closes a message and keeps the order of the others.
func (r *Receiver) remove(i int) {
	last := len(r.open) - 1
	copy(r.open[i:], r.open[i+1:])
	r.open[last] = partial{}
	r.open = r.open[:last]
}

func (r *Receiver) lost(why Kind, p *partial, place int) {
	r.faults = append(r.faults, Fault{why, p.id, place, p.first, len(p.data), p.want})
}

func (r *Receiver) drop(why Kind, f can.Frame, place, want int) {
	have := len(f.Data)
	if why == SFLengthInvalid {
		have--
	}
	r.faults = append(r.faults, Fault{why, f.ID, place, -1, have, want})
}

func or(value, otherwise int) int {
	if value == 0 {
		return otherwise
	}
	return value
}
