package vehicle

import "fmt"

// Refusal is a part of a message that was not used, or a whole message, and why.
// It is the error of every decoder in obd.
type Refusal struct { //nolint:errname // a part of a message first, the error of a decoder second
	Offset int    // byte where the fault is: in the payload, or in the text or data that Place names; -1 when Place says it all
	Place  string // what the part is: "samples[0].signals.Vehicle.Speed"; empty for the whole message
	Reason string // one line that a person can act on
}

// Where returns place and offset as one text: "samples[0], byte 87".
func (r *Refusal) Where() string {
	switch {
	case r.Offset < 0:
		return r.Place
	case r.Place == "":
		return fmt.Sprintf("byte %d", r.Offset)
	}
	return fmt.Sprintf("%s, byte %d", r.Place, r.Offset)
}

// Error implements error.
func (r *Refusal) Error() string {
	if where := r.Where(); where != "" {
		return where + ": " + r.Reason
	}
	return r.Reason
}
