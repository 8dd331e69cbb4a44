package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// Clock names what wears a component beside the calendar. Where a day does not tell
// it, the distance stands in, at the vehicle's own mean.
type Clock string

// The clocks. Each runs in equivalent kilometres: a day of 30 km of short trips in
// frost may cost the oil as much as 60.
const (
	ByKm          Clock = ""
	ByOilStress   Clock = "oil"         // revolutions, those of cold or hot oil counting for more
	ByRevolutions Clock = "revolutions" // of the engine
	ByBraking     Clock = "braking"     // work of the brakes
	ByTread       Clock = "tread"       // distance, in warmth and by what the tyres slip counting for more
	ByStarts      Clock = "starts"      // of the engine, those of short trips counting for more
	ByThroughput  Clock = "throughput"  // energy out of the traction battery, and what was charged fast
)

// What an ordinary kilometre costs, so that equivalent kilometres of ordinary use are
// kilometres: 2,000 rpm at 50 km/h, of which a third is run cold; 1.6 stops from
// 36 km/h; trips of 9 km; 18 kWh for 100 km. The fleet's prior takes out what is left of
// the difference.
const (
	turnsPerKm   = 2400
	oilPerKm     = 1.4 * turnsPerKm
	brakingJPer  = 80 // J/kg a km
	kmPerStart   = 9.0
	throughPerKm = 0.18 // kWh
)

// Tyres lose by slip energy, which goes with the square of acceleration; that across the
// road dominates (BTMA; Veith 1986). Ordinary driving has a root mean square of 0.7 m/s²
// along and 0.8 across the road. A sixth is lost rolling straight, by toe-in.
const (
	usualAlong, usualAcross = 0.5, 0.6 // (m/s²)²
	alongShare, acrossShare = 0.25, 0.6
)

// shortTripExtra: a trip on which the engine does not get warm is too short to give the
// battery back what the start took (Battery University BU-804b: lack of charge
// sulphates), so that its start counts for two.
const shortTripExtra = 1.0

// fastExtra is what a kWh charged fast costs beside what going out again does. Cars lose
// 1.5 % a year where they are charged at home, and up to 3.0 % where at more than 100 kW
// (Geotab 2026, 22,700 cars); of the 1.5 % the energy makes 0.6, so that 1.5 more are
// two and a half times that.
const fastExtra = 2.5

// mostSlip is the most, against ordinary driving, that is believed of a day.
const mostSlip = 15.0

// A day that follows others that are missing has the distance of all of them, and its own
// work alone: after so many days, and so many times the distance of a day.
const gapDays, gapTimes = 3, 3.0

// spans reports whether a day does, which went so far.
func spans(days []Day, i int, way, usualKm float64) bool {
	return way > gapTimes*usualKm && i > 0 && days[i].Day-days[i-1].Day > gapDays
}

// mostThrough is the most energy, against ordinary driving, that is believed of a day.
const mostThrough = 100.0

// cost is what the days of one vehicle cost a component.
type cost struct {
	clock         Clock
	days          []Day
	ways          []float64 // km of each
	usualKm       float64   // a day, of clocks that ask for it
	along, across []float64 // slip of each day against ordinary driving; nil: no day tells it
}

// costOf is the cost by a clock of a vehicle with these days and their km, which go so far on average.
func (c Clock) costOf(room *slab, days []Day, ways []float64, usual float64) cost {
	k := cost{clock: c, days: days, ways: ways}
	switch c {
	case ByTread:
		k.along, k.across = room.column(len(days)), room.column(len(days))
		for i := range days {
			d := &days[i]
			k.along, k.across = append(k.along, d.SlipAlong/usualAlong), append(k.across, d.SlipAcross/usualAcross)
		}
		k.along, k.across = k.steady(room, k.along, usual), k.steady(room, k.across, usual)
	case ByStarts, ByThroughput:
		k.usualKm = usual
	case ByKm, ByOilStress, ByRevolutions, ByBraking:
	}
	return k
}

// spans reports whether a day has the distance of others, where the clock asks for that.
func (k *cost) spans(i int) bool { return k.usualKm > 0 && spans(k.days, i, k.ways[i], k.usualKm) }

// believed are the equivalent km a km that are believed of a day.
func (c Clock) believed() (low, high float64) {
	switch c {
	case ByTread:
		return 0.05, 5
	case ByStarts:
		return 0.02, 50 // one in 400 km, and ten in 2
	case ByThroughput:
		return 0.02, mostThrough // a hybrid may hardly use it, and a short day have a long charge
	case ByKm, ByOilStress, ByRevolutions, ByBraking:
	}
	return 0.2, 5
}

// count puts in what each day says that it cost, in km; not above 0 where it says nothing.
func (k *cost) count(km []float64) {
	days := k.days[:len(km)]
	switch k.clock {
	case ByOilStress:
		for i := range days {
			km[i] = days[i].OilStress / oilPerKm
		}
	case ByRevolutions:
		for i := range days {
			km[i] = days[i].EngineTurns / turnsPerKm
		}
	case ByBraking:
		for i := range days {
			km[i] = days[i].BrakingWork / brakingJPer
		}
	case ByTread:
		for i := range days {
			km[i] = k.tread(i)
		}
	case ByStarts:
		for i := range days {
			km[i] = kmPerStart * (float64(days[i].Starts) + shortTripExtra*float64(days[i].ShortRuns))
		}
	case ByThroughput:
		for i := range days {
			km[i] = 0
			if d := &days[i]; d.DischargeKWh > 0 {
				km[i] = (d.DischargeKWh + fastExtra*d.FastChargeKWh) / throughPerKm
			}
		}
	case ByKm:
		clear(km)
	}
}

// tread is what a day cost the tyres. Hot and dry wears twice as fast as cold and wet, some
// 30 K apart (trade).
func (k *cost) tread(i int) float64 {
	d := &k.days[i]
	slip, warmth := 1.0, 1.0
	if k.along != nil {
		slip += alongShare * (k.along[i] - 1)
	}
	if k.across != nil {
		slip += acrossShare * (k.across[i] - 1)
	}
	switch {
	case math.Abs(d.AirTempC) < 60:
		warmth = min(max(elementary.Exp((d.AirTempC-15)*(math.Ln2/30)), 0.6), 1.6)
	case k.along == nil && k.across == nil:
		return 0
	}
	return d.DistanceKm * warmth * slip
}

// stretchKm is how far is looked at together to see if a vehicle's habits have changed.
const stretchKm = 1000.0

// steady is, for each day, what the totals of days make of each km of the stretch around it. Seldom
// samples tell little of a day, and what is chance in a stretch is not to be taken for a
// change of habits: it is shrunk to the vehicle's own mean by what days scatter within
// stretches against what stretches do (moment form of empirical Bayes). nil where no day
// tells it.
func (k *cost) steady(room *slab, totals []float64, usual float64) []float64 {
	type stretch struct {
		end, n           int
		km, sum, squares float64
	}
	stretches := make([]stretch, 0, 64) // as many as are driven in some years
	var s, all stretch
	for i, of := range totals {
		if of > 0 {
			way := k.ways[i]
			if v := of / way; v < mostSlip && !spans(k.days, i, way, usual) {
				s.n, s.km, s.sum, s.squares = s.n+1, s.km+way, s.sum+v*way, s.squares+v*v*way
			}
		}
		if s.km >= stretchKm || i == len(totals)-1 {
			s.end = i + 1
			stretches = append(stretches, s)
			all.n, all.km, all.sum = all.n+s.n, all.km+s.km, all.sum+s.sum
			s = stretch{}
		}
	}
	if all.n == 0 {
		return nil
	}
	own := all.sum / all.km
	within, between, free := 0.0, 0.0, 0.0
	for _, s := range stretches {
		if s.n > 1 {
			mean := s.sum / s.km
			within += (s.squares/s.km - mean*mean) / float64(s.n-1)
			between += (mean - own) * (mean - own)
			free++
		}
	}
	keep := 0.0
	if free > 2 && between > 0 {
		keep = max(1-within/(between*free/(free-1)), 0)
	}
	own = (all.sum + shrinkKm) / (all.km + shrinkKm)
	out := room.column(len(totals))
	for _, s := range stretches {
		v := own
		if s.n > 1 {
			v += keep * (s.sum/s.km - own)
		}
		for len(out) < s.end {
			out = append(out, v)
		}
	}
	return out
}

// clockWords name what the clocks run by.
var clockWords = map[Clock]lang.Text{
	ByOilStress:   {EN: "revolutions and the heat of the oil", ZH: "发动机转数和机油温度"},
	ByRevolutions: {EN: "revolutions", ZH: "发动机转数"},
	ByBraking:     {EN: "the work of the brakes", ZH: "制动做功"},
	ByTread:       {EN: "distance, slip of the tyres and warmth", ZH: "里程、轮胎滑移和气温"},
	ByStarts:      {EN: "starts and short trips", ZH: "起动次数和短途行驶"},
	ByThroughput:  {EN: "energy through the battery and fast charging", ZH: "电池吞吐电量和快充"},
}

// warmthAlone is what tyres go by that nobody sees slip.
var warmthAlone = lang.Text{EN: "distance and warmth", ZH: "里程和气温"}

// words name what the cost goes by in this vehicle.
func (k *cost) words() lang.Text {
	if k.clock == ByTread && k.along == nil && k.across == nil {
		return warmthAlone
	}
	return clockWords[k.clock]
}
