package main

import (
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// fleet makes the messages. It is deterministic but for the time: message n of a
// car is the same in every measurement.
type fleet struct {
	trips  bool
	base   time.Time // of the first samples
	period time.Duration
	topics []string // by car
	vins   []vehicle.VIN
}

// Cars report once a second, and log once in ten seconds while they are away.
const (
	livePeriod   = time.Second
	tripPeriod   = 10 * time.Second
	tripMessages = 100
	tripAge      = 30 * time.Hour // of the last trip of a car
)

func newFleet(o options) *fleet {
	f := &fleet{trips: o.Traffic == "trips"}
	for i := range o.Vehicles {
		vin := vehicle.VIN(fmt.Sprintf("WPCZZZ1KZ6W%06d", i))
		f.vins = append(f.vins, vin)
		f.topics = append(f.topics, obd.Topic(vin, obd.Telemetry))
	}
	f.period = livePeriod
	f.base = time.Now().UTC().Truncate(time.Second)
	if f.trips {
		f.period, f.base = tripPeriod, f.base.Add(-tripAge)
	}
	// So many messages of one car do not reach into the future, however fast they go.
	perCar := 2 + 4*o.Messages/o.Vehicles
	f.base = f.base.Add(-time.Duration(perCar) * f.period)
	return f
}

// signals are the readings of one sample: those of a car with a combustion
// engine, with resolutions that cars have.
var signals = [20]struct {
	name            vehicle.Signal
	mean, swing     float64
	period          float64 // messages
	resolution      float64
	perMessage, per float64 // growth of a counter, spread between cars
}{
	{name: vehicle.Speed, mean: 62, swing: 48, period: 40, resolution: 0.1},
	{name: vehicle.TraveledDistance, perMessage: 17, per: 9_700_000, mean: 21_000_000, resolution: 1},
	{name: vehicle.AirTemperature, mean: 11, swing: 4, period: 3000, resolution: 0.5, per: 3},
	{name: vehicle.LowVoltage, mean: 13.9, swing: 0.4, period: 130, resolution: 0.01},
	{name: vehicle.EngineSpeed, mean: 1900, swing: 900, period: 23, resolution: 0.25},
	{name: vehicle.EngineHours, perMessage: 1.0 / 3600, per: 300, mean: 640, resolution: 0.01},
	{name: vehicle.CoolantTemperature, mean: 88, swing: 4, period: 310, resolution: 1},
	{name: vehicle.OilTemperature, mean: 96, swing: 7, period: 470, resolution: 1},
	{name: vehicle.FuelLevel, mean: 55, swing: 40, period: 2900, resolution: 1},
	{name: "Vehicle.Powertrain.CombustionEngine.MAF", mean: 40, swing: 30, period: 19, resolution: 1},
	{name: "Vehicle.Powertrain.CombustionEngine.MAP", mean: 90, swing: 55, period: 17, resolution: 1},
	{name: "Vehicle.Powertrain.CombustionEngine.TPS", mean: 35, swing: 30, period: 13, resolution: 1},
	{name: "Vehicle.Powertrain.CombustionEngine.Torque", mean: 120, swing: 90, period: 29, resolution: 1},
	{name: vehicle.LongTermTrim1, mean: 1.2, swing: 3, period: 900, resolution: 0.1},
	{name: "Vehicle.Chassis.SteeringWheel.Angle", swing: 60, period: 11, resolution: 1},
	{name: "Vehicle.Chassis.Brake.PedalPosition", mean: 20, swing: 20, period: 31, resolution: 1},
	{name: "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure", mean: 240, swing: 5, period: 2000, resolution: 1},
	{name: "Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Pressure", mean: 241, swing: 5, period: 2100, resolution: 1},
	{name: "Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Pressure", mean: 250, swing: 5, period: 2200, resolution: 1},
	{name: "Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Pressure", mean: 251, swing: 5, period: 2300, resolution: 1},
}

// at is the time of a car's sample n. Times of different cars are never the same
// for long, as in life.
func (f *fleet) at(car, n int) time.Time {
	return f.base.Add(time.Duration(n)*f.period + time.Duration(car%1000)*time.Millisecond)
}

// report is what message n of a car says. It reuses the readings.
func (f *fleet) report(car, n int, readings []vehicle.Reading, sample []vehicle.Sample) vehicle.Report {
	phase := float64(car%97) / 97
	for i := range signals {
		s := &signals[i]
		v := s.mean + s.per*phase + s.perMessage*float64(n)
		if s.period > 0 {
			v += s.swing * math.Sin(2*math.Pi*(float64(n)/s.period+phase))
		}
		// The quotient of two whole numbers is the decimal that a car would send.
		if s.resolution < 1 {
			scale := math.Round(1 / s.resolution)
			v = math.Round(v*scale) / scale
		} else {
			v = math.Round(v)
		}
		readings[i] = vehicle.Reading{Signal: s.name, Value: vehicle.Number(v)}
	}
	sample[0] = vehicle.Sample{Time: f.at(car, n), Readings: readings}
	return vehicle.Report{VIN: f.vins[car], Boot: "b7", Seq: uint64(n + 1), Sent: time.Now(), Samples: sample}
}

// turns says whose message comes next among some cars.
type turns struct {
	cars []int
	sent []int // messages so far, of each of cars
	now  int   // of cars
}

// turnsOf shares the cars out: every step-th from first on.
func (f *fleet) turnsOf(first, step int) turns {
	var t turns
	for car := first; car < len(f.vins); car += step {
		t.cars = append(t.cars, car)
	}
	t.sent = make([]int, len(t.cars))
	return t
}

// next is one message of every car in turn, or one trip of every car. The first
// message of a car is in a turn of its own, so that all can be known before
// anything is measured.
func (t *turns) next(trips bool) (car, message int) {
	i := t.now
	message = t.sent[i]
	t.sent[i]++
	if !trips || message == 0 || message%tripMessages == 0 {
		t.now = (i + 1) % len(t.cars)
	}
	return t.cars[i], message
}
