package dialect

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// gbtStats condenses the cells or probes of one message.
type gbtStats struct {
	max, min gbtExtreme
	sum      float64
	known    int // that have a value
	listed   int
}

// gbtExtreme is a value and where it was measured.
type gbtExtreme struct {
	value            float64
	subsystem, place int // place counts from 1 within the subsystem
}

// add takes a list whose first element has the place first. NaN has no value.
func (s *gbtStats) add(list []float64, subsystem, first int) {
	s.listed += len(list)
	for i, v := range list {
		if math.IsNaN(v) {
			continue
		}
		here := gbtExtreme{v, subsystem, first + i}
		if s.known == 0 || v > s.max.value {
			s.max = here
		}
		if s.known == 0 || v < s.min.value {
			s.min = here
		}
		s.sum += v
		s.known++
	}
}

// condense stores the average of cells and probes, and the extremes where the
// vehicle does not give them itself. Cells count only if the message holds all.
func (u *emqxUnits) condense() {
	measure := func(leaf vehicle.Signal, value float64) {
		r := vehicle.Measure(tractionBattery+leaf, tidy(value))
		for _, given := range u.readings {
			if given.Signal == r.Signal {
				return
			}
		}
		u.reading("Data.Infos", r)
	}
	if s := u.cells; s.known > 0 && s.listed == u.cellsTotal {
		measure("CellVoltage.Max", s.max.value)
		measure("CellVoltage.IdMax", float64(s.max.place))
		measure("CellVoltage.SubsystemMax", float64(s.max.subsystem))
		measure("CellVoltage.Min", s.min.value)
		measure("CellVoltage.IdMin", float64(s.min.place))
		measure("CellVoltage.SubsystemMin", float64(s.min.subsystem))
		measure("CellVoltage.Average", s.sum/float64(s.known))
	}
	if s := u.probes; s.known > 0 {
		measure("Temperature.Max", s.max.value)
		measure("Temperature.Min", s.min.value)
		measure("Temperature.Average", s.sum/float64(s.known))
	}
}
