package embedded

import (
	"errors"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ErrDamaged is in the error of a read that met bytes which are not what was
// written: a checksum is wrong, or a part is missing. Other days and vehicles
// can still be read; the day can be erased with its vehicle, or restored from a
// backup.
var ErrDamaged = errors.New("stored telemetry is damaged")

// ErrNewerFormat is in the error of opening or reading what a newer version of
// pitcrew wrote.
var ErrNewerFormat = errors.New("written by a newer version of pitcrew")

// ErrInUse is in the error of opening a store that another process has open.
var ErrInUse = errors.New("telemetry database is in use by another process")

var (
	errChecksum  = fmt.Errorf("%w: wrong checksum", ErrDamaged)
	errTruncated = fmt.Errorf("%w: parts are missing", ErrDamaged)
)

// formatError says that a part has a format version that is not known.
type formatError struct {
	what    string
	version byte
	known   byte
}

func (e *formatError) Error() string {
	return fmt.Sprintf("%s format version %d is unknown, this pitcrew reads up to %d: start the version that wrote it, or a newer one",
		e.what, e.version, e.known)
}

// Is says whether a newer pitcrew wrote the part, or nobody did.
func (e *formatError) Is(target error) bool {
	if e.version > e.known {
		return target == ErrNewerFormat
	}
	return target == ErrDamaged
}

// located adds where in the store an error was met.
func (s *Store) located(err error, vin vehicle.VIN, day vehicle.Day) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read %s, vehicle %s, day %s: %w", s.path, vin, day, err)
}
