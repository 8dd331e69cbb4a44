package ecu

import (
	"encoding/hex"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
)

// requests is what the tester asked of service 19. The answer does not repeat the
// mask of the request, and without it the absence of a code means nothing.
type requests struct {
	last   uds.Request            // to everybody, or to whom is not known
	perECU map[string]uds.Request // by the id that answers
}

// echo takes a line that the adapter repeated: "19 02 FF".
func (r *requests) echo(line string) {
	b, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
	if err != nil {
		return
	}
	if request, ok := uds.ParseRequest(b); ok {
		r.last = request
	}
}

// frame takes a single frame of the tester.
func (r *requests) frame(f can.Frame) {
	if len(f.Data) == 0 || f.Data[0]>>4 != 0 || int(f.Data[0]) >= len(f.Data) {
		return // a request of several frames is none of service 19
	}
	r.message(f.ID.String(), f.Data[1:1+f.Data[0]])
}

// message takes a request that was sent under a CAN id.
func (r *requests) message(id string, payload []byte) {
	request, ok := uds.ParseRequest(payload)
	if !ok {
		return
	}
	if to, err := can.ParseID(id); err == nil {
		if answers, one := answerID(to); one {
			if r.perECU == nil {
				r.perECU = make(map[string]uds.Request)
			}
			r.perECU[answers.String()] = request
			return
		}
	}
	r.last = request
}

// of is what an ECU was asked last, as far as is known.
func (r *requests) of(ecu string) uds.Request {
	if request, ok := r.perECU[ecu]; ok {
		return request
	}
	return r.last
}

// answerID is the id under which the ECU answers that the request goes to. It is
// false for requests to all (7DF, 18DB33F1).
func answerID(request can.ID) (can.ID, bool) {
	switch bits := request.Bits(); {
	case !request.IsExtended():
		return can.Standard(bits + 8), bits != 0x7DF
	case bits>>16 == 0x18DA:
		return can.Extended(0x18DAF100 | bits>>8&0xFF), true
	default:
		return 0, false
	}
}
