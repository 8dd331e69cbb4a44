package obd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type gbt32960Input struct{ Kind, Hex, Label string }

// checkGBT32960 compares a frame, or information units alone, with its JSON, and a
// frame with what is written again from it. Units alone are of the edition in the id.
func checkGBT32960(v vector) string {
	in := unmarshal[gbt32960Input](v.Input)
	want := asked(v)
	b := unhex(in.Hex)
	var f gbt32960.Frame
	switch in.Kind {
	case "frame":
		if err := f.Decode(b); err != nil {
			return err.Error()
		}
	case "infos":
		edition := gbt32960.Edition2016
		if strings.Contains(v.ID, "2025") {
			edition = gbt32960.Edition2025
		}
		f.DecodeUnits(edition, b)
	default:
		return "unknown kind of input " + in.Kind
	}
	if len(f.Refusals) > 0 && want["payload_encrypted"] != true {
		return f.Refusals[0].Error()
	}
	if diff := diffTrees(want, printed(&f)); diff != "" || in.Kind == "infos" {
		return diff
	}
	again, err := gbt32960.AppendFrame(nil, &f)
	if err != nil {
		return err.Error()
	}
	if string(again) != string(b) {
		return fmt.Sprintf("written again: %X", again)
	}
	return ""
}

// checkGBT32960Malformed checks what must become of a stream or a frame:
//
//	accept            frames are found in it, and a frame is sound
//	accept_partial    as well, but parts of the frame are refused
//	reject            nothing is found, and the frame is refused for the reason
//	wait_or_reject    the same: a frame that may grow is a refusal for now
//
// "frames" are those found; "decode" is what a tolerant look at the frame sees.
func checkGBT32960Malformed(v vector) string {
	in := unmarshal[gbt32960Input](v.Input)
	want := unmarshal[struct {
		Must, Reason string
		Frames       []string
		Decode       json.RawMessage
	}](v.Expected)
	b := unhex(in.Hex)
	found := []string{}
	for s := gbt32960.NewScanner(b); s.Scan(); {
		found = append(found, fmt.Sprintf("%X", s.Bytes()))
	}
	var f gbt32960.Frame
	var refusal *vehicle.Refusal
	switch in.Kind {
	case "frame":
		if !errors.As(f.Decode(b), &refusal) && strings.Contains(want.Must, "reject") {
			return "the frame was not rejected"
		}
	case "stream":
	default:
		return "unknown kind of input " + in.Kind
	}
	if diff := diffFate(want.Must, want.Reason, len(found), refusal, f.Refusals); diff != "" {
		return diff
	}
	if want.Frames != nil {
		if diff := diffTrees(object{"frames": anyList(want.Frames)}, object{"frames": anyList(found)}); diff != "" {
			return diff
		}
	}
	if want.Decode != nil {
		return diffTrees(readObject(want.Decode), printed(&f))
	}
	return ""
}

// diffFate compares what became of a frame: refusal is about all of it, parts about
// parts of it.
func diffFate(must, reason string, found int, refusal *vehicle.Refusal, parts []*vehicle.Refusal) string {
	switch must {
	case "reject", "wait_or_reject":
		switch {
		case found > 0:
			return fmt.Sprintf("not rejected: %d frames found", found)
		case refusal != nil && !sameReason(reason, refusal.Reason):
			return fmt.Sprintf("want %q, got %q", reason, refusal.Reason)
		}
	case "accept", "accept_partial":
		switch {
		case found == 0 || refusal != nil:
			return fmt.Sprintf("not accepted: %d frames found, %v", found, refusal)
		case must == "accept_partial" && len(parts) == 0:
			return "nothing of the frame was refused"
		}
	default:
		return "unknown must " + must
	}
	return ""
}

// sameReason compares reasons, which are prose, by the kind of fault that their words
// tell. A vector without a reason takes any.
func sameReason(want, got string) bool {
	for _, kind := range [][]string{{"checksum", "bcc"}, {"start bytes"}, {"length", "more byte"}} {
		tells := func(reason string) bool {
			return slices.ContainsFunc(kind, func(word string) bool { return strings.Contains(strings.ToLower(reason), word) })
		}
		if tells(want) && tells(got) {
			return true
		}
	}
	return want == ""
}
