package telemetry

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// CrankBelow tells a cranking dip from a battery at rest, V. A 1 Hz logger often
	// misses the dip, and a resting voltage says something else.
	CrankBelow = 11.6
	// What may lie between a start and the voltage at rest before it, the air
	// temperature before it, and the engine running after it.
	restBefore, airBefore, runAfter = 2 * time.Minute, time.Hour, 10 * time.Minute
)

// starts finds the starts of an engine in its voltage, and brings the dip of each to
// 20 °C and a charged battery.
type starts struct {
	all             Aggregate
	low             float64 // lowest of the dip that is not closed yet; 0: none
	lowAt           time.Time
	restV, airC     float64
	restAt, airAt   time.Time
	rested, turning bool
}

func (s *starts) add(at time.Time, volts, airC, rpm float64) {
	if !math.IsNaN(airC) {
		s.airC, s.airAt = airC, at
	}
	s.turning = s.turning || rpm > 0 && at.Sub(s.lowAt) <= runAfter
	switch {
	case volts > 5 && volts < CrankBelow && !(rpm >= crankRPM):
		if s.low == 0 || at.Sub(s.lowAt) > restBefore {
			s.low, s.turning = volts, rpm > 0
		}
		s.low, s.lowAt = min(s.low, volts), at
	case volts > 5 && volts < 16: // at rest, or running: below 11.6 V too, where nothing charges
		s.close()
		s.restV, s.restAt, s.rested = volts, at, rpm == 0 || math.IsNaN(rpm)
	}
}

// close ends a dip at the first voltage after it. It was a start if the engine turned.
func (s *starts) close() {
	if s.low == 0 {
		return
	}
	if s.turning && !s.airAt.IsZero() && s.lowAt.Sub(s.airAt) <= airBefore {
		rest := vehicle.ChargedRestV
		if s.rested && s.restV < 13.2 && s.lowAt.Sub(s.restAt) <= restBefore {
			rest = s.restV
		}
		s.all.Add(s.lowAt, vehicle.CrankingAt20(s.low, rest, s.airC))
	}
	s.low = 0
}

func (s *starts) put(r *DayRollup) {
	delete(r.Signals, vehicle.DayCranking)
	if s.all.Count > 0 {
		r.Signals[vehicle.DayCranking] = s.all
	}
}
