package obd_test

import "github.com/pitcrew-telematics/pitcrew/obd/jtt808"

// checkJTT808 reads one message: of several frames the last, which is the message
// put together when they are its parts.
func checkJTT808(v vector) string {
	in := unmarshal[struct{ Hex string }](v.Input)
	result := jtt808.Decode(unhex(in.Hex))
	if len(result.Frames) == 0 {
		// Nothing but the fault is left of a frame without a header.
		return diffTrees(asked(v), printed(result))
	}
	return diffTrees(asked(v), printed(result.Frames[len(result.Frames)-1]))
}
