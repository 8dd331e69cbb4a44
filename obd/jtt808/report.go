package jtt808

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxClockLead is how far the clock of a terminal may be ahead of the receive
// time. More is a wrong clock.
const MaxClockLead = 24 * time.Hour

// DecodeReport reads a payload of one terminal. device is its phone number as the
// header has it: 12 digits, or 20 in the edition of 2019, with leading zeros. A
// terminal does not know its VIN; the report has none.
//
// Each location with a time gives one sample, in the order of the payload: a batch
// of stored ones is older than what was reported before it. A time ahead of
// received by more than MaxClockLead is refused, if received is not zero; one
// before 2000 cannot be written. A sample holds
//
//	Vehicle.TraveledDistance         item 01, in metres
//	Vehicle.Speed                    item 03; without it that of GNSS, if there is a fix
//	Vehicle.CurrentLocation...       with a fix, and not at 0, 0
//	...FuelSystem.AbsoluteLevel      item 02, litres
//	Vehicle.LowVoltageSystemState    ACC or OFF
//
// An error means that nothing is in the payload for the report, and something was
// refused; it is the first of the refusals. A heartbeat is an empty report without
// error. Frames of a second terminal are refused.
func DecodeReport(payload []byte, received time.Time) (device string, report vehicle.Report, refusals []*vehicle.Refusal, err error) {
	d := decoder{result: Decode(payload)}
	for i := range d.result.Frames {
		f := &d.result.Frames[i]
		if f.Fault != "" {
			continue
		}
		if device == "" {
			device = f.Header.Phone
		}
		if f.Header.Phone != device {
			d.refuse(f.Offset, payloadPlace, fmt.Sprintf("frame of another terminal, %s: want %s", f.Header.Phone, device))
			continue
		}
		if f.Location != nil {
			report.Samples = d.sample(report.Samples, f, f.Location, received)
		}
		if f.Batch != nil {
			for i := range f.Batch.Locations {
				report.Samples = d.sample(report.Samples, f, &f.Batch.Locations[i], received)
			}
		}
	}
	refusals = d.result.Refusals
	if len(report.Samples) == 0 && len(refusals) > 0 {
		return device, vehicle.Report{}, refusals, refusals[0]
	}
	return device, report, refusals, nil
}

// sample appends the sample of a location that has a time.
func (d *decoder) sample(samples []vehicle.Sample, f *Frame, l *Location, received time.Time) []vehicle.Sample {
	if l.Time.IsZero() {
		return samples // refused already
	}
	if !received.IsZero() && l.Time.Sub(received) > MaxClockLead {
		d.refuse(f.Offset, payloadPlace, fmt.Sprintf("time %s is more than %s ahead of the receive time", l.Time.Format(time.RFC3339), MaxClockLead))
		return samples
	}
	return append(samples, vehicle.Sample{Time: l.Time.UTC(), Readings: l.readings()})
}
