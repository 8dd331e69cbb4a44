package dialect

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// answer is what one ECU answered to one request of service 01.
type answer struct {
	ecu   string // CAN id, "7E8"
	place string // "frame[0]"
	j1979.Answer
}

// decodeFrames reads answers of service 01 that fit into one CAN frame (ISO 15765-2
// single frame). Everything else is refused with a reason.
func decodeFrames(frames []can.Frame) ([]answer, []*vehicle.Refusal) {
	var answers []answer
	var refusals []*vehicle.Refusal
	for i, f := range frames {
		place := fmt.Sprintf("frame[%d]", i)
		found, reason := decodeFrame(f, place)
		if reason != "" {
			refusals = append(refusals, &vehicle.Refusal{Place: place, Reason: reason})
		}
		answers = append(answers, found...)
	}
	return answers, refusals
}

func decodeFrame(f can.Frame, place string) ([]answer, string) {
	if !isAnswerID(f.ID) {
		return nil, "id " + f.ID.String() + " is not an answer of OBD"
	}
	if len(f.Data) == 0 {
		return nil, "frame has no data"
	}
	kind, length := f.Data[0]>>4, int(f.Data[0]&15)
	switch {
	case kind != 0:
		return nil, "part of an answer of several frames: not joined"
	case length == 0 || length >= len(f.Data):
		return nil, fmt.Sprintf("single frame says %d bytes and has %d", length, len(f.Data)-1)
	}
	return decodeMessage(f.ID.String(), place, f.Data[1:1+length])
}

// decodeText reads what an adapter answered.
func decodeText(text string) ([]answer, []*vehicle.Refusal) {
	var answers []answer
	var refusals []*vehicle.Refusal
	reply := elm327.Parse(text)
	for _, l := range reply.Lines {
		if l.Reason != "" {
			refusals = append(refusals, &vehicle.Refusal{Offset: l.Offset, Place: "elm327", Reason: l.Reason})
		}
	}
	for _, m := range reply.Messages {
		found, reason := decodeMessage(m.ECU, "elm327", m.Payload)
		if reason != "" {
			refusals = append(refusals, &vehicle.Refusal{Offset: m.Offset, Place: "elm327", Reason: reason})
		}
		answers = append(answers, found...)
	}
	return answers, refusals
}

func decodeMessage(ecu, place string, payload []byte) ([]answer, string) {
	decoded, err := j1979.DecodeCurrent(payload)
	if err != nil {
		return nil, err.Error()
	}
	answers := make([]answer, len(decoded))
	for i, a := range decoded {
		answers[i] = answer{ecu, place, a}
	}
	return answers, ""
}

// isAnswerID reports whether an ECU answers under the id: 7E8 to 7EF, or 18DAF1xx
// (ISO 15765-4).
func isAnswerID(id can.ID) bool {
	if id.IsExtended() {
		return id.Bits()&0xFFFFFF00 == 0x18DAF100
	}
	return id.Bits() >= 0x7E8 && id.Bits() <= 0x7EF
}
