package console

import (
	"fmt"
	"math"
	"strconv"
	"time"
	_ "time/tzdata" // vehicles' and readers' zones, also on a host without a zone database

	"golang.org/x/text/currency"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// at reads an optional time of a message; the zero time when it is absent.
func at(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// zoneOf returns the zone of an IANA name, UTC when it is empty or unknown.
func zoneOf(name string) *time.Location {
	if name == "Local" { // the server's zone is nobody's
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Day writes a date.
func (l locale) Day(t time.Time, zone *time.Location) string {
	if l.chinese() {
		return t.In(zone).Format("2006年1月2日")
	}
	return t.In(zone).Format("2 Jan 2006")
}

// DayTime writes a date with the time of day.
func (l locale) DayTime(t time.Time, zone *time.Location) string {
	return l.Day(t, zone) + l.T("time.join") + l.Clock(t, zone)
}

// Clock writes the time of day.
func (l locale) Clock(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

// Month writes a month, for the axis of a chart.
func (l locale) Month(t time.Time, zone *time.Location) string {
	if l.chinese() {
		return t.In(zone).Format("2006年1月")
	}
	return t.In(zone).Format("Jan 2006")
}

// ZoneName names a zone as "Asia/Shanghai (UTC+8)" at a time.
func (l locale) ZoneName(t time.Time, zone *time.Location) string {
	if zone == time.UTC {
		return "UTC"
	}
	_, seconds := t.In(zone).Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	offset := sign + strconv.Itoa(seconds/3600)
	if minutes := seconds % 3600 / 60; minutes != 0 {
		offset += fmt.Sprintf(":%02d", minutes)
	}
	return zone.String() + " (UTC" + offset + ")"
}

// step is one row of the table by which distances in time are rounded.
type step struct {
	below time.Duration
	unit  time.Duration
	name  string
}

const (
	oneDay   = 24 * time.Hour
	oneMonth = 30 * oneDay
	oneYear  = 365 * oneDay
)

var steps = [...]step{
	{time.Hour, time.Minute, "minutes"},
	{2 * oneDay, time.Hour, "hours"},
	{3 * 7 * oneDay, oneDay, "days"},
	{3 * oneMonth, 7 * oneDay, "weeks"},
	{2 * oneYear, oneMonth, "months"},
	{1<<63 - 1, oneYear, "years"},
}

// Ago writes how long ago something was, or how far ahead it lies.
func (l locale) Ago(t, now time.Time) string {
	d, way := now.Sub(t), "ago"
	if d < 0 {
		d, way = -d, "ahead"
	}
	if d < time.Minute {
		return l.T("time.now")
	}
	for _, s := range steps {
		if d < s.below {
			return l.N("time."+way+"."+s.name, int(d/s.unit))
		}
	}
	return ""
}

// Span writes a length of time in minutes or hours.
func (l locale) Span(d time.Duration) string {
	if d < time.Hour {
		return l.T("unit.minutes", "V", l.Num(d.Minutes(), 0))
	}
	return l.T("unit.hours_minutes", "H", l.Num(float64(d/time.Hour), 0), "M", l.Num((d%time.Hour).Minutes(), 0))
}

// Length writes how long some seconds are, whatever their sign, by their largest unit.
func (l locale) Length(seconds float64) string {
	d := time.Duration(math.Min(math.Abs(seconds), math.MaxInt64/1e9) * float64(time.Second))
	switch {
	case d < 2*time.Minute:
		return l.T("unit.seconds", "V", l.Num(d.Seconds(), 0))
	case d < 2*oneDay:
		return l.Span(d)
	}
	return l.N("unit.days", int(d/oneDay))
}

// minorDigits is how many decimals a currency has (ISO 4217), two when unknown.
func minorDigits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	digits, _ := currency.Standard.Rounding(unit)
	return digits
}
