package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Branches and signals that the tables of several dialects name.
const (
	tractionBattery vehicle.Signal = "Vehicle.Powertrain.TractionBattery."
	charging                       = tractionBattery + "Charging."
	location        vehicle.Signal = "Vehicle.CurrentLocation."

	wheelFL vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left."
	wheelFR vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right."
	wheelRL vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left."
	wheelRR vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right."
)

// Factors from a device's unit to the unit of the signal.
const (
	metresPerKilometre = 1000
	wattsPerKilowatt   = 1000
	secondsPerMinute   = 60
	secondsPerHour     = 3600
	kilopascalsPerBar  = 100
	kilopascalsPerPSI  = 6.894757293168361

	// outIsPositive turns a current or a power that counts what leaves the battery
	// into VSS, which counts what enters it.
	outIsPositive = -1
)
