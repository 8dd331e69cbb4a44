package predict

import (
	"math"
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
	Optional    bool                 // only some of them do: nothing is said before a record or a reading shows that this vehicle does
	Measure     Measure              // what is looked at, if anything
	Scale       Scale                // what wear 0 and 1 are on the workshop's gauge; empty: that of the Sensor
	Sensor      Sensor               // what the vehicle itself says of the wear, if anything
	PlanKm      float64              // plan interval, km; 0 when the plan has none
	PlanMonths  int                  // plan interval, calendar months; 0 when the plan has none

	// The expert prior of wear, used until the fleet has taught a better one. A part
	// that fails without showing wear has a Life instead of a rate.
	RatePer1000Km float64 // median wear per 1,000 km of the component's own clock
	RateCV        float64 // vehicle-to-vehicle coefficient of variation
	Life          Life
	Regen         float64  // factor on the rate where the motor brakes (hybrid, battery-electric); 0 is 1
	Clock         Clock    // what wears it beside the calendar
	AgesByHeat    bool     // the calendar's share runs as a battery ages: faster in warmth
	Smooth        bool     // it wears by chemistry: nothing from day to day scatters it, but its pace may change
	CalendarShare float64  // share of the wear that age makes at 15,000 km a year, 0..1
	Shape         float64  // wear = (rate x clock)^Shape: 1 is linear, above 1 accelerates
	Forms         []string // of the path by their names (degradation.Named), all as likely, instead of Shape

	FillLitres float64 // litres that it holds, of what may be topped up; 0: nothing can be

	Safety  Safety
	ResetBy []string    // service items that renew it: its own id first, then other names
	Renews  []Component // what else the same work renews
	Amber   float64     // wear from which it is worth planning
	Red     float64     // wear from which it is due
	Stop    float64     // wear from which the vehicle must not be driven; 0 when there is none
	Job     Job
}

// Measure says what shows the wear of a component.
type Measure string

// What can be looked at. Every component may also be measured in a workshop.
const (
	NotMeasured       Measure = ""                // plan or life table only
	PadWearSensor     Measure = "pad_wear"        // sensor, percent, and lining in mm
	TreadGauge        Measure = "tread_depth"     // workshop, mm
	BySensor          Measure = "sensor"          // what Spec.Sensor names
	InWorkshop        Measure = "workshop"        // on Spec.Scale
	BatteryVoltage    Measure = "voltage"         // cranking minimum and rest voltage, V
	BatteryManagement Measure = "state_of_health" // reported by the battery, percent
)

// Scale is the gauge of a component: the values that mean wear 0 and wear 1.
type Scale struct {
	Unit  string // "mm", "percent", "V"; empty when nothing is measured
	New   float64
	Limit float64
	Noise float64 // standard deviation of one reading, in Unit; a share of the value where Log
	Log   bool    // equal ratios are equal wear, as of an insulation
}

// Sensor is what a vehicle reports of a component: signals, of which the one that
// shows the most wear decides, once a week by the newest day that has any.
type Sensor struct {
	Signals []vehicle.Signal
	Daily   Daily   // which value of the day speaks
	Scale   Scale   // of the signals, in their unit
	Low     float64 // what lies outside of Low to High is no reading; both 0: any value is
	High    float64
}

// Daily says which value of a day speaks for it.
type Daily string

// Values of a day.
const (
	LastOfDay Daily = "last" // the usual one; empty is the same
	MinOfDay  Daily = "min"
	MaxOfDay  Daily = "max"
	MeanOfDay Daily = "mean"
)

// Life is a Weibull law of how long a part lasts on its own clock, for parts that
// nobody can look at: the share that has failed by x is 1 - exp(-(x/Km)^Shape). At
// ordinary use of 15,000 km a year the clock shows km; CalendarShare says how much
// of it runs with the date.
type Life struct {
	Shape float64 // 1: failures by chance; above 1: of age; 0: no Life
	Km    float64 // by which 63 % have failed
}

// rate is the prior of wear that has the log-mean and log-variance of the life.
func (l Life) rate() (per1000Km, cv float64) {
	variance := math.Pi * math.Pi / 6 / (l.Shape * l.Shape)
	return 1000 / l.Km * math.Exp(euler/l.Shape), math.Sqrt(math.Expm1(variance))
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

// regen is the factor on the rate of wear in vehicles of a powertrain.
func (s *Spec) regen(p vehicle.Powertrain) float64 {
	if s.Regen > 0 && slices.Contains(driven, p) {
		return s.Regen
	}
	return 1
}

// On reports whether vehicles of the powertrain have the component. Of an
// unknown powertrain only what every vehicle has is known to be there.
func (s *Spec) On(p vehicle.Powertrain) bool {
	return s.Powertrains == nil || slices.Contains(s.Powertrains, p)
}
