package telemetry

import (
	"math"
	"time"
)

// slip is the work that tyres do by slipping, in one direction: force times slip, and
// slip goes with the force, so that a kilometre costs the square of its acceleration
// (Veith 1986, driving severity number, Tire Sci. Technol. 14(3) 139).
type slip struct{ work, km float64 }

// mostAcceleration is more than tyres of the road hold, m/s².
const mostAcceleration = 12

// add takes a stretch with the square of its acceleration.
func (s *slip) add(squared, km float64) {
	if squared <= mostAcceleration*mostAcceleration {
		s.work += squared * km
		s.km += km
	}
}

// alongRoad is the square of the acceleration along the road: as told, or by two speeds
// close together.
func (w *WearWork) alongRoad(at time.Time) float64 {
	a := w.forward.within(closeGap, at)
	if math.IsNaN(a) {
		a = w.surge.within(closeGap, at)
	}
	return a * a
}

// A car of which only the steering wheel is known: wheelbase, ratio of the steering, and
// the speed from which on it understeers as much as it steers (single-track model,
// Gillespie 1992).
const wheelbase, steeringRatio, understeerMS = 2.7, 15.0, 25.0

// acrossRoad is the same across the road: as told, or by the yaw rate, or by the
// steering wheel.
func (w *WearWork) acrossRoad(at time.Time) float64 {
	a := w.lateral.within(closeGap, at)
	v := w.kmh.within(closeGap, at) / 3.6
	if math.IsNaN(a) {
		a = w.yaw.within(closeGap, at) * math.Pi / 180 * v
	}
	if math.IsNaN(a) {
		wheels := w.steering.within(closeGap, at) * math.Pi / 180 / steeringRatio
		a = wheels * v * v / (wheelbase * (1 + v*v/(understeerMS*understeerMS)))
	}
	return a * a
}
