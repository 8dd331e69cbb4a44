package elm327

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// AppendMessage appends the lines with which an adapter shows one message of an
// ECU: headers on, spaces off, one CAN frame per line, each ending with CR. Parse
// gives the same message back. id is an 11 bit id that starts with 7, such as 7E8,
// or 18DAF1xx; a message has 1 to 4095 bytes.
func AppendMessage(dst []byte, id string, payload []byte) ([]byte, error) {
	parsed, err := can.ParseID(id)
	if known := len(id) == 3 && id[0] == '7' || strings.HasPrefix(id, "18DAF1"); err != nil || !known {
		return dst, fmt.Errorf("encode message of %q: not the CAN id of an ECU", id)
	}
	if len(payload) > isotp.DefaultMaxLength {
		return dst, fmt.Errorf("encode message of %s: %d bytes, want at most %d", id, len(payload), isotp.DefaultMaxLength)
	}
	frames, err := isotp.Segment(parsed, payload, 8)
	if err != nil {
		return dst, err
	}
	for _, f := range frames {
		start := len(dst)
		dst = append(dst, f.ID.String()...)
		dst = hex.AppendEncode(dst, f.Data)
		copy(dst[start:], strings.ToUpper(string(dst[start:])))
		dst = append(dst, '\r')
	}
	return dst, nil
}

// AppendPrompt appends the prompt that ends a reply.
func AppendPrompt(dst []byte) []byte { return append(dst, "\r>"...) }
