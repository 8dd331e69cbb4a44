package obd_test

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
)

// checkJ1939 reads one parameter group, or one trouble code.
func checkJ1939(v vector) string {
	in := unmarshal[struct {
		Kind       string
		Hex        string
		PGN        j1939.PGN
		Conversion j1939.Conversion `json:"conversion_method"`
	}](v.Input)
	data, want := unhex(in.Hex), asked(v)
	switch in.Kind {
	case "dtc":
		if len(data) != 4 {
			return fmt.Sprintf("%d bytes", len(data))
		}
		return diffTrees(want, printed(j1939.DecodeDTC([4]byte(data), in.Conversion)))
	case "dm1":
		in.PGN = j1939.PGNDM1
	case "dm2":
		in.PGN = j1939.PGNDM2
	case "pgn":
	default:
		return "unknown kind " + in.Kind
	}
	content, refusal := j1939.DecodePGN(in.PGN, data, j1939.Options{Ambiguous: in.Conversion})
	if refusal != nil {
		return refusal.Error()
	}
	got := printed(content)
	if content.DM == nil {
		// A group is printed as its values alone, whose names are proposals.
		want, got = object{"values": want}, object{"values": got}
	}
	return diffTrees(want, got)
}
