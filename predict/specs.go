package predict

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Spec is one row of the component table: everything predict knows of a
// component before it has seen a vehicle. Wear is a fraction of the limit: 0 is
// new, 1 is at the limit.
type Spec struct {
	Component   Component
	Name        lang.Text
	Powertrains []vehicle.Powertrain // which have it; nil: all have it
	Measure     Measure              // what is looked at, if anything
	Scale       Scale                // what wear 0 and 1 are on the gauge
	PlanKm      float64              // plan interval, km; 0 when the plan has none
	PlanMonths  int                  // plan interval, calendar months; 0 when the plan has none

	// The expert prior of wear, used until the fleet has taught a better one.
	RatePer1000Km float64 // median wear per 1,000 km of the component's own clock
	RateCV        float64 // vehicle-to-vehicle coefficient of variation
	Regen         float64 // factor on the rate where the motor brakes (hybrid, battery-electric); 0 is 1
	CalendarShare float64 // share of the wear that age makes at 15,000 km a year, 0..1
	Shape         float64 // wear = (rate x clock)^Shape: 1 is linear, above 1 accelerates

	Safety  Safety
	ResetBy []string // service items that renew it: its own id first, then other names
	Amber   float64  // wear from which it is worth planning
	Red     float64  // wear from which it is due
	Stop    float64  // wear from which the vehicle must not be driven; 0 when there is none
	Job     Job
}

// Measure says what shows the wear of a component.
type Measure string

// What can be looked at. Every component may also be measured in a workshop.
const (
	NotMeasured       Measure = ""                // plan or life table only
	PadWearSensor     Measure = "pad_wear"        // sensor, percent, and lining in mm
	TreadGauge        Measure = "tread_depth"     // workshop, mm
	BatteryVoltage    Measure = "voltage"         // cranking minimum and rest voltage, V
	BatteryManagement Measure = "state_of_health" // reported by the battery, percent
)

// Scale is the gauge of a component: the values that mean wear 0 and wear 1.
type Scale struct {
	Unit  string // "mm", "percent", "V"; empty when nothing is measured
	New   float64
	Limit float64
	Noise float64 // standard deviation of one reading, in Unit
}

// Safety says what happens when the component is not renewed in time.
type Safety string

// Safety classes, most serious first.
const (
	SafetyCritical Safety = "safety"    // braking, grip
	SafetyDamage   Safety = "damage"    // dear consequential damage
	SafetyStrand   Safety = "breakdown" // the vehicle may not start
	SafetyComfort  Safety = "comfort"
)

// Job is the work that renews a component.
type Job struct {
	Code               string // operation code
	Text               lang.Text
	HoursMin, HoursMax float64
	Part               lang.Text
	Quantity           float64 // in units of the part
}

// On reports whether vehicles of the powertrain have the component. Of an
// unknown powertrain only what every vehicle has is known to be there.
func (s *Spec) On(p vehicle.Powertrain) bool {
	return s.Powertrains == nil || slices.Contains(s.Powertrains, p)
}
