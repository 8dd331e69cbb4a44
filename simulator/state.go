package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ErrOtherFleet is returned when a state file belongs to another fleet.
var ErrOtherFleet = errors.New("state file belongs to another simulated fleet")

// State is what a simulated fleet remembers between two runs of the process.
type State struct {
	Seed        uint64        `json:"seed"`
	Vehicles    int           `json:"vehicles"`
	Epoch       time.Time     `json:"epoch"`
	HistoryDays int           `json:"historyDays"`
	Resume      []ResumePoint `json:"resume"` // by index of the car
	Repairs     []RepairNote  `json:"repairs,omitempty"`
}

// ResumePoint says up to when everything of a car was acknowledged.
type ResumePoint struct {
	VIN  vehicle.VIN `json:"vin"`
	From time.Time   `json:"from"`
}

// RepairNote is a repair that was done on a car.
type RepairNote struct {
	Vehicle int       `json:"vehicle"`
	Time    time.Time `json:"time"`
	Items   []string  `json:"items"`
}

// LoadState reads a state file. The error wraps fs.ErrNotExist when there is none.
func LoadState(path string) (State, error) {
	var s State
	b, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("read simulator state: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read simulator state %s: %w", path, err)
	}
	return s, nil
}

// Config returns the config of the fleet that the state belongs to.
func (s State) Config() Config {
	return Config{Seed: s.Seed, Vehicles: s.Vehicles, Epoch: s.Epoch, HistoryDays: s.HistoryDays}
}

func (s State) belongsTo(f *Fleet) bool {
	return s.Seed == f.seed && s.Vehicles == f.Len() && s.HistoryDays == f.days &&
		s.Epoch.Equal(f.epoch) && len(s.Resume) == f.Len()
}

// save replaces the file in one step: a crash leaves the old one or the new one.
func (s State) save(path string) error {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return fmt.Errorf("write simulator state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write simulator state: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write simulator state: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// ledger keeps what was acknowledged of every car, and saves it.
type ledger struct {
	fleet *Fleet
	path  string // empty: in memory only

	mu     sync.Mutex
	resume []time.Time
	dirty  bool
	noted  int // repairs in the file
	done   Progress
	report func(Progress)
}

// openLedger starts from the state file if there is one, and puts its repairs
// back into the fleet.
func openLedger(f *Fleet, o Options) (*ledger, error) {
	l := &ledger{fleet: f, path: o.StatePath, report: o.Progress, resume: make([]time.Time, f.Len())}
	for i := range l.resume {
		l.resume[i] = f.epoch
	}
	if l.path == "" {
		return l, nil
	}
	s, err := LoadState(l.path)
	if errors.Is(err, os.ErrNotExist) {
		l.dirty = true
		return l, l.save()
	}
	if err != nil {
		return nil, err
	}
	if !s.belongsTo(f) {
		return nil, fmt.Errorf("use simulator state %s: %w", l.path, ErrOtherFleet)
	}
	for i, p := range s.Resume {
		if p.VIN != f.cars[i].VIN {
			return nil, fmt.Errorf("use simulator state %s: vehicle %d is %s: %w", l.path, i, p.VIN, ErrOtherFleet)
		}
		l.resume[i] = p.From
	}
	return l, f.Restore(s)
}

// Restore puts the repairs of a state back into a fresh fleet. Run does it by
// itself; it is for looking at a fleet without connecting it. Repairs that the
// fleet already has are not done twice.
func (f *Fleet) Restore(s State) error {
	have := make(map[int]int)
	for _, note := range s.Repairs {
		if note.Vehicle < 0 || note.Vehicle >= f.Len() {
			return fmt.Errorf("restore repair of vehicle %d: %w", note.Vehicle, ErrNoVehicle)
		}
		if have[note.Vehicle]++; have[note.Vehicle] <= f.cars[note.Vehicle].repairCount() {
			continue
		}
		if err := f.Repair(note.Vehicle, note.Time, note.Items...); err != nil {
			return err
		}
	}
	return nil
}

// position is up to when car i is acknowledged.
func (l *ledger) position(i int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resume[i]
}

// acknowledged moves car i on. A zero time says that one more message is safe,
// and nothing about the stretch it belongs to.
func (l *ledger) acknowledged(i int, to time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done.Messages++
	if to.After(l.resume[i]) {
		l.done.Days += days(l.resume[i], to, l.done.target)
		l.resume[i] = to
		l.dirty = true
	}
	if l.report != nil {
		l.report(l.done)
	}
}

// reached notes that everything of car i before a time is acknowledged, days
// without messages included.
func (l *ledger) reached(i int, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.After(l.resume[i]) {
		l.done.Days += days(l.resume[i], at, l.done.target)
		l.resume[i] = at
		l.dirty = true
	}
	if l.report != nil {
		l.report(l.done)
	}
}

// days counts the UTC days begun between two times, up to a limit.
func days(from, to, limit time.Time) int {
	if to.After(limit) {
		to = limit
	}
	return max(int(vehicle.DayOf(to)-vehicle.DayOf(from)), 0)
}

// save writes the state if it has changed.
func (l *ledger) save() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.path == "" || !l.dirty && l.noted == l.fleet.repairCount() {
		return nil
	}
	cfg := l.fleet.Config()
	s := State{Seed: cfg.Seed, Vehicles: cfg.Vehicles, Epoch: cfg.Epoch, HistoryDays: cfg.HistoryDays}
	for i, c := range l.fleet.cars {
		s.Resume = append(s.Resume, ResumePoint{c.VIN, l.resume[i]})
		s.Repairs = append(s.Repairs, c.notes(i)...)
	}
	if err := s.save(l.path); err != nil {
		return err
	}
	l.dirty, l.noted = false, len(s.Repairs)
	return nil
}
