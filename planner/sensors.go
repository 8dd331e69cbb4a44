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
		columns := make([][]telemetry.OfDay, len(s.Sensor.Signals))
		for i, signal := range s.Sensor.Signals {
			columns[i] = l.days[signal]
		}
		for week := range weeks(columns...) {
			l.add(l.newestSensed(&s, week))
		}
	}
}

// newestSensed takes the days of a week from its end until one gives a reading.
func (l *looks) newestSensed(s *predict.Spec, week [][]telemetry.OfDay) (r predict.Reading, ok bool) {
	for !ok {
		day, some := vehicle.Day(0), false
		for _, c := range week {
			if n := len(c); n > 0 && (!some || c[n-1].Day > day) {
				day, some = c[n-1].Day, true
			}
		}
		if !some {
			return r, false
		}
		var values []float64
		var at telemetry.Micros
		for i, c := range week {
			if n := len(c); n > 0 && c[n-1].Day == day {
				values, at = append(values, daily(&c[n-1], s.Sensor.Daily)), max(at, c[n-1].LastAt)
				week[i] = c[:n-1]
			}
		}
		r, ok = l.table.Sensed(s.Component, predict.At{Time: at.Time()}, values...)
	}
	return r, true
}

func daily(a *telemetry.OfDay, d predict.Daily) float64 {
	switch d {
	case predict.MinOfDay:
		return a.Min
	case predict.MaxOfDay:
		return a.Max
	case predict.MeanOfDay:
		return a.Mean()
	default:
		return a.Last
	}
}
