package jtt808

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// DecodeReport reads a payload of one terminal. device is its phone number as the
// header has it: 12 digits, or 20 in the edition of 2019, with leading zeros. A
// terminal does not know its VIN; the report has none.
//
// Each location with a time gives one sample, in the order of the payload: a batch
// of stored ones is older than what was reported before it. A time ahead of
// received by vehicle.MaxClockLead or more is refused, if received is not zero, and so are
// the first hours of 2000 in GMT+8, which are 1999 in UTC. A sample holds
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
	d := decoder{impossible: func(at time.Time) string { return vehicle.Impossible(at, received) }}
	d.decode(payload)
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
			report.Samples = appendSample(report.Samples, f.Location)
		}
		if f.Batch != nil {
			for i := range f.Batch.Locations {
				report.Samples = appendSample(report.Samples, &f.Batch.Locations[i])
			}
		}
	}
	refusals = d.result.Refusals
	if len(report.Samples) == 0 && len(refusals) > 0 {
		return device, vehicle.Report{}, refusals, refusals[0]
	}
	return device, report, refusals, nil
}

// appendSample appends the sample of a location that has a time.
func appendSample(samples []vehicle.Sample, l *Location) []vehicle.Sample {
	if l.Time.IsZero() {
		return samples // refused already
	}
	return append(samples, vehicle.Sample{Time: l.Time.UTC(), Readings: l.readings()})
}
