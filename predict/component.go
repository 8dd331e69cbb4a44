// Package predict says what will wear out, and when: from roll-ups of what a
// vehicle did, from measurements and from service records to a distribution of
// the odometer and the date at which a component reaches its limit. Pure
// functions: no I/O, no clock; the same input gives the same bytes.
package predict

// Component names something that wears and is renewed by service.
type Component string

// The components of the standard table, which has one row for each.
const (
	EngineOil       Component = "engine_oil"
	BrakePadsFront  Component = "brake_pads_front"
	BrakePadsRear   Component = "brake_pads_rear"
	Tyres           Component = "tyres"
	Battery12V      Component = "battery_12v"
	TractionBattery Component = "traction_battery"
	AirFilter       Component = "air_filter"
	CabinFilter     Component = "cabin_filter"
	Coolant         Component = "coolant"
	SparkPlugs      Component = "spark_plugs"
	BrakeFluid      Component = "brake_fluid"
)
