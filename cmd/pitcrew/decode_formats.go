package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// decodeInput is what a format gets.
type decodeInput struct {
	payload  []byte
	topic    string
	vin      vehicle.VIN // empty: any
	received time.Time
	car      ecu.Options
	j1939    j1939.Options
}

// decodeFormat is one value of --format.
type decodeFormat struct {
	name   string
	about  string
	binary bool // hexadecimal digits stand for the bytes
	decode func(decodeInput, *lines) error
}

const dialectPrefix = "dialect:"

func decodeFormats() []decodeFormat {
	return []decodeFormat{
		{"pitcrew", "a message on a topic of pitcrew's own; --topic says which", false, decodeOwn},
		{"elm327", "text of an ELM327 adapter", false, decodeELM327},
		{"can", "CAN frames, one a line, as candump writes them: OBD-II, UDS and SAE J1939", false, decodeCAN},
		{"isotp", "CAN frames of one bus, or their data alone, joined by ISO 15765-2", false, decodeISOTP},
		{"j1979", "messages of SAE J1979 in hexadecimal, one a line: 410C1AF8", false, decodeMessages},
		{"uds", "messages of ISO 14229-1 in hexadecimal, one a line: 5902FF01711108", false, decodeMessages},
		{"j1939", "CAN frames of SAE J1939, one a line: 18FECA00#04FF61021300FFFF", false, decodeJ1939},
		{"gbt32960", "frames of GB/T 32960.3, 2016 and 2025", true, decodeGBT32960},
		{"jtt808", "frames of JT/T 808, 2013 and 2019", true, decodeJTT808},
		{"vin", "vehicle identification numbers, one a line", false, decodeVIN},
		{dialectPrefix + "NAME", "a message of another product; NAME is " + strings.Join(dialectNames(), ", "), false, nil},
	}
}

func findFormat(name string) (decodeFormat, bool) {
	if dialectName, ok := strings.CutPrefix(name, dialectPrefix); ok {
		d, known := dialect.Lookup(dialectName)
		return decodeFormat{name: name, binary: d.Binary, decode: func(in decodeInput, l *lines) error { return decodeDialect(d, in, l) }}, known
	}
	for _, f := range decodeFormats() {
		if f.name == name {
			return f, true
		}
	}
	return decodeFormat{}, false
}

func dialectNames() []string {
	var names []string
	for _, d := range dialect.All() {
		names = append(names, d.Name)
	}
	return names
}

// decodeOwn reads a message as ingest would.
func decodeOwn(in decodeInput, l *lines) error {
	if in.topic == "" {
		return &usageError{"--format pitcrew needs --topic, such as pitcrew/v1/LSJE36096MS140495/telemetry"}
	}
	vin, kind, err := obd.ParseTopic(in.topic)
	if err != nil {
		l.refuse(&vehicle.Refusal{Offset: -1, Place: "topic", Reason: err.Error()})
		return nil
	}
	if in.vin != "" && vin != in.vin {
		l.refuse(&vehicle.Refusal{Offset: -1, Place: "topic", Reason: fmt.Sprintf("the topic is of %s, and --vin says %s", vin, in.vin)})
		return nil
	}
	decoder := obd.Decoder{Cars: func(vehicle.VIN) ecu.Options { return in.car }, J1939: in.j1939}
	report, refusals, err := decoder.Decode(kind, vin, in.payload, in.received)
	if err != nil {
		l.refuseError(err)
		return nil
	}
	l.report("", report)
	l.refuseAll(refusals)
	return nil
}

func decodeELM327(in decodeInput, l *lines) error {
	reply := elm327.Parse(string(in.payload))
	l.put("reply", reply)
	answers := ecu.Answers{Options: in.car}
	answers.Reply(reply)
	l.answers(&answers, in)
	switch {
	case len(bytes.TrimSpace(in.payload)) == 0:
		l.refuse(&vehicle.Refusal{Reason: "input is empty"})
	case reply.Status == elm327.Incomplete && l.refused == 0:
		l.refuse(&vehicle.Refusal{Offset: len(in.payload), Reason: "the text stops before the prompt"})
	}
	return nil
}

// decodeMessages reads messages without transport: answers, and between them the
// requests that they answer.
func decodeMessages(in decodeInput, l *lines) error {
	answers := ecu.Answers{Options: in.car}
	for _, line := range textLines(in.payload) {
		b, err := hex.DecodeString(strings.Join(strings.Fields(line.text), ""))
		if err != nil || len(b) == 0 {
			l.refuse(&vehicle.Refusal{Offset: -1, Place: line.place(), Reason: fmt.Sprintf("%q is not hexadecimal bytes", clip(line.text))})
			continue
		}
		l.unanswered(line, b)
		answers.Message("", line.place(), b)
	}
	l.answers(&answers, in)
	return nil
}

// unanswered shows what is no answer: a request, and word that the answer will come.
func (l *lines) unanswered(line textLine, message []byte) {
	const firstAnswer, negative, pending = 0x40, 0x7F, 0x78
	shown := struct {
		Place   string `json:"place"`
		Payload string `json:"payload"`
		Service string `json:"service"`
	}{line.place(), strings.ToUpper(hex.EncodeToString(message)), fmt.Sprintf("%02X", message[0])}
	switch service := message[0]; {
	case service == negative && len(message) == 3 && message[2] == pending:
		shown.Service = fmt.Sprintf("%02X", message[1])
		l.put("pending", shown)
	case service >= firstAnswer:
	case service >= 0x01 && service <= 0x0A || service >= 0x10 && service <= 0x3E: // SAE J1979, ISO 14229-1
		l.put("request", shown)
	default:
		l.refuse(&vehicle.Refusal{Offset: 0, Place: line.place(), Reason: fmt.Sprintf("there is no service %02X", service)})
	}
}

// answers writes every message, and what they come to.
func (l *lines) answers(a *ecu.Answers, in decodeInput) {
	said, err := a.Settle(in.vin, in.received)
	for _, m := range a.Messages {
		l.put("message", struct {
			ECU     string `json:"ecu,omitempty"`
			Place   string `json:"place"`
			Payload string `json:"payload"`
			Decoded any    `json:"decoded"`
		}{m.ECU, byLine(m.Place), strings.ToUpper(hex.EncodeToString(m.Payload)), m.Result})
	}
	if err != nil {
		l.refuseError(err)
		return
	}
	report := vehicle.Report{VIN: in.vin, Codes: said.Codes}
	if len(said.Readings) > 0 {
		report.Samples = []vehicle.Sample{{Time: in.received, TimeSource: vehicle.TimeFromReceiver, Readings: said.Readings}}
	}
	l.report("", report)
	for _, r := range said.Refusals {
		r.Place = byLine(r.Place)
		l.refuse(r)
	}
}

// decodeGBT32960 shows every frame, sound or not, and takes the report of the sound
// ones.
func decodeGBT32960(in decodeInput, l *lines) error {
	var frame gbt32960.Frame
	s := gbt32960.NewScanner(in.payload)
	n := 0
	for ; s.Scan(); n++ {
		_ = frame.Decode(s.Bytes()) // Scan gives sound frames only
		l.put("frame", &frame)
		vin := in.vin
		if vin == "" {
			vin = vehicle.VIN(frame.VIN())
		}
		report, refusals, err := gbt32960.DecodeReport(vin, s.Bytes(), in.received)
		if err == nil && len(report.Samples)+len(report.Codes) > 0 {
			l.gbtReport(report, s.Offset())
		}
		for _, r := range refusals {
			l.refuse(&vehicle.Refusal{Offset: s.Offset() + r.Offset, Place: strings.Replace(r.Place, "frames[0]", fmt.Sprintf("frames[%d]", n), 1), Reason: r.Reason})
		}
	}
	if n == 0 && len(in.payload) > 0 {
		if frame.Decode(in.payload) != nil && frame.DataLength > 0 {
			l.put("frame", &frame) // to be looked at; the scanner says why it is not used
		}
	}
	l.refuseAll(s.Refusals())
	return nil
}

// gbtReport writes what a frame says. One whose identity is no VIN is of a device
// that pitcrew would not know.
func (l *lines) gbtReport(report vehicle.Report, offset int) {
	vin, err := vehicle.ParseVIN(string(report.VIN))
	if err == nil {
		report.VIN = vin
		l.report("", report)
		return
	}
	device := string(report.VIN)
	report.VIN = ""
	l.report(device, report)
	const identity = 4 // bytes before it
	l.refuse(&vehicle.Refusal{Offset: offset + identity, Place: "vin", Reason: err.Error()})
}

func decodeJTT808(in decodeInput, l *lines) error {
	for _, f := range jtt808.Decode(in.payload).Frames {
		l.put("frame", f)
	}
	device, report, refusals, err := jtt808.DecodeReport(in.payload, in.received)
	if err == nil {
		report.VIN = in.vin
		l.report(device, report)
	}
	l.refuseAll(refusals)
	return nil
}

func decodeVIN(in decodeInput, l *lines) error {
	for _, line := range textLines(in.payload) {
		vin, err := vehicle.ParseVIN(line.text)
		if err != nil {
			l.refuse(refusalOfVIN(err, line))
			continue
		}
		l.put("vin", struct {
			VIN        vehicle.VIN        `json:"vin"`
			WMI        string             `json:"wmi"`
			Maker      string             `json:"maker"`
			Region     vehicle.Region     `json:"region"`
			CheckDigit vehicle.CheckDigit `json:"checkDigit"`
			Computed   string             `json:"checkDigitComputed"`
			Years      []int              `json:"modelYearCandidates"`
		}{vin, vin.WMI(), vin.Maker(), vin.Region(), vin.CheckDigit(), string(vin.ComputedCheckDigit()), append([]int{}, vin.ModelYears()...)})
	}
	return nil
}

func decodeDialect(d dialect.Dialect, in decodeInput, l *lines) error {
	result, err := d.Decode(dialect.Message{Topic: in.topic, Payload: bytes.TrimRight(in.payload, "\r\n"), Received: in.received})
	switch {
	case err != nil && len(result.Refusals) > 0:
		l.refuseAll(result.Refusals)
		return nil
	case err != nil:
		l.refuseError(err)
		return nil
	}
	l.put("decoded", result)
	vin := result.VIN
	switch {
	case vin == "":
		vin = in.vin
	case in.vin != "" && vin != in.vin:
		l.refuse(&vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: fmt.Sprintf("the message is of %s, and --vin says %s", vin, in.vin)})
		return nil
	}
	l.report(result.Device, vehicle.Report{VIN: vin, Sent: result.Sent, Samples: result.Samples, Codes: result.Codes, Online: result.Online})
	l.refuseAll(result.Refusals)
	return nil
}
