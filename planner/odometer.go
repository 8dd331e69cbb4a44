package planner

import (
	"context"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Odometer is what is known about the distance of one vehicle: the ledger of all its
// readings, and what persons decided about them.
type Odometer struct {
	vehicle.OdometerLedger
	Decisions []vehicle.OdometerDecision // oldest first, those that were replaced included
}

// Odometer reads the ledger of a vehicle.
func (p *Planner) Odometer(ctx context.Context, vin vehicle.VIN) (Odometer, error) {
	f, err := p.facts(ctx, vin)
	if err != nil {
		return Odometer{}, err
	}
	return odometerOf(f), nil
}

// odometerOf makes the ledger of a vehicle of the last reading of each day of
// telemetry, of the odometers in its service records, and of the decisions.
func odometerOf(f facts) Odometer { return new(room).odometer(f) }

// odometer is odometerOf in a room.
func (r *room) odometer(f facts) Odometer {
	r.dials = f.odometer(r.dials[:0])
	o := Odometer{Decisions: f.decisions, OdometerLedger: vehicle.LedgerIn(r.accepted[:0], r.dials, f.decisions, vehicle.TruckKmPerDay)}
	r.accepted = o.Accepted
	return o
}

// odometer adds to readings those that the ledger is made of, oldest first.
func (f *facts) odometer(readings []vehicle.OdometerReading) []vehicle.OdometerReading {
	var visits []vehicle.OdometerReading
	for i := range f.records {
		if r := &f.records[i]; r.OdometerKm > 0 && r.Status != history.EnteredInError {
			visits = append(visits, vehicle.ReadOdometer(r.Visited, sourceOf(*r), r.OdometerKm, vehicle.Kilometres))
		}
	}
	slices.SortStableFunc(visits, func(a, b vehicle.OdometerReading) int { return a.Time.Compare(b.Time) })
	dial := f.days.Signals[vehicle.TraveledDistance]
	readings = slices.Grow(readings, dial.Len()+len(visits))
	for i := range dial.Len() {
		at := dial.LastAt[i].Time()
		for len(visits) > 0 && visits[0].Time.Before(at) {
			readings, visits = append(readings, visits[0]), visits[1:]
		}
		m := dial.Last[i]
		readings = append(readings, vehicle.OdometerReading{Time: at, Metres: m, Source: vehicle.OdometerTelemetry, Raw: m, Unit: vehicle.Metres})
	}
	return append(readings, visits...)
}

// sourceOf says who read the odometer of a service record.
func sourceOf(r history.Record) vehicle.OdometerSource {
	switch r.Source {
	case history.FromWorkOrder:
		return vehicle.OdometerWorkOrder
	case history.FromOwner:
		return vehicle.OdometerPerson
	case history.FromDealer, history.FromWorkshop:
	}
	return vehicle.OdometerRecord
}

// Undecided counts the readings that the ledger refuses and nobody has decided about.
// What two sources said alike is no question to anybody.
func (o Odometer) Undecided() int {
	n := 0
	for _, r := range o.Refused {
		switch r.Kind {
		case vehicle.OdometerDuplicate, vehicle.OdometerVoided, vehicle.OdometerCorrection:
		default:
			n++
		}
	}
	return n
}

// milestones are the accepted readings in order of time, and how far the vehicle had
// gone by each, in km, on the scale of the newest total.
type milestones struct {
	read []vehicle.AcceptedReading
	km   []float64
}

// milestones moves everything before up where a person says of a reading what nobody can
// have driven since the one before: it was not driven then.
func (r *room) milestones(o Odometer) milestones {
	r.km = slices.Grow(r.km[:0], len(o.Accepted))[:len(o.Accepted)]
	m := milestones{read: o.Accepted, km: r.km}
	shift := 0.0
	for i := len(m.read) - 1; i >= 0; i-- {
		a := &m.read[i]
		m.km[i] = (a.Total + shift) / 1000
		if i == 0 || a.By == "" {
			continue
		}
		before := &m.read[i-1]
		gain, days := a.Total-before.Total, a.Time.Sub(before.Time).Hours()/24
		if gain > (days+1)*vehicle.TruckKmPerDay*1000 {
			shift += gain
		}
	}
	return m
}

// toldOf are those that persons read, oldest first.
func (r *room) toldOf(m milestones) []predict.At {
	r.told = r.told[:0]
	for i := range m.read {
		if m.read[i].Source != vehicle.OdometerTelemetry {
			r.told = append(r.told, predict.At{Time: m.read[i].Time, OdometerKm: m.km[i]})
		}
	}
	return r.told
}

// settled are the records with their odometers as milestones, 0 where the ledger
// refuses them.
func settled(records []history.Record, m milestones) []history.Record {
	out := slices.Clone(records)
	for i, r := range out {
		read := vehicle.ReadOdometer(r.Visited, sourceOf(r), r.OdometerKm, vehicle.Kilometres)
		out[i].OdometerKm = 0
		k := sort.Search(len(m.read), func(i int) bool { return !m.read[i].Time.Before(read.Time) })
		for ; k < len(m.read) && m.read[k].Time.Equal(read.Time); k++ {
			if m.read[k].Metres == read.Metres { // its own, or that of a source that said the same
				out[i].OdometerKm = m.km[k]
			}
		}
	}
	return out
}

// daysOf turns roll-ups into the days a forecast reads: those on which telemetry, or a
// decision by a person, says how far the vehicle had gone. Days without driving are
// left out but for the newest, which says that the vehicle has stood until then.
func (r *room) daysOf(by *telemetry.BySignal, m milestones) []predict.Day {
	days := slices.Grow(r.days[:0], len(m.read))
	before := math.NaN()
	var stood predict.Day
	for i, km := range m.km {
		read := &m.read[i]
		if read.Source != vehicle.OdometerTelemetry && read.By == "" {
			continue
		}
		day := vehicle.DayOf(read.Time)
		driven := km - before
		if math.IsNaN(before) { // first day: what it drove while we watched
			driven = 0
			dial := along(by, vehicle.TraveledDistance)
			if dial.on(day) {
				driven = (dial.Last[dial.at] - dial.First[dial.at]) / 1000
			}
		}
		before = km
		if driven <= 0 {
			stood = predict.Day{Day: day, OdometerKm: km, AirTempC: math.NaN()}
			continue
		}
		if n := len(days); n > 0 && days[n-1].Day == day {
			days[n-1].OdometerKm, days[n-1].DistanceKm = km, days[n-1].DistanceKm+driven
			continue
		}
		days = days[:len(days)+1] // as many as fit are grown for
		days[len(days)-1] = predict.Day{Day: day, OdometerKm: km, DistanceKm: driven, AirTempC: math.NaN()}
	}
	if n := len(days); stood.OdometerKm > 0 && (n == 0 || stood.Day > days[n-1].Day) {
		days = append(days, stood)
	}
	describe(days, by)
	r.days = days
	return days
}

// describe adds to days what telemetry tells of them beside the distance.
func describe(days []predict.Day, by *telemetry.BySignal) {
	coolant, starts, short := by.Signals[vehicle.CoolantTemperature], by.Signals[vehicle.DayStarts], by.Signals[vehicle.DayShortTrips]
	for d, at := range told(days, coolant) {
		if coolant.Min[at] < coldStartBelow {
			d.ColdStarts = 1
		}
	}
	for d, at := range told(days, starts) {
		d.Starts = int(starts.Sum[at])
	}
	for d, at := range told(days, short) {
		d.Runs, d.ShortRuns = short.Count[at], int(short.Sum[at])
	}
	for d, mean := range means(days, by.Signals[vehicle.AirTemperature]) {
		d.AirTempC = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DayRevolutions]) {
		d.EngineTurns = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DayOilStress]) {
		d.OilStress = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DayBraking]) {
		d.BrakingWork = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DaySlipAlong]) {
		d.SlipAlong = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DaySlipAcross]) {
		d.SlipAcross = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DayDischarge]) {
		d.DischargeKWh = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.DayHotParking]) {
		d.HotHours = mean
	}
	for d, mean := range means(days, by.Signals[vehicle.TractionTemperature]) {
		d.PackC = mean
	}
	charge(days, by.Signals[vehicle.DayFastCharge])
}

// means goes through the days of which a column says something, with its mean of each.
func means(days []predict.Day, column *telemetry.Column) iter.Seq2[*predict.Day, float64] {
	return func(yield func(*predict.Day, float64) bool) {
		for d, at := range told(days, column) {
			if !yield(d, column.Mean(at)) {
				return
			}
		}
	}
}

// told goes through the days of which a column says something, with their places in it. Who goes through all days for
// one column after another finds what it looks for nearer together than what twelve columns say of one day.
func told(days []predict.Day, column *telemetry.Column) iter.Seq2[*predict.Day, int] {
	return func(yield func(*predict.Day, int) bool) {
		if column == nil {
			return
		}
		on, at := column.Day, 0
		for i := range days {
			d := &days[i]
			for at < len(on) && on[at] < d.Day {
				at++
			}
			if at == len(on) || on[at] == d.Day && !yield(d, at) {
				return
			}
		}
	}
}

// charge adds what was charged fast to the next day of driving: a vehicle is charged on
// days, too, on which nobody drives it.
func charge(days []predict.Day, column *telemetry.Column) {
	for i := range column.Len() {
		for len(days) > 0 && days[0].Day < column.Day[i] {
			days = days[1:]
		}
		if len(days) == 0 {
			return
		}
		days[0].FastChargeKWh += column.Sum[i]
	}
}
