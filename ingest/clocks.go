package ingest

import (
	"math"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// rememberedClocks bounds the memory of clocks: about 150 bytes each.
	rememberedClocks = 1 << 16

	// liveWithin is how new a message must be that does not say when it was sent, to
	// tell of the clock: what is older may have been stored in the car.
	liveWithin = 5 * time.Minute
)

// leadOf returns how far a message's own clock is ahead of the time of receipt, at
// least, rounded down to a second. ok is false if the message does not tell: it is
// a replay, has no clock, or may be stored data.
func leadOf(it *item) (lead time.Duration, ok bool) {
	if it.Retained {
		return 0, false
	}
	r := &it.report
	newest := r.Sent
	for i := range r.Samples {
		if r.Samples[i].TimeSource == vehicle.TimeFromDevice {
			newest = later(newest, r.Samples[i].Time)
		}
	}
	for i := range r.Codes {
		if r.Codes[i].TimeSource == vehicle.TimeFromDevice {
			newest = later(newest, r.Codes[i].Time)
		}
	}
	lead = newest.Sub(it.Received)
	if newest.IsZero() || r.Sent.IsZero() && lead < -liveWithin {
		return 0, false
	}
	return time.Duration(math.Floor(lead.Seconds())) * time.Second, true
}

// clockKey is an hour in which a vehicle's messages came.
type clockKey struct {
	vin  vehicle.VIN
	hour int64 // Unix seconds
}

// clocks keeps the clock of every message from becoming a row: the greatest lead
// of an hour counts, and messages of a car differ by little. It is an economy only.
type clocks struct {
	greatest *lru.LRU[clockKey, time.Duration]
}

func newClocks() (*clocks, error) {
	greatest, err := lru.NewLRU[clockKey, time.Duration](rememberedClocks, nil)
	if err != nil {
		return nil, err
	}
	return &clocks{greatest: greatest}, nil
}

// of returns what a message tells of its vehicle's clock; ok is false if that
// adds nothing to what is recorded.
func (c *clocks) of(it *item) (fact ClockFact, ok bool) {
	lead, ok := leadOf(it)
	if !ok {
		return fact, false
	}
	hour := it.Received.Truncate(time.Hour)
	k := clockKey{it.report.VIN, hour.Unix()}
	if known, is := c.greatest.Get(k); is && lead <= known {
		return fact, false
	}
	c.greatest.Add(k, lead)
	return ClockFact{VIN: it.report.VIN, ClockHour: vehicle.ClockHour{Hour: hour.UTC(), Lead: lead}}, true
}

// forget is called when what was remembered could not be recorded.
func (c *clocks) forget() { c.greatest.Purge() }

// forgetVehicle removes what is remembered of a vehicle.
func (c *clocks) forgetVehicle(vin vehicle.VIN) {
	for _, k := range c.greatest.Keys() {
		if k.vin == vin {
			c.greatest.Remove(k)
		}
	}
}
