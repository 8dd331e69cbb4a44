package ingest

import (
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// places takes out of reports where vehicles were. Each worker has its own: most
// messages look like the one before, so the signal at one place in a sample, which it
// remembers, usually is the same again, and nothing has to be looked up.
type places struct {
	at []classified // by place in a sample
}

type classified struct {
	signal  vehicle.Signal
	located bool
}

// takeOut removes every reading of vehicle.ClassLocation, also from freeze frames, and
// returns how many there were. A sample that had nothing else stays without readings:
// the vehicle did report then.
func (p *places) takeOut(r *vehicle.Report) int {
	taken := 0
	for i := range r.Samples {
		taken += p.filter(&r.Samples[i].Readings)
	}
	for i := range r.Codes {
		for j := range r.Codes[i].Codes {
			taken += p.filter(&r.Codes[i].Codes[j].FreezeFrame)
		}
	}
	return taken
}

func (p *places) filter(readings *[]vehicle.Reading) int {
	all := *readings
	n := 0
	for i := range all {
		if p.located(i, all[i].Signal) {
			continue
		}
		if n < i {
			all[n] = all[i]
		}
		n++
	}
	*readings = all[:n]
	return len(all) - n
}

func (p *places) located(place int, signal vehicle.Signal) bool {
	if place >= len(p.at) {
		p.at = append(p.at, make([]classified, place+1-len(p.at))...)
	}
	known := &p.at[place]
	if known.signal != signal {
		*known = classified{signal, vehicle.ClassOf(signal) == vehicle.ClassLocation}
	}
	return known.located
}

// says reports whether a report says anything beside when the vehicle reported.
func says(r *vehicle.Report) bool {
	for i := range r.Samples {
		if len(r.Samples[i].Readings) > 0 {
			return true
		}
	}
	return len(r.Codes) > 0 || r.Online != nil
}

// withoutLocation takes the places out of a payload that quarantine is to keep.
func (o Options) withoutLocation(topic string, payload []byte) []byte {
	if o.Feeds != nil && !strings.HasPrefix(topic, obd.TopicRoot) && o.Feeds.Matches(topic) {
		return o.Feeds.WithoutLocation(topic, payload)
	}
	return obd.WithoutLocation(topic, payload)
}
