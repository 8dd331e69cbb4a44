package predict

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Fuel gets into oil that is cold, and boils off again when it is hot: a winter of short
// trips leaves several percent of it, an hour on the motorway next to nothing. It has a low
// permittivity, so that a sensor that reads the oil by that shows less wear than there is.
// How much is left is counted from the revolutions of each day, in hours of cold running;
// what an hour hides is learned from the fleet. Of the numbers, hotAfter and mostCold were
// chosen on the vehicles that teach of a simulated fleet of seed 12, among values that
// warm-up and analyses of used oil allow.
const (
	turnsPerHour = 120e3 // at 2,000 rpm
	coldExtra    = 2.5   // by which a revolution in cold oil counts for more (telemetry.OilFactor)
	hotAfter     = 5.0   // times as long as oil is cold on a trip, it takes to be hot
	boilsOff     = 1.0   // hours that half of the fuel takes in hot oil
	mostCold     = 5.0   // hours of cold running that oil takes up the fuel of
)

// dilution is how much fuel the oil holds by the end of each day, in hours of cold running.
// A day that does not tell leaves it as it was; new oil has none.
func dilution(days []Day, changes []Service) []float64 {
	out, held := make([]float64, len(days)), 0.0
	for i := range days {
		d := &days[i]
		for len(changes) > 0 && changes[0].Time.Before(d.Day.End()) {
			held, changes = 0, changes[1:]
		}
		if d.EngineTurns > 0 && d.OilStress > 0 {
			cold := min(max(d.OilStress/d.EngineTurns-1, 0)/coldExtra, 1) * d.EngineTurns / turnsPerHour
			held = min(held+cold, mostCold)
			if hot := d.EngineTurns/turnsPerHour - hotAfter*cold; hot > 0 {
				held *= elementary.Exp(-math.Ln2 * hot / boilsOff)
			}
		}
		out[i] = held
	}
	return out
}

// diluted is how much fuel is in the oil that a reading is of, in hours of cold running; 0
// where that does not matter to the reading, or no day tells.
func (t *timeline) diluted(r *Reading) float64 {
	if r.Source != FromOilSensor || len(t.days) == 0 {
		return 0
	}
	if t.fuel == nil {
		t.fuel = dilution(t.days, t.services[t.table.row[r.Component]])
	}
	today := vehicle.DayOf(r.of())
	i := sort.Search(len(t.days), func(i int) bool { return t.days[i].Day > today })
	return t.fuel[max(i-1, 0)]
}

// learnHidden learns how much wear the sensor of the oil hides for each hour of cold
// running whose fuel the oil holds: by how far the readings of a path lie off its line while
// it holds more or less than on that line (least squares within paths). 0 where that does
// not stand out of its error, by vehicle.
func learnHidden(own []FleetPath) float64 {
	type sums struct{ wear, square float64 }
	var vehicles []sums
	all := sums{}
	for i := range own {
		if i == 0 || own[i-1].VIN != own[i].VIN {
			vehicles = append(vehicles, sums{})
		}
		wear, square := own[i].hides()
		v := &vehicles[len(vehicles)-1]
		v.wear, v.square = v.wear+wear, v.square+square
		all.wear, all.square = all.wear+wear, all.square+square
	}
	if !(all.square > 0) {
		return 0
	}
	hidden, variance := -all.wear/all.square, 0.0
	for _, v := range vehicles {
		off := (v.wear + hidden*v.square) / all.square
		variance += off * off
	}
	if hidden < 2*math.Sqrt(variance) || len(vehicles) < minCovariates {
		return 0
	}
	return min(hidden, mostHidden)
}

// mostHidden is the most that an hour of cold running is believed to hide, in wear.
const mostHidden = 0.1

// hides are the sums of products of wear and dilution over the sensed points of a path,
// and of the squares of dilution, each off its line on the clock.
func (f *FleetPath) hides() (wear, square float64) {
	var x, y, z []float64
	for _, q := range f.Points {
		if followsWear(q.Source) {
			x, y, z = append(x, q.Tau), append(y, q.Wear), append(z, q.Fuel)
		}
	}
	if len(x) < 2*minPathReadings {
		return 0, 0
	}
	off := offLine(x, z)
	for i, v := range offLine(x, y) {
		wear, square = wear+v*off[i], square+off[i]*off[i]
	}
	if !finite(wear + square) { // all at one clock: there is no line
		return 0, 0
	}
	return wear, square
}

// offLine is how far values lie off their least-squares line.
func offLine(x, y []float64) []float64 {
	at, slope := stat.LinearRegression(x, y, nil, false)
	out := make([]float64, len(y))
	for i := range y {
		out[i] = y[i] - at - slope*x[i]
	}
	return out
}
