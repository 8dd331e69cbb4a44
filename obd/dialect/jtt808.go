package dialect

import "github.com/pitcrew-telematics/pitcrew/obd/jtt808"

// jtt808Frames reads frames of JT/T 808, editions of 2013 and 2019, as TCP gateways
// pass them on: one message is one frame or more of one terminal. The device is the
// terminal's phone number with its leading zeros, 12 digits or, in the edition of
// 2019, 20; the topic may say anything.
//
// Frames of a second terminal are refused. See jtt808.DecodeReport for what else
// is refused and what is stored; there are no Points.
func jtt808Frames() Dialect {
	return Dialect{
		Name:   "jtt808",
		Filter: "jtt808/+",
		About:  "JT/T 808 gateways: frames of 2013 and 2019, unchanged; each frame names the terminal's phone number",
		Decode: decodeJTT808,
		Binary: true,

		WithoutLocation: jtt808.WithoutLocation,
	}
}

func decodeJTT808(m Message) (Result, error) {
	device, report, refusals, err := jtt808.DecodeReport(m.Payload, m.Received)
	if err != nil {
		return Result{Refusals: refusals}, err
	}
	return Result{Device: device, Samples: report.Samples, Codes: report.Codes, Refusals: refusals}, nil
}
