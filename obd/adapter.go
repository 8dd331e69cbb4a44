package obd

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
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
	if reason := a.otherVehicle(vin); reason != "" {
		return vehicle.Report{}, nil, &UnusableError{Kind: Adapter, Refusals: []*vehicle.Refusal{{Offset: -1, Place: "message", Reason: reason}}}
	}
	report := env.Report
	if readings := a.readings(); len(readings) > 0 {
		report.Samples = []vehicle.Sample{{Time: env.Time, Readings: readings}}
	}
	report.Codes = a.codeReports(env.Time)
	a.attachFrozen(report.Codes)
	if len(report.Samples) == 0 && len(report.Codes) == 0 && len(a.refusals) > 0 {
		return vehicle.Report{}, nil, &UnusableError{Kind: Adapter, Refusals: a.refusals}
	}
	return report, a.refusals, nil
}

// answers collects what the ECUs of one car said at one time.
type answers struct {
	values   []answered
	lists    []codeList
	frozen   []frozen
	vins     []namedVIN
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

// namedVIN is what one ECU says is the VIN of the car.
type namedVIN struct {
	ecu   string
	place string
	vin   vehicle.VIN
}

// text takes an adapter's reply.
func (a *answers) text(r elm327.Reply) {
	for i, l := range r.Lines {
		switch {
		case l.Reason != "":
			a.damaged = true
			a.refuse(linePlace(i, l), l.Reason)
		case l.Class == elm327.ClassStatus && l.Status == elm327.Damaged, l.Status == elm327.BufferFull:
			a.damaged = true
			a.refuse(linePlace(i, l), "adapter: "+l.Text)
		case l.Class == elm327.ClassStatus && l.Status != elm327.NoData && l.Status != elm327.Searching:
			a.refuse(linePlace(i, l), "adapter: "+l.Text)
		}
	}
	for _, m := range r.Messages {
		a.message(m.ECU, fmt.Sprintf("elm327 byte %d", m.Offset), m.Payload)
	}
	if r.Millivolts > 0 {
		v := vehicle.Measure(vehicle.LowVoltage, float64(r.Millivolts)/1000)
		a.values = append(a.values, answered{adapterItself, "elm327", v})
	}
}

// adapterItself stands for the ECU where the adapter has measured.
const adapterItself = "adapter"

func linePlace(i int, l elm327.Line) string {
	return fmt.Sprintf("elm327 line %d, byte %d", i+1, l.Offset)
}

// frames takes CAN frames. Requests of the tester are left aside.
func (a *answers) frames(frames []jsonmsg.CANFrame) {
	var r isotp.Receiver
	lost := func(faults []isotp.Fault) {
		for _, f := range faults {
			a.damaged = true
			place := f.Place
			if f.First >= 0 {
				place = f.First
			}
			a.refuse(framePlace(place), f.Reason())
		}
	}
	for _, f := range frames {
		id, err := can.ParseID(f.ID)
		switch {
		case err == nil && isRequest(id):
		case err == nil && isAnswer(id):
			m, ok, faults := r.Add(can.Frame{ID: id, Data: f.Data}, time.Time{}, f.Index)
			lost(faults)
			if ok {
				a.message(f.ID, framePlace(m.First), m.Payload)
			}
		default:
			a.refuse(framePlace(f.Index), "id "+f.ID+" is not an answer of OBD")
		}
	}
	lost(r.Flush())
}

func framePlace(index int) string { return fmt.Sprintf("frames[%d]", index) }

// isAnswer reports whether a CAN id is one that ECUs answer on: 7E8 to 7EF and
// 18DAF1xx by ISO 15765-4, and 7xx, where makers put the ECUs that emissions do
// not concern.
func isAnswer(id can.ID) bool {
	if id.IsExtended() {
		return id.Bits()>>8 == 0x18DAF1
	}
	return id.Bits()>>8 == 7
}

// isRequest reports whether a CAN id is the tester's: 7DF, 7E0 to 7E7, 18DBxxxx or
// 18DAxxF1.
func isRequest(id can.ID) bool {
	if id.IsExtended() {
		return id.Bits()>>16 == 0x18DB || id.Bits()>>16 == 0x18DA && id.Bits()&0xFF == 0xF1
	}
	return id.Bits() == 0x7DF || id.Bits()&^7 == 0x7E0
}
