package obd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// UnusableError says that nothing in a message could be used, and why.
type UnusableError struct {
	Kind     Kind
	Refusals []*vehicle.Refusal // at least one
}

// Error implements error.
func (e *UnusableError) Error() string {
	first := e.Refusals[0]
	more := ""
	if n := len(e.Refusals) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("decode %s message: nothing usable: %v%s", e.Kind, first, more)
}

// decodeAdapter reads an obd message: adapter text or CAN frames.
func decodeAdapter(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	env, refusals, err := jsonmsg.DecodeAdapter(vin, payload, received)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	a := answers{refusals: refusals}
	if env.Text != "" {
		a.text(elm327.Parse(env.Text))
	} else {
		a.frames(env.Frames)
	}
	report := env.Report
	if readings := a.readings(); len(readings) > 0 {
		report.Samples = []vehicle.Sample{{Time: env.Time, Readings: readings}}
	}
	report.Codes = a.codeReports(env.Time)
	if len(report.Samples) == 0 && len(report.Codes) == 0 && len(a.refusals) > 0 {
		return vehicle.Report{}, nil, &UnusableError{Kind: Adapter, Refusals: a.refusals}
	}
	return report, a.refusals, nil
}

// answers collects what the ECUs of one car said at one time.
type answers struct {
	values   []answered
	lists    []codeList
	damaged  bool // a line was lost: a list of codes may miss some
	refusals []*vehicle.Refusal
}

// answered is one reading and who gave it.
type answered struct {
	ecu     string
	place   string
	reading vehicle.Reading
}

// codeList is the answers of one ECU to one of the services that list codes.
type codeList struct {
	ecu      string
	place    string
	status   vehicle.CodeStatus
	codes    []vehicle.Code
	whole    bool // the message itself tells that nothing is missing
	unusable bool
}

// text takes an adapter's reply.
func (a *answers) text(r elm327.Reply) {
	for i, l := range r.Lines {
		place := fmt.Sprintf("elm327 line %d, byte %d", i+1, l.Offset)
		switch {
		case l.Reason != "":
			a.damaged = true
			a.refuse(place, l.Reason)
		case l.Class == elm327.ClassStatus && l.Status == elm327.Damaged, l.Status == elm327.BufferFull:
			a.damaged = true
			a.refuse(place, "adapter: "+l.Text)
		case l.Class == elm327.ClassStatus && l.Status != elm327.NoData && l.Status != elm327.Searching:
			a.refuse(place, "adapter: "+l.Text)
		}
	}
	for _, m := range r.Messages {
		a.message(m.ECU, fmt.Sprintf("elm327 byte %d", m.Offset), m.Payload)
	}
	if r.Millivolts > 0 {
		v := vehicle.Number(float64(r.Millivolts) / 1000)
		a.values = append(a.values, answered{"adapter", "elm327", vehicle.Reading{Signal: vehicle.LowVoltage, Value: v}})
	}
}

// frames takes CAN frames. Requests of the tester are left aside.
func (a *answers) frames(frames []jsonmsg.CANFrame) {
	var all []elm327.Frame
	var index []int
	for _, f := range frames {
		switch {
		case isRequest(f.ID):
		case isAnswer(f.ID):
			all = append(all, elm327.Frame{ID: f.ID, Data: f.Data})
			index = append(index, f.Index)
		default:
			a.refuse(fmt.Sprintf("frames[%d]", f.Index), "id "+f.ID+" is not an answer of OBD")
		}
	}
	messages, faults := elm327.Assemble(all)
	for _, f := range faults {
		a.damaged = true
		a.refuse(fmt.Sprintf("frames[%d]", index[f.Frame]), f.Reason)
	}
	for _, m := range messages {
		a.message(m.ECU, fmt.Sprintf("frames[%d]", index[m.Offset]), m.Payload)
	}
}

// isAnswer reports whether a CAN id is one that ECUs answer on (ISO 15765-4):
// 7E8 to 7EF, or 18DAF1xx.
func isAnswer(id string) bool {
	return len(id) == 3 && id >= "7E8" && id <= "7EF" || len(id) == 8 && strings.HasPrefix(id, "18DAF1")
}

// isRequest reports whether a CAN id is the tester's: 7DF, 7E0 to 7E7, 18DB33F1
// or 18DAxxF1.
func isRequest(id string) bool {
	return id == "7DF" || len(id) == 3 && id >= "7E0" && id <= "7E7" ||
		id == "18DB33F1" || len(id) == 8 && strings.HasPrefix(id, "18DA") && strings.HasSuffix(id, "F1")
}

// message takes one message of one ECU.
func (a *answers) message(ecu, place string, payload []byte) {
	switch {
	case len(payload) == 0:
	case payload[0] == j1979.CurrentData|0x40:
		found, err := j1979.DecodeCurrent(payload)
		if err != nil {
			a.refuse(place, err.Error())
			return
		}
		for _, answer := range found {
			if answer.Short {
				a.refuse(place, fmt.Sprintf("PID %02X is cut short: only whole values are used", answer.PID.Number))
			}
			for _, r := range answer.Readings() {
				a.values = append(a.values, answered{ecu, place, r})
			}
		}
	case j1979.ListsCodes(payload):
		a.list(ecu, place, payload)
	case payload[0] == 0x7F:
		_, err := j1979.DecodeCurrent(payload)
		var refused *j1979.NegativeError
		if errors.As(err, &refused) && refused.Pending() {
			return // the answer itself follows
		}
		a.refuse(place, err.Error())
	default:
		a.refuse(place, fmt.Sprintf("service %02X is not decoded", payload[0]))
	}
}

func (a *answers) list(ecu, place string, payload []byte) {
	l := codeList{ecu: ecu, place: place, status: j1979.ListedStatus(payload)}
	c, err := j1979.DecodeCodes(payload)
	switch {
	case err != nil:
		l.unusable = true
		a.refuse(place, err.Error())
	case c.Warning != "":
		a.refuse(place, c.Warning)
	}
	l.codes = c.Codes
	l.whole = c.Counted && ecu != ""
	a.lists = append(a.lists, l)
}

// refuse lists a part that is not used; beyond the limit they are only counted
// in the last entry.
func (a *answers) refuse(place, reason string) {
	switch n := len(a.refusals); {
	case n < jsonmsg.MaxRefusals:
		a.refusals = append(a.refusals, &vehicle.Refusal{Offset: -1, Place: place, Reason: reason})
	case n == jsonmsg.MaxRefusals:
		a.refusals = append(a.refusals, &vehicle.Refusal{Offset: -1, Place: "message", Reason: "more parts refused than are listed"})
	}
}

// readings settles what several ECUs said about one signal. The engine's ECU
// (7E8) is preferred, then the lowest id; another value is listed as refused,
// never averaged. The lamp is on if any ECU says so, and codes are counted
// together (SAE J1979).
func (a *answers) readings() []vehicle.Reading {
	slices.SortStableFunc(a.values, func(x, y answered) int { return cmp.Compare(rank(x.ecu), rank(y.ecu)) })
	var settled []vehicle.Reading
	from := map[vehicle.Signal]int{}
	asked := map[string]bool{}
	for _, v := range a.values {
		key := v.ecu + " " + string(v.reading.Signal)
		i, ok := from[v.reading.Signal]
		if !ok {
			from[v.reading.Signal], asked[key] = len(settled), true
			settled = append(settled, v.reading)
			continue
		}
		switch kept := &settled[i]; {
		case kept.Signal == "Vehicle.OBD.Status.IsMILOn":
			kept.Value = vehicle.Bool(kept.Value.Num != 0 || v.reading.Value.Num != 0)
		case kept.Signal == "Vehicle.OBD.Status.DTCCount" && !asked[key]:
			kept.Value.Num += v.reading.Value.Num
		case kept.Value != v.reading.Value:
			a.refuse(v.place, fmt.Sprintf("another value of %s is used", v.reading.Signal))
		}
		asked[key] = true
	}
	return settled
}

// rank orders ECUs: the engine's first, those without a name next, the adapter's
// own measurement last.
func rank(ecu string) string {
	switch ecu {
	case "7E8", "18DAF110":
		return "0"
	case "adapter":
		return "~"
	default:
		return "1" + ecu
	}
}

// codeReports makes one report per ECU, covering the statuses it was asked for.
// A list that may miss codes is refused: an absent code would look repaired.
func (a *answers) codeReports(at time.Time) []vehicle.CodeReport {
	type key struct {
		ecu    string
		status vehicle.CodeStatus
	}
	bad := map[key]bool{}
	for _, l := range a.lists {
		k := key{l.ecu, l.status}
		if a.damaged && !l.whole && !bad[k] {
			a.refuse(l.place, "the list of codes may be incomplete: a line of the answer was lost")
		}
		bad[k] = bad[k] || l.unusable || a.damaged && !l.whole
	}
	var reports []vehicle.CodeReport
	for _, l := range a.lists {
		if bad[key{l.ecu, l.status}] {
			continue
		}
		i := slices.IndexFunc(reports, func(r vehicle.CodeReport) bool { return r.ECU == l.ecu })
		if i < 0 {
			i = len(reports)
			reports = append(reports, vehicle.CodeReport{Time: at, ECU: l.ecu})
		}
		r := &reports[i]
		if !slices.Contains(r.Covers, l.status) {
			r.Covers = append(r.Covers, l.status)
		}
		for _, c := range l.codes {
			if !slices.ContainsFunc(r.Codes, func(e vehicle.CodeEntry) bool { return e.Code == c && e.Status == l.status }) {
				r.Codes = append(r.Codes, vehicle.CodeEntry{Code: c, Status: l.status})
			}
		}
	}
	return reports
}
