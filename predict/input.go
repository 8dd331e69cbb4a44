package predict

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Input is everything a forecast may depend on. The order of the slices does not
// matter, exact repetitions count once, and what lies after Now is not used.
type Input struct {
	VIN        vehicle.VIN
	Powertrain vehicle.Powertrain
	InService  time.Time // zero when unknown
	TimeZone   string    // where it is at home, IANA name; empty when unknown
	Now        time.Time
	Days       []Day
	Readings   []Reading
	Services   []Service
	Kept       []Kept    // what persons say was not done
	Told       []At      // odometers that persons read, beside those of Readings and Services; between days that follow each other they are not needed
	Watched    time.Time // until when every renewal would be known of; zero: until the newest fact
	Prior      Prior
	Table      *Table // what wears; nil: the standard table
}

// Day is what a vehicle did on one UTC day. Days without driving are left out.
type Day struct {
	Day        vehicle.Day
	OdometerKm float64 // at the end of the day, cleaned
	DistanceKm float64
	ColdStarts int     // starts with coolant below 30 °C
	AirTempC   float64 // mean ambient; NaN when unknown

	// What telemetry tells of the day's work; 0 when unknown.
	EngineTurns float64 // revolutions
	OilStress   float64 // the same, each by its effect on the oil
	BrakingWork float64 // J per kg of the vehicle
	Starts      int     // how often it set off
	Runs        int     // of the engine that tell its temperature
	ShortRuns   int     // and of them those that ended before it was warm
	SlipAlong   float64 // km times the square of the acceleration along the road, (m/s²)²
	SlipAcross  float64 // the same across it

	// And of the traction battery's.
	DischargeKWh  float64 // out of it
	FastChargeKWh float64 // into it at more than 50 kW
	HotHours      float64 // parked with it hot and full
	PackC         float64 // mean temperature, °C
}

// Reading is one look at a component's wear, as a fraction of its limit:
// 0 is new, 1 is at the limit. Noise is the standard deviation of the reading
// in the same unit (sensor step, repeatability).
type Reading struct {
	Component  Component
	Time       time.Time
	OdometerKm float64
	Wear       float64
	Noise      float64
	Bound      bool   // no more than that the wear was below Wear: a gauge had not made its next step
	AtLeast    bool   // the sensor stands at the end of its scale: the wear is Wear, or any more
	Source     string // "pad wear sensor", "workshop measurement"

	// Span is how long before Time the first of the looks was that the reading sums up; 0: it
	// is one look. Of work between them it is not known which part was looked at.
	Span time.Duration

	// Places are the wear of each axle where sensors tell both, of which Wear is the worse
	// then; zero: Wear is all that is known.
	Places [2]float64
}

// of is the time that the reading is of: the middle of its looks.
func (r *Reading) of() time.Time {
	if r.Span == 0 {
		return r.Time
	}
	return r.Time.Add(-r.Span / 2)
}

// astride reports whether the reading may be of the part before some work, or of the one
// after it: it is of the day of the work, or of a span that holds it.
func (r *Reading) astride(work time.Time) bool {
	if r.Time.Unix()-work.Unix() > int64(r.Span/time.Second)+2*86400 {
		return false // as nearly all: the work is long over
	}
	return sameDay(work, r.Time) || !r.Time.Add(-r.Span).After(work) && work.Before(r.Time)
}

// Service is a renewal of a component. It closes the wear path and opens a new
// one. Failed and Early say in which state the old part was, for the life tables. A
// top-up closes nothing: it takes its share of the wear away.
type Service struct {
	Component  Component
	Time       time.Time
	OdometerKm float64 // 0 when unknown
	Failed     bool
	Early      bool
	TopUp      bool    // no renewal: of a fill a part was filled up
	Litres     float64 // by so much; 0 when unknown
	Part       string  // what was put in: its part number, or maker and name; empty when unknown
	RecordID   string
}

// Prior is what the fleet has taught: life and usage before a vehicle has
// shown its own. Version names it in every forecast made with it.
type Prior struct {
	Version    string
	Components map[Component]LifePrior // by component; missing: the expert prior of Specs
	Usage      UsagePrior              // zero: the expert's
	Seasons    Seasons                 `json:",omitempty"` // of the air, where those of the vehicle's zone are not known
	// ZoneSeasons by time zone, as registered; missing: those of the fleet.
	ZoneSeasons map[string]ZoneSeasons `json:",omitempty"`
}

// UsagePrior is how far the vehicles of the fleet drive.
type UsagePrior struct {
	KmPerDay float64   // median, days without driving included
	CV       float64   // vehicle-to-vehicle coefficient of variation
	Law      *UsageLaw // learned from their days; nil: the expert's, with this median and spread
}

// LifePrior is the fleet's knowledge of one component's wear rate: lognormal,
// in wear per 1,000 km of the component's own clock.
type LifePrior struct {
	RatePer1000Km float64 // median
	CV            float64 // vehicle-to-vehicle coefficient of variation
	Units         int     // paths behind it: complete ones, or, where hardly any is, those that sensors follow; 0 for an expert prior
	PartShare     float64 `json:",omitempty"` // of the variance of log-rates that is between the parts of one vehicle; 0: the expert's

	// Groups are by how much the log-rate is higher in the vehicles of a powertrain ("powertrain
	// hybrid"), of a time zone ("zone Europe/Madrid"), of a climate within it ("climate Europe/Madrid
	// 16 °C") and of a model ("model LSGUB84X": the first eight places of the VIN) than in those that
	// the groups before tell. Missing: 0.
	Groups map[string]float64 `json:",omitempty"`

	// OfClass says that RatePer1000Km is that of a class with the factor 1 (Spec.Regen). In versions
	// from before it is that of the mean vehicle.
	OfClass bool `json:",omitempty"`

	// Life is how long parts last that nobody looks at; nil: it follows from the rate (what
	// versions had that are older than these laws), or, without one, is the expert's.
	Life *LifeLaw `json:",omitempty"`

	// Forms are those of the wear path, with their weights, and Evidence is how far a
	// vehicle's own readings move these; nil: the expert's. The sensed ones are of vehicles
	// that measure the part themselves; nil: the same.
	Forms, SensedForms       []degradation.Form
	Evidence, SensedEvidence float64

	// Trust is what the noise that readings of a source name is multiplied with: workshops
	// and sensors are better or worse than their makers say. Missing: 1.
	Trust map[string]float64

	// ShowsNew is the wear that readings of a source show of a new part, where others are
	// fitted than the table has: thinner pads, larger batteries. Missing: 0.
	ShowsNew map[string]float64

	// SteadySD is by how much sensors are off for the life of a part, as a standard
	// deviation of wear. 0: nothing is known of it.
	SteadySD float64 `json:",omitempty"`

	// Makes is what the wear that sensors show of a part is multiplied with where it is so
	// named in service records. Missing: 1.
	Makes map[string]float64 `json:",omitempty"`

	// Hides is how much wear the sensor of the oil does not show for each hour of cold
	// running whose fuel is held in it. 0: nothing is known to be hidden.
	Hides float64 `json:",omitempty"`

	// Layer is where the median and the borders of the interval must lie for the truth, and
	// SensedLayer of vehicles that measure the part themselves; nil: not calibrated.
	Layer, SensedLayer *conformal.Layer

	// At which wear parts have failed in fact, as their readings show it: mean, standard
	// deviation, and the share of it by which vehicles differ, because each has sensors
	// of its own, as a standard deviation. Zero: not learned, at 1.
	FailsAt, FailsAtSD, FailsAtOwn float64

	// What a part tells beforehand of the wear at which it will fail, in shares of FailsAt:
	// FailsPerShown for each unit of wear that its readings showed when it was new, and
	// FailsPerPace for each unit of log-rate that it wears faster than was expected of its
	// vehicle, where a sensor follows it. 0: nothing.
	FailsPerShown, FailsPerPace float64 `json:",omitempty"`

	// What explains part of the differences between vehicles: the log-rate moves
	// by PerLogKm for each unit of log(km/day) above LogKmCentre, by PerDegree for each
	// kelvin of mean air temperature above DegreesCentre, by PerShortTrip for the share
	// of the engine's runs that stay cold, and by PerFastCharge for the share of energy
	// that is charged fast.
	PerLogKm, LogKmCentre           float64
	PerDegree, DegreesCentre        float64
	PerShortTrip, ShortTripCentre   float64
	PerFastCharge, FastChargeCentre float64
}
