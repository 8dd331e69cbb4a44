package ingest

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// rememberedSets bounds the memory of reports that repeat: about 200 bytes each.
const rememberedSets = 1 << 16

// broadcastKey is what makes two reports that repeat say the same, see
// vehicle.CodeReport.BroadcastKey.
type broadcastKey struct {
	vin vehicle.VIN
	key vehicle.BroadcastKey
}

// repeats keeps a set of codes, or readiness, that a car repeats every second from
// becoming a row every second. It is an economy only: diagnosis counts the earliest of equal sets
// in an hour, so that a set that is left out here, because an earlier equal one was
// recorded, would change nothing, and one that is recorded twice changes nothing
// either.
type repeats struct {
	earliest *lru.LRU[broadcastKey, time.Time]
}

func newRepeats() (*repeats, error) {
	earliest, err := lru.NewLRU[broadcastKey, time.Time](rememberedSets, nil)
	if err != nil {
		return nil, err
	}
	return &repeats{earliest: earliest}, nil
}

// isKnown reports whether an equal set, not later than this one, was recorded
// already, and remembers this one if not.
func (r *repeats) isKnown(vin vehicle.VIN, report *vehicle.CodeReport) bool {
	if !report.Repeats() {
		return false
	}
	k := broadcastKey{vin, report.BroadcastKey()}
	if at, known := r.earliest.Get(k); known && !report.Time.Before(at) {
		return true
	}
	r.earliest.Add(k, report.Time)
	return false
}

// forget is called when what was remembered could not be recorded.
func (r *repeats) forget() { r.earliest.Purge() }

// forgetVehicle removes what is remembered of a vehicle.
func (r *repeats) forgetVehicle(vin vehicle.VIN) {
	for _, k := range r.earliest.Keys() {
		if k.vin == vin {
			r.earliest.Remove(k)
		}
	}
}
