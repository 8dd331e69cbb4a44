package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Truth is what nobody outside the simulation knows.
type Truth struct {
	Seed     uint64         `json:"seed"`
	Epoch    time.Time      `json:"epoch"`
	End      time.Time      `json:"end"`
	Vehicles []VehicleTruth `json:"vehicles"`
}

// VehicleTruth is the hidden state of one car.
type VehicleTruth struct {
	VIN        vehicle.VIN        `json:"vin"`
	Powertrain vehicle.Powertrain `json:"powertrain"`
	Usage      Usage              `json:"usage"`
	Region     string             `json:"region"`
	OdometerKm float64            `json:"odometerKm"` // at the end
	Components []ComponentTruth   `json:"components"`
	Faults     []FaultTruth       `json:"faults,omitempty"`
}

// ComponentTruth is the wear of one component, 0 new to 1 at its limit.
type ComponentTruth struct {
	Component string      `json:"component"`
	Wear      float64     `json:"wear"`   // at the end
	Series    []WearPoint `json:"series"` // monthly from the epoch, and the end
	Lives     []Life      `json:"lives"`  // one for each part that was in the car, oldest first
}

// WearPoint is the wear at one time.
type WearPoint struct {
	Time       time.Time `json:"time"`
	OdometerKm float64   `json:"odometerKm"`
	Wear       float64   `json:"wear"`
}

// Life is one part's time in the car. The limit of the last one, if not yet
// reached, is where it will be when the car is driven on as in its history for
// twelve months and nobody renews anything; it is missing when that is not
// enough. A part that was renewed before its limit has none.
type Life struct {
	From    time.Time  `json:"from"`
	FromKm  float64    `json:"fromKm"`
	Renewed *time.Time `json:"renewed,omitempty"` // by a visit or a repair
	Limit   *time.Time `json:"limit,omitempty"`
	LimitKm float64    `json:"limitKm,omitempty"`
}

// FaultTruth is a fault and its cause.
type FaultTruth struct {
	Fault  Fault          `json:"fault"`
	Onset  time.Time      `json:"onset"`
	Active bool           `json:"active"` // at the end
	Codes  []vehicle.Code `json:"codes"`  // that it can raise, main ones first
}

// WriteTruth writes the truth of the whole fleet at the end of its history as
// indented JSON.
func (f *Fleet) WriteTruth(w io.Writer) error {
	t := Truth{Seed: f.seed, Epoch: f.epoch, End: f.End()}
	for i := range f.cars {
		t.Vehicles = append(t.Vehicles, f.Truth(i))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	if err := enc.Encode(t); err != nil {
		return fmt.Errorf("write truth of simulated fleet: %w", err)
	}
	return nil
}

// Truth returns the truth of car i at the end of the history.
func (f *Fleet) Truth(i int) VehicleTruth {
	r := f.cars[i].newRun()
	return r.truth(r.passDay)
}

// truth runs to the end of the history, day by day with pass, and looks at what
// has happened to the parts. The run stands at the end then.
func (r *run) truth(pass func()) VehicleTruth {
	c := r.car
	r.ordinary = true
	t := VehicleTruth{VIN: c.VIN, Powertrain: c.Powertrain, Usage: c.Usage, Region: c.Region}
	s := newScribe(r)
	s.point(r)
	for r.day < c.endDay {
		pass()
		s.watch(r)
		if (r.day-c.epochDay)%30 == 0 || r.day == c.endDay {
			s.point(r)
		}
	}
	t.OdometerKm = r.odoM / 1000
	for k, p := range c.faults {
		active := !r.faults[k].mended && r.now >= p.onset
		t.Faults = append(t.Faults, FaultTruth{p.fault, time.Unix(p.onset, 0).UTC(), active, codesOf(p)})
	}
	ahead := *r
	ahead.neglect, ahead.visitAt = true, 0
	for range 365 {
		ahead.passDay()
		s.watch(&ahead)
	}
	t.Components = s.components
	return t
}

// scribe follows the parts of a run and notes when they reach their limits.
type scribe struct {
	items      []fitted
	components []ComponentTruth // of each
	renewals   []int32
}

// worst returns the wear of what is sold as one item, the part that has it and how often any
// part of the item was renewed.
func (r *run) worst(of fitted) (wear float64, p part, renewals int32) {
	for _, k := range of.parts {
		renewals += r.parts[k].renewals
		if w := r.wear(k); w >= wear {
			wear, p = w, r.parts[k]
		}
	}
	return wear, p, renewals
}

func newScribe(r *run) *scribe {
	s := &scribe{items: r.car.items()}
	for _, of := range s.items {
		_, p, n := r.worst(of)
		s.renewals = append(s.renewals, n)
		s.components = append(s.components, ComponentTruth{Component: of.item, Lives: []Life{lifeOf(p)}})
	}
	return s
}

func lifeOf(p part) Life { return Life{From: time.Unix(p.at, 0).UTC(), FromKm: p.km} }

// point adds to the monthly series.
func (s *scribe) point(r *run) {
	for i := range s.components {
		c := &s.components[i]
		c.Wear, _, _ = r.worst(s.items[i])
		c.Series = append(c.Series, WearPoint{r.car.instant(r.day, 0), r.odoM / 1000, c.Wear})
	}
}

// watch notes renewals and limits of the day that has passed.
func (s *scribe) watch(r *run) {
	now := r.car.instant(r.day, 0)
	for i := range s.components {
		c := &s.components[i]
		wear, p, n := r.worst(s.items[i])
		life := &c.Lives[len(c.Lives)-1]
		if n != s.renewals[i] {
			s.renewals[i] = n
			at := now
			life.Renewed = &at
			next := lifeOf(p)
			c.Lives = append(c.Lives, next)
			life = &c.Lives[len(c.Lives)-1]
		}
		if wear >= 1 && life.Limit == nil {
			at := now
			life.Limit, life.LimitKm = &at, r.odoM/1000
		}
	}
}
