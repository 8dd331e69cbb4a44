package obd

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
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
	more := ""
	if n := len(e.Refusals) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("decode %s message: nothing usable: %v%s", e.Kind, e.Refusals[0], more)
}

// usable returns the report, or its envelope and an error if there is nothing in it
// and something was refused.
func usable(kind Kind, report vehicle.Report, refusals []*vehicle.Refusal) (vehicle.Report, []*vehicle.Refusal, error) {
	if len(report.Samples) == 0 && len(report.Codes) == 0 && len(refusals) > 0 {
		return report.Envelope(), nil, &UnusableError{Kind: kind, Refusals: refusals}
	}
	return report, refusals, nil
}

// adapter reads an obd message: adapter text or CAN frames.
func (d Decoder) adapter(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	env, refusals, err := jsonmsg.DecodeAdapter(vin, payload, received)
	if err != nil {
		return env.Report, nil, err
	}
	answers := ecu.Answers{Options: d.car(vin)}
	if env.Text != "" {
		answers.Text(env.Text)
	} else {
		frames, refused := busFrames(env.Frames)
		refusals = append(refusals, refused...)
		answers.Frames(frames)
	}
	report := env.Report
	said, err := answers.Settle(vin, env.Time)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	if len(said.Readings) > 0 {
		report.Samples = []vehicle.Sample{{Time: env.Time, Readings: said.Readings}}
	}
	report.Codes = said.Codes
	return usable(Adapter, report, append(refusals, said.Refusals...))
}

// j1939 reads a j1939 message: frames of SAE J1939.
func (d Decoder) j1939(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	env, refusals, err := jsonmsg.DecodeAdapter(vin, payload, received)
	if err != nil {
		return env.Report, nil, err
	}
	if env.Text != "" {
		return env.Report, nil, &vehicle.Refusal{Offset: -1, Place: "elm327", Reason: "a j1939 message holds frames"}
	}
	frames, refused := busFrames(env.Frames)
	refusals = append(refusals, refused...)
	plain := make([]can.Frame, len(frames))
	for i, f := range frames {
		plain[i] = f.Frame
	}
	report, refused := j1939.DecodeReport(vin, env.Time, plain, d.J1939)
	renumber(refused, frames)
	report.Boot, report.Seq, report.Sent = env.Report.Boot, env.Report.Seq, env.Report.Sent
	return usable(J1939, report, append(refusals, refused...))
}

// renumber names frames by their index in the message, where some of them could not
// be read and were left out.
func renumber(refused []*vehicle.Refusal, frames []ecu.Frame) {
	for _, r := range refused {
		var at int
		if _, err := fmt.Sscanf(r.Place, "frames[%d]", &at); err == nil && at < len(frames) {
			r.Place = fmt.Sprintf("frames[%d]", frames[at].Index)
		}
	}
}

// busFrames gives frames their numeric ids.
func busFrames(frames []jsonmsg.CANFrame) (all []ecu.Frame, refused []*vehicle.Refusal) {
	for _, f := range frames {
		id, err := can.ParseID(f.ID)
		if err != nil {
			refused = append(refused, &vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("frames[%d]", f.Index), Reason: err.Error()})
			continue
		}
		all = append(all, ecu.Frame{Frame: can.Frame{ID: id, Data: f.Data}, Index: f.Index})
	}
	return all, refused
}
