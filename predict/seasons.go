package predict

import (
	"maps"
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
	Variance         float64 // of it between them, K²
	Above, PerKelvin Seasons
}

const (
	mostPerKelvin = 0.8 // of a month, up or down
	// weatherNoise is the variance of the air of a day around its season, K², times the days that such
	// weather lasts.
	weatherNoise = 9 * 4
)

func (s Seasons) usable() bool {
	return len(s) == 12 && !slices.ContainsFunc(s, func(k float64) bool { return !(math.Abs(k) < 60) })
}

func (s *ZoneSeasons) usable() bool {
	return math.Abs(s.MeanC) < 60 && s.Variance > 0 && s.Above.usable() && len(s.PerKelvin) == 12 &&
		!slices.ContainsFunc(s.PerKelvin, func(k float64) bool { return !(math.Abs(k) <= mostPerKelvin) })
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
// little of the next, and fifteen months have one of them twice. A few days say little: then it is that of
// the zone.
func weatherOf(p *Prior, zone string, days []Day) (w weather) {
	w.seasons, w.seasonal = p.seasonsOf(zone)
	if !w.seasonal {
		w.meanC = meanAir(days)
		return w
	}
	sum, weight, told := 0.0, 0.0, false
	var m calendarMonth
	for i := range days {
		if d := &days[i]; d.tellsAir() {
			at := m.of(d.Day)
			more := 1 + w.seasons.PerKelvin[at]
			sum, weight, told = sum+more*(d.AirTempC-w.seasons.MeanC-w.seasons.Above[at]), weight+more*more, true
		}
	}
	if w.seasonal = told; !told {
		w.meanC = math.NaN()
		return w
	}
	if w.seasons.Variance > 0 {
		weight += weatherNoise / w.seasons.Variance
	}
	w.meanC = w.seasons.MeanC + sum/weight
	return w
}

// calendarMonth is that of a day, January 0, and the days that it has: most are of the same one as the day before.
type calendarMonth struct {
	number      int
	from, until vehicle.Day
}

func (m *calendarMonth) of(d vehicle.Day) int {
	if d < m.from || d >= m.until {
		at := d.Start()
		first := at.AddDate(0, 0, 1-at.Day())
		m.number, m.from, m.until = int(at.Month()-time.January), vehicle.DayOf(first), vehicle.DayOf(first.AddDate(0, 1, 0))
	}
	return m.number
}

// on is the air of a day that does not tell it.
func (w *weather) on(d vehicle.Day) float64 {
	if !w.seasonal {
		return w.meanC
	}
	var m calendarMonth
	at := m.of(d)
	return w.meanC + w.seasons.Above[at] + w.seasons.PerKelvin[at]*(w.meanC-w.seasons.MeanC)
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
	leastApart = 0.25 // variance between the years of a zone's vehicles, K²: habits differ where places do not
	ofMonth    = 5    // days that tell a month
)

// year is how a vehicle that was watched in every month has it.
type year struct {
	meanC  float64
	months [12]float64 // above that
}

// learnSeasons adds those of vehicles that were watched in every month of the year to a prior: of all,
// and of each time zone that enough of them tell. Too few teach none.
func (p *Prior) learnSeasons(zones map[string][]year) {
	var all []year
	p.Seasons, p.ZoneSeasons = nil, nil
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		of := zones[zone]
		all = append(all, of...)
		if zone == "" || len(of) < zoneLeast {
			continue
		}
		if p.ZoneSeasons == nil {
			p.ZoneSeasons = map[string]ZoneSeasons{}
		}
		p.ZoneSeasons[zone] = meanYear(of)
	}
	if len(all) < useLeast {
		p.ZoneSeasons = nil
		return
	}
	p.Seasons = meanYear(all).Above
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
	apart := 0.0
	for _, y := range all {
		apart += (y.meanC - out.MeanC) * (y.meanC - out.MeanC)
	}
	out.Variance = max(apart/float64(len(all)), leastApart)
	for m := range out.PerKelvin {
		for _, y := range all {
			out.PerKelvin[m] += (y.months[m] - out.Above[m]) * (y.meanC - out.MeanC) / (apart + alikeYears)
		}
		out.PerKelvin[m] = min(max(out.PerKelvin[m], -mostPerKelvin), mostPerKelvin)
	}
	return out
}

// yearOf is the air that a vehicle meets; false where a month was hardly seen.
func yearOf(days []Day) (y year, ok bool) {
	var n [12]float64
	var m calendarMonth
	for i := range days {
		if d := &days[i]; d.tellsAir() {
			at := m.of(d.Day)
			y.months[at], n[at] = y.months[at]+d.AirTempC, n[at]+1
		}
	}
	for m := range y.months {
		if n[m] < ofMonth {
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
