// Package ecu puts together what the ECUs of one car answered at one time: messages
// of SAE J1979 and ISO 14229-1, out of an adapter's text or CAN frames, become
// readings and reports of trouble codes.
//
// Every value is kept with the ECU that gave it. Where several gave one signal the
// engine's is used (7E8, then the lowest id), never an average. A list of codes is
// used only where it is known to be whole: a code that got lost would look repaired.
//
// The work is about linear in what is taken, whatever the messages say.
package ecu

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxRefusals is how many refusals are listed one by one; the rest is one count.
const MaxRefusals = 64

// MaxMessages is how many messages one Answers reads: some hundred times what the ECUs
// of a car answer in a round.
const MaxMessages = 4096

// Options is what is known of the car beside its answers. The zero value reads
// what is the same on all cars.
type Options struct {
	Table  *uds.Table // data identifiers of the car line; nil: those of the standards only
	Naming uds.Naming // how the maker writes codes of three bytes
}

// Answers collects what the ECUs of one car said at one time. The zero value with
// Options is ready to use.
type Answers struct {
	Options  Options
	Messages []Message // what could be decoded, in order

	values    []answered
	lists     []codeList
	uds       []udsCodes
	requests  requests
	erased    []string // ECUs that said they have erased their codes
	monitored []monitored
	frozen    []frozen
	frames    map[frameKey]int // index in frozen
	vins      []namedVIN
	damaged   bool // a line was lost: a list of codes may miss some
	refusals  []*vehicle.Refusal
	unlisted  int
	taken     int  // messages, also such as could not be decoded
	overrun   bool // there were more
}

// Message is one decoded message of an ECU.
type Message struct {
	ECU     string // CAN id "7E8", or the address on older buses; empty when unknown
	Place   string // where it was: "frames[3]", "elm327 byte 12"
	Payload []byte // from the service on
	Result  any    // a j1979.Result, uds.Codes or uds.Data: prints itself as JSON
}

// answered is one reading and who gave it.
type answered struct {
	ecu     string
	at      where
	reading vehicle.Reading
}

// codeList is the answers of one ECU to one of the services that list codes.
type codeList struct {
	ecu      string
	at       where
	status   vehicle.CodeStatus
	codes    []vehicle.Code
	whole    bool // the message itself tells that nothing is missing
	doubtful bool // its codes are sound, and there may be others
	unusable bool
}

// namedVIN is what one ECU says is the VIN of the car.
type namedVIN struct {
	ecu string
	at  where
	vin vehicle.VIN
}

// where is the place of a message, of a line or of a frame.
type where struct {
	place  string // "frames[3]", "elm327"
	offset int    // byte in the text that place names; -1 when place says it all
}

// String names the place of a Message.
func (w where) String() string {
	if w.offset < 0 {
		return w.place
	}
	return fmt.Sprintf("%s byte %d", w.place, w.offset)
}

// Text takes the text of an ELM327 adapter: one or more replies.
func (a *Answers) Text(text string) { a.Reply(elm327.Parse(text)) }

// Reply takes an adapter's text that is parsed already.
func (a *Answers) Reply(r elm327.Reply) {
	for i, l := range r.Lines {
		switch {
		case l.Class == elm327.ClassEcho:
			a.requests.echo(l.Text)
		case l.Reason != "":
			a.damaged = true
			a.refuse(line(i, l), l.Reason)
		case l.Class == elm327.ClassStatus && l.Status == elm327.Damaged, l.Status == elm327.BufferFull:
			a.damaged = true
			a.refuse(line(i, l), "adapter: "+l.Text)
		case l.Class == elm327.ClassStatus && l.Status != elm327.NoData && l.Status != elm327.Searching:
			a.refuse(line(i, l), "adapter: "+l.Text)
		}
	}
	for _, m := range r.Messages {
		a.message(m.ECU, where{"elm327", m.Offset}, m.Payload)
	}
	if r.Millivolts > 0 {
		v := vehicle.Measure(vehicle.LowVoltage, float64(r.Millivolts)/1000)
		a.values = append(a.values, answered{adapterItself, where{"elm327", -1}, v})
	}
}

// adapterItself stands for the ECU where the adapter has measured.
const adapterItself = "adapter"

func line(i int, l elm327.Line) where { return where{fmt.Sprintf("elm327 line %d", i+1), l.Offset} }

// Frame is a CAN frame and its place in the message it came in.
type Frame struct {
	can.Frame
	Index int
}

// Frames takes the frames of a CAN bus in the order they were heard. Those of the
// tester tell what was asked.
func (a *Answers) Frames(frames []Frame) {
	var r isotp.Receiver
	lost := func(faults []isotp.Fault) {
		for _, f := range faults {
			a.damaged = true
			place := f.Place
			if f.First >= 0 {
				place = f.First
			}
			a.refuse(frame(place), f.Reason())
		}
	}
	for _, f := range frames {
		switch {
		case isRequest(f.ID):
			a.requests.frame(f.Frame)
		case isAnswer(f.ID):
			m, ok, faults := r.Add(f.Frame, time.Time{}, f.Index)
			lost(faults)
			if ok {
				a.message(f.ID.String(), frame(m.First), m.Payload)
			}
		default:
			a.refuse(frame(f.Index), "id "+f.ID.String()+" is not an answer of OBD")
		}
	}
	lost(r.Flush())
}

func frame(index int) where { return where{fmt.Sprintf("frames[%d]", index), -1} }

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
