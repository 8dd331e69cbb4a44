package vehicle

// Signals that pitcrew itself reads, by their VSS 6.0 paths and units.
const (
	Speed            Signal = "Vehicle.Speed"            // km/h
	TraveledDistance Signal = "Vehicle.TraveledDistance" // m
	AirTemperature   Signal = "Vehicle.Exterior.AirTemperature"

	Brand          Signal = "Vehicle.VehicleIdentification.Brand"
	Model          Signal = "Vehicle.VehicleIdentification.Model"
	ModelYear      Signal = "Vehicle.VehicleIdentification.Year"
	PowertrainType Signal = "Vehicle.Powertrain.Type" // COMBUSTION, HYBRID, ELECTRIC
	SupportedFuel  Signal = "Vehicle.Powertrain.FuelSystem.SupportedFuelTypes"

	LowVoltage Signal = "Vehicle.LowVoltageBattery.CurrentVoltage" // V

	EngineSpeed        Signal = "Vehicle.Powertrain.CombustionEngine.Speed" // rpm
	EngineHours        Signal = "Vehicle.Powertrain.CombustionEngine.EngineHours"
	CoolantTemperature Signal = "Vehicle.Powertrain.CombustionEngine.EngineCoolant.Temperature"
	OilTemperature     Signal = "Vehicle.Powertrain.CombustionEngine.EngineOil.Temperature"
	OilCondition       Signal = "Vehicle.Powertrain.CombustionEngine.EngineOil.Condition" // percent, 100 fresh, 0 spent; an extension
	FuelLevel          Signal = "Vehicle.Powertrain.FuelSystem.RelativeLevel"             // percent

	TractionSoC         Signal = "Vehicle.Powertrain.TractionBattery.StateOfCharge.Current" // percent
	TractionSoH         Signal = "Vehicle.Powertrain.TractionBattery.StateOfHealth"         // percent
	TractionTemperature Signal = "Vehicle.Powertrain.TractionBattery.Temperature.Average"
	TractionVoltage     Signal = "Vehicle.Powertrain.TractionBattery.CurrentVoltage"                // V
	TractionCurrent     Signal = "Vehicle.Powertrain.TractionBattery.CurrentCurrent"                // A, above zero into the battery
	TractionPower       Signal = "Vehicle.Powertrain.TractionBattery.CurrentPower"                  // W, above zero into the battery
	TractionConsumed    Signal = "Vehicle.Powertrain.TractionBattery.AccumulatedConsumedEnergy"     // kWh
	TractionConsumedAh  Signal = "Vehicle.Powertrain.TractionBattery.AccumulatedConsumedThroughput" // Ah
	TractionCapacity    Signal = "Vehicle.Powertrain.TractionBattery.NetCapacity"                   // kWh

	LateralAcceleration      Signal = "Vehicle.Acceleration.Lateral"      // m/s²
	LongitudinalAcceleration Signal = "Vehicle.Acceleration.Longitudinal" // m/s²
	YawRate                  Signal = "Vehicle.AngularVelocity.Yaw"       // degrees/s
	SteeringAngle            Signal = "Vehicle.Chassis.SteeringWheel.Angle"

	PadWearFrontLeft  Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left.Brake.PadWear" // percent, 100 = worn
	PadWearFrontRight Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right.Brake.PadWear"
	PadWearRearLeft   Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left.Brake.PadWear"
	PadWearRearRight  Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right.Brake.PadWear"

	PadWornFrontLeft  Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left.Brake.IsBrakesWorn" // the contact in the lining has closed
	PadWornFrontRight Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right.Brake.IsBrakesWorn"
	PadWornRearLeft   Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left.Brake.IsBrakesWorn"
	PadWornRearRight  Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right.Brake.IsBrakesWorn"

	TreadFrontLeft  Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.TreadDepth" // mm; an extension
	TreadFrontRight Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.TreadDepth"
	TreadRearLeft   Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.TreadDepth"
	TreadRearRight  Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.TreadDepth"

	// What roll-ups of a day add up from its samples; no vehicle reports them.
	DayRevolutions Signal = "Vehicle.DayTotal.EngineRevolutions" // of the engine
	DayOilStress   Signal = "Vehicle.DayTotal.OilStress"         // the same, each by its effect on the oil
	DayBraking     Signal = "Vehicle.DayTotal.BrakingWork"       // J per kg of the vehicle
	DayCranking    Signal = "Vehicle.DayTotal.CrankingVoltage"   // V, of each start, at 20 °C and charged
	DayStarts      Signal = "Vehicle.DayTotal.Starts"            // how often it set off or its engine was started
	DayShortTrips  Signal = "Vehicle.DayTotal.ShortTrips"        // of each run of the engine, 1 if it never got warm, else 0
	DaySlipAlong   Signal = "Vehicle.DayTotal.SlipAlong"         // km times the square of the acceleration along the road, (m/s²)²
	DaySlipAcross  Signal = "Vehicle.DayTotal.SlipAcross"        // the same across it
	DayDischarge   Signal = "Vehicle.DayTotal.TractionDischarge" // kWh out of the traction battery
	DayFastCharge  Signal = "Vehicle.DayTotal.FastCharge"        // kWh into it at more than 50 kW
	DayHotParking  Signal = "Vehicle.DayTotal.HotParking"        // h parked with it hot and full

	LongTermTrim1 Signal = "Vehicle.OBD.LongTermFuelTrim1" // percent, bank 1; an extension, see extensions.csv
	LongTermTrim2 Signal = "Vehicle.OBD.LongTermFuelTrim2"
)
