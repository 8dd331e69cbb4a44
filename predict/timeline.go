package predict

import (
	"math"
	"time"
)

// timeline is an Input made ready: ordered, without repetitions, without what
// cannot be used and without what lies after Now. Nothing of the Input itself
// is changed.
type timeline struct {
	in          *Input
	table       *Table
	days        []Day
	dial        dial        // over them
	readings    [][]Reading // by row of the table; believed takes off what sensors are off by
	isBelieved  []bool      // rows whose readings are so
	services    [][]Service // renewals
	topUps      [][]Service
	ends        [][]ending // renewals with those that readings alone show; nil until recognise
	told        []At       // odometers after the days, oldest first
	usage       Usage
	reads       Quantiles // what the odometer reads at until, km: as far as the newest that is known is from then
	heard       time.Time // newest day or reading; zero when the vehicle has never reported
	until       time.Time // newest fact, services and odometers too: where forecasts start; Now when there is none
	air         weather
	habits      habits
	groups      []string    // that the vehicle belongs to
	works       []clockwork // that were asked for
	ways        []float64   // km of each day; nil until tabulate
	gaps        []float64   // by how much the odometer rises on each, km
	driven      float64     // km of all of them
	kms         []float64   // odometers at which the clocks of works have points: those of the days on which it moved, and the first
	cost        []float64   // of each day by the clock made last, equivalent km a km; 0 where it does not tell
	age         *pace
	fuel        []float64                // in the oil by the end of each day; nil until it is asked for
	off         map[Component]float64    // what the sensor of the part that is in shows too much, by workshops; nil: nothing
	made        map[Component]madeAs     // what the part that is in is taken for; nil: nothing
	denied      map[Component]denied     // what was left out because a person denied it; nil: nothing
	watched     watched                  // the sensor on the path that is run
	disbelieved map[Component]*disbelief // what was left out of what sensors have shown; nil: nothing
	terms       []Term                   // room for those of explanations to come
	model       string                   // named last,
	modelPrior  string                   // with this prior
	slab        *slab                    // that its columns are in; nil: in fresh memory
}

func newTimeline(in *Input) *timeline { return timelineIn(nil, in) }

func timelineIn(room *slab, in *Input) *timeline {
	t := &timeline{slab: room, in: in, table: in.Table.orStandard(), days: cleanDays(in.Days, in.Now)}
	t.dial = dialOf(room, t.days)
	t.fillGaps()
	if room != nil {
		t.works = room.works[:0]
	}
	t.readings, t.services, t.topUps, t.isBelieved = room.byRow(len(t.table.rows))
	t.sortServices()
	t.sortReadings()
	t.sortTold()
	t.usage = usageOf(in, t.days, &t.dial, t.told)
	t.air = weatherOf(&in.Prior, in.TimeZone, t.days)
	t.habits = t.habitsOf()
	t.groups = groupsOf(in.VIN, in.Powertrain, in.TimeZone, t.climate())
	t.heard = t.daysEnd()
	for _, rs := range t.readings {
		if n := len(rs); n > 0 {
			t.heard = later(t.heard, rs[n-1].Time)
		}
	}
	t.until = t.heard
	for _, all := range [][][]Service{t.services, t.topUps} {
		for _, ss := range all {
			if n := len(ss); n > 0 {
				t.until = later(t.until, ss[n-1].Time)
			}
		}
	}
	if n := len(t.told); n > 0 {
		t.until = later(t.until, t.told[n-1].Time)
	}
	if watched := earlier(in.Watched, in.Now); watched.After(t.until) {
		t.until, t.heard = watched, watched
	}
	if t.until.IsZero() {
		t.until = in.Now
	}
	t.fixOdometer()
	if len(t.days) > 0 {
		t.age = aged(room, &t.air, t.days)
	}
	return t
}

// rowOf is the row of a component; false when the vehicle is not known to have it.
func (t *timeline) rowOf(c Component) (int, bool) {
	row, ok := t.table.row[c]
	return row, ok && t.has(row)
}

// has reports whether the vehicle is known to have the component of a row.
func (t *timeline) has(row int) bool {
	s := &t.table.rows[row]
	return s.On(t.in.Powertrain) && (!s.Optional || len(t.readings[row]) > 0 || len(t.services[row]) > 0 || len(t.topUps[row]) > 0)
}

// clockOf is the clock of a component in this vehicle.
func (t *timeline) clockOf(s *Spec) clock {
	c := clock{calendar: s.CalendarShare, work: t.work(s.Clock), now: dayNumber(t.until)}
	switch {
	case !s.AgesByHeat:
	case s.Clock == ByThroughput:
		c.age = t.packAge(s)
	default:
		c.age = t.age
	}
	c.run = c.age.at(c.now)
	return c
}

// clockwork is how a clock of work runs in the vehicle; nil: with the distance.
type clockwork struct {
	clock Clock
	runs  *pace
}

// work is how a clock of work runs, found out once.
func (t *timeline) work(c Clock) *pace {
	if c == ByKm {
		return nil
	}
	for i := range t.works {
		if t.works[i].clock == c {
			return t.works[i].runs
		}
	}
	runs := t.worked(c)
	t.works = append(t.works, clockwork{c, runs})
	return runs
}

// packAge is the calendar of the traction battery that is in now; nil where no day tells
// it.
func (t *timeline) packAge(s *Spec) *pace {
	if len(t.days) == 0 {
		return nil
	}
	since := float64(t.days[0].Day) - usualAge
	if !t.in.InService.IsZero() {
		since = dayNumber(t.in.InService)
	}
	if all := t.services[t.table.row[s.Component]]; len(all) > 0 {
		since = dayNumber(all[len(all)-1].Time)
	}
	return agedPack(t.slab, &t.air, t.days, since)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sameDay(a, b time.Time) bool { return math.Floor(dayNumber(a)) == math.Floor(dayNumber(b)) }
