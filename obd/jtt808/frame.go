package jtt808

import (
	"bytes"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	flag   = 0x7E // begins and ends a frame
	escape = 0x7D

	// MaxRefusals is how many refusals a Result lists; another one says that there
	// were more.
	MaxRefusals = 100
)

// Fault is what makes a frame useless.
type Fault string

// The faults of a frame.
const (
	FaultEscape   Fault = "escape"    // 7D is followed by neither 01 nor 02
	FaultTooShort Fault = "too_short" // no room for a header and a checksum
	FaultChecksum Fault = "checksum"
)

// Frame is one frame of a payload. Its slices can be parts of the payload.
type Frame struct {
	Offset int    `json:"offset"` // of its first 7E in the payload
	Header Header `json:"header"`
	Parts  int    `json:"parts,omitempty"` // the body was put together from so many frames
	Body   []byte `json:"-"`
	Fault  Fault  `json:"error,omitempty"` // if any, nothing but the header is shown
	Content
}

// Result is what a payload holds.
type Result struct {
	Frames   []Frame            `json:"frames"` // all with a header; messages put together from parts come last
	Refusals []*vehicle.Refusal `json:"refusals"`
}

// Decode reads all frames of a payload. Places in refusals count the stretches
// between two 7E from 0: "frames[2]".
func Decode(payload []byte) Result {
	var d decoder
	d.decode(payload)
	return d.result
}

// decode fills the result.
func (d *decoder) decode(payload []byte) {
	d.result = Result{Frames: []Frame{}, Refusals: []*vehicle.Refusal{}}
	begin := bytes.IndexByte(payload, flag)
	if begin < 0 {
		d.noFrame(payload)
		return
	}
	if begin > 0 {
		d.refuse(0, payloadPlace, fmt.Sprintf("%d bytes before the first 7E", begin))
	}
	for number := 0; ; {
		raw := payload[begin+1:]
		end := bytes.IndexByte(raw, flag)
		switch {
		case end < 0 && len(raw) > 0:
			d.refuse(begin, frameAt(number), "the frame is not ended by 7E")
			d.join()
			return
		case end < 0:
			if number == 0 {
				d.noFrame(payload)
			}
			d.join()
			return
		case end > 0: // not the gap between two frames
			o := open(raw[:end])
			if o.fault != "" {
				if bare := bareLength(raw, end); bare > 0 {
					end = bare
					o = open(raw[:end])
				}
			}
			d.frame(number, begin, raw[:end], o)
			number++
		}
		begin += 1 + end
	}
}

func (d *decoder) noFrame(payload []byte) {
	d.refuse(0, payloadPlace, fmt.Sprintf("no frame in %d bytes: nothing is between two 7E", len(payload)))
}

// place is what part of a payload a refusal is about.
type place struct {
	frame    int // stretch between two 7E; negative for the whole payload
	location int // entry of a batch; negative for the whole frame
}

// payloadPlace is the payload, frameAt one frame of it.
var payloadPlace = place{-1, -1}

func frameAt(number int) place { return place{number, -1} }

// String prints "frames[2].locations[0]"; nothing for the payload.
func (p place) String() string {
	switch {
	case p.frame < 0:
		return ""
	case p.location < 0:
		return fmt.Sprintf("frames[%d]", p.frame)
	default:
		return fmt.Sprintf("frames[%d].locations[%d]", p.frame, p.location)
	}
}

// decoder collects a Result.
type decoder struct {
	result Result
	parted []partedFrame

	// impossible says why a location cannot be of a time, empty if it can. One that
	// cannot loses its time. nil: all are kept as they were sent.
	impossible func(time.Time) string
}

// refuse lists a part that is not used; beyond the limit they are only counted in
// the last entry.
func (d *decoder) refuse(offset int, at place, reason string) {
	r := &d.result.Refusals
	switch {
	case len(*r) < MaxRefusals:
		*r = append(*r, &vehicle.Refusal{Offset: offset, Place: at.String(), Reason: reason})
	case len(*r) == MaxRefusals:
		*r = append(*r, &vehicle.Refusal{Place: "message", Reason: "more parts refused than are listed"})
	}
}

// refuseIn is refuse for the byte i of a body. Its offset costs a walk over the
// frame, so it is looked for only if it is listed.
func (d *decoder) refuseIn(b body, i int, at place, reason string) {
	offset := 0
	if len(d.result.Refusals) < MaxRefusals {
		offset = b.at(i)
	}
	d.refuse(offset, at, reason)
}

// opened is what stands between two 7E, without escapes.
type opened struct {
	content []byte
	header  Header
	n       int   // bytes of the header; 0 if there is none
	fault   Fault // what makes it no frame
	wrong   int   // FaultEscape: where
}

// open undoes escapes, reads the header and compares length and checksum.
func open(raw []byte) opened {
	content, wrong := unescape(raw)
	if wrong >= 0 {
		return opened{fault: FaultEscape, wrong: wrong}
	}
	o := opened{content: content}
	if o.header, o.n = parseHeader(content); o.n == 0 {
		o.fault = FaultTooShort
		return o
	}
	last := len(content) - 1
	o.header.LengthValid = o.header.Length == last-o.n
	o.header.ChecksumValid = xor(content[:last]) == content[last]
	if !o.header.ChecksumValid {
		o.fault = FaultChecksum
	}
	return o
}

// bareLength is for terminals that do not escape 7E. It returns where the frame at
// the start of raw ends if 7E are taken as they are up to the length that the
// header says, and checksum and last 7E are right there; else 0. The first 7E is
// at end.
func bareLength(raw []byte, end int) int {
	const properties, sure = 4, 2 + 2 + phone2013 // bytes that must stand before a 7E
	if end < sure {
		return 0
	}
	var head [properties]byte
	want, n := header2019+partsBytes+maxBody+1, 0
	var sum byte
	for i := 0; i < len(raw) && n < want; i++ {
		b := raw[i]
		if b == escape {
			if i++; i == len(raw) || raw[i] != 1 && raw[i] != 2 {
				return 0
			}
			b += raw[i] - 1 // 7D 01 is 7D, 7D 02 is 7E
		}
		sum ^= b
		if n < properties {
			head[n] = b
		}
		if n++; n == properties {
			want = contentLength(head)
		}
		if n == want && sum == 0 && i+1 < len(raw) && raw[i+1] == flag {
			return i + 1
		}
	}
	return 0
}

// frame takes what stands between two 7E, of which the first is at begin.
func (d *decoder) frame(number, begin int, raw []byte, o opened) {
	at := frameAt(number)
	switch o.fault {
	case FaultEscape:
		d.refuse(begin+1+o.wrong, at, "7D is followed by neither 01 nor 02")
		return
	case FaultTooShort:
		d.refuse(begin, at, fmt.Sprintf("%d bytes are too short for a header and a checksum", len(o.content)))
		return
	default: // the frame is shown, a wrong checksum too
	}
	h, last := o.header, len(o.content)-1
	f := Frame{Offset: begin, Header: h, Body: o.content[o.n:last], Fault: o.fault}
	b := body{f.Body, []stretch{{raw: raw, start: begin + 1, skip: o.n, bytes: len(f.Body)}}}
	switch {
	case o.fault != "":
		reason := fmt.Sprintf("checksum is %02X, want %02X", o.content[last], xor(o.content[:last]))
		if !h.LengthValid {
			reason = fmt.Sprintf("cut or damaged: the header says %d bytes, the body has %d; %s", h.Length, len(f.Body), reason)
		}
		d.refuseIn(b, len(f.Body), at, reason)
	case h.Encryption != 0:
		d.refuseIn(b, 0, at, "the body is encrypted")
	case h.Parted:
		d.parted = append(d.parted, partedFrame{at, h, begin, b})
	default:
		if !h.LengthValid {
			d.refuse(begin, at, fmt.Sprintf("the header says %d bytes, the body has %d and is read", h.Length, len(f.Body)))
		}
		f.Content = d.content(h, b, at)
	}
	d.result.Frames = append(d.result.Frames, f)
}

// unescape undoes the escapes, in one pass from left to right. It returns the
// input if there is none. wrong is where an escape is wrong, else -1.
func unescape(raw []byte) (content []byte, wrong int) {
	first := bytes.IndexByte(raw, escape)
	if first < 0 {
		return raw, -1
	}
	content = append(make([]byte, 0, len(raw)), raw[:first]...)
	for i := first; i < len(raw); i++ {
		if raw[i] != escape {
			content = append(content, raw[i])
			continue
		}
		i++
		switch {
		case i < len(raw) && raw[i] == 1:
			content = append(content, escape)
		case i < len(raw) && raw[i] == 2:
			content = append(content, flag)
		default:
			return nil, i - 1
		}
	}
	return content, -1
}

func xor(b []byte) byte {
	var sum byte
	for _, x := range b {
		sum ^= x
	}
	return sum
}

// body is a body and where its bytes stand in the payload.
type body struct {
	data      []byte
	stretches []stretch
}

// stretch is the escaped content of a frame, which begins at start in the payload.
// After skip bytes of header come bytes of body.
type stretch struct {
	raw         []byte
	start       int
	skip, bytes int
}

// at returns the offset in the payload of a byte of the body, or of the checksum
// behind the last one.
func (b body) at(i int) int {
	rest := b.stretches
	for ; len(rest) > 1 && i >= rest[0].bytes; rest = rest[1:] {
		i -= rest[0].bytes
	}
	s := rest[0]
	offset := 0
	for range s.skip + i {
		if offset < len(s.raw) && s.raw[offset] == escape {
			offset++
		}
		offset++
	}
	return s.start + min(offset, len(s.raw))
}
