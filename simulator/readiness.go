package simulator

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// selfTest is a readiness monitor and how many trips it needs after codes were erased.
type selfTest struct {
	monitor vehicle.Monitor
	trips   uint8
}

// never is more trips than are counted.
const never = 100

// selfTests are those of the engine's control unit. A battery electric car has none.
func (c *car) selfTests() []selfTest {
	tests := []selfTest{{vehicle.MonitorMisfire, 0}, {vehicle.MonitorFuelSystem, 0}, {vehicle.MonitorComponents, 0}}
	switch {
	case c.Cylinders == 0:
		return nil
	case c.Powertrain == vehicle.Diesel:
		return append(tests, selfTest{vehicle.MonitorExhaustGasSensor, 1}, selfTest{vehicle.MonitorEGR, 2},
			selfTest{vehicle.MonitorBoostPressure, 2}, selfTest{vehicle.MonitorNOx, 3}, selfTest{vehicle.MonitorPMFilter, 6})
	}
	vapour := uint8(6) // it wants a cold start and a tank that is half full
	if c.seed%8 == 0 {
		vapour = never // as on many cars
	}
	return append(tests, selfTest{vehicle.MonitorOxygenSensorHeater, 1}, selfTest{vehicle.MonitorOxygenSensor, 2},
		selfTest{vehicle.MonitorCatalyst, 3}, selfTest{vehicle.MonitorEGR, 4}, selfTest{vehicle.MonitorEvaporativeSystem, vapour})
}

// readiness is how far the engine's control unit is since codes were erased.
func (r *run) readiness() *vehicle.Readiness {
	var complete, incomplete []vehicle.Monitor
	for _, t := range r.car.selfTests() {
		if r.sinceErased >= t.trips {
			complete = append(complete, t.monitor)
		} else {
			incomplete = append(incomplete, t.monitor)
		}
	}
	if len(complete) == 0 {
		return nil
	}
	ready := vehicle.NewReadiness(complete, incomplete)
	return &ready
}

// tellReadiness lets the engine's control unit report once a week, and when a monitor
// was completed or all began again.
func (r *run) tellReadiness(daily bool) {
	weekly := daily && r.day >= r.toldDay+7
	if r.car.Cylinders == 0 || !weekly && r.sinceErased == r.toldErased {
		return
	}
	for _, t := range r.car.selfTests() {
		moved := (r.sinceErased >= t.trips) != (r.toldErased >= t.trips)
		if moved || weekly {
			r.say |= 1
			r.toldDay = r.day
		}
	}
	r.toldErased = r.sinceErased
}
