package telemetry

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The limits of a record. They hold for every store, so that a record that one
// store takes is not refused by the next.
const (
	MaxSignalLength = 256     // bytes of a signal's name
	MaxTextLength   = 4096    // bytes of a text value
	MaxReadings     = 1 << 12 // in one sample
)

// Event times lie in [0, maxMilli) milliseconds since 1970: up to the end of
// 2261, the last whole year that nanoseconds in an int64 can tell.
const maxMilli = 9_214_646_400_000

// Validate says why no store can take the record, nil when one can: the VIN is
// missing, the event time lies before 1970 or after 2261, a signal has no
// printable name, a number is not finite, a text is not UTF-8, or a limit is
// exceeded. A record without readings is valid and stores nothing.
func (r Record) Validate() error {
	if r.VIN == "" {
		return errors.New("the VIN is missing")
	}
	if r.Sample.Time.Unix() < 0 || r.Sample.Time.UnixMilli() >= maxMilli {
		return fmt.Errorf("event time %s is outside 1970 to 2261", r.Sample.Time.Format(time.RFC3339))
	}
	if len(r.Sample.Readings) > MaxReadings {
		return fmt.Errorf("%d readings in one sample, at most %d are possible", len(r.Sample.Readings), MaxReadings)
	}
	for i := range r.Sample.Readings {
		reading := &r.Sample.Readings[i]
		if err := validateSignal(reading.Signal); err != nil {
			return err
		}
		if err := validateValue(reading); err != nil {
			return fmt.Errorf("signal %s: %w", reading.Signal, err)
		}
	}
	return nil
}

func validateSignal(s vehicle.Signal) error {
	if s == "" {
		return errors.New("a signal has no name")
	}
	if len(s) > MaxSignalLength {
		return fmt.Errorf("signal %.40q...: the name has %d bytes, at most %d are possible", string(s), len(s), MaxSignalLength)
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f:
			return fmt.Errorf("signal %q: the name has control characters", string(s))
		case c >= utf8.RuneSelf && !utf8.ValidString(string(s)):
			return fmt.Errorf("signal %q: the name is not UTF-8", string(s))
		}
	}
	return nil
}

func validateValue(r *vehicle.Reading) error {
	switch {
	case r.Quality > vehicle.QualityOutOfRange:
		return fmt.Errorf("unknown quality %d", r.Quality)
	case r.Value.Kind == vehicle.KindText && len(r.Value.Text) > MaxTextLength:
		return fmt.Errorf("the text has %d bytes, at most %d are possible", len(r.Value.Text), MaxTextLength)
	case r.Value.Kind == vehicle.KindText && !utf8.ValidString(r.Value.Text):
		return errors.New("the text is not UTF-8")
	case r.Value.Kind > vehicle.KindText:
		return fmt.Errorf("unknown kind %d", r.Value.Kind)
	case r.Value.Kind != vehicle.KindText && (math.IsNaN(r.Value.Num) || math.IsInf(r.Value.Num, 0)):
		return errors.New("the number is not finite")
	}
	return nil
}
