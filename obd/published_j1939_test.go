package obd_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
)

// diffPrinted compares what a vector expects with how ours is printed: every
// member that the vector names, in objects below too. Lists are compared whole,
// and so are extras: what is in there beside the known is part of the answer.
func diffPrinted(t *testing.T, want json.RawMessage, got any) string {
	t.Helper()
	b, err := json.Marshal(got)
	if err != nil {
		return err.Error()
	}
	wantTree, gotTree := unmarshal[map[string]any](t, want), unmarshal[map[string]any](t, b)
	dropUnasked(wantTree, gotTree)
	return cmp.Diff(wantTree, gotTree, cmpopts.EquateApprox(1e-6, 0))
}

// dropUnasked removes the members of got that want does not name.
func dropUnasked(want, got map[string]any) {
	for name, value := range got {
		asked, found := want[name]
		wantObject, isObject := asked.(map[string]any)
		gotObject, both := value.(map[string]any)
		switch {
		case !found:
			delete(got, name)
		case isObject && both && name != "extras":
			dropUnasked(wantObject, gotObject)
		}
	}
}

func checkJ1939(t *testing.T, v vector) string {
	t.Helper()
	in := unmarshal[struct {
		Kind       string
		Hex        string
		PGN        j1939.PGN
		Conversion j1939.Conversion `json:"conversion_method"`
	}](t, v.Input)
	data := unhex(t, in.Hex)
	o := j1939.Options{Ambiguous: in.Conversion}
	switch in.Kind {
	case "dm1":
		in.PGN = j1939.PGNDM1
	case "dm2":
		in.PGN = j1939.PGNDM2
	case "dtc":
		if len(data) != 4 {
			return fmt.Sprintf("%d bytes", len(data))
		}
		return diffPrinted(t, v.Expected, j1939.DecodeDTC([4]byte(data), in.Conversion))
	case "pgn":
	default:
		return "unknown kind " + in.Kind
	}
	content, refusal := j1939.DecodePGN(in.PGN, data, o)
	if refusal != nil {
		return refusal.Error()
	}
	return diffPrinted(t, v.Expected, content)
}

func TestPublishedVectorsJ1939(t *testing.T) {
	t.Parallel()
	runPublished(t, "j1939.json", checkJ1939)
}
