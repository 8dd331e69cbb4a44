package dialect

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// registry lists every dialect, in order of name. None of them is handed a payload
// of more than MaxPayload.
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
		return decode(m)
	}
}
