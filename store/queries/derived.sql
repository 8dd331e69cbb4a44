-- name: PutRollup :exec
INSERT INTO rollups (vin, day, body) VALUES ($1, $2, $3)
ON CONFLICT (vin, day) DO UPDATE SET body = excluded.body;

-- name: Rollup :one
SELECT body FROM rollups WHERE vin = $1 AND day = $2;

-- name: Rollups :many
SELECT day, body FROM rollups WHERE vin = $1 ORDER BY day;

-- name: RollupsBetween :many
SELECT day, body FROM rollups WHERE vin = sqlc.arg(vin) AND day >= sqlc.arg(first_day) AND day < sqlc.arg(end_day) ORDER BY day;

-- name: DeleteCodeStates :exec
DELETE FROM code_states WHERE vin = $1;

-- name: InsertCodeState :exec
INSERT INTO code_states (vin, position, code, ecu, active, first_seen, last_seen, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CodeStates :many
SELECT body FROM code_states WHERE vin = $1 ORDER BY position;

-- name: DeleteForecasts :exec
DELETE FROM forecasts WHERE vin = $1;

-- name: InsertForecast :exec
INSERT INTO forecasts (vin, position, component, state, due, body, model) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: Forecasts :many
SELECT body FROM forecasts WHERE vin = $1 ORDER BY position;

-- name: DeleteFindings :exec
DELETE FROM findings WHERE vin = $1;

-- name: InsertFinding :exec
INSERT INTO findings (vin, position, id, family, drivability, body) VALUES ($1, $2, $3, $4, $5, $6);

-- name: Findings :many
SELECT body FROM findings WHERE vin = $1 ORDER BY position;
