package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// series counts the stored values of a vehicle's speed by their time in ms, from
// the first of the times to the last.
func (s *server) series(ctx context.Context, vin vehicle.VIN, times []time.Time) (map[int64]int, error) {
	counts := map[int64]int{}
	if len(times) == 0 {
		return counts, nil
	}
	first, last := times[0], times[0]
	for _, at := range times {
		if at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	q := url.Values{
		"signal": {string(vehicle.Speed)},
		"from":   {first.UTC().Format(time.RFC3339Nano)},
		"to":     {last.Add(time.Millisecond).UTC().Format(time.RFC3339Nano)},
	}
	body, err := s.get(ctx, "/v1/vehicles/"+string(vin)+"/series?"+q.Encode())
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var answer struct {
		Points []struct{ Time time.Time }
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the series of %s: %w", vin, err)
	}
	for _, p := range answer.Points {
		counts[p.Time.UnixMilli()]++
	}
	return counts, nil
}
