package dialect

import (
	"errors"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// registry lists every dialect, in order of name. None of them is handed a payload
// of more than MaxPayload, and what they refuse in JSON is found in the payload.
func registry() []Dialect {
	all := []Dialect{
		autopi(),
		bmwCarData(),
		emqxGBT32960(),
		freematics(),
		gbt32960Frames(),
		jtt808Frames(),
		ovms3(),
		saic(),
		teslamate(),
		torque(),
		traccar(),
		wican(),
	}
	for i := range all {
		all[i].Decode = bounded(all[i].Decode)
	}
	return all
}

func bounded(decode func(Message) (Result, error)) func(Message) (Result, error) {
	return func(m Message) (Result, error) {
		if len(m.Payload) > MaxPayload {
			return Result{}, &vehicle.Refusal{Offset: MaxPayload, Reason: fmt.Sprintf("payload of %d bytes is larger than %d", len(m.Payload), MaxPayload)}
		}
		r, err := decode(m)
		if isJSON(m.Payload) {
			locate(m.Payload, r.Refusals)
			if refusal := (*vehicle.Refusal)(nil); errors.As(err, &refusal) {
				locate(m.Payload, []*vehicle.Refusal{refusal})
			}
		}
		return r, err
	}
}
