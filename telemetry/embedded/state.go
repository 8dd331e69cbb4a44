package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// knownVehicles bounds what the writer remembers of vehicles, about 100 bytes each.
const knownVehicles = 1 << 16

// state is what the writer knows of the database without asking it. Only the
// owner of the turn touches it. After a failed transaction it is stale and is
// loaded again.
type state struct {
	stale    bool
	vehicles *lru.Cache[vehicle.VIN, int64]
	pending  map[dayKey]*pending
	hotCells int   // of all pending together
	seq      int64 // of the newest hot row
	page     *page // that the sealer works on

	// Memory that is used again.
	builder builder
	index   map[dayKey]int // of groups
	encoder encoder
	hints   []hint
	buf     []byte
}

// pending is a vehicle-day with hot rows, or one that is still to be closed.
type pending struct {
	cells   int // hot
	written time.Time
	loose   bool // has chunks that its page does not tell of yet
	damaged bool // its chunks cannot be read, so it is not sealed
}

// load brings a stale state up to date with the database.
func (s *Store) load(ctx context.Context) error {
	st := &s.state
	if !st.stale {
		return nil
	}
	var err error
	if st.vehicles, err = lru.New[vehicle.VIN, int64](knownVehicles); err != nil {
		return err
	}
	if err := s.signals.load(ctx, s.stmts[qSignals]); err != nil {
		return err
	}
	if err := s.loadPending(ctx); err != nil {
		return err
	}
	st.hints, st.page, st.index, st.stale = nil, nil, map[dayKey]int{}, false
	return nil
}

func (s *Store) loadPending(ctx context.Context) error {
	st := &s.state
	st.pending, st.hotCells, st.seq = map[dayKey]*pending{}, 0, 0
	rows, err := s.stmts[qPending].QueryContext(ctx)
	if err != nil {
		return fmt.Errorf("look for hot rows: %w", err)
	}
	defer func() { _ = rows.Close() }()
	now := time.Now()
	for rows.Next() {
		var k dayKey
		var n int
		var seq int64
		p := &pending{written: now}
		if err := rows.Scan(&k.vehicle, &k.day, &n, &p.cells, &seq); err != nil {
			return err
		}
		st.pending[k] = p
		st.hotCells += p.cells
		st.seq = max(st.seq, seq)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for hot rows: %w", err)
	}
	return s.loadLoose(ctx, now)
}

func (s *Store) loadLoose(ctx context.Context, now time.Time) error {
	rows, err := s.stmts[qLoose].QueryContext(ctx)
	if err != nil {
		return fmt.Errorf("look for days to close: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k dayKey
		if err := rows.Scan(&k.vehicle, &k.day); err != nil {
			return err
		}
		p := s.state.pending[k]
		if p == nil {
			p = &pending{written: now}
			s.state.pending[k] = p
		}
		p.loose = true
	}
	return rows.Err()
}

// vehicleID returns the id of a vehicle, and makes one for a new vehicle.
func (s *Store) vehicleID(ctx context.Context, vin vehicle.VIN) (int64, error) {
	if id, ok := s.state.vehicles.Get(vin); ok {
		return id, nil
	}
	var id int64
	err := s.stmts[qVehicle].QueryRowContext(ctx, string(vin)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var result sql.Result
		if result, err = s.stmts[qAddVehicle].ExecContext(ctx, string(vin)); err == nil {
			id, err = result.LastInsertId()
		}
		if id > maxVehicles {
			return 0, fmt.Errorf("%d vehicles are the most that one telemetry file can hold", maxVehicles)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("find vehicle: %w", err)
	}
	s.state.vehicles.Add(vin, id)
	return id, nil
}

// signals is the dictionary of signal names. The writer adds to it before it
// commits, so a reader who sees a number in the database finds its name here.
type signals struct {
	mu    sync.RWMutex
	ids   map[vehicle.Signal]int
	names []vehicle.Signal // by id
}

func (g *signals) load(ctx context.Context, stmt *sql.Stmt) error {
	ids, names := map[vehicle.Signal]int{}, []vehicle.Signal(nil)
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return fmt.Errorf("read signal names: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int
		var name vehicle.Signal
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		if id < 0 || id > maxSignals {
			return fmt.Errorf("%w: signal number %d", ErrDamaged, id)
		}
		ids[name] = id
		for len(names) <= id {
			names = append(names, "")
		}
		names[id] = name
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read signal names: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids, g.names = ids, names
	return nil
}

// id returns the number of a signal, false when it was never written.
func (g *signals) id(name vehicle.Signal) (int, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	id, ok := g.ids[name]
	return id, ok
}

// lookup returns the name of a signal by its number.
func (g *signals) lookup(id int) vehicle.Signal {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if id < len(g.names) {
		return g.names[id]
	}
	return ""
}

// intern returns the number of a signal and gives a new one its own. Only the
// writer calls it.
func (g *signals) intern(ctx context.Context, name vehicle.Signal, add *sql.Stmt) (int, error) {
	if id, ok := g.ids[name]; ok { // nobody else changes the map
		return id, nil
	}
	id := len(g.names)
	if id > maxSignals {
		return 0, fmt.Errorf("%d signals are the most that one telemetry file can hold", maxSignals)
	}
	if _, err := add.ExecContext(ctx, id, string(name)); err != nil {
		return 0, fmt.Errorf("add signal: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids[name] = id
	g.names = append(g.names, name)
	return id, nil
}
