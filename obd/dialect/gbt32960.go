package dialect

import (
	"cmp"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// gbt32960Frames reads frames of GB/T 32960.3, editions of 2016 and 2025, as TCP
// gateways pass them on: one message is one frame or more of one vehicle. Frames
// name their vehicle, so that the topic may say anything and serve many of them.
//
// The vehicle of a message is the first that one of its sound frames names with a
// VIN, and where a level of the topic is a VIN, that one. Frames of others, platforms among them, are refused. See
// gbt32960.DecodeReport for what else is refused and what is stored; there are no
// Points.
func gbt32960Frames() Dialect {
	return Dialect{
		Name:   "gbt32960",
		Filter: "gbt32960/+/frames",
		About:  "GB/T 32960.3 gateways: frames of 2016 and 2025, unchanged; each frame names its VIN",
		Decode: decodeGBT32960,
		Binary: true,

		WithoutLocation: gbt32960.WithoutLocation,
	}
}

func decodeGBT32960(m Message) (Result, error) {
	named := gbtIdentity(m.Payload)
	if _, err := vehicle.ParseVIN(named); err == nil {
		named = cmp.Or(topicVIN(m.Topic), named)
	}
	r := Result{Device: strings.ToValidUTF8(named, "?")}
	if vin, err := vehicle.ParseVIN(named); err == nil {
		r.Device, r.VIN = string(vin), vin
	}
	// A vehicle whose name is no VIN is a device as others are.
	report, refusals, err := gbt32960.DecodeReport(vehicle.VIN(named), m.Payload, m.Received)
	if err != nil {
		return Result{Refusals: refusals}, err
	}
	r.Samples, r.Codes, r.Refusals = report.Samples, report.Codes, refusals
	return r, nil
}

// topicVIN returns the first level of a topic that is a VIN, or nothing.
func topicVIN(topic string) string {
	for level := range strings.SplitSeq(topic, "/") {
		if vin, err := vehicle.ParseVIN(level); err == nil {
			return string(vin)
		}
	}
	return ""
}

// gbtIdentity returns whom the frames are of: the first VIN, else the first name.
func gbtIdentity(payload []byte) string {
	first, found := "", false
	var f gbt32960.Frame
	for s := gbt32960.NewScanner(payload); s.Scan(); {
		if err := f.Decode(s.Bytes()); err != nil {
			continue
		}
		name := f.VIN()
		if vin, err := vehicle.ParseVIN(name); err == nil {
			return string(vin)
		}
		if !found {
			first, found = name, true
		}
	}
	return first
}
