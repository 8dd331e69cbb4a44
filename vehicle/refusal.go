package vehicle

import "fmt"

// Refusal is a part of a message that was not used, or a whole message, and why.
// It is the error of every decoder in obd.
type Refusal struct {
	Offset int    // byte in the payload where the part, or the fault in it, begins
	Place  string // what the part is: "samples[0].signals.Vehicle.Speed"; empty for the whole message
	Reason string // one line that a person can act on
}

// Where returns place and offset as one text: "samples[0], byte 87".
func (r *Refusal) Where() string {
	if r.Place == "" {
		return fmt.Sprintf("byte %d", r.Offset)
	}
	return fmt.Sprintf("%s, byte %d", r.Place, r.Offset)
}

// Error implements error.
func (r *Refusal) Error() string { return r.Where() + ": " + r.Reason }
