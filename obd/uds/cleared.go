package uds

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Cleared is the answer to service 14: the ECU has erased codes. Which group of them
// was asked for does not stand in it.
type Cleared struct{}

// DecodeCleared reads an answer to service 14, "54". Zero bytes behind it are padding,
// others are refused. The error is an *Error, or a *j1979.NegativeError where the ECU
// refused.
func DecodeCleared(message []byte) (Cleared, []*vehicle.Refusal, error) {
	if err := check(message, ClearDiagnosticInformation); err != nil {
		return Cleared{}, nil, err
	}
	if more := message[1:]; !allZero(more) {
		return Cleared{}, []*vehicle.Refusal{{Offset: 1, Reason: "answer 54 has no data: what follows is not read"}}, nil
	}
	return Cleared{}, nil, nil
}

// MarshalJSON prints {"cleared": true}.
func (Cleared) MarshalJSON() ([]byte, error) {
	return []byte(`{"cleared":true}`), nil
}
