package vehicle

import (
	"fmt"
	"time"
)

// Day is a UTC calendar day, counted from 1970-01-01. Roll-ups are kept per
// vehicle and Day.
type Day int32

// DayOf returns the UTC day that t falls on.
func DayOf(t time.Time) Day {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return Day(d)
}

// Start returns the first instant of the day.
func (d Day) Start() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// End returns the first instant of the next day.
func (d Day) End() time.Time { return (d + 1).Start() }

// String prints the day as 2026-11-22.
func (d Day) String() string { return d.Start().Format(time.DateOnly) }

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return fmt.Errorf("parse day: %w", err)
	}
	*d = DayOf(t)
	return nil
}
