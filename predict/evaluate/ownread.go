package evaluate

import (
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// ownReader gathers the lines of a user's files.
type ownReader struct {
	o     *Own
	units map[string]int  // by name
	parts map[string]int  // by id
	zoned int             // times without a zone
	lines []ownPlace      // of what is known
	heads map[string]bool // files whose columns were looked at
}

func (in *ownReader) read(files OwnFiles) error {
	if files.Readings.From != nil {
		if err := scanCSV(files.Readings.From, files.Readings.Name, []string{"unit", "component", "time", "value"}, in.reading); err != nil {
			return err
		}
	}
	if files.Services.From != nil {
		if err := scanCSV(files.Services.From, files.Services.Name, []string{"unit", "component", "time"}, in.service); err != nil {
			return err
		}
	}
	if files.Truth.From != nil {
		if err := scanCSV(files.Truth.From, files.Truth.Name, []string{"unit", "component", "time"}, in.truth); err != nil {
			return err
		}
	}
	if in.zoned > 0 {
		in.o.note("times without a time zone, taken as UTC: %d", in.zoned)
	}
	return nil
}

func (in *ownReader) reading(r *record) {
	in.columns(r, "odometer_km")
	e, u := in.event(r)
	value := r.number("value")
	if math.IsNaN(value) || math.IsInf(value, 0) {
		r.fail("value", "%q is not a number; leave out lines without a value", r.text("value"))
	}
	if r.err == nil && !in.o.gauges[e.part].raw && !(value > leastWear && value < mostWear) {
		r.fail("value", "%g is not a share of the limit, 0 new and 1 at the limit; for raw values give the value at the limit, as in --threshold %q", value, r.text("component")+"=3")
	}
	if r.err == nil {
		u.readings = append(u.readings, ownReading{e, value})
		in.lines = append(in.lines, ownPlace{e.at, u.name, r.file, r.line})
	}
}

func (in *ownReader) service(r *record) {
	in.columns(r, "odometer_km", "outcome")
	e, u := in.event(r)
	outcome, ok := ownOutcomes[plain(r.text("outcome"))]
	if !ok {
		r.fail("outcome", "%q is not an outcome; want failed, early (renewed while still good), or unknown", r.text("outcome"))
	}
	if r.err == nil {
		u.services = append(u.services, ownService{e, outcome})
		in.lines = append(in.lines, ownPlace{e.at, u.name, r.file, r.line})
	}
}

func (in *ownReader) truth(r *record) {
	if e, u := in.event(r); r.err == nil {
		u.truth = append(u.truth, e)
	}
}

// ownOutcomes as people spell them, in lower case with underscores.
var ownOutcomes = map[string]ownOutcome{
	"failed": outcomeFailed, "fail": outcomeFailed, "failure": outcomeFailed, "broken": outcomeFailed,
	"worn": outcomeFailed, "worn_out": outcomeFailed, "at_limit": outcomeFailed, "end_of_life": outcomeFailed, "失效": outcomeFailed, "故障": outcomeFailed,
	"early": outcomeEarly, "replaced_early": outcomeEarly, "preventive": outcomeEarly, "preventative": outcomeEarly, "prevented": outcomeEarly,
	"planned": outcomeEarly, "scheduled": outcomeEarly, "good": outcomeEarly, "提前更换": outcomeEarly, "预防性": outcomeEarly,
	"": outcomeUnknown, "unknown": outcomeUnknown, "not_known": outcomeUnknown, "n/a": outcomeUnknown, "na": outcomeUnknown,
	"none": outcomeUnknown, "null": outcomeUnknown, "?": outcomeUnknown, "未知": outcomeUnknown,
}

// columns says which columns are left out of a file that may have them under another name: these are not read.
func (in *ownReader) columns(r *record, wanted ...string) {
	if in.heads[r.file] {
		return
	}
	in.heads[r.file] = true
	wanted = slices.DeleteFunc(wanted, r.has)
	others := slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return slices.Contains(ownColumnsRead, name) })
	if len(wanted) > 0 && len(others) > 0 {
		in.o.note("%s: no column %s; not read: %s", r.file, strings.Join(wanted, ", "), strings.Join(others, ", "))
	}
}

var ownColumnsRead = []string{"unit", "component", "time", "odometer_km", "value", "outcome"}

// event reads what all files have in common. The unit is not to be used where the
// line turned out wrong.
func (in *ownReader) event(r *record) (ownEvent, *ownUnit) {
	e := ownEvent{at: in.time(r), dated: len(r.text("time")) == len(time.DateOnly), km: odometerKm(r), file: r.file, line: r.line}
	unit, component := norm.NFC.String(r.text("unit")), norm.NFC.String(r.text("component")) // files of two makers may write one letter in two ways
	if unit == "" {
		r.fail("unit", "is empty; want the name of a vehicle or machine")
	}
	if component == "" {
		r.fail("component", "is empty; want the name of what wears, like brake_pads_front")
	}
	if r.err != nil {
		return e, nil
	}
	e.part = in.partOf(component)
	i, ok := in.units[unit]
	if !ok {
		i = len(in.o.units)
		in.units[strings.Clone(unit)] = i
		in.o.units = append(in.o.units, ownUnit{name: strings.Clone(unit)})
	}
	return e, &in.o.units[i]
}

// partOf finds the kind of component, by the id that the table has for it or by its
// own name. Of several spellings the first by alphabet is kept.
func (in *ownReader) partOf(name string) int {
	id, known := in.o.idOf(name)
	if i, ok := in.parts[id]; ok {
		if p := &in.o.parts[i]; name < p.name {
			p.name = strings.Clone(name)
		}
		return i
	}
	in.parts[strings.Clone(id)] = len(in.o.parts)
	in.o.gauges = append(in.o.gauges, in.o.scale.gauge(in.o, id))
	in.o.parts = append(in.o.parts, ownPart{name: strings.Clone(name), id: predict.Component(strings.Clone(id)), known: known})
	return len(in.o.parts) - 1
}

// idOf is the component that the table has a row for, or the name itself.
func (o *Own) idOf(name string) (id string, known bool) {
	name = norm.NFC.String(name)
	if _, known = o.table.Of(predict.Component(plain(name))); known {
		return plain(name), true
	}
	return name, false
}

// plain is a word in small letters, with underscores for blanks and hyphens.
func plain(word string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(word))
}

// standingKm is an odometer of 0, which predict would take for unknown.
const standingKm = 1e-3

// mostKm is more than any instrument shows, also one that counts the cycles of a machine.
const mostKm = 1e12

// odometerKm is 0 where there is no odometer.
func odometerKm(r *record) float64 {
	if r.text("odometer_km") == "" {
		return 0
	}
	km := r.number("odometer_km")
	if r.err == nil && !(km >= 0 && km < mostKm) {
		r.fail("odometer_km", "%s is not an odometer; want km from 0 on, or nothing where it is unknown", r.text("odometer_km"))
	}
	return max(km, standingKm)
}

// Forms of a time. Those without a zone are taken as UTC.
var ownTimes = []struct {
	layout string
	zone   bool
}{
	{time.RFC3339, true},
	{time.DateOnly, false},
	{time.DateTime, false},
	{"2006-01-02T15:04:05", false},
	{"2006-01-02T15:04", false},
	{"2006-01-02 15:04", false},
	{"2006-01-02 15:04:05Z07:00", true},
}

// ParseOwnTime reads a time as the files write it: RFC 3339, or a date with or without
// a time of day, whose zone is UTC then. A date is its first instant.
func ParseOwnTime(s string) (at time.Time, zone, ok bool) {
	for _, form := range ownTimes {
		if t, err := time.Parse(form.layout, s); err == nil && t.Year() >= firstYear && t.Year() < pastYear {
			return t.UTC(), form.zone, true
		}
	}
	return time.Time{}, false, false
}

// Years outside which a time is a slip of the pen.
const firstYear, pastYear = 1900, 2200

func (in *ownReader) time(r *record) time.Time {
	at, zone, ok := ParseOwnTime(r.text("time"))
	if !ok {
		r.fail("time", "%q is not a time; want one like 2026-11-22T13:05:00+01:00, or a date like 2026-11-22", r.text("time"))
	}
	if !zone {
		in.zoned++
	}
	return at
}
