-- name: Reminder :one
SELECT * FROM reminders WHERE id = $1;

-- name: RemindersOfVehicle :many
SELECT * FROM reminders WHERE vin = $1 ORDER BY due_order, id;

-- name: InsertReminder :execrows
-- Parameters of this and the next are all columns in the order of the table.
INSERT INTO reminders (id, vin, item, cycle, title, reason, basis, severity, state, due_km, due_at, due_order,
    due_earliest, due_latest, snooze_until, work_order_id, notified, created, updated, closed, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
ON CONFLICT DO NOTHING;

-- name: UpdateReminder :execrows
UPDATE reminders SET vin = $2, item = $3, cycle = $4, title = $5, reason = $6, basis = $7, severity = $8,
    state = $9, due_km = $10, due_at = $11, due_order = $12, due_earliest = $13, due_latest = $14,
    snooze_until = $15, work_order_id = $16, notified = $17, created = $18, updated = $19, closed = $20,
    version = version + 1
WHERE id = $1 AND version = $21;

-- name: DeleteReminder :execrows
DELETE FROM reminders WHERE id = $1;

-- name: ListReminders :many
SELECT * FROM reminders
WHERE (due_order > sqlc.arg(due_order) OR (due_order = sqlc.arg(due_order) AND id > sqlc.arg(after_id)))
  AND (CAST(sqlc.arg(states) AS TEXT) = '' OR sqlc.arg(states) LIKE '%,' || state || ',%')
ORDER BY due_order, id
LIMIT sqlc.arg(size);

-- name: ListRemindersOfVehicle :many
SELECT * FROM reminders
WHERE vin = sqlc.arg(vin)
  AND (due_order > sqlc.arg(due_order) OR (due_order = sqlc.arg(due_order) AND id > sqlc.arg(after_id)))
  AND (CAST(sqlc.arg(states) AS TEXT) = '' OR sqlc.arg(states) LIKE '%,' || state || ',%')
ORDER BY due_order, id
LIMIT sqlc.arg(size);

-- name: CountReminders :many
SELECT state, COUNT(*) AS reminders FROM reminders GROUP BY state;
