package obd_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The checkers of SAE J1979: services 01 to 0A, as bytes and as text of an adapter.

// answer is a message as j1979 prints it. A fault is its "error".
func answer(message []byte) object {
	result, err := j1979.Decode(message)
	var refused *j1979.NegativeError
	switch {
	case errors.As(err, &refused):
		return negativeAnswer(refused)
	case errors.Is(err, j1979.ErrShort):
		return object{"error": "short_for_pid"}
	case err != nil:
		return object{"error": err.Error()}
	}
	return printed(result)
}

func negativeAnswer(e *j1979.NegativeError) object {
	return object{"service": whole(int(e.Service)), "error": "negative_response", "nrc": fmt.Sprintf("%02X", e.Code)}
}

// textAnswer is the one message of a text, or why there is none.
func textAnswer(text string) object {
	r := elm327.Parse(text)
	switch {
	case len(r.Messages) == 1:
		got := answer(r.Messages[0].Payload)
		got["payload_hex"] = fmt.Sprintf("%X", r.Messages[0].Payload)
		if ecu := r.Messages[0].ECU; ecu != "" {
			got["ecu"] = ecu
		}
		return got
	case len(r.Messages) > 1:
		return object{"error": fmt.Sprintf("%d messages", len(r.Messages))}
	case len(r.Faults) > 0:
		return object{"error": string(r.Faults[0].Kind), "ecu": r.Faults[0].ECU}
	}
	return object{"error": string(r.Status)}
}

// asked takes the keys of a vector that are words for people, not facts.
func asked(v vector) object {
	want := readObject(v.Expected)
	delete(want, "note")
	delete(want, "upstream_label")
	return want
}

func checkService01(v vector) string {
	in := unmarshal[struct {
		Format string
		Lines  []string
		Hex    string
	}](v.Input)
	var got object
	switch in.Format {
	case "elm_headers":
		got = textAnswer(strings.Join(in.Lines, "\r") + "\r>")
	case "payload":
		got = answer(unhex(in.Hex))
	case "pid_and_data":
		got = answer(unhex("41" + in.Hex))
	default:
		return "unknown format " + in.Format
	}
	want := asked(v)
	return diffTrees(want, about(want["pid"], got))
}

// about is an answer about one of the PIDs that got is about.
func about(pid any, got object) object {
	answers, _ := got["answers"].([]any)
	for _, one := range answers {
		if one := one.(object); one["pid"] == pid {
			one["ecu"] = got["ecu"]
			return one
		}
	}
	return got
}

func checkReadiness(v vector) string {
	in := unmarshal[struct{ Format, Hex string }](v.Input)
	if in.Format != "bytes_ABCD" {
		return "unknown format " + in.Format
	}
	want := asked(v)
	// The bytes mean the same in PIDs 01 and 41, and do not say in which they came.
	got := answer(unhex(fmt.Sprintf("41%v%s", want["pid"], in.Hex)))
	readiness, ok := got["readiness"].(object)
	if !ok {
		return fmt.Sprintf("no readiness in %v", got)
	}
	readiness["pid"] = got["pid"]
	return diffTrees(want, readiness)
}

func checkSupportedPIDs(v vector) string {
	in := unmarshal[struct {
		Base string `json:"base_pid"`
		Hex  string
	}](v.Input)
	got := answer(unhex("41" + in.Base + in.Hex))
	got["pids"] = got["supported"]
	return diffTrees(asked(v), got)
}

// checkService09 wants the answer to be one to what was asked.
func checkService09(v vector) string {
	in := unmarshal[struct {
		Service byte
		PID     string
		Text    string
		Frames  []string `json:"frames_iso9141"`
	}](v.Input)
	reply := in.Text + strings.Join(in.Frames, "\r")
	want, got := asked(v), textAnswer(reply)
	if _, failed := got["error"]; !failed {
		want["service"], want["pid"] = whole(int(in.Service)), in.PID
	}
	addChecksums(got, elm327.Parse(reply))
	if _, failed := want["error"]; !failed && want["ecu"] == nil {
		delete(got, "ecu") // vectors without a fault name it where it is the point
	}
	return diffTrees(want, got)
}

// addChecksums tells the rule of the lines that have a checksum, and which are right.
func addChecksums(got object, r elm327.Reply) {
	rules := map[elm327.Check]string{
		elm327.CheckSum: "sum of all bytes before it, modulo 256",
		elm327.CheckCRC: "CRC-8 of SAE J1850",
	}
	valid := []any{}
	for _, l := range r.Lines {
		if l.Check == elm327.Unchecked {
			continue
		}
		if rule, known := rules[l.Check]; known {
			got["checksum_rule"] = rule
		}
		valid = append(valid, l.Check != elm327.CheckWrong)
	}
	if len(valid) > 0 {
		got["checksums_valid"] = valid
	}
}

func checkServices(v vector) string {
	in := unmarshal[struct{ Text string }](v.Input)
	return diffTrees(asked(v), textAnswer(in.Text))
}

// checkDTC joins the lists of all messages: pre-CAN ECUs send several.
func checkDTC(v vector) string {
	in := unmarshal[struct {
		Kind    string
		Service byte
		Text    string
		Hex     string
	}](v.Input)
	got := object{}
	dtcs := []any{}
	list := func(codes []vehicle.Code) {
		for _, c := range codes {
			dtcs = append(dtcs, string(c))
		}
	}
	switch in.Kind {
	case "word", "words":
		list(j1979.CodesFromWords(unhex(in.Hex)))
		if in.Kind == "word" && len(dtcs) > 0 {
			got["dtc"] = dtcs[0]
		}
	case "payload":
		r := elm327.Parse(in.Text)
		if len(r.Messages) == 0 {
			return diffTrees(asked(v), textAnswer(in.Text))
		}
		for _, m := range r.Messages {
			codes, err := j1979.DecodeCodes(m.Payload)
			if err != nil {
				got = answer(m.Payload)
				break
			}
			if codes.Status != j1979.ListedStatus([]byte{in.Service + 0x40}) {
				return fmt.Sprintf("%s codes are no answer to service %02X", codes.Status, in.Service)
			}
			list(codes.Codes)
		}
	default:
		return "unknown kind " + in.Kind
	}
	got["dtcs"] = dtcs
	return diffTrees(asked(v), got)
}
