package planner

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// sensedBy are the rows of a table that name signals which show the wear.
func sensedBy(t *predict.Table) []predict.Spec {
	return slices.DeleteFunc(t.Specs(), func(s predict.Spec) bool { return len(s.Sensor.Signals) == 0 })
}

// sensorReadings takes the newest day of a week that says anything of a component:
// it speaks for the week.
func sensorReadings(t *predict.Table, sensed []predict.Spec, week []telemetry.DayRollup) []predict.Reading {
	var out []predict.Reading
	for _, s := range sensed {
		for _, day := range slices.Backward(week) {
			if r, ok := sensorReading(t, &s, day); ok {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

func sensorReading(t *predict.Table, s *predict.Spec, day telemetry.DayRollup) (predict.Reading, bool) {
	var values []float64
	var at predict.At
	for _, signal := range s.Sensor.Signals {
		a, ok := day.Signals[signal]
		if !ok || a.Count == 0 {
			continue
		}
		if a.LastAt.After(at.Time) {
			at.Time = a.LastAt
		}
		values = append(values, daily(a, s.Sensor.Daily))
	}
	return t.Sensed(s.Component, at, values...)
}

func daily(a telemetry.Aggregate, d predict.Daily) float64 {
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
