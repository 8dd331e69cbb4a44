package gbt32960

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// extreme is the value of a cell and which one it is.
type extreme struct {
	value     Number
	cell      int // counted from 1 within its subsystem
	subsystem uint8
}

// cellStats condenses the cell voltages of a frame.
type cellStats struct {
	max, min extreme
	sum      int // of the raw values that are known
	known    int
	listed   int // cells in the frame
	total    int // cells of the battery, by the groups that begin with the first; 2016 only
}

func (s *cellStats) add(g *CellGroup) {
	s.listed += len(g.Cells)
	if g.First <= 1 {
		s.total += int(g.Total)
	}
	for i, c := range g.Cells {
		v := c.Volts()
		if !v.Known() {
			continue
		}
		here := extreme{v, max(int(g.First), 1) + i, g.Subsystem}
		if s.known == 0 || v.Value > s.max.value.Value {
			s.max = here
		}
		if s.known == 0 || v.Value < s.min.value.Value {
			s.min = here
		}
		s.sum += int(c)
		s.known++
	}
}

func (s *cellStats) appendReadings(dst []vehicle.Reading, extremes bool) []vehicle.Reading {
	if s.known == 0 {
		return dst
	}
	if extremes {
		dst = append(dst,
			cellVoltage.reading(maxVoltage.signal, s.max.value),
			vehicle.Measure(maxVoltageCell.signal, float64(s.max.cell)),
			vehicle.Measure(maxVoltageSubsystem.signal, float64(s.max.subsystem)),
			cellVoltage.reading(minVoltage.signal, s.min.value),
			vehicle.Measure(minVoltageCell.signal, float64(s.min.cell)),
			vehicle.Measure(minVoltageSubsystem.signal, float64(s.min.subsystem)),
		)
	}
	return append(dst, vehicle.Measure(signalVoltageAverage, cellVoltage.average(s.sum, s.known)))
}

// probeStats condenses the probe temperatures of a frame.
type probeStats struct {
	max, min Number
	sum      int // of the raw values that are known
	known    int
}

func (s *probeStats) add(probes []Temperature) {
	for _, p := range probes {
		t := p.Celsius()
		if !t.Known() {
			continue
		}
		if s.known == 0 || t.Value > s.max.Value {
			s.max = t
		}
		if s.known == 0 || t.Value < s.min.Value {
			s.min = t
		}
		s.sum += int(p)
		s.known++
	}
}

func (s *probeStats) appendReadings(dst []vehicle.Reading, extremes bool) []vehicle.Reading {
	if s.known == 0 {
		return dst
	}
	if extremes {
		dst = append(dst,
			probeTemperature.reading(maxTemperature.signal, s.max),
			probeTemperature.reading(minTemperature.signal, s.min),
		)
	}
	return append(dst, vehicle.Measure(vehicle.TractionTemperature, probeTemperature.average(s.sum, s.known)))
}
