package ingest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Why something is in quarantine, as the metrics count it.
const (
	classSource     = "source"     // the source could not read it
	classTopic      = "topic"      // not a topic of a vehicle
	classVehicle    = "vehicle"    // about another vehicle than the sender's
	classSize       = "size"       // payload too large
	classPayload    = "payload"    // nothing in it can be used
	classDecoder    = "decoder"    // the decoder failed: our mistake
	classPart       = "part"       // a part of it cannot be used
	classImpossible = "impossible" // a part has an impossible time or value
	classStore      = "store"      // the store refused it for good
)

const (
	// keptBytes is how much of an oversized payload quarantine keeps.
	keptBytes = 64 << 10
	// listedPlaces is how many places of one reason are named.
	listedPlaces = 8
	// maxReasons is how many entries one message can make.
	maxReasons = 16
)

// refusal is a Refused with the class it is counted under.
type refusal struct {
	Refused
	class string
}

// payload returns what quarantine keeps of the payload, and whether it is less than
// what came. Offsets in reasons are those of what came.
func (it *item) payload() (kept []byte, less bool) {
	if it.private == nil {
		return it.Payload, false
	}
	if it.kept == nil {
		it.kept = it.private(it.Topic, it.Payload)
	}
	return it.kept, len(it.kept) < len(it.Payload)
}

func (it *item) refuse(class, place, reason string) {
	payload, less := it.payload()
	if less { // the reason may quote what was taken out
		reason, _, _ = strings.Cut(reason, `, got "`)
	}
	it.refused = append(it.refused, refusal{class: class, Refused: Refused{
		Topic:    it.Topic,
		VIN:      vinInTopic(it.Topic),
		Payload:  payload,
		Place:    place,
		Reason:   reason,
		Received: it.Received,
		Partial:  class == classSource || class == classSize || less && len(payload) == 0,
		Retained: it.Retained,
		From:     it.From,
	}})
}

func (it *item) refuseOversized(limit int) {
	kept := min(keptBytes, len(it.Payload))
	reason := fmt.Sprintf("payload of %d bytes is larger than %d; the first %d are kept", len(it.Payload), limit, kept)
	it.Payload = it.Payload[:kept]
	it.refuse(classSize, "", reason)
}

// refuseAll refuses a message of which nothing can be used, for the reasons in parts,
// or else for the error.
func (it *item) refuseAll(err error, parts []*vehicle.Refusal) {
	if len(parts) > 0 {
		it.refuseParts(classPayload, parts)
		return
	}
	class, place, reason := classPayload, "", err.Error()
	var topic *obd.TopicError
	var unusable *obd.UnusableError
	var refusal *vehicle.Refusal
	switch {
	case errors.As(err, &topic):
		class = classTopic
	case errors.As(err, &unusable):
		it.refuseParts(class, unusable.Refusals)
		return
	case errors.As(err, &refusal):
		place, reason = refusal.Where(), refusal.Reason
	case errors.Is(err, errDecoderFailed):
		class = classDecoder
	}
	it.refuse(class, place, reason)
}

// reasonGroup is the places that were refused for one reason.
type reasonGroup struct {
	reason string
	places []string
	more   int // places not listed
}

// refuseParts makes one refusal for each distinct reason, up to maxReasons. A
// message with the same fault in a thousand samples is one entry in quarantine,
// not a thousand copies of its payload.
func (it *item) refuseParts(class string, parts []*vehicle.Refusal) {
	var groups []reasonGroup
	rest := 0
	for _, part := range parts {
		i := slices.IndexFunc(groups, func(g reasonGroup) bool { return g.reason == part.Reason })
		switch {
		case i >= 0:
		case len(groups) < maxReasons:
			i = len(groups)
			groups = append(groups, reasonGroup{reason: part.Reason})
		default:
			rest++
			continue
		}
		if g := &groups[i]; len(g.places) < listedPlaces {
			g.places = append(g.places, part.Where())
		} else {
			g.more++
		}
	}
	for _, g := range groups {
		place := strings.Join(g.places, "; ")
		if g.more > 0 {
			place = fmt.Sprintf("%s and %d more", place, g.more)
		}
		it.refuse(class, place, g.reason)
	}
	if rest > 0 {
		it.refuse(class, "", fmt.Sprintf("%d more parts refused for other reasons", rest))
	}
}

// vinInTopic returns the segment where pitcrew's topics have the VIN, as it is.
func vinInTopic(topic string) string {
	segments := strings.SplitN(topic, "/", 4)
	if len(segments) < 3 || segments[0] != "pitcrew" || segments[1] != "v1" {
		return ""
	}
	return segments[2]
}
