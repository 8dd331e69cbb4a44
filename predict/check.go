package predict

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// RowError is one fault of one row of a component table. Field is named as the file of
// components names it ("plan.km"), and Message says what is wanted.
type RowError struct {
	Component Component
	Field     string
	Message   string
}

// Error implements error.
func (e *RowError) Error() string {
	return fmt.Sprintf("component %s: %s: %s", e.Component, e.Field, e.Message)
}

func fault(c Component, field, format string, args ...any) *RowError {
	return &RowError{Component: c, Field: field, Message: fmt.Sprintf(format, args...)}
}

// complete fills in what follows from the rest of a row.
func (s *Spec) complete() {
	if s.Shape == 0 {
		s.Shape = 1
	}
	s.ResetBy = slices.Clone(s.ResetBy)
	for i, name := range s.ResetBy {
		s.ResetBy[i] = itemName(name)
	}
	if !slices.Contains(s.ResetBy, string(s.Component)) {
		s.ResetBy = slices.Concat([]string{string(s.Component)}, s.ResetBy)
	}
	if s.Life.Shape > 0 && s.Life.Km > 0 {
		s.RatePer1000Km, s.RateCV = s.Life.rate()
	}
	if len(s.Sensor.Signals) > 0 && s.Sensor.Scale.Unit == "" {
		d, _ := vehicle.Lookup(s.Sensor.Signals[0])
		s.Sensor.Scale.Unit = d.Unit
	}
	if s.Scale == (Scale{}) {
		s.Scale = s.Sensor.Scale
	}
	if s.Measure == NotMeasured {
		switch {
		case len(s.Sensor.Signals) > 0:
			s.Measure = BySensor
		case s.Scale.Unit != "":
			s.Measure = InWorkshop
		}
	}
}

var (
	componentID = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
	safeties    = []Safety{SafetyCritical, SafetyDamage, SafetyStrand, SafetyComfort}
	clocks      = []Clock{ByKm, ByOilStress, ByRevolutions, ByBraking, ByTread, ByStarts, ByThroughput}
	dailies     = []Daily{"", LastOfDay, MinOfDay, MaxOfDay, MeanOfDay}
)

// checker collects the faults of one row.
type checker struct {
	c    Component
	errs []error
}

func (k *checker) want(ok bool, field, format string, args ...any) {
	if !ok {
		k.errs = append(k.errs, fault(k.c, field, format, args...))
	}
}

func (k *checker) within(v, low, high float64, field string) {
	k.want(v >= low && v <= high, field, "%g: want %g to %g", v, low, high)
}

func (k *checker) text(t lang.Text, field string) {
	k.want(t.EN != "", field+".en", "want it in English")
	k.want(t.ZH != "", field+".zh", "want it in Chinese, as owners may read it in either language")
}

// faults are what is wrong with a row in itself.
func (s *Spec) faults() []error {
	k := &checker{c: s.Component}
	k.want(componentID.MatchString(string(s.Component)), "component", "%q: want an id such as clutch_disc: a-z, 0-9 and _, from a letter, at most 40", s.Component)
	k.text(s.Name, "name")
	for _, p := range s.Powertrains {
		k.want(slices.Contains(everyPowertrain, p), "powertrains", "%q: want %s", p, listed(everyPowertrain))
	}
	k.within(s.PlanKm, 0, 1e6, "plan.km")
	k.within(float64(s.PlanMonths), 0, 600, "plan.months")
	k.prior(s)
	k.want(slices.Contains(safeties, s.Safety), "safety", "%q: want %s", s.Safety, listed(safeties))
	k.want(s.Amber > 0 && s.Amber <= s.Red && s.Red <= 3, "limits", "amber %g, red %g: want 0 < amber <= red <= 3, where 1 is the limit or the end of the plan", s.Amber, s.Red)
	k.want(s.Stop == 0 || s.Stop >= s.Red && s.Stop <= 4, "limits.stop", "%g: want at least red (%g), at most 4, or nothing", s.Stop, s.Red)
	k.job(s.Job)
	k.sensor(s.Sensor)
	if s.Scale != s.Sensor.Scale || len(s.Sensor.Signals) == 0 {
		k.scale(s.Scale, "gauge")
	}
	known := s.PlanKm > 0 || s.PlanMonths > 0 || s.Life.Shape > 0 || s.Measure != NotMeasured
	k.want(known, "plan", "say something of when it is due: plan, life, gauge or sensor")
	return k.errs
}

// maxSpecForms leaves room beside the forms that are tried of every part.
const maxSpecForms = 3

func (k *checker) prior(s *Spec) {
	if s.Life != (Life{}) {
		k.within(s.Life.Shape, 0.5, 10, "life.shape")
		k.within(s.Life.Km, 1000, 5e6, "life.km")
	} else {
		k.within(s.RatePer1000Km, 1e-4, 2, "prior.rate_per_1000_km")
		k.within(s.RateCV, 0.05, 1.5, "prior.rate_cv")
	}
	k.within(s.Regen, 0, 2, "prior.regen")
	k.within(s.CalendarShare, 0, 1, "prior.calendar_share")
	k.within(s.Shape, 0.5, 4, "prior.shape")
	k.want(slices.Contains(clocks, s.Clock), "prior.clock", "%q: want %s, or nothing for km", s.Clock, listed(clocks[1:]))
	k.want(len(s.Forms) == 0 || s.Shape == 1, "prior.forms", "are beside shape: say one of the two")
	k.want(len(s.Forms) <= maxSpecForms, "prior.forms", "%d of them: want at most %d", len(s.Forms), maxSpecForms)
	for _, name := range s.Forms {
		_, ok := degradation.Named(name)
		k.want(ok, "prior.forms", "%q: want linear, power P (P > 0), root+linear SHARE (0 to 1) or exponential K (K > 0)", name)
	}
}

func (k *checker) job(j Job) {
	k.want(j.Code != "", "job.code", "want the operation code of the work")
	k.text(j.Text, "job.text")
	k.want(j.HoursMin > 0 && j.HoursMin <= j.HoursMax && j.HoursMax <= 100, "job.hours", "min %g, max %g: want 0 < min <= max <= 100", j.HoursMin, j.HoursMax)
	if !j.Part.IsZero() {
		k.text(j.Part, "job.part")
		k.want(j.Quantity > 0 && j.Quantity <= 1000, "job.quantity", "%g: want more than 0, at most 1000", j.Quantity)
	}
}

// sensor wants signals that the dictionary knows as numbers of one unit.
func (k *checker) sensor(s Sensor) {
	if len(s.Signals) == 0 {
		k.want(s.empty(), "sensor.signals", "name the signals that the rest of sensor is about")
		return
	}
	for _, signal := range s.Signals {
		d, ok := vehicle.Lookup(signal)
		kind, single := d.Type.Kind()
		switch {
		case !ok:
			k.want(false, "sensor.signals", "%q is not in VSS %s or among pitcrew's extensions: see docs/formats", signal, vehicle.VSSVersion)
		case !single || kind != vehicle.KindNumber:
			k.want(false, "sensor.signals", "%s is %s: want a number", signal, d.Type)
		case d.Class == vehicle.ClassLocation:
			k.want(false, "sensor.signals", "%s says where the vehicle is, not how worn it is", signal)
		case d.Unit != s.Scale.Unit:
			k.want(false, "sensor.signals", "%s is in %q, the scale in %q: want one unit", signal, d.Unit, s.Scale.Unit)
		}
	}
	k.want(slices.Contains(dailies, s.Daily), "sensor.daily", "%q: want %s", s.Daily, listed(dailies[1:]))
	k.want(s.Low == 0 && s.High == 0 || s.Low < s.High, "sensor", "low %g, high %g: want low below high", s.Low, s.High)
	k.scale(s.Scale, "sensor")
}

func (s Sensor) empty() bool {
	return s.Daily == "" && s.Scale == (Scale{}) && s.Low == 0 && s.High == 0
}

// scale wants two marks apart from each other, and readings that tell them apart.
func (k *checker) scale(s Scale, field string) {
	if s == (Scale{}) {
		return
	}
	k.want(s.Unit != "" || field == "sensor", field+".unit", "want the unit that workshops measure in, such as mm")
	k.want(finite(s.New) && finite(s.Limit) && s.New != s.Limit, field, "new %g, limit %g: want the two values between which it wears", s.New, s.Limit)
	k.want(!s.Log || s.New > 0 && s.Limit > 0, field+".log", "want new and limit above 0")
	_, noise := s.read(s.Limit)
	k.want(noise > 0 && noise <= 1, field+".noise", "%g: want the standard deviation of one reading, above 0 and within the way from new to limit", s.Noise)
	k.want(!math.IsInf(s.Noise, 0), field+".noise", "want a number")
}

var everyPowertrain = []vehicle.Powertrain{vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric}

func listed[T ~string](all []T) string {
	var text string
	for i, v := range all {
		switch {
		case i == 0:
		case i == len(all)-1:
			text += " or "
		default:
			text += ", "
		}
		text += string(v)
	}
	return text
}

// clashes are what is wrong between the rows that came in and all others: names that
// two rows claim, and work that renews what there is not.
func clashes(rows []Spec, own map[Component]bool) []error {
	var errs []error
	owner := map[string]Component{}
	for _, mine := range []bool{false, true} { // what came in is to blame
		for i := range rows {
			s := &rows[i]
			if own[s.Component] != mine {
				continue
			}
			for _, name := range s.ResetBy {
				if o, taken := owner[name]; taken && o != s.Component {
					errs = append(errs, fault(s.Component, "reset_by", "%q already renews %s: an item renews one component, and what else the work renews is in renews", name, o))
				}
				owner[name] = s.Component
			}
		}
	}
	for i := range rows {
		s := &rows[i]
		for _, c := range s.Renews {
			if o, known := owner[string(c)]; !known || o != c || c == s.Component {
				errs = append(errs, fault(s.Component, "renews", "%q is not another component of the table", c))
			}
		}
	}
	return errs
}
