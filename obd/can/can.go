// Package can holds the CAN frame that every bus format of obd starts from, and
// reads and writes it as text.
//
//	id        11 bits, three hexadecimal digits: 7E8; 29 bits, eight: 18DAF110
//	candump   7E8#04410C1AF8, with a time and an interface before it:
//	          (1700000000.123456) can0 7E8#04410C1AF8, or can0  7E8   [5]  04 41 0C 1A F8
package can

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// MaxData is the most data bytes of a frame: 64 in CAN FD, 8 in classic CAN.
const MaxData = 64

// ID is a CAN identifier of 11 or 29 bits; bit 31 is set for those of 29.
type ID uint32

// extended is the bit that tells identifiers of 29 bits.
const extended ID = 1 << 31

// Standard makes an identifier of 11 bits; higher bits are dropped.
func Standard(id uint32) ID { return ID(id & 0x7FF) }

// Extended makes an identifier of 29 bits; higher bits are dropped.
func Extended(id uint32) ID { return ID(id&0x1FFFFFFF) | extended }

// IsExtended reports whether the identifier has 29 bits.
func (id ID) IsExtended() bool { return id&extended != 0 }

// Bits returns the identifier as a number.
func (id ID) Bits() uint32 { return uint32(id &^ extended) }

// String prints three or eight hexadecimal digits.
func (id ID) String() string {
	if id.IsExtended() {
		return fmt.Sprintf("%08X", id.Bits())
	}
	return fmt.Sprintf("%03X", id.Bits())
}

// ParseID reads three hexadecimal digits (11 bits) or eight (29 bits).
func ParseID(s string) (ID, error) {
	v, err := strconv.ParseUint(s, 16, 32)
	switch {
	case err != nil:
	case len(s) == 3 && v <= 0x7FF:
		return Standard(uint32(v)), nil
	case len(s) == 8 && v <= 0x1FFFFFFF:
		return Extended(uint32(v)), nil
	}
	return 0, fmt.Errorf("parse CAN id %q: want 3 hexadecimal digits up to 7FF, or 8 up to 1FFFFFFF", clip(s))
}

// Frame is one data frame.
type Frame struct {
	ID   ID     // who sends it, or what it is about; the lower goes first on the bus
	Data []byte // up to MaxData bytes
}

// String prints the frame as candump's log does: 7E8#04410C1AF8.
func (f Frame) String() string {
	return f.ID.String() + "#" + strings.ToUpper(hex.EncodeToString(f.Data))
}

// maxLine is longer than any line that Parse reads.
const maxLine = 512

// Parse reads one frame in a form of candump. A remote frame (7E8#R) holds no data
// and is refused; so are text after the data, and a number of bytes [N] that is not
// theirs. The error repeats the start of the line only.
func Parse(line string) (Frame, error) {
	rest := strings.TrimSpace(line)
	if len(rest) > maxLine {
		return Frame{}, fmt.Errorf("parse CAN frame %q: %d characters, want at most %d", clip(rest), len(rest), maxLine)
	}
	f, reason := parseLine(rest)
	if reason != "" {
		return Frame{}, fmt.Errorf("parse CAN frame %q: %s", clip(rest), reason)
	}
	return f, nil
}

func parseLine(line string) (f Frame, reason string) {
	if strings.HasPrefix(line, "(") {
		if _, after, ok := strings.Cut(line, ")"); ok {
			line = after
		}
	}
	fields := strings.Fields(line)
	for len(fields) > 1 && !strings.Contains(fields[0], "#") && !strings.HasPrefix(fields[1], "[") {
		fields = fields[1:] // the interface
	}
	if len(fields) == 0 {
		return Frame{}, "empty"
	}
	if id, data, ok := strings.Cut(fields[0], "#"); ok {
		return parseLog(id, data, fields[1:])
	}
	if len(fields) > 1 {
		return parseTable(fields[0], fields[1], fields[2:])
	}
	return Frame{}, "want ID#DATA, such as 7E8#04410C1AF8"
}

// parseLog reads 7E8#04410C1AF8, and 7E8##<flags><data> of CAN FD.
func parseLog(id, data string, behind []string) (f Frame, reason string) {
	switch fd, isFD := strings.CutPrefix(data, "#"); {
	case isFD && fd != "":
		data = fd[1:]
	case isFD:
		data = ""
	case strings.HasPrefix(data, "R"), strings.HasPrefix(data, "r"):
		return Frame{}, remote
	}
	if len(behind) > 0 {
		return Frame{}, fmt.Sprintf("text after the data: %q", clip(behind[0]))
	}
	return parse(id, data)
}

// parseTable reads 7E8 [5] 04 41 0C 1A F8, behind the id.
func parseTable(id, size string, data []string) (f Frame, reason string) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(size, "["), "]"))
	if err != nil || n < 0 || !strings.HasSuffix(size, "]") {
		return Frame{}, fmt.Sprintf("number of bytes %q is not [0] to [%d]", clip(size), MaxData)
	}
	if len(data) > 0 && strings.EqualFold(data[0], "remote") {
		return Frame{}, remote
	}
	if f, reason = parse(id, strings.Join(data, "")); reason == "" && len(f.Data) != n {
		return Frame{}, fmt.Sprintf("%s bytes announced and %d there", size, len(f.Data))
	}
	return f, reason
}

const remote = "remote frames hold no data"

func parse(id, data string) (f Frame, reason string) {
	parsed, err := ParseID(id)
	if err != nil {
		return Frame{}, err.Error()
	}
	b, err := hex.DecodeString(strings.ReplaceAll(data, ".", ""))
	if err != nil {
		return Frame{}, "data are not hexadecimal bytes: " + err.Error()
	}
	if len(b) > MaxData {
		return Frame{}, fmt.Sprintf("%d data bytes, want at most %d", len(b), MaxData)
	}
	return Frame{parsed, b}, ""
}

// clip keeps a message about a long text short.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
