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
	var trucks []ecu.Frame
	for _, f := range busLines(in.payload, l) {
		if f.ID.IsExtended() && f.ID.Bits()>>17 != 0x18DA>>1 {
			trucks = append(trucks, f)
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
	l.j1939(busLines(in.payload, l), in)
	return nil
}

func (l *lines) j1939(numbered []ecu.Frame, in decodeInput) {
	frames := make([]can.Frame, len(numbered))
	for i, f := range numbered {
		frames[i] = f.Frame
	}
	result := j1939.Decode(frames, in.j1939)
	for _, m := range result.Messages {
		l.put("message", m)
	}
	for _, i := range result.Ignored {
		l.put("ignored", i)
	}
	vin := in.vin
	for _, m := range result.Messages { // without --vin the bus may name any vehicle
		if vin == "" && m.Content.VIN != nil {
			vin, _ = vehicle.ParseVIN(*m.Content.VIN) // the report refuses one that is none
		}
	}
	report, refusals := j1939.DecodeReport(vin, in.received, frames, in.j1939)
	for i := range report.Samples {
		report.Samples[i].TimeSource = vehicle.TimeFromReceiver
	}
	l.report("", report)
	for _, r := range refusals {
		var at int
		if _, err := fmt.Sscanf(r.Place, "frames[%d]", &at); err == nil && at < len(numbered) {
			r.Place = fmt.Sprintf("line %d", numbered[at].Index)
		}
		l.refuse(r)
	}
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
			l.refuse(&vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("line %d", place), Reason: fmt.Sprintf("%s: %s", f.Kind, f.Reason())})
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
	for _, line := range textLines(payload) {
		f, err := can.Parse(line.text)
		if data, isData := hexBytes(line.text); err != nil && isData {
			f, err = can.Frame{ID: can.Standard(0x7E8), Data: data}, nil
		}
		if err != nil {
			l.refuse(&vehicle.Refusal{Offset: -1, Place: line.place(), Reason: err.Error()})
			continue
		}
		frames = append(frames, ecu.Frame{Frame: f, Index: line.number})
	}
	return frames
}

// byLine names a frame by its line, as decode numbers them.
func byLine(place string) string {
	var n int
	if _, err := fmt.Sscanf(place, "frames[%d]", &n); err != nil {
		return place
	}
	return fmt.Sprintf("line %d%s", n, place[strings.IndexByte(place, ']')+1:])
}

func hexBytes(line string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(line), ""))
	return b, err == nil && len(b) > 0 && len(b) <= can.MaxData
}

// textLine is a line that holds something.
type textLine struct {
	number int // from 1, empty lines counted
	text   string
}

func (t textLine) place() string { return fmt.Sprintf("line %d", t.number) }

// textLines splits at line feeds, and at carriage returns that have none.
func textLines(payload []byte) []textLine {
	var all []textLine
	number := 0
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(string(payload), "\r\n", "\n"), "\r", "\n"), "\n") {
		number++
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, textLine{number, line})
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

// refusalOfVIN says which text is no VIN.
func refusalOfVIN(err error, line textLine) *vehicle.Refusal {
	r := &vehicle.Refusal{Offset: -1, Place: line.place(), Reason: err.Error()}
	if wrong := (*vehicle.VINError)(nil); errors.As(err, &wrong) {
		r.Offset, r.Reason = wrong.Offset, fmt.Sprintf("%q is no VIN: %s", clip(wrong.Input), wrong.Reason)
	}
	return r
}
