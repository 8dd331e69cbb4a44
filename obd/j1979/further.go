package j1979

import (
	"bytes"
	"fmt"
)

// Warning says what was not read after the answer; it is empty where nothing was left.
func (a Answer) Warning() string {
	switch a.Unread {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 byte after PID %02X is not read", a.PID.Number)
	}
	return fmt.Sprintf("%d bytes after PID %02X are not read", a.Unread, a.PID.Number)
}

// further reads what follows the answer of the PID first, as DecodeCurrent tells: more
// answers, each with prefix between PID and data. unread counts the bytes that are
// none of what may follow.
func further(first byte, rest, prefix []byte) (answers []Answer, unread int) {
	if isPadding(rest) {
		return nil, 0
	}
	for _, trims := range []int{0, 1} { // an ECU sends the second byte of all trims, or of none
		if answers, ok := chain(first, rest, prefix, trims); ok {
			return answers, 0
		}
	}
	if isTrim(first) && isPadding(rest[1:]) {
		return nil, 0
	}
	return nil, len(rest)
}

// chain reads answers that use up the bytes exactly. trims is how many bytes more than
// in the table the fuel trims have.
func chain(first byte, rest, prefix []byte, trims int) ([]Answer, bool) {
	if isTrim(first) {
		rest = rest[min(trims, len(rest)):]
	}
	var seen [256]bool
	seen[first] = true
	var answers []Answer
	for len(rest) > 0 {
		pid := index()[rest[0]]
		if pid == nil || seen[pid.Number] {
			return nil, false
		}
		end := 1 + len(prefix) + pid.Bytes
		next := end
		if isTrim(pid.Number) {
			next += trims
		}
		if next > len(rest) || !bytes.HasPrefix(rest[1:], prefix) {
			return nil, false
		}
		a, err := decodeData(pid, rest[1+len(prefix):end])
		if err != nil {
			return nil, false
		}
		seen[pid.Number] = true
		answers = append(answers, a)
		rest = rest[next:]
	}
	return answers, true
}

// isTrim reports whether a second byte may follow the one in the table: of bank 3
// after bank 1, of bank 4 after bank 2.
func isTrim(pid byte) bool { return pid >= 0x06 && pid <= 0x09 || pid >= 0x55 && pid <= 0x58 }

// isPadding reports whether bytes are what ECUs and adapters fill frames with. None is
// padding too.
func isPadding(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	switch b[0] {
	case 0x00, 0x55, 0xAA, 0xCC, 0xFF:
	default:
		return false
	}
	for _, c := range b {
		if c != b[0] {
			return false
		}
	}
	return true
}
