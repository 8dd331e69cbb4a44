package j1939

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// Priorities that SAE J1939-21 asks for.
const (
	priorityTransport = 7
	priorityDefault   = 6
)

// AppendDM1 appends the frames with which a station says which trouble codes are
// active: one frame for up to one code, a broadcast for more. AppendDM tells how
// codes are packed. The error says that there are more codes than fit (445).
func AppendDM1(dst []can.Frame, source uint8, dm DM, c Conversion) ([]can.Frame, error) {
	return AppendMessage(dst, Header{priorityDefault, PGNDM1, source, Global}, AppendDM(nil, dm, c))
}

// AppendMessage appends the frames of a message to all stations: one frame for up
// to eight bytes, otherwise an announcement (BAM) and its packets, with the
// priority that transport has. Reassembler gives the data back. The error says
// that the message is too long, or to one station and longer than a frame: only
// the two stations together can send that.
func AppendMessage(dst []can.Frame, h Header, data []byte) ([]can.Frame, error) {
	switch {
	case len(data) <= maxFrame:
		return append(dst, can.Frame{ID: h.ID(), Data: append([]byte(nil), data...)}), nil
	case h.PGN.toOne() && h.Destination != Global:
		return dst, fmt.Errorf("encode message of PGN %d: %d bytes to one station, want at most %d", h.PGN, len(data), maxFrame)
	case len(data) > MaxTransport:
		return dst, fmt.Errorf("encode message of PGN %d: %d bytes, want at most %d", h.PGN, len(data), MaxTransport)
	}
	packets := (len(data) + packetData - 1) / packetData
	dst = append(dst, can.Frame{
		ID: Header{priorityTransport, PGNTransportControl, h.Source, Global}.ID(),
		Data: []byte{
			controlBAM, byte(len(data)), byte(len(data) >> 8), byte(packets), 0xFF,
			byte(h.PGN), byte(h.PGN >> 8), byte(h.PGN >> 16),
		},
	})
	id := Header{priorityTransport, PGNTransportData, h.Source, Global}.ID()
	for number := 1; number <= packets; number++ {
		n := min(len(data), packetData)
		packet := append(make([]byte, 0, maxFrame), byte(number))
		packet = append(packet, data[:n]...)
		for len(packet) < maxFrame {
			packet = append(packet, 0xFF)
		}
		dst = append(dst, can.Frame{ID: id, Data: packet})
		data = data[n:]
	}
	return dst, nil
}
