// Package simulator is a seeded fleet of cars with hidden wear and faults that
// speaks MQTT as cars do. Everything is a function of the seed, the car and the
// day: the same Config gives the same bytes, on any day and in any order.
//
// Wear follows the physics of workshops and laboratories, not the formulas of
// the model that has to predict it: this package must never import predict.
package simulator

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// DefaultHistoryDays is 18 months.
const DefaultHistoryDays = 548

// Config says which fleet. Two equal configs give the same fleet.
type Config struct {
	Seed     uint64
	Vehicles int
	// Epoch is the start of the history; its UTC day counts.
	Epoch time.Time
	// HistoryDays is the length of the history that cars have stored before
	// they drive on live; 0 is DefaultHistoryDays.
	HistoryDays int
	// Upkeep says when parts are renewed; zero is ByOwner.
	Upkeep Upkeep
	// Turn makes the use of every car change once, on top of what changes by itself.
	Turn Turn
}

// Turn is a change of use: from Day, counted from the epoch, a car drives Factor
// times as far on a day. Factor 0 is no change.
type Turn struct {
	Day    int
	Factor float64
}

// Fleet is a simulated fleet. It is safe for concurrent use.
type Fleet struct {
	seed   uint64
	epoch  time.Time
	days   int
	upkeep Upkeep
	turn   Turn
	cars   []*car
}

// ErrNoVehicle is returned for a car that the fleet does not have.
var ErrNoVehicle = errors.New("no such vehicle in the simulated fleet")

// New builds the fleet. It refuses a config without vehicles or epoch.
func New(cfg Config) (*Fleet, error) {
	switch {
	case cfg.Vehicles <= 0:
		return nil, fmt.Errorf("build simulated fleet: %d vehicles, want at least 1", cfg.Vehicles)
	case cfg.Epoch.IsZero():
		return nil, errors.New("build simulated fleet: epoch missing")
	case cfg.Turn.Factor < 0 || cfg.Turn.Day < 0:
		return nil, fmt.Errorf("build simulated fleet: use times %g from day %d", cfg.Turn.Factor, cfg.Turn.Day)
	case cfg.HistoryDays < 0:
		return nil, fmt.Errorf("build simulated fleet: history of %d days", cfg.HistoryDays)
	}
	if cfg.HistoryDays == 0 {
		cfg.HistoryDays = DefaultHistoryDays
	}
	f := &Fleet{seed: cfg.Seed, epoch: vehicle.DayOf(cfg.Epoch).Start(), days: cfg.HistoryDays, upkeep: cfg.Upkeep, turn: cfg.Turn}
	first := vehicle.DayOf(f.epoch)
	draws := drawFleet(cfg.Seed, cfg.Vehicles)
	f.cars = make([]*car, cfg.Vehicles)
	for i := range f.cars {
		f.cars[i] = newCar(cfg.Seed, i, draws[i], first, first+vehicle.Day(cfg.HistoryDays))
		f.cars[i].upkeep, f.cars[i].turn = cfg.Upkeep, cfg.Turn
	}
	assignFaults(cfg.Seed, f.cars)
	return f, nil
}

// Len returns the number of cars.
func (f *Fleet) Len() int { return len(f.cars) }

// Config returns the config of the fleet, with the defaults filled in.
func (f *Fleet) Config() Config {
	return Config{Seed: f.seed, Vehicles: len(f.cars), Epoch: f.epoch, HistoryDays: f.days, Upkeep: f.upkeep, Turn: f.turn}
}

// Epoch is the start of the history.
func (f *Fleet) Epoch() time.Time { return f.epoch }

// End is the end of the history. From then on cars drive in every hour of the
// day, and owners go to the workshop only through Repair.
func (f *Fleet) End() time.Time { return f.epoch.AddDate(0, 0, f.days) }

// Profile returns what is known of car i, 0 <= i < Len.
func (f *Fleet) Profile(i int) Profile { return f.cars[i].Profile }

// Index returns the car with the VIN.
func (f *Fleet) Index(vin vehicle.VIN) (int, bool) {
	for i, c := range f.cars {
		if c.VIN == vin {
			return i, true
		}
	}
	return 0, false
}

// car is one car: what never changes, and the repairs that were asked for.
type car struct {
	Profile
	seed   uint64
	use    pattern
	upkeep Upkeep
	turn   Turn
	trait
	faults []plannedFault // in order of onset
	// The simulation begins with the day of first registration, so that wear,
	// odometer and old visits at the epoch are the fruit of the same laws.
	firstDay, epochDay, endDay vehicle.Day // local days

	atEpoch func() *journal

	mu      sync.Mutex
	repairs []repair // in order of time
	changed chan struct{}
}

// journal is a run and what it met on its way.
type journal struct {
	run    run
	visits []Visit
}

// newRun returns a run that stands at the start of the epoch's day.
func (c *car) newRun() *run {
	r := c.atEpoch().run
	return &r
}

func newCar(seed uint64, index int, d draw, epoch, end vehicle.Day) *car {
	c := &car{seed: mix(seed ^ mix(uint64(index))), epochDay: epoch, endDay: end, changed: make(chan struct{}, 1)}
	c.weather = mix(seed ^ mix(uint64(d.region)+1e6))
	c.drawProfile(index, d)
	c.atEpoch = sync.OnceValue(func() *journal {
		j := &journal{run: run{car: c}}
		j.run.visited = func(v Visit) { j.visits = append(j.visits, v) }
		j.run.start()
		for j.run.day < epoch {
			j.run.passDay()
		}
		j.run.visited = nil
		return j
	})
	return c
}

// instant returns the time of a second of a local day. Cars keep the standard
// time of their region all year: trips move by an hour in summer, no more.
func (c *car) instant(day vehicle.Day, second float64) time.Time {
	ms := int64(day)*86_400_000 + int64(second*1000) - int64(c.utcOffset/time.Millisecond)
	return time.UnixMilli(ms).UTC()
}
