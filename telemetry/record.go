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
	if isPlain(string(s)) {
		return nil // nearly all names are
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

// isPlain reports whether a text is printable ASCII, eight bytes at a time: names are
// checked with every reading.
func isPlain(s string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// Below a blank a byte borrows its high bit, and 0x7f carries into it.
		if (x|(x-ones*' ')|(x+ones))&high != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
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
