-- name: PutModel :exec
INSERT INTO models (version, learned, body, state, vehicles, paths, since, in_force, report)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (version) DO UPDATE SET learned = excluded.learned, body = excluded.body, state = excluded.state,
    vehicles = excluded.vehicles, paths = excluded.paths, since = excluded.since, in_force = excluded.in_force,
    report = excluded.report;

-- name: Model :one
SELECT * FROM models WHERE version = $1;

-- name: Models :many
SELECT * FROM models ORDER BY learned DESC, version DESC;

-- name: ModelInState :one
SELECT * FROM models WHERE state = $1;

-- name: ActivePrior :one
SELECT body FROM models WHERE state = 'active';

-- name: PruneModels :execrows
-- Forecasts and snapshots end in the version of the prior.
DELETE FROM models
WHERE state = 'retired' AND in_force < sqlc.arg(forced_before) AND learned < sqlc.arg(learned_before)
  AND NOT EXISTS (SELECT 1 FROM forecasts f WHERE f.model = models.version)
  AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.week = 0 AND s.model = models.version);

-- name: AddModelEvent :exec
INSERT INTO model_events (id, at, action, version, replaced, actor, note) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ModelEvents :many
SELECT * FROM model_events ORDER BY id DESC;

-- name: Snapshots :many
SELECT * FROM snapshots WHERE vin = $1 ORDER BY component, as_of, cycle, horizon;

-- name: PutSnapshot :exec
INSERT INTO snapshots (vin, component, cycle, horizon, as_of, p10, p50, p90, model, by_level, state, at, cell, week, off_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (vin, component, cycle, horizon) DO UPDATE SET state = excluded.state, at = excluded.at,
    cell = excluded.cell, week = excluded.week, off_days = excluded.off_days;

-- name: PruneSnapshots :execrows
DELETE FROM snapshots WHERE week <> 0 AND week < sqlc.arg(before);

-- name: Tallies :many
SELECT component, horizon, week, state, cell, COUNT(*) AS n, CAST(SUM(off_days) AS DOUBLE PRECISION) AS off_days
FROM snapshots
WHERE week <> 0 AND week >= sqlc.arg(since) AND (CAST(sqlc.arg(component) AS TEXT) = '' OR component = sqlc.arg(component))
GROUP BY component, horizon, week, state, cell
ORDER BY component, horizon DESC, week, state, cell;

-- name: EraseSnapshots :execrows
DELETE FROM snapshots WHERE vin = $1;
