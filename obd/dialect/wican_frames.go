package dialect

import (
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// wicanAnswers adds what the ECUs answered. The frames of one answer have to be in one
// message: nothing joins them over several.
func (c *collector) wicanAnswers(answers *ecu.Answers, received time.Time) {
	said, err := answers.Settle("", received)
	if err != nil {
		c.refuseError("frame", err)
		return
	}
	for _, m := range answers.Messages {
		switch r := m.Result.(type) {
		case j1979.Current:
			c.wicanPIDs(r)
		case uds.Data:
			for _, v := range r.Values {
				value := vehicle.Number(v.Number)
				if v.Text != "" {
					value = vehicle.Text(v.Text)
				}
				c.point(Point{Key: v.Name, Unit: v.Unit, Value: value})
			}
		}
	}
	for _, r := range said.Readings {
		c.reading("frame", r)
	}
	for _, report := range said.Codes {
		report.TimeSource = vehicle.TimeFromReceiver
		c.Codes = append(c.Codes, report)
	}
	for _, r := range said.Refusals {
		c.refuse(r.Offset, strings.Replace(r.Place, "frames[", "frame[", 1), "%s", r.Reason)
	}
}

// wicanPIDs shows the measured values of service 01 under their common names.
func (c *collector) wicanPIDs(pids j1979.Current) {
	for _, a := range pids {
		for _, v := range a.Values {
			if v.Field.Flag {
				continue
			}
			name := commonName(v.Field.Signal)
			if name == "" {
				name = v.Field.Name
			}
			c.point(Point{Key: v.Field.Name, Name: name, Unit: v.Field.Unit, Value: vehicle.Number(v.Number)})
		}
	}
}
