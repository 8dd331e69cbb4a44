package elm327

import (
	"bytes"
	"strconv"
	"strings"
)

// words that adapters print, without blanks: ATS0 removes those.
var statusWords = []struct {
	word   []byte
	status Status
}{
	{[]byte("NODATA"), NoData},
	{[]byte("UNABLETOCONNECT"), UnableToConnect},
	{[]byte("BUFFERFULL"), BufferFull},
	{[]byte("STOPPED"), Stopped},
	{[]byte("CANERROR"), BusError},
	{[]byte("BUSERROR"), BusError},
	{[]byte("BUSBUSY"), BusError},
	{[]byte("FBERROR"), BusError},
	{[]byte("BUSINIT:"), BusError}, // BUS INIT: OK is taken off as a prefix before
	{[]byte("DATAERROR"), Damaged},
	{[]byte("RXERROR"), Damaged},
	{[]byte("LVRESET"), AdapterAlert},
	{[]byte("LPALERT"), AdapterAlert},
	{[]byte("ACTALERT"), AdapterAlert},
}

// statusOf finds the adapter's status words. They may follow data on the line
// ("43 NO DATA"), which is then damaged.
func (p *parser) statusOf(line string) (Status, bool) {
	p.compact = p.compact[:0]
	for i := range len(line) {
		c := line[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if !isBlank(c) {
			p.compact = append(p.compact, c)
		}
	}
	for i := range statusWords {
		if w := &statusWords[i]; bytes.Contains(p.compact, w.word) {
			return w.status, true
		}
	}
	switch c := p.compact; {
	case len(c) == len("ERRxx") && string(c[:3]) == "ERR" && string(c[3:]) != "OR":
		return AdapterAlert, true
	case len(c) == 1 && c[0] == '?', string(c) == "ERROR":
		return Rejected, true
	}
	return "", false
}

// withoutPrefix drops what adapters print before the first answer of a search:
// "SEARCHING...", "BUS INIT: ...OK".
func withoutPrefix(line string) string {
	if rest, ok := strings.CutPrefix(line, "SEARCHING"); ok {
		return strings.TrimLeft(rest, ". ")
	}
	rest, ok := strings.CutPrefix(line, "BUS INIT:")
	if !ok {
		if rest, ok = strings.CutPrefix(line, "BUSINIT:"); !ok {
			return line
		}
	}
	rest = strings.TrimLeft(rest, ". ")
	if strings.HasPrefix(rest, "ERROR") {
		return line
	}
	return strings.TrimLeft(strings.TrimPrefix(rest, "OK"), ". ")
}

// isBanner reports whether an adapter says its name.
func isBanner(line string) bool {
	return strings.HasPrefix(line, "ELM327") || strings.HasPrefix(line, "OBD") || strings.HasPrefix(line, "STN")
}

// isCommand reports whether a line repeats a command to the adapter itself.
func isCommand(line string) bool {
	return len(line) > 2 && (strings.EqualFold(line[:2], "AT") || strings.EqualFold(line[:2], "ST"))
}

// voltage reads an answer to ATRV, "12.3V", and the bare numbers that some
// clones send. Only what a 12 or 24 V system can have counts, so that a byte of
// data is not taken for one.
func voltage(line string) (millivolts int, ok bool) {
	digits := strings.TrimSuffix(line, "V")
	if len(digits) < 2 || len(digits) > 6 || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	if len(digits) == len(line) && len(digits) != 2 && !strings.Contains(digits, ".") {
		return 0, false
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || v < 5 || v > 36 || digits[0] == '0' { // "07" is a request
		return 0, false
	}
	return int(v*1000 + 0.5), true
}
