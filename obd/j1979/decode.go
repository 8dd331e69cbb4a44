package j1979

import (
	"encoding/json"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Result is what a message says: Current, Freeze, Codes, Cleared, Tests or Info.
// Its JSON starts with "service" and names values by Field.Name.
type Result interface {
	// Readings returns the values that have a VSS signal and hold now. What is
	// frozen, a test result or a list has none.
	Readings() []vehicle.Reading
	json.Marshaler
}

// Decode reads an answer to any service of this package. The error is a
// *NegativeError when the ECU refused, or wraps ErrNotThisService, ErrUnknownPID or
// ErrShort; a VIN that is none is a *vehicle.VINError.
func Decode(message []byte) (Result, error) {
	if len(message) == 0 {
		return nil, ErrShort
	}
	switch message[0] {
	case CurrentData + positive:
		return result[Current](DecodeCurrent(message))
	case FreezeFrame + positive:
		return result[Freeze](DecodeFreeze(message))
	case ConfirmedCodes + positive, PendingCodes + positive, PermanentCodes + positive:
		return result[Codes](DecodeCodes(message))
	case ClearCodes + positive:
		return result[Cleared](DecodeCleared(message))
	case TestResults + positive:
		return result[Tests](DecodeTests(message))
	case VehicleInfo + positive:
		return result[Info](DecodeInfo(message))
	case negative:
		_, err := body(message, CurrentData)
		return nil, err
	}
	return nil, fmt.Errorf("service %02X: %w", message[0], ErrNotThisService)
}

// result keeps a zero value from looking like an answer.
func result[R Result](r R, err error) (Result, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Current is the answers of one message to service 01, one per PID.
type Current []Answer

// Readings returns those of every answer, in order.
func (c Current) Readings() []vehicle.Reading {
	var all []vehicle.Reading
	for _, a := range c {
		all = append(all, a.Readings()...)
	}
	return all
}

// Cleared is the answer to service 04: the ECU has erased its codes, its freeze
// frames, its test results and the readiness of its monitors. It has no data.
type Cleared struct {
	Warning string // bytes follow, which are not read
}

// DecodeCleared reads an answer to service 04, "44".
func DecodeCleared(message []byte) (Cleared, error) {
	rest, err := body(message, ClearCodes)
	if err != nil || len(rest) == 0 {
		return Cleared{}, err
	}
	return Cleared{Warning: fmt.Sprintf("answer 44 has no data: %d more bytes are not read", len(rest))}, nil
}

// Readings returns nothing.
func (Cleared) Readings() []vehicle.Reading { return nil }
