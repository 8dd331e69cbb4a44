package elm327

import (
	"fmt"
	"strings"
)

// maxMessage is the longest message that ISO 15765-2 carries with a 12-bit
// length.
const maxMessage = 0xFFF

// AppendMessage appends the lines with which an adapter shows one message of an
// ECU: headers on, spaces off, one CAN frame per line, each ending with CR. Parse
// gives the same message back. id is 7E8 to 7EF or 18DAF1xx.
func AppendMessage(dst []byte, id string, payload []byte) ([]byte, error) {
	const single, first, consecutive = 7, 6, 7
	known := len(id) == 3 && strings.HasPrefix(id, "7") || len(id) == 8 && strings.HasPrefix(id, "18DAF1")
	if !known || !isHexText(id) {
		return dst, fmt.Errorf("encode message of %q: not the CAN id of an ECU", id)
	}
	switch n := len(payload); {
	case n == 0 || n > maxMessage:
		return dst, fmt.Errorf("encode message of %s: %d bytes, want 1 to %d", id, n, maxMessage)
	case n <= single:
		return fmt.Appendf(dst, "%s%02X%X\r", id, n, payload), nil
	default:
		dst = fmt.Appendf(dst, "%s1%03X%X\r", id, n, payload[:first])
	}
	rest := payload[first:]
	for number := 1; len(rest) > 0; number++ {
		n := min(len(rest), consecutive)
		dst = fmt.Appendf(dst, "%s2%X%X\r", id, number&15, rest[:n])
		rest = rest[n:]
	}
	return dst, nil
}

// AppendPrompt appends the prompt that ends a reply.
func AppendPrompt(dst []byte) []byte { return append(dst, "\r>"...) }
