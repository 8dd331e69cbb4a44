package elm327

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// statusOf finds the adapter's status words. They may follow data on the line
// ("43 NO DATA"), which is then damaged, and lose their blanks under ATS0.
func statusOf(line string) (Status, bool) {
	compact := strings.ReplaceAll(strings.ToUpper(line), " ", "")
	for _, w := range []struct {
		word   string
		status Status
	}{
		{"NODATA", NoData},
		{"UNABLETOCONNECT", UnableToConnect},
		{"BUFFERFULL", BufferFull},
		{"STOPPED", Stopped},
		{"CANERROR", BusError},
		{"BUSERROR", BusError},
		{"BUSBUSY", BusError},
		{"FBERROR", BusError},
		{"BUSINIT:", BusError}, // BUS INIT: OK is taken off as a prefix before
		{"DATAERROR", Damaged},
		{"RXERROR", Damaged},
		{"LVRESET", AdapterAlert},
		{"LPALERT", AdapterAlert},
		{"ACTALERT", AdapterAlert},
	} {
		if strings.Contains(compact, w.word) {
			return w.status, true
		}
	}
	if digits, ok := strings.CutPrefix(compact, "ERR"); ok && len(digits) == 2 && digits != "OR" {
		return AdapterAlert, true
	}
	return Rejected, compact == "?" || compact == "ERROR"
}

// withoutPrefix drops what adapters print before the first answer of a search.
func withoutPrefix(line string) string {
	for _, prefix := range []string{"SEARCHING...", "SEARCHING", "BUS INIT: OK", "BUS INIT: ...OK", "BUSINIT:OK", "BUSINIT:...OK"} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimLeft(rest, ". ")
		}
	}
	return line
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

// segmentOf splits a line of a multi-line answer with headers off: "0:", "1:"
// ... one hexadecimal digit and a colon before the bytes.
func segmentOf(line string) (index int, rest string, ok bool) {
	if len(line) < 2 || line[1] != ':' {
		return 0, "", false
	}
	v, err := strconv.ParseUint(line[:1], 16, 8)
	return int(v), strings.ReplaceAll(line[2:], " ", ""), err == nil
}

// canFrame splits a line with headers on into CAN id and data. Eleven-bit ids
// have three digits, so that the whole has an odd number of them; twenty-nine
// bit ids of ISO 15765-4 start with 18DA or 18DB.
func canFrame(compact string) (id string, data []byte, ok bool) {
	const shortID, longID, frameDigits = 3, 8, 16
	n := 0
	switch {
	case len(compact)%2 == 1 && compact[0] == '7':
		n = shortID
	case len(compact) > longID && (compact[:4] == "18DA" || compact[:4] == "18DB"):
		n = longID
	default:
		return "", nil, false
	}
	if len(compact) <= n || len(compact) > n+frameDigits {
		return "", nil, false
	}
	data, ok = parseHex(compact[n:])
	return compact[:n], data, ok
}

// isPreCAN reports whether the bytes are a line of a pre-CAN bus with headers:
// three header bytes, an answer, a checksum; 11 bytes at most (SAE J1850 and
// ISO 9141-2: 48 6B or 41 6B, ISO 14230: length bits, then the tester F1).
func isPreCAN(b []byte) bool {
	const header, checksum, most = 3, 1, 12
	if len(b) < header+1+checksum || len(b) > most {
		return false
	}
	if s := b[header]; s < 0x41 || s > 0x7F {
		return false // not an answer
	}
	switch {
	case b[1] == 0x6B:
		return b[0] == 0x48 || b[0] == 0x41
	case b[1] == 0xF1 && b[0]&0x80 != 0:
		length := int(b[0] & 0x3F)
		return length == len(b)-header-checksum
	}
	return false
}

func parseHex(s string) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil && len(b) > 0
}

func isHexText(s string) bool {
	return strings.Trim(s, "0123456789ABCDEFabcdef") == ""
}
