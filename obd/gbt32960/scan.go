package gbt32960

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxRefusals is how many refusals a Scanner and DecodeReport list; one more
// entry counts the rest.
const MaxRefusals = 64

// Scanner finds the frames in bytes that hold one or more of them and may be
// damaged. After a fault it goes on at the next start bytes from which a sound
// frame begins; what it passes over is refused. Start bytes inside a frame are
// legal and do not end it.
//
//	s := gbt32960.NewScanner(payload)
//	for s.Scan() {
//		err := frame.Decode(s.Bytes())
//	}
//
// The time it takes grows with the number of bytes only, whatever they are.
type Scanner struct {
	data     []byte
	pos      int // end of what was read
	start    int // of the frame found
	sums     []byte
	refusals refusals
}

// NewScanner returns a Scanner over data, which it does not change.
func NewScanner(data []byte) *Scanner { return &Scanner{data: data} }

// Bytes returns the frame that Scan found; it is part of the data.
func (s *Scanner) Bytes() []byte { return s.data[s.start:s.pos:s.pos] }

// Offset returns where in the data the frame begins.
func (s *Scanner) Offset() int { return s.start }

// Refusals returns what was passed over so far, with offsets in the data.
func (s *Scanner) Refusals() []*vehicle.Refusal { return s.refusals.list() }

// Scan goes on to the next frame whose length and check are right. It is false at
// the end of the data.
func (s *Scanner) Scan() bool {
	for s.pos < len(s.data) {
		at := s.pos
		end, fault := s.frameAt(at)
		if fault == nil {
			s.start, s.pos = s.pos, end
			return true
		}
		s.refusals.add(fault)
		if s.skip(end) {
			if fault.Offset == len(s.data) {
				fault.Offset = at // more bytes did come, of another frame
			}
			return true
		}
	}
	return false
}

// skip leaves the stretch that begins at s.pos and cannot be used. end is where
// the frame there ends, if its length can be believed, else 0. It is true when it
// found a frame behind the stretch.
func (s *Scanner) skip(end int) bool {
	if end > 0 {
		s.pos = end
		return false
	}
	for at := s.pos + 1; ; at++ {
		if at = s.nextStart(at); at < 0 {
			s.pos = len(s.data)
			return false
		}
		if end, ok := s.soundAt(at); ok {
			s.start, s.pos = at, end
			return true
		}
	}
}

// nextStart returns the next pair of start bytes, or -1.
func (s *Scanner) nextStart(at int) int {
	for at < len(s.data)-1 {
		i := bytes.IndexAny(s.data[at:], "#$")
		if i < 0 || at+i >= len(s.data)-1 {
			return -1
		}
		at += i
		if starts(s.data[at:]) {
			return at
		}
		at++
	}
	return -1
}

// soundAt reports whether a sound frame begins at a pair of start bytes that the
// search came upon, and where it ends. By chance one in 256 passes the check, so
// that the head must make sense too.
func (s *Scanner) soundAt(at int) (end int, ok bool) {
	b := s.data[at:]
	if len(b) < Overhead {
		return 0, false
	}
	command, response, encryption := Command(b[2]), Response(b[3]), b[21]
	known := command >= CommandLogin && command <= CommandKeyExchange || command >= 0x80
	answers := response >= 0x01 && response <= 0x07 || response == IsCommand
	cipher := encryption >= 1 && encryption <= 5 || encryption >= 0xFE
	size := int(binary.BigEndian.Uint16(b[22:])) + Overhead
	if !known || !answers || !cipher || size > MaxData+Overhead || size > len(b) {
		return 0, false
	}
	return at + size, b[size-1] == s.sum(at+2, at+size-1)
}

// frameAt looks whether a frame begins where the last one ended, and returns its
// end. With a fault, end is where the damaged frame ends if that is the end of the
// data, or where another frame seems to begin; else 0.
func (s *Scanner) frameAt(at int) (end int, fault *vehicle.Refusal) {
	var f Frame
	b := s.data[at:]
	length, fault := f.head(b)
	if fault != nil {
		fault.Offset += at
		return 0, fault
	}
	end = at + length + Overhead
	given, computed := s.data[end-1], s.sum(at+2, end-1)
	if given == computed {
		return end, nil
	}
	if rest := s.data[end:]; len(rest) > 0 && !starts(rest) {
		end = 0
	}
	return end, wrongCheck(at+length+headSize, given, computed)
}

// starts reports whether a pair of start bytes comes first.
func starts(b []byte) bool { return len(b) > 1 && b[0] == b[1] && (b[0] == '#' || b[0] == '$') }

// sum is the exclusive or of the bytes from one offset to before another. After
// the first fault it comes from a table of running sums, so that a search over
// many start bytes does not add up the same bytes again and again.
func (s *Scanner) sum(from, to int) byte {
	if s.sums == nil {
		if s.refusals.all == nil {
			return xor(s.data[from:to])
		}
		s.sums = make([]byte, len(s.data)+1)
		for i, b := range s.data {
			s.sums[i+1] = s.sums[i] ^ b
		}
	}
	return s.sums[to] ^ s.sums[from]
}

// refusals is a list that ends at MaxRefusals and counts on.
type refusals struct {
	all      []*vehicle.Refusal
	unlisted int
}

func (r *refusals) add(refusal *vehicle.Refusal) {
	if len(r.all) == MaxRefusals {
		r.unlisted++
		return
	}
	r.all = append(r.all, refusal)
}

func (r *refusals) list() []*vehicle.Refusal {
	if r.unlisted == 0 {
		return r.all
	}
	last := r.all[len(r.all)-1]
	return append(r.all[:len(r.all):len(r.all)], &vehicle.Refusal{Offset: last.Offset, Place: "message", Reason: fmt.Sprintf("%d more parts refused", r.unlisted)})
}
