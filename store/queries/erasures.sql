-- name: PutErasure :exec
INSERT INTO erasures (id, pending_vin, digest, actor, keep_work, requested, done, days, removed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET pending_vin = excluded.pending_vin, keep_work = excluded.keep_work,
    done = excluded.done, days = excluded.days, removed = excluded.removed;

-- name: Erasure :one
SELECT * FROM erasures WHERE id = $1;

-- name: PendingErasures :many
SELECT * FROM erasures WHERE done = 0 ORDER BY requested, id;

-- name: ListErasures :many
SELECT * FROM erasures
WHERE requested < sqlc.arg(before) OR (requested = sqlc.arg(before) AND id < sqlc.arg(before_id))
ORDER BY requested DESC, id DESC
LIMIT sqlc.arg(size);

-- name: QuarantinePayloads :many
-- For looking into: neither dialect can search bytes the way the other does.
SELECT id, vin, topic, sender, reason, payload FROM quarantine WHERE id > sqlc.arg(after) ORDER BY id LIMIT sqlc.arg(size);

-- name: EraseVehicleRow :execrows
DELETE FROM vehicles WHERE vin = $1;

-- name: EraseAttributes :execrows
DELETE FROM vehicle_attributes WHERE vin = $1;

-- name: EraseCodeReports :execrows
DELETE FROM code_reports WHERE vin = $1;

-- name: EraseClocks :execrows
DELETE FROM clocks WHERE vin = $1;

-- name: EraseMarks :execrows
DELETE FROM marks WHERE vin = $1;

-- name: EraseRecords :execrows
DELETE FROM records WHERE vin = $1;

-- name: EraseRollups :execrows
DELETE FROM rollups WHERE vin = $1;

-- name: EraseCodeStates :execrows
DELETE FROM code_states WHERE vin = $1;

-- name: EraseForecasts :execrows
DELETE FROM forecasts WHERE vin = $1;

-- name: EraseFindings :execrows
DELETE FROM findings WHERE vin = $1;

-- name: EraseSummary :execrows
DELETE FROM summaries WHERE vin = $1;

-- name: EraseOrders :execrows
DELETE FROM orders WHERE vin = $1;

-- name: EraseUnfinishedOrders :execrows
DELETE FROM orders WHERE vin = $1 AND state <> 'closed';

-- name: EraseReminders :execrows
DELETE FROM reminders WHERE vin = $1;

-- name: EraseOutbox :execrows
DELETE FROM outbox WHERE vin = $1;

-- name: EraseOdometerDecisions :execrows
DELETE FROM odometer_decisions WHERE vin = $1;

-- name: EraseSequences :execrows
DELETE FROM sequences WHERE vin = $1;
