package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// decodeCAN reads a bus: the diagnostic identifiers by ISO 15765-2, the others of 29
// bits by SAE J1939.
func decodeCAN(in decodeInput, l *lines) error {
	var diagnostic []ecu.Frame
	var trucks []can.Frame
	for _, f := range busLines(in.payload, l) {
		if f.ID.IsExtended() && f.ID.Bits()>>17 != 0x18DA>>1 {
			trucks = append(trucks, f.Frame)
			continue
		}
		diagnostic = append(diagnostic, f)
	}
	if len(diagnostic) > 0 {
		answers := ecu.Answers{Options: in.car}
		answers.Frames(diagnostic)
		l.answers(&answers, in)
	}
	if len(trucks) > 0 {
		l.j1939(trucks, in)
	}
	return nil
}

func decodeJ1939(in decodeInput, l *lines) error {
	var frames []can.Frame
	for _, f := range busLines(in.payload, l) {
		frames = append(frames, f.Frame)
	}
	l.j1939(frames, in)
	return nil
}

func (l *lines) j1939(frames []can.Frame, in decodeInput) {
	result := j1939.Decode(frames, j1939.Options{})
	for _, m := range result.Messages {
		l.put("message", m)
	}
	for _, i := range result.Ignored {
		l.put("ignored", i)
	}
	vin := in.vin
	for _, m := range result.Messages { // without --vin the bus may name any vehicle
		if vin == "" && m.Content.VIN != nil {
			vin = vehicle.VIN(*m.Content.VIN)
		}
	}
	report, refusals := j1939.DecodeReport(vin, in.received, frames, j1939.Options{})
	for i := range report.Samples {
		report.Samples[i].TimeSource = vehicle.TimeFromReceiver
	}
	l.report("", report)
	l.refuseAll(refusals)
}

// decodeISOTP joins frames into messages, whatever they mean.
func decodeISOTP(in decodeInput, l *lines) error {
	var receiver isotp.Receiver
	refuse := func(faults []isotp.Fault) {
		for _, f := range faults {
			place := f.Place
			if f.First >= 0 {
				place = f.First
			}
			l.refuse(&vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("line %d", place+1), Reason: fmt.Sprintf("%s: %s", f.Kind, f.Reason())})
		}
	}
	for _, f := range busLines(in.payload, l) {
		m, ok, faults := receiver.Add(f.Frame, time.Time{}, f.Index)
		refuse(faults)
		if ok {
			l.put("message", struct {
				ID      string `json:"id"`
				Length  int    `json:"length"`
				Payload string `json:"payload"`
			}{m.ID.String(), len(m.Payload), strings.ToUpper(hex.EncodeToString(m.Payload))})
		}
	}
	refuse(receiver.Flush())
	return nil
}

// busLines reads one frame a line. A line of hexadecimal digits alone is the data of
// a frame of one ECU, 7E8.
func busLines(payload []byte, l *lines) []ecu.Frame {
	var frames []ecu.Frame
	for i, line := range textLines(payload) {
		f, err := can.Parse(line)
		if data, isData := hexBytes(line); err != nil && isData {
			f, err = can.Frame{ID: can.Standard(0x7E8), Data: data}, nil
		}
		if err != nil {
			l.refuse(&vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("line %d", i+1), Reason: err.Error()})
			continue
		}
		frames = append(frames, ecu.Frame{Frame: f, Index: i})
	}
	return frames
}

func hexBytes(line string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(line), ""))
	return b, err == nil && len(b) > 0 && len(b) <= can.MaxData
}

// textLines are the lines that hold something.
func textLines(payload []byte) []string {
	var all []string
	for line := range strings.FieldsFuncSeq(string(payload), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// clip keeps a message about a long line short.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}

// refusalOfVIN says which of several texts is no VIN.
func refusalOfVIN(err error, line, of int) *vehicle.Refusal {
	r := &vehicle.Refusal{Offset: -1, Reason: err.Error()}
	if wrong := (*vehicle.VINError)(nil); errors.As(err, &wrong) {
		r.Offset, r.Reason = wrong.Offset, fmt.Sprintf("%q is no VIN: %s", clip(wrong.Input), wrong.Reason)
	}
	if of > 1 {
		r.Place = fmt.Sprintf("line %d", line+1)
	}
	return r
}
