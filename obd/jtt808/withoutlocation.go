package jtt808

import (
	"bytes"
	"encoding/binary"
)

// WithoutLocation returns frames in which every location has no fix, and neither
// place, altitude nor heading; all else of it stays. Frames that are damaged,
// encrypted or parts of a longer message stay as they came: nobody can tell where in
// them a location is. The result is the payload itself when there is nothing to change.
func WithoutLocation(payload []byte) []byte {
	var out []byte
	done := 0
	for begin := bytes.IndexByte(payload, flag); begin >= 0; {
		raw := payload[begin+1:]
		end := bytes.IndexByte(raw, flag)
		if end < 0 {
			break
		}
		if o := open(raw[:end]); o.fault != "" {
			if bare := bareLength(raw, end); bare > 0 {
				end = bare
			}
		}
		if blank := blanked(raw[:end]); blank != nil {
			out = append(out, payload[done:begin+1]...)
			out = append(out, blank...)
			done = begin + 1 + end
		}
		begin += 1 + end
	}
	if done == 0 {
		return payload
	}
	return append(out, payload[done:]...)
}

// blanked returns what stands between two 7E without its locations, nil when it is no
// frame with any.
func blanked(raw []byte) []byte {
	o := open(raw)
	if o.fault != "" || o.header.Encryption != 0 || o.header.Parted {
		return nil
	}
	content := bytes.Clone(o.content)
	last := len(content) - 1
	body := content[o.n:last]
	switch o.header.ID {
	case LocationReport:
		blank(body)
	case LocationBatch:
		const head, lengthBytes = 3, 2
		for at := head; at+lengthBytes < len(body); {
			n := int(binary.BigEndian.Uint16(body[at:]))
			at += lengthBytes
			blank(body[at:min(at+n, len(body))])
			at += n
		}
	default:
		return nil
	}
	content[last] = xor(content[:last])
	return appendEscaped(nil, content)
}

// blank takes the place out of a location, as far as it is there.
func blank(location []byte) {
	const status, place, altitude, heading = 4, 8, 16, 20
	for i := range location {
		switch {
		case i == status+3:
			location[i] &^= StatusFix | StatusSouth | StatusWest
		case i >= place && i < altitude+2, i >= heading && i < heading+2:
			location[i] = 0
		}
	}
}
