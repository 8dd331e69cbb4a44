package embedded

import (
	"context"
	"database/sql"
	"fmt"
)

// query numbers the statements that are prepared once per connection.
type query int

const (
	qVehicle query = iota
	qSignals
	qHotDays
	qHot
	qHeads
	qBody
	qKeys
	qKeyBefore
	qLatest
	qOpenDays
	qPage
	qPages
	readQueries // the ones before this one only read

	qAddVehicle = iota - 1
	qAddSignal
	qAddHot
	qAddChunk
	qPutLatest
	qDropHot
	qDropChunk
	qPending
	qLoose
	qLoosen
	qTighten
	qPutPage
	qVIN
	allQueries
)

var queryText = [allQueries]string{
	qVehicle:   `SELECT id FROM vehicle WHERE vin = $1`,
	qSignals:   `SELECT id, name FROM signal ORDER BY id`,
	qHotDays:   `SELECT DISTINCT day FROM hot WHERE vehicle = $1 AND day BETWEEN $2 AND $3 ORDER BY day`,
	qHot:       `SELECT data FROM hot WHERE vehicle = $1 AND day = $2 ORDER BY seq`,
	qHeads:     `SELECT key, head FROM chunk WHERE key >= $1 AND key < $2 ORDER BY key`,
	qBody:      `SELECT body FROM chunk WHERE key = $1`,
	qKeys:      `SELECT key FROM chunk WHERE key >= $1 AND key < $2 ORDER BY key`,
	qKeyBefore: `SELECT max(key) FROM chunk WHERE key >= $1 AND key <= $2`,
	qLatest:    `SELECT data FROM latest WHERE vehicle = $1`,
	qOpenDays: `SELECT day FROM hot WHERE vehicle = $1 AND day BETWEEN $2 AND $3
		UNION SELECT day FROM loose WHERE vehicle = $1 AND day BETWEEN $2 AND $3 ORDER BY day`,
	qPage:  `SELECT data FROM daily WHERE key = $1`,
	qPages: `SELECT key, data FROM daily WHERE key BETWEEN $1 AND $2 ORDER BY key`,

	qAddVehicle: `INSERT INTO vehicle (vin) VALUES ($1)`,
	qAddSignal:  `INSERT INTO signal (id, name) VALUES ($1, $2)`,
	qAddHot:     `INSERT INTO hot (vehicle, day, seq, cells, data) VALUES ($1, $2, $3, $4, $5)`,
	qAddChunk:   `INSERT INTO chunk (key, head, body) VALUES ($1, $2, $3)`,
	qPutLatest:  `INSERT INTO latest (vehicle, data) VALUES ($1, $2) ON CONFLICT DO UPDATE SET data = excluded.data`,
	qDropHot:    `DELETE FROM hot WHERE vehicle = $1 AND day = $2`,
	qDropChunk:  `DELETE FROM chunk WHERE key = $1`,
	qPending:    `SELECT vehicle, day, count(*), sum(cells), max(seq) FROM hot GROUP BY vehicle, day`,
	qLoose:      `SELECT vehicle, day FROM loose`,
	qLoosen:     `INSERT INTO loose (vehicle, day) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
	qTighten:    `DELETE FROM loose WHERE vehicle = $1 AND day = $2`,
	qPutPage:    `INSERT INTO daily (key, data) VALUES ($1, $2) ON CONFLICT DO UPDATE SET data = excluded.data`,
	qVIN:        `SELECT vin FROM vehicle WHERE id = $1`,
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepare prepares the first n statements, or, with an error, fewer.
func prepare(ctx context.Context, db preparer, n query) ([]*sql.Stmt, error) {
	out := make([]*sql.Stmt, 0, n)
	for _, text := range queryText[:n] {
		s, err := db.PrepareContext(ctx, text) //nolint:sqlclosecheck // the caller closes them all
		if err != nil {
			return out, fmt.Errorf("prepare %q: %w", text, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// collect reads all rows of one column.
func collect[T any](rows *sql.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
