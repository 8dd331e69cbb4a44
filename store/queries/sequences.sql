-- name: ProlongRun :execrows
-- SeeVehicle of a vehicle whose messages, first to last of a boot, follow the run that
-- grows or are in it: one row if so, none if not.
UPDATE vehicles SET
    first_seen = CASE WHEN first_seen = 0 OR (CAST(sqlc.arg(first_seen) AS BIGINT) > 0 AND sqlc.arg(first_seen) < first_seen)
                 THEN sqlc.arg(first_seen) ELSE first_seen END,
    last_seen  = CASE WHEN sqlc.arg(last_seen) > last_seen THEN sqlc.arg(last_seen) ELSE last_seen END,
    last_event = CASE WHEN sqlc.arg(last_event) > last_event THEN sqlc.arg(last_event) ELSE last_event END,
    run_last   = CASE WHEN sqlc.arg(last) > run_last THEN sqlc.arg(last) ELSE run_last END
WHERE vin = sqlc.arg(vin) AND boot = sqlc.arg(boot)
  AND run_first < sqlc.arg(first) AND run_last >= CAST(sqlc.arg(first) AS BIGINT) - 1;

-- name: GrowingRun :one
SELECT boot, run_first, run_last FROM vehicles WHERE vin = $1;

-- name: Sequence :one
SELECT since, body FROM sequences WHERE vin = $1 AND boot = $2;

-- name: PutSequence :exec
INSERT INTO sequences (vin, boot, since, received, missing, jumps, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (vin, boot) DO UPDATE SET since = excluded.since, received = excluded.received,
    missing = excluded.missing, jumps = excluded.jumps, body = excluded.body;

-- name: SetRun :exec
UPDATE vehicles SET boot = $2, run_first = $3, run_last = $4 WHERE vin = $1;

-- name: Boots :many
-- The boots of a vehicle, latest first; sums of forgotten ones are none.
SELECT boot, since, received, missing, jumps FROM sequences
WHERE vin = $1 AND boot <> '' ORDER BY since DESC, boot;

-- name: DeleteSequence :exec
DELETE FROM sequences WHERE vin = $1 AND boot = $2;

-- name: Sequences :many
-- With the run that grows, as of the same moment.
SELECT s.boot, s.since, s.body, v.boot AS growing, v.run_first, v.run_last
FROM sequences s JOIN vehicles v ON v.vin = s.vin
WHERE s.vin = $1 ORDER BY s.since DESC, s.boot;

-- name: CountMissing :one
SELECT CAST(COALESCE(SUM(missing), 0) AS BIGINT) AS messages, COUNT(DISTINCT vin) AS vehicles
FROM sequences WHERE missing > 0;
