package obd

import (
	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
)

// WithoutLocation returns the payload of a topic of pitcrew's own without the places
// in it, as far as it can be read, for those who store none but keep what was refused.
func WithoutLocation(topic string, payload []byte) []byte {
	if _, kind, err := ParseTopic(topic); err == nil && kind == GBT32960 {
		return gbt32960.WithoutLocation(payload)
	}
	return jsonmsg.WithoutLocation(payload)
}
