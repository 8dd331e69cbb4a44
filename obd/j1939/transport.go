package j1939

import (
	"fmt"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The limits of the transport protocol of SAE J1939-21.
const (
	MinTransport = maxFrame + 1 // shorter messages fit a frame
	MaxTransport = 255 * packetData
	packetData   = 7

	// MaxSessions is how many transport messages a Reassembler keeps open at once.
	MaxSessions = 64
)

// Control bytes of TP.CM.
const (
	controlRTS   = 0x10 // request to send: size, packets, packets at a time, PGN
	controlCTS   = 0x11 // clear to send, by the receiver: packets, next packet, PGN
	controlEnd   = 0x13 // end of message acknowledged, by the receiver
	controlBAM   = 0x20 // broadcast announcement: size, packets, FF, PGN
	controlAbort = 0xFF // by either side: reason, PGN
)

// Message is one message of a station, whether it came in one frame or in packets.
type Message struct {
	Header
	Data  []byte // of a single frame: the frame's own
	Frame int    // position of the frame that ended the message
}

// Reassembler puts messages together from the frames of a bus, as a listener that
// takes no part. Its zero value is ready. It is not safe for concurrent use.
//
// The packets of a message come in order. A packet that was there already is
// ignored. One that is missing ends a broadcast, and leaves an answer to one
// station waiting for its receiver to ask for that packet again.
//
// It holds at most MaxSessions unfinished messages and no more bytes of them than
// were pushed.
type Reassembler struct {
	sessions []*session // oldest first
}

// session is what one station sends to another, or to all.
type session struct {
	source, destination uint8

	header    Header // of the message
	broadcast bool
	size      int // bytes announced
	packets   int // packets announced
	received  int // packets in data
	data      []byte
	frame     int // position of the announcement

	// over is set when the message is whole or given up: packets that follow are
	// repeats, or were refused already.
	over bool
}

// Push takes the frame at a position of the input. It returns a message when the
// frame ends one, and a refusal when the frame is wrong or ends a message before
// it is whole. A frame of the transport protocol that is as it should be returns
// neither.
func (r *Reassembler) Push(position int, f can.Frame) (*Message, *vehicle.Refusal) {
	h, ok := ParseID(f.ID)
	switch {
	case !ok:
		return nil, refuse(position, fmt.Sprintf("id %s has 11 bits: J1939 uses 29", f.ID))
	case len(f.Data) > maxFrame:
		return nil, refuse(position, fmt.Sprintf("%d data bytes, want at most 8", len(f.Data)))
	case h.PGN == PGNTransportControl:
		return nil, r.control(position, h, f.Data)
	case h.PGN == PGNTransportData:
		return r.packet(position, h, f.Data)
	}
	return &Message{Header: h, Data: f.Data, Frame: position}, nil
}

// Flush ends the input: it returns a refusal for each message that is not whole
// and forgets everything.
func (r *Reassembler) Flush() []*vehicle.Refusal {
	var refusals []*vehicle.Refusal
	for _, s := range r.sessions {
		if !s.over {
			refusals = append(refusals, refuse(s.frame, s.unfinished("the frames end")))
		}
	}
	r.sessions = nil
	return refusals
}

func refuse(position int, reason string) *vehicle.Refusal {
	return &vehicle.Refusal{Offset: -1, Place: place(position), Reason: reason}
}

func place(position int) string { return fmt.Sprintf("frames[%d]", position) }

// control takes a frame of TP.CM.
func (r *Reassembler) control(position int, h Header, data []byte) *vehicle.Refusal {
	if len(data) != maxFrame {
		return refuse(position, fmt.Sprintf("transport control of %d bytes, want 8", len(data)))
	}
	group := PGN(data[5]) | PGN(data[6])<<8 | PGN(data[7])<<16
	switch data[0] {
	case controlBAM, controlRTS:
		return r.announce(position, h, group, data)
	case controlCTS:
		return nil // the receiver asks for packets: they follow, or do not
	case controlEnd:
		return r.acknowledge(position, h)
	case controlAbort:
		return r.abort(position, h, group, data[1])
	}
	return refuse(position, fmt.Sprintf("transport control byte %02X is not one of 10, 11, 13, 20 and FF", data[0]))
}

// announce begins a message.
func (r *Reassembler) announce(position int, h Header, group PGN, data []byte) *vehicle.Refusal {
	s := &session{
		source: h.Source, destination: h.Destination,
		header:    Header{Priority: h.Priority, PGN: group & maxPGN, Source: h.Source, Destination: h.Destination},
		broadcast: data[0] == controlBAM,
		size:      int(data[1]) | int(data[2])<<8,
		packets:   int(data[3]),
		frame:     position,
	}
	wrong := ""
	switch {
	case s.broadcast != (h.Destination == Global):
		wrong = "an announcement is for all stations, a request to send for one"
	case s.size < MinTransport || s.size > MaxTransport:
		wrong = fmt.Sprintf("a message of %d bytes is announced, want %d to %d", s.size, MinTransport, MaxTransport)
	case s.packets != (s.size+packetData-1)/packetData:
		wrong = fmt.Sprintf("%d bytes are announced in %d packets, want %d", s.size, s.packets, (s.size+packetData-1)/packetData)
	}
	s.over = wrong != ""
	interrupted := r.add(position, s)
	if wrong != "" {
		return refuse(position, wrong)
	}
	return interrupted
}

// add puts a session in the place of the one with the same stations, or of the
// oldest if there are too many. It refuses a message that is lost by that; a
// message without a packet that is announced again is not lost.
func (r *Reassembler) add(position int, s *session) *vehicle.Refusal {
	why := "another one is announced"
	gone := r.index(s.source, s.destination)
	if gone < 0 && len(r.sessions) >= MaxSessions {
		why = fmt.Sprintf("more than %d messages are under way", MaxSessions)
		gone = max(0, slices.IndexFunc(r.sessions, func(old *session) bool { return old.over }))
	}
	var refusal *vehicle.Refusal
	if gone >= 0 {
		old := r.sessions[gone]
		again := old.source == s.source && old.received == 0 && old.header == s.header
		if !old.over && !again {
			refusal = refuse(position, old.unfinished(why))
		}
		r.sessions = slices.Delete(r.sessions, gone, gone+1)
	}
	r.sessions = append(r.sessions, s)
	return refusal
}

// index returns where the session of two stations is; -1 if there is none.
func (r *Reassembler) index(source, destination uint8) int {
	return slices.IndexFunc(r.sessions, func(s *session) bool {
		return s.source == source && s.destination == destination
	})
}

func (r *Reassembler) find(source, destination uint8) *session {
	if i := r.index(source, destination); i >= 0 {
		return r.sessions[i]
	}
	return nil
}

// packet takes a frame of TP.DT.
func (r *Reassembler) packet(position int, h Header, data []byte) (*Message, *vehicle.Refusal) {
	s := r.find(h.Source, h.Destination)
	if s == nil {
		if len(r.sessions) < MaxSessions { // say it once
			r.sessions = append(r.sessions, &session{source: h.Source, destination: h.Destination, over: true})
		}
		return nil, refuse(position, fmt.Sprintf("a packet of station %02X without an announcement before it", h.Source))
	}
	if s.over {
		return nil, nil
	}
	if len(data) == 0 {
		return nil, refuse(position, "a packet without a number")
	}
	number, rest := int(data[0]), s.size-s.received*packetData
	switch due := s.received + 1; {
	case number == 0 || number > s.packets:
		return nil, s.giveUp(position, fmt.Sprintf("packet %d came", number))
	case number < due:
		return nil, nil // a repeat
	case number > due && s.broadcast:
		return nil, s.giveUp(position, fmt.Sprintf("packet %d came instead of %d", number, due))
	case number > due:
		return nil, nil // the receiver will ask for the missing one, or give up
	case len(data)-1 < min(rest, packetData):
		return nil, s.giveUp(position, fmt.Sprintf("packet %d has %d bytes", number, len(data)-1))
	}
	s.data = append(s.data, data[1:1+min(rest, packetData)]...)
	if s.received++; s.received < s.packets {
		return nil, nil
	}
	m := &Message{Header: s.header, Data: s.data, Frame: position}
	s.end()
	return m, nil
}

// acknowledge takes the receiver's word that it has the whole message.
func (r *Reassembler) acknowledge(position int, h Header) *vehicle.Refusal {
	s := r.find(h.Destination, h.Source)
	if s == nil || s.over || s.broadcast {
		return nil
	}
	return s.giveUp(position, "its receiver has all of it")
}

// abort takes the end of a message by either of its stations.
func (r *Reassembler) abort(position int, h Header, group PGN, reason byte) *vehicle.Refusal {
	for _, s := range []*session{r.find(h.Source, h.Destination), r.find(h.Destination, h.Source)} {
		if s != nil && !s.over && !s.broadcast && s.header.PGN == group {
			return s.giveUp(position, fmt.Sprintf("station %02X aborts: %s", h.Source, abortReason(reason)))
		}
	}
	return nil
}

// abortReason words the reasons of SAE J1939-21, table 7.
func abortReason(reason byte) string {
	switch reason {
	case 1:
		return "it is busy with another message"
	case 2:
		return "it has no room"
	case 3:
		return "it waited too long"
	case 4:
		return "it was asked for packets while it sent some"
	case 5:
		return "a packet was asked for too often"
	}
	return fmt.Sprintf("reason %d", reason)
}

// end forgets the data; the session stays, to tell repeats from strays.
func (s *session) end() { s.over, s.data = true, nil }

func (s *session) giveUp(position int, why string) *vehicle.Refusal {
	reason := s.unfinished(why)
	s.end()
	return refuse(position, reason)
}

// unfinished says what the message was and how far it came.
func (s *session) unfinished(why string) string {
	return fmt.Sprintf("message of station %02X, PGN %d, is lost after %d of %d packets: %s",
		s.source, s.header.PGN, s.received, s.packets, why)
}
