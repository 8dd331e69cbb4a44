package predict

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Seasons are by how many kelvin the air of each month is above that of the year, January
// first, as the vehicles of the fleet meet it. Empty: not known.
type Seasons []float64

// ZoneSeasons are those of a time zone. Where it is warmer all year the seasons are not the same: of a
// place whose year is so many kelvin warmer than MeanC, each month is above its year by as many times
// PerKelvin more.
type ZoneSeasons struct {
	MeanC            float64 // of the year, over the vehicles of the zone, °C
	Above, PerKelvin Seasons
}

func (s Seasons) usable() bool {
	return len(s) == 12 && !slices.ContainsFunc(s, func(k float64) bool { return !(math.Abs(k) < 60) })
}

func (s *ZoneSeasons) usable() bool {
	return math.Abs(s.MeanC) < 60 && s.Above.usable() && len(s.PerKelvin) == 12 &&
		!slices.ContainsFunc(s.PerKelvin, func(k float64) bool { return !(math.Abs(k) < 1) })
}

// seasonsOf are those of a time zone, or of the fleet where it is not known; false where neither is.
func (p *Prior) seasonsOf(zone string) (ZoneSeasons, bool) {
	if of, ok := p.ZoneSeasons[zone]; ok && of.usable() {
		return of, true
	}
	return ZoneSeasons{Above: p.Seasons, PerKelvin: noneMore}, p.Seasons.usable()
}

// noneMore are the seasons of places that have them alike.
var noneMore = make(Seasons, 12)

// weather is the air that a vehicle meets, also on days that do not tell it.
type weather struct {
	meanC    float64 // of its year, °C; NaN when unknown
	seasons  ZoneSeasons
	seasonal bool // the seasons are known
}

// weatherOf the days of a vehicle. The year is the one that fits them best by the seasons: one season says
// little of the next, and fifteen months have one of them twice.
func weatherOf(p *Prior, zone string, days []Day) (w weather) {
	w.seasons, w.seasonal = p.seasonsOf(zone)
	if !w.seasonal {
		w.meanC = meanAir(days)
		return w
	}
	sum, weight := 0.0, 0.0
	for i := range days {
		if d := &days[i]; d.tellsAir() {
			above, more := w.seasons.in(d.Day)
			sum, weight = sum+(1+more)*(d.AirTempC-w.seasons.MeanC-above), weight+(1+more)*(1+more)
		}
	}
	w.meanC, w.seasonal = w.seasons.MeanC+sum/weight, weight > 0 // NaN without any
	return w
}

// in is how far the air of a day is above the year's, and how much more so for each kelvin that the year
// is warmer.
func (s *ZoneSeasons) in(d vehicle.Day) (above, perKelvin float64) {
	m := d.Start().Month() - time.January
	return s.Above[m], s.PerKelvin[m]
}

// on is the air of a day that does not tell it.
func (w *weather) on(d vehicle.Day) float64 {
	if !w.seasonal {
		return w.meanC
	}
	above, more := w.seasons.in(d)
	return w.meanC + above + more*(w.meanC-w.seasons.MeanC)
}

// of is the air of a day.
func (w *weather) of(d *Day) float64 {
	if d.tellsAir() {
		return d.AirTempC
	}
	return w.on(d.Day)
}

// tellsAir reports whether the day has a temperature of the air.
func (d *Day) tellsAir() bool { return math.Abs(d.AirTempC) < 60 }

// meanAir is the mean of the days that tell it; NaN when none does.
func meanAir(days []Day) float64 {
	sum, n := 0.0, 0.0
	for i := range days {
		if d := &days[i]; d.tellsAir() {
			sum, n = sum+d.AirTempC, n+1
		}
	}
	return sum / n
}

const (
	zoneLeast = 10 // vehicles whose seasons are those of their zone
	// alikeYears is what the years of a zone's vehicles must differ by before they say what a warmer place
	// changes: as much as twenty vehicles that differ by 2 K, as a sum of squares.
	alikeYears = 20 * 2 * 2
)

// year is how a vehicle that was watched in every month has it.
type year struct {
	meanC  float64
	months [12]float64 // above that
}

// learnSeasons adds those of vehicles that were watched in every month of the year to a prior: of all,
// and of each time zone. Too few teach none.
func (p *Prior) learnSeasons(fleet []Input) {
	var all []year
	zones := map[string][]year{}
	for i := range fleet {
		if y, ok := yearOf(fleet[i].Days); ok {
			all = append(all, y)
			zones[fleet[i].TimeZone] = append(zones[fleet[i].TimeZone], y)
		}
	}
	if p.Seasons, p.ZoneSeasons = nil, nil; len(all) < useLeast {
		return
	}
	p.Seasons = meanYear(all).Above
	for zone, of := range zones {
		if zone == "" || len(of) < zoneLeast {
			continue
		}
		if p.ZoneSeasons == nil {
			p.ZoneSeasons = map[string]ZoneSeasons{}
		}
		p.ZoneSeasons[zone] = meanYear(of)
	}
}

// meanYear is the year of the mean vehicle, and the line through the others' by how warm they are.
func meanYear(all []year) ZoneSeasons {
	out := ZoneSeasons{Above: make(Seasons, 12), PerKelvin: make(Seasons, 12)}
	for _, y := range all {
		out.MeanC += y.meanC / float64(len(all))
		for m, k := range y.months {
			out.Above[m] += k / float64(len(all))
		}
	}
	apart := float64(alikeYears)
	for _, y := range all {
		apart += (y.meanC - out.MeanC) * (y.meanC - out.MeanC)
	}
	for _, y := range all {
		for m, k := range y.months {
			out.PerKelvin[m] += (k - out.Above[m]) * (y.meanC - out.MeanC) / apart
		}
	}
	return out
}

// yearOf is the air that a vehicle meets; false where a month was not seen.
func yearOf(days []Day) (y year, ok bool) {
	var n [12]float64
	for i := range days {
		if d := &days[i]; d.tellsAir() {
			m := d.Day.Start().Month() - time.January
			y.months[m], n[m] = y.months[m]+d.AirTempC, n[m]+1
		}
	}
	for m := range y.months {
		if n[m] == 0 {
			return y, false
		}
		y.months[m] /= n[m]
		y.meanC += y.months[m] / 12
	}
	for m := range y.months {
		y.months[m] -= y.meanC
	}
	return y, true
}
