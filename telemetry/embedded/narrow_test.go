package embedded_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/telemetrytest"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// narrow is the contract on one SQLite table with a row per value: slow, large
// and easy to believe. The embedded store must give the same answers.
type narrow struct{ db *sql.DB }

const narrowSchema = `CREATE TABLE value (
	vin TEXT, at INTEGER, signal TEXT, source INTEGER,
	kind INTEGER, quality INTEGER, number REAL, text TEXT,
	PRIMARY KEY (vin, at, signal)) WITHOUT ROWID`

func openNarrow(t testing.TB) *narrow {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "narrow.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(narrowSchema); err != nil {
		t.Fatal(err)
	}
	return &narrow{db: db}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	telemetrytest.Run(t, func(t *testing.T) telemetry.Store { return openNarrow(t) }, telemetrytest.Capabilities{})
}

func (n *narrow) Write(ctx context.Context, batch []telemetry.Record) error {
	tx, err := n.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var partial telemetry.PartialError
	for i, r := range batch {
		if err := r.Validate(); err != nil {
			partial.Rejected = append(partial.Rejected, telemetry.Rejection{Index: i, Reason: err.Error()})
			continue
		}
		for _, v := range r.Sample.Readings {
			_, err := tx.ExecContext(ctx, `INSERT INTO value VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
				ON CONFLICT DO UPDATE SET kind=excluded.kind, quality=excluded.quality, number=excluded.number, text=excluded.text`,
				string(r.VIN), r.Sample.Time.UnixMilli(), string(v.Signal), r.Sample.TimeSource,
				v.Value.Kind, v.Quality, v.Value.Num, v.Value.Text)
			if err != nil {
				return err
			}
		}
		// Of several clocks for one sample, the least certain one counts.
		_, err := tx.ExecContext(ctx, `UPDATE value SET source = (SELECT max(max(source), $3) FROM value WHERE vin=$1 AND at=$2)
			WHERE vin=$1 AND at=$2`, string(r.VIN), r.Sample.Time.UnixMilli(), r.Sample.TimeSource)
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if len(partial.Rejected) > 0 {
		return &partial
	}
	return nil
}

// row is one value with its key.
type row struct {
	at      time.Time
	source  vehicle.TimeSource
	reading vehicle.Reading
}

func (n *narrow) rows(ctx context.Context, vin vehicle.VIN, from, to time.Time) ([]row, error) {
	rows, err := n.db.QueryContext(ctx, `SELECT at, signal, source, kind, quality, number, text FROM value
		WHERE vin = $1 AND at >= $2 AND at < $3 ORDER BY at, signal`, string(vin), ceilMilli(from), ceilMilli(to))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []row
	for rows.Next() {
		var r row
		var at int64
		v := &r.reading.Value
		if err := rows.Scan(&at, &r.reading.Signal, &r.source, &v.Kind, &r.reading.Quality, &v.Num, &v.Text); err != nil {
			return nil, err
		}
		r.at = time.UnixMilli(at).UTC()
		out = append(out, r)
	}
	return out, rows.Err()
}

func ceilMilli(t time.Time) int64 {
	return t.Add(time.Millisecond - time.Nanosecond).UnixMilli()
}

var epoch, ever = time.Unix(0, 0), time.Date(2261, 12, 31, 0, 0, 0, 0, time.UTC)

func (n *narrow) Daily(ctx context.Context, q telemetry.DailyQuery, yield func(vehicle.VIN, []telemetry.Point) error) error {
	return telemetry.DailyBySeries(ctx, n.Series, q, yield)
}

func (n *narrow) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	rows, err := n.db.QueryContext(ctx, `SELECT signal, at, source, kind, number, text FROM value v WHERE vin = $1 AND quality = 0
		AND at = (SELECT max(at) FROM value w WHERE w.vin = $1 AND w.signal = v.signal AND w.quality = 0) ORDER BY signal`, string(vin))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []telemetry.Latest
	for rows.Next() {
		var l telemetry.Latest
		var at int64
		if err := rows.Scan(&l.Signal, &at, &l.TimeSource, &l.Value.Kind, &l.Value.Num, &l.Value.Text); err != nil {
			return nil, err
		}
		l.Time = time.UnixMilli(at).UTC()
		out = append(out, l)
	}
	return out, rows.Err()
}

func (n *narrow) Samples(ctx context.Context, vin vehicle.VIN, from, to time.Time, yield func(vehicle.Sample) error) error {
	rows, err := n.rows(ctx, vin, from, to)
	if err != nil {
		return err
	}
	for i := 0; i < len(rows); {
		s := vehicle.Sample{Time: rows[i].at, TimeSource: rows[i].source}
		for ; i < len(rows) && rows[i].at.Equal(s.Time); i++ {
			s.Readings = append(s.Readings, rows[i].reading)
		}
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}

func (n *narrow) Series(ctx context.Context, q telemetry.Query) ([]telemetry.Point, error) {
	rows, err := n.rows(ctx, q.VIN, q.From, q.To)
	if err != nil {
		return nil, err
	}
	var out []telemetry.Point
	for _, r := range rows {
		v, ok := r.reading.Value.Float()
		if r.reading.Signal != q.Signal || !ok || r.reading.Quality != vehicle.QualityOK {
			continue
		}
		at := r.at
		if q.Every > 0 {
			at = time.Unix(0, at.UnixNano()-at.UnixNano()%int64(q.Every)).UTC()
		}
		if n := len(out); n == 0 || q.Every == 0 || !out[n-1].Time.Equal(at) {
			out = append(out, telemetry.Point{Time: at, Min: v, Max: v})
		}
		p := &out[len(out)-1]
		p.Mean = (p.Mean*float64(p.Count) + v) / float64(p.Count+1)
		p.Count++
		p.Min, p.Max, p.Last = min(p.Min, v), max(p.Max, v), v
	}
	return out, nil
}

func (n *narrow) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	out := telemetry.DayRollup{VIN: vin, Day: day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	rows, err := n.rows(ctx, vin, day.Start(), day.End())
	for _, r := range rows {
		if v, ok := r.reading.Value.Float(); ok && r.reading.Quality == vehicle.QualityOK {
			a := out.Signals[r.reading.Signal]
			a.Add(r.at, v)
			out.Signals[r.reading.Signal] = a
		}
	}
	return out, err
}

func (n *narrow) Days(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error) {
	rows, err := n.rows(ctx, vin, epoch, ever)
	var out []vehicle.Day
	for _, r := range rows {
		if d := vehicle.DayOf(r.at); len(out) == 0 || out[len(out)-1] != d {
			out = append(out, d)
		}
	}
	return out, err
}

func (n *narrow) Expire(ctx context.Context, vin vehicle.VIN, days []telemetry.Expiry) error {
	for _, e := range days {
		rows, err := n.rows(ctx, vin, e.Day.Start(), e.Day.End())
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !e.Loses(r.reading.Signal) {
				continue
			}
			_, err := n.db.ExecContext(ctx, `DELETE FROM value WHERE vin = $1 AND at = $2 AND signal = $3`, string(vin), r.at.UnixMilli(), string(r.reading.Signal))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *narrow) Erase(ctx context.Context, vin vehicle.VIN) error {
	_, err := n.db.ExecContext(ctx, `DELETE FROM value WHERE vin = $1`, string(vin))
	return err
}

func (n *narrow) Ping(ctx context.Context) error { return n.db.PingContext(ctx) }

func (n *narrow) Close() error { return errors.Join(n.db.Close()) }
