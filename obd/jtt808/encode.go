package jtt808

import (
	"encoding/binary"
	"fmt"
	"math"
)

// AppendFrame appends one frame: header, body, checksum, escapes, and 7E on both
// sides. Of the header, Length and what is valid follow from the body. Decode
// gives header and body back. The error says that the phone number does not have
// the digits of the edition, or that the body is longer than 1023 bytes.
func AppendFrame(dst []byte, h Header, body []byte) ([]byte, error) {
	content, err := h.append(make([]byte, 0, header2019+partsBytes+len(body)+1), len(body))
	if err != nil {
		return dst, err
	}
	content = append(content, body...)
	content = append(content, xor(content))
	return append(appendEscaped(append(dst, flag), content), flag), nil
}

// appendEscaped appends what stands between two 7E.
func appendEscaped(dst, content []byte) []byte {
	for _, b := range content {
		switch b {
		case flag:
			dst = append(dst, escape, 2)
		case escape:
			dst = append(dst, escape, 1)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// AppendMessage appends a message of any length: one frame, or parts with serial
// numbers that follow one another. Parted, Total and Number of the header follow
// from the body. The error is as that of AppendFrame, for more than 65535 parts.
func AppendMessage(dst []byte, h Header, body []byte) ([]byte, error) {
	h.Parted, h.Total, h.Number = false, 0, 0
	if len(body) <= maxBody {
		return AppendFrame(dst, h, body)
	}
	total := (len(body) + maxBody - 1) / maxBody
	if total > math.MaxUint16 {
		return dst, fmt.Errorf("encode message %s: %d parts, want at most %d", h.ID, total, math.MaxUint16)
	}
	h.Parted, h.Total = true, uint16(total)
	for len(body) > 0 {
		n := min(len(body), maxBody)
		h.Number++
		var err error
		if dst, err = AppendFrame(dst, h, body[:n]); err != nil {
			return dst, err
		}
		body = body[n:]
		h.Serial++
	}
	return dst, nil
}

// AppendBatch appends the body of 0704. The error is that of AppendLocation, or
// says that there are more than 65535 locations.
func AppendBatch(dst []byte, kind uint8, locations []Location) ([]byte, error) {
	if len(locations) > math.MaxUint16 {
		return dst, fmt.Errorf("encode batch: %d locations, want at most %d", len(locations), math.MaxUint16)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(locations)))
	dst = append(dst, kind)
	for _, l := range locations {
		length := len(dst)
		dst = append(dst, 0, 0)
		var err error
		if dst, err = AppendLocation(dst, l); err != nil {
			return dst, err
		}
		n := len(dst) - length - 2
		if n > math.MaxUint16 {
			return dst, fmt.Errorf("encode batch: location of %d bytes, want at most %d", n, math.MaxUint16)
		}
		binary.BigEndian.PutUint16(dst[length:], uint16(n))
	}
	return dst, nil
}
