package predict

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// FleetPath is one wear path of one vehicle, summed up for fleet learning.
type FleetPath struct {
	VIN       vehicle.VIN
	Component Component
	Cycle     string
	LogRate   float64 // log of wear per 1,000 km of the component's clock (straightened by its shape)
	LogRateSE float64 // standard error of LogRate
	Readings  int     // 0: nothing was measured, the rate is that of the whole life
	Complete  bool    // ended by a renewal; a life without readings: by its failure
	Lasting   bool    // a life without readings that had not ended in failure: the rate is lower than LogRate
	FailedAt  float64 // wear by the last readings before it ended in failure; 0: it did not, or nobody looked

	FailedAtSE   float64 // standard error of FailedAt, by the noise of the readings
	FailedPerDay float64 // how fast wear rose by these readings
	FailedFuel   float64 // what they say of the fuel in the oil then, as FailedAt does of the wear

	Young bool // it goes on and has worn little while it was watched: LogRate is from its first day

	Seen     bool    // readings tell how long before the renewal it failed:
	LateDays float64 // so many days

	Points []Point // its readings, thinned
	Run    float64 // clock from the part's first day to the end of the path; 0: its first day is not known
	Entry  float64 // of a life: the clock since which it was watched
	PerDay float64 // of a life: how far the clock runs in a day
	Failed bool    // it ended in failure
	Part   string  // what it is, by the record that put it in; empty when unknown

	KmPerDay   float64 // use of the vehicle
	AirTempC   float64 // mean ambient; NaN when unknown
	ShortTrips float64 // share of the engine's runs that stayed cold; NaN when unknown
	FastCharge float64 // of the energy out of the traction battery, what was charged fast; NaN when unknown
	Powertrain vehicle.Powertrain
	TimeZone   string // empty when unknown
	Climate    string // of its year, "16 °C"; empty when unknown
}

// Shows reports whether the path shows wear, or how long a part lasted. A life that goes on
// does neither: it counts beside those that ended.
func (f *FleetPath) Shows() bool { return f.Readings > 0 || f.Complete }

// Point is a reading of a path: wear at its clock since the path began.
type Point struct {
	Tau, Wear, Noise float64
	Source           string
	Fuel             float64 // in the oil, in hours of cold running
}

// live gives a path the class and the habits of its vehicle.
func (f *FleetPath) live(t *timeline) {
	h := t.habits
	f.KmPerDay, f.AirTempC, f.ShortTrips, f.FastCharge = h.kmPerDay, h.airTempC, h.shortTrips, h.fastCharge
	f.Powertrain, f.TimeZone, f.Climate = t.in.Powertrain, t.in.TimeZone, t.climate()
}

func (f *FleetPath) habits() habits {
	return habits{f.KmPerDay, f.AirTempC, f.ShortTrips, f.FastCharge}
}

func (f *FleetPath) groups() []string {
	return groupsOf(f.VIN, f.Powertrain, f.TimeZone, f.Climate)
}
