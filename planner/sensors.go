package planner

import (
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// sensors takes, of each row of the table that names signals which show the wear, the
// newest day of each week that says anything: it speaks for the week.
func (l *looks) sensors() {
	for _, s := range l.table.SensorRows() {
		columns := make([]*telemetry.Column, len(s.Sensor.Signals))
		for i, signal := range s.Sensor.Signals {
			columns[i] = l.days[signal]
		}
		for week := range weeks(columns...) {
			l.add(l.newestSensed(&s, week))
		}
	}
}

// newestSensed takes the days of a week from its end until one gives a reading.
func (l *looks) newestSensed(s *predict.Spec, week []part) (r predict.Reading, ok bool) {
	for !ok {
		day, some := vehicle.Day(0), false
		for _, c := range week {
			if c.n() > 0 && (!some || c.Day[c.to-1] > day) {
				day, some = c.Day[c.to-1], true
			}
		}
		if !some {
			return r, false
		}
		var values []float64
		var at telemetry.Micros
		for i := range week {
			if c := &week[i]; c.n() > 0 && c.Day[c.to-1] == day {
				c.to--
				values, at = append(values, daily(c.Column, c.to, s.Sensor.Daily)), max(at, c.LastAt[c.to])
			}
		}
		r, ok = l.table.Sensed(s.Component, predict.At{Time: at.Time()}, values...)
	}
	return r, true
}

func daily(c *telemetry.Column, i int, d predict.Daily) float64 {
	switch d {
	case predict.MinOfDay:
		return c.Min[i]
	case predict.MaxOfDay:
		return c.Max[i]
	case predict.MeanOfDay:
		return c.Mean(i)
	default:
		return c.Last[i]
	}
}
