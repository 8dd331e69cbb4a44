package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// directSamples is how many samples of a day without data make a chunk at once.
// Fewer are cheaper as a hot row.
const directSamples = 16

// group is what a batch says of one vehicle's day.
type group struct {
	key     dayKey
	records []*telemetry.Record // in the order they were written
}

// hint remembers the signal of one place in a sample: most samples of a batch
// look the same.
type hint struct {
	signal vehicle.Signal
	id     int
}

// Write implements telemetry.Store.
func (s *Store) Write(ctx context.Context, batch []telemetry.Record) error {
	var partial telemetry.PartialError
	accepted := make([]*telemetry.Record, 0, len(batch))
	for i := range batch {
		if err := batch[i].Validate(); err != nil {
			partial.Rejected = append(partial.Rejected, telemetry.Rejection{Index: i, Reason: err.Error()})
		} else if len(batch[i].Sample.Readings) > 0 {
			accepted = append(accepted, &batch[i])
		}
	}
	if len(accepted) > 0 {
		if err := s.update(ctx, func(ctx context.Context) error { return s.write(ctx, accepted) }); err != nil {
			return fmt.Errorf("write telemetry: %w", err)
		}
	}
	if len(partial.Rejected) > 0 {
		return &partial
	}
	return nil
}

func (s *Store) write(ctx context.Context, records []*telemetry.Record) error {
	groups, err := s.group(ctx, records)
	if err != nil {
		return err
	}
	for _, g := range groups {
		b, err := s.block(ctx, g.records)
		if err == nil {
			err = s.put(ctx, g.key, b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// group sorts the records by vehicle and day, keeping their order. Those of one
// vehicle mostly lie together already.
func (s *Store) group(ctx context.Context, records []*telemetry.Record) ([]group, error) {
	var groups []group
	index := s.state.index
	clear(index)
	var vin vehicle.VIN
	var key dayKey
	for i, j := 0, 0; i < len(records); i = j {
		day := dayOf(records[i])
		for j = i + 1; j < len(records) && records[j].VIN == records[i].VIN && dayOf(records[j]) == day; j++ {
		}
		if vin != records[i].VIN {
			id, err := s.vehicleID(ctx, records[i].VIN)
			if err != nil {
				return nil, err
			}
			vin, key.vehicle = records[i].VIN, id
		}
		key.day = day
		if k, ok := index[key]; ok {
			groups[k].records = append(groups[k].records, records[i:j]...)
			continue
		}
		index[key] = len(groups)
		groups = append(groups, group{key: key, records: records[i:j:j]})
	}
	return groups, nil
}

func dayOf(r *telemetry.Record) vehicle.Day {
	return vehicle.Day(r.Sample.Time.UnixMilli() / dayMillis)
}

// block makes a block of the records of a group. It is valid until the next call.
func (s *Store) block(ctx context.Context, records []*telemetry.Record) (*block, error) {
	b := &s.state.builder
	b.reset()
	for _, r := range records {
		at := r.Sample.Time.UnixMilli()
		b.sample(at, r.Sample.TimeSource)
		for j := range r.Sample.Readings {
			reading := &r.Sample.Readings[j]
			signal, err := s.intern(ctx, j, reading.Signal)
			if err != nil {
				return nil, err
			}
			b.add(signal, cellOf(at, reading))
		}
	}
	return b.finish(), nil
}

// cellOf keeps of a value what its kind has.
func cellOf(at int64, r *vehicle.Reading) cell {
	c := cell{at: at, kind: r.Value.Kind, quality: r.Quality}
	switch c.kind {
	case vehicle.KindNumber:
		c.num = r.Value.Num + 0 // of the two zeros the one that decimals have
	case vehicle.KindBool:
		c.num = vehicle.Bool(r.Value.Num != 0).Num
	case vehicle.KindText:
		c.text = r.Value.Text
	}
	return c
}

func (s *Store) intern(ctx context.Context, place int, name vehicle.Signal) (int, error) {
	hints := s.state.hints
	if place < len(hints) && hints[place].signal == name {
		return hints[place].id, nil
	}
	id, err := s.signals.intern(ctx, name, s.stmts[qAddSignal])
	if err != nil {
		return 0, err
	}
	if place >= len(hints) {
		hints = append(hints, make([]hint, place+1-len(hints))...)
	}
	hints[place] = hint{signal: name, id: id}
	s.state.hints = hints
	return id, nil
}

// put stores what a batch said of one vehicle's day.
func (s *Store) put(ctx context.Context, key dayKey, b *block) error {
	if len(b.times) >= directSamples && s.state.pending[key] == nil {
		sealed, err := s.hasChunk(ctx, key)
		if err != nil {
			return err
		}
		if !sealed {
			if err := s.putChunks(ctx, key.vehicle, b); err != nil {
				return err
			}
			if err := s.loosen(ctx, key); err != nil {
				return err
			}
			return s.raiseLatest(ctx, key.vehicle, b)
		}
	}
	return s.putHot(ctx, key, b)
}

func (s *Store) hasChunk(ctx context.Context, key dayKey) (bool, error) {
	from, to := key.keys()
	rows, err := s.stmts[qKeys].QueryContext(ctx, from, to)
	if err != nil {
		return false, fmt.Errorf("look for chunks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	return rows.Next(), rows.Err()
}

func (s *Store) putHot(ctx context.Context, key dayKey, b *block) error {
	st := &s.state
	st.seq++
	st.buf = appendHot(st.buf[:0], b)
	cells := b.cells()
	if _, err := s.stmts[qAddHot].ExecContext(ctx, key.vehicle, int64(key.day), st.seq, cells, st.buf); err != nil {
		return fmt.Errorf("write hot row: %w", err)
	}
	p := st.pending[key]
	if p == nil {
		p = &pending{}
		st.pending[key] = p
	}
	if reaches(p.cells, cells, s.options.HotCells) || reaches(st.hotCells, cells, s.options.HotTotal) {
		s.wake() // it waits for its turn
	}
	p.cells += cells
	p.written = time.Now()
	st.hotCells += cells
	return nil
}

// reaches says whether n grows to the limit by adding more.
func reaches(n, more, limit int) bool {
	return n < limit && n+more >= limit
}

// putChunks writes the block, whose times no chunk has yet.
func (s *Store) putChunks(ctx context.Context, vehicle int64, b *block) error {
	pieces := []*block{b}
	if limit := s.options.ChunkCells; b.cells() > limit {
		pieces = b.split(max(limit/2, 1))
	}
	for _, piece := range pieces {
		head, body, err := s.state.encoder.encode(piece)
		if err != nil {
			return err
		}
		if _, err := s.stmts[qAddChunk].ExecContext(ctx, chunkKey(vehicle, piece.times[0]), head, body); err != nil {
			return fmt.Errorf("write chunk: %w", err)
		}
	}
	return nil
}
