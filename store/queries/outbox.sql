-- name: Enqueue :exec
INSERT INTO outbox (id, reminder_id, vin, recipient, locale, severity, subject, body, not_before,
    state, attempts, next_try, settled, last_error)
VALUES (sqlc.arg(id), sqlc.arg(reminder_id), sqlc.arg(vin), sqlc.arg(recipient), sqlc.arg(locale),
    sqlc.arg(severity), sqlc.arg(subject), sqlc.arg(body), sqlc.arg(not_before),
    'queued', 0, sqlc.arg(not_before), 0, '')
ON CONFLICT (id) DO NOTHING;

-- name: Claimable :many
SELECT * FROM outbox
WHERE state IN ('queued', 'leased') AND next_try <= sqlc.arg(now)
ORDER BY next_try, id
LIMIT sqlc.arg(size);

-- name: Lease :exec
UPDATE outbox SET state = 'leased', attempts = attempts + 1, next_try = sqlc.arg(until) WHERE id = sqlc.arg(id);

-- name: SettleMessage :execrows
-- A message that was delivered stays so; one given up too soon can turn out delivered.
UPDATE outbox SET state = sqlc.arg(state), settled = sqlc.arg(now), last_error = sqlc.arg(reason)
WHERE id = sqlc.arg(id)
  AND (state IN ('queued', 'leased') OR (state = 'dead' AND CAST(sqlc.arg(state) AS TEXT) = 'delivered'));

-- name: PutOffMessage :execrows
UPDATE outbox SET state = 'queued', next_try = sqlc.arg(next_try), last_error = sqlc.arg(reason)
WHERE id = sqlc.arg(id) AND state IN ('queued', 'leased');

-- name: Message :one
SELECT * FROM outbox WHERE id = $1;

-- name: CountOutbox :one
SELECT COUNT(*) FILTER (WHERE state IN ('queued', 'leased')) AS undelivered,
       COUNT(*) FILTER (WHERE state = 'dead') AS dead
FROM outbox;

-- name: LastRoutine :one
SELECT CAST(COALESCE(MAX(not_before), 0) AS BIGINT) FROM outbox
WHERE recipient = sqlc.arg(recipient) AND severity = 'routine' AND vin <> sqlc.arg(except_vin) AND state <> 'dead';
