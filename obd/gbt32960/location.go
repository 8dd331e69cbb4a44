package gbt32960

import "bytes"

// WithoutLocation returns frames in which every position is 0, 0 and marked as
// invalid, with the checks that belong to them. Frames that are damaged or encrypted
// stay as they came: nobody can tell where in them a position is. The result is the
// payload itself when there is nothing to change.
func WithoutLocation(payload []byte) []byte {
	out := payload
	var f Frame
	for s := NewScanner(payload); s.Scan(); {
		if err := f.Decode(s.Bytes()); err != nil {
			continue
		}
		found := false
		for _, u := range f.Units {
			if p, ok := u.(*Position); ok {
				*p = Position{Status: 1, System: p.System}
				found = true
			}
		}
		if !found {
			continue
		}
		blank, err := AppendFrame(nil, &f)
		if err != nil || len(blank) != len(s.Bytes()) {
			continue // not one of those that are read back as they were written
		}
		if &out[0] == &payload[0] {
			out = bytes.Clone(payload)
		}
		copy(out[s.Offset():], blank)
	}
	return out
}
