package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Branches and signals that the tables of several dialects name.
const (
	tractionBattery vehicle.Signal = "Vehicle.Powertrain.TractionBattery."
	charging                       = tractionBattery + "Charging."
	isCharging                     = charging + "IsCharging"
	isPlugged                      = charging + "ChargingPort.IsChargingCableConnected"
	location        vehicle.Signal = "Vehicle.CurrentLocation."

	wheelFL vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left."
	wheelFR vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right."
	wheelRL vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left."
	wheelRR vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right."
)
