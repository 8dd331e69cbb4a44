package embedded

import (
	"context"
	"database/sql"
	"fmt"
)

// sealed is a chunk of the day that is being sealed.
type sealed struct {
	key  int64
	head *head
}

// resealing is what becomes of the chunks of a day.
type resealing struct {
	*snapshot
	sealing
	chunks   []sealed
	half     int      // values from which a chunk is not small
	replaced []int64  // keys of chunks that go
	blocks   []*block // that come
	run      *block   // small neighbours that become one chunk
}

// sealBlock merges hot values into the chunks of their day, and returns how many
// values it wrote. Every chunk takes the values up to where the next one starts.
// Values behind a chunk begin a new one if the chunk is at least half full, or
// holds more than they are: else a day that is sealed often would be written
// again and again. Closing the day joins its small chunks.
func (s *Store) sealBlock(ctx context.Context, sn *snapshot, d sealing, hot *block) (int, error) {
	from := d.key.start()
	if !d.closing && len(hot.times) > 0 {
		from = hot.times[0]
	}
	chunks, err := sn.chunksFrom(d.key, from)
	if err != nil {
		return 0, err
	}
	// Read everything before writing anything: a damaged chunk leaves the day whole.
	r := &resealing{snapshot: sn, sealing: d, chunks: chunks, half: s.options.ChunkCells / 2, run: &block{}}
	if len(chunks) == 0 {
		r.put(hot)
	}
	for i := range chunks {
		mine := hot
		if i+1 < len(chunks) {
			next := keyTime(chunks[i+1].key)
			mine, hot = hot.slice(0, next), hot.slice(next, maxTime)
		}
		if err := r.chunk(i, mine); err != nil {
			return 0, s.located(err, sn.vin, d.key.day)
		}
	}
	r.endRun()
	for _, k := range r.replaced {
		if _, err := s.stmts[qDropChunk].ExecContext(ctx, k); err != nil {
			return 0, fmt.Errorf("replace chunk: %w", err)
		}
	}
	cells := 0
	for _, b := range r.blocks {
		if err := s.putChunks(ctx, d.key.vehicle, b); err != nil {
			return 0, err
		}
		cells += b.cells()
	}
	return cells, nil
}

// chunk decides about a chunk and the hot values from its start to the next.
func (r *resealing) chunk(i int, mine *block) error {
	c := r.chunks[i]
	some := len(mine.times) > 0
	behind := some && mine.times[0] > c.head.last
	join := r.closing && r.small(i) && (some || r.small(i-1) || r.small(i+1))
	if !join {
		r.endRun()
	}
	switch {
	case !join && !some:
		return nil
	case !join && behind && (!r.small(i) || c.head.cells > mine.cells()):
		r.put(mine)
		return nil
	}
	old, err := r.body(c.key, c.head, allSignals)
	if err != nil {
		return err
	}
	r.replaced = append(r.replaced, c.key)
	b := merge(old, mine)
	if !join {
		r.put(b)
		return nil
	}
	if r.run.append(b); r.run.cells() >= 2*r.half {
		r.endRun()
	}
	return nil
}

func (r *resealing) endRun() {
	r.put(r.run)
	r.run = &block{}
}

func (r *resealing) small(i int) bool {
	return i >= 0 && i < len(r.chunks) && r.chunks[i].head.cells < r.half
}

func (r *resealing) put(b *block) {
	if len(b.times) > 0 {
		r.blocks = append(r.blocks, b)
	}
}

// maxTime is later than every event time.
const maxTime = 1 << timeBits

// chunksFrom returns the chunks of a day from the one that a time falls into or
// behind.
func (sn *snapshot) chunksFrom(key dayKey, at int64) ([]sealed, error) {
	from, to := key.keys()
	if at > key.start() {
		var before sql.NullInt64
		if err := sn.row(qKeyBefore, from, chunkKey(key.vehicle, at)).Scan(&before); err != nil {
			return nil, fmt.Errorf("read chunks: %w", err)
		}
		if before.Valid {
			from = before.Int64
		}
	}
	rows, err := sn.rows(qHeads, from, to)
	if err != nil {
		return nil, fmt.Errorf("read chunks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []sealed
	for rows.Next() {
		var c sealed
		var data sql.RawBytes
		if err := rows.Scan(&c.key, &data); err != nil {
			return nil, err
		}
		if c.head, err = readHead(data); err != nil {
			return nil, sn.store.located(err, sn.vin, key.day)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
