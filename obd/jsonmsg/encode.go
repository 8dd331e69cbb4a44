package jsonmsg

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// AppendTelemetry appends the report's samples as a telemetry message to dst.
// DecodeTelemetry gives the same report back. Readings that the format cannot
// carry truthfully are left out: numbers that are not finite, and values of
// quality abnormal or invalid. A sample with no reading left is left out too, and
// the time of a message's one sample if it is the receiver's.
func AppendTelemetry(dst []byte, r vehicle.Report) []byte {
	dst = append(dst, '{')
	dst = appendEnvelope(dst, r.Boot, r.Seq)
	if !r.Sent.IsZero() {
		dst = append(dst, `,"sent":`...)
		dst = appendTime(dst, r.Sent)
	}
	dst = append(dst, `,"samples":[`...)
	written := false
	for _, s := range r.Samples {
		if !anySent(s.Readings) {
			continue
		}
		if written {
			dst = append(dst, ',')
		}
		written = true
		dst = append(dst, '{')
		if s.TimeSource != vehicle.TimeFromReceiver || len(r.Samples) > 1 {
			dst = append(dst, `"time":`...)
			dst = appendTime(dst, s.Time)
			dst = append(dst, ',')
		}
		dst = append(dst, `"signals":`...)
		dst = appendSignals(dst, s.Readings)
		dst = append(dst, '}')
	}
	return append(dst, "]}"...)
}

// AppendCodes appends one ECU's set of trouble codes as a dtc message to dst.
// DecodeCodes gives the same set back.
func AppendCodes(dst []byte, boot string, seq uint64, c vehicle.CodeReport) []byte {
	dst = append(dst, '{')
	dst = appendEnvelope(dst, boot, seq)
	dst = append(dst, `,"time":`...)
	dst = appendTime(dst, c.Time)
	if c.ECU != "" {
		dst = append(dst, `,"ecu":`...)
		dst = appendString(dst, c.ECU)
	}
	if c.MIL != nil {
		dst = append(dst, `,"mil":`...)
		dst = strconv.AppendBool(dst, *c.MIL)
	}
	if len(c.Covers) > 0 {
		dst = append(dst, `,"covers":[`...)
		for i, status := range c.Covers {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, string(status))
		}
		dst = append(dst, ']')
	}
	if c.Readiness != nil {
		dst = append(dst, `,"readiness":`...)
		dst = appendReadiness(dst, *c.Readiness)
	}
	dst = append(dst, `,"codes":[`...)
	for i, code := range c.Codes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCode(dst, code)
	}
	return append(dst, "]}"...)
}

// AppendStatus appends the payload of a status message to dst.
func AppendStatus(dst []byte, online bool) []byte {
	if online {
		return append(dst, statusOnline...)
	}
	return append(dst, statusOffline...)
}

func appendCode(dst []byte, c vehicle.CodeEntry) []byte {
	dst = append(dst, `{"code":`...)
	dst = appendString(dst, string(c.Code))
	dst = append(dst, `,"status":`...)
	dst = appendString(dst, string(c.Status))
	if c.UDS != nil {
		dst = append(dst, `,"uds":`...)
		dst = strconv.AppendUint(dst, uint64(*c.UDS), 10)
	}
	if c.Severity != nil {
		dst = append(dst, `,"severity":`...)
		dst = strconv.AppendUint(dst, uint64(*c.Severity), 10)
	}
	if anySent(c.FreezeFrame) {
		dst = append(dst, `,"freezeFrame":`...)
		dst = appendSignals(dst, c.FreezeFrame)
	}
	return append(dst, '}')
}

func appendEnvelope(dst []byte, boot string, seq uint64) []byte {
	if boot != "" {
		dst = append(dst, `"boot":`...)
		dst = appendString(dst, boot)
		dst = append(dst, ',')
	}
	dst = append(dst, `"seq":`...)
	return strconv.AppendUint(dst, seq, 10)
}

func appendSignals(dst []byte, readings []vehicle.Reading) []byte {
	dst = append(dst, '{')
	written := false
	for _, r := range readings {
		if !sent(r) {
			continue
		}
		if written {
			dst = append(dst, ',')
		}
		written = true
		dst = appendString(dst, string(r.Signal))
		dst = append(dst, ':')
		dst = appendValue(dst, r.Value)
	}
	return append(dst, '}')
}

func appendValue(dst []byte, v vehicle.Value) []byte {
	if v.Kind == vehicle.KindText {
		return appendString(dst, v.Text)
	}
	if v.Kind == vehicle.KindBool {
		return strconv.AppendBool(dst, v.Num != 0)
	}
	format := byte('f')
	if a := max(v.Num, -v.Num); a >= 1e21 || a < 1e-6 && a != 0 {
		format = 'e' // long runs of zeros help nobody
	}
	return strconv.AppendFloat(dst, v.Num, format, -1, 64)
}

// sent reports whether the format can carry the reading truthfully.
func sent(r vehicle.Reading) bool {
	if r.Quality == vehicle.QualityAbnormal || r.Quality == vehicle.QualityInvalid {
		return false
	}
	_, finite := r.Value.Float()
	return finite || r.Value.Kind == vehicle.KindText
}

func anySent(readings []vehicle.Reading) bool {
	for _, r := range readings {
		if sent(r) {
			return true
		}
	}
	return false
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// appendString appends a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r < utf8.RuneSelf:
			dst = append(dst, s[i])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
