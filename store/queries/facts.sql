-- name: PutCodeReport :exec
-- Two different reports under one key: the greater text wins, so that the order
-- in which they come does not matter.
INSERT INTO code_reports (vin, at, ecu, covers, received, body) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (vin, at, ecu, covers) DO UPDATE SET
    received = CASE WHEN excluded.received < code_reports.received
               THEN excluded.received ELSE code_reports.received END,
    body     = CASE WHEN excluded.body > code_reports.body
               THEN excluded.body ELSE code_reports.body END
WHERE excluded.received < code_reports.received OR excluded.body > code_reports.body;

-- name: CodeReports :many
SELECT * FROM code_reports WHERE vin = $1 ORDER BY at, ecu, covers;

-- name: Mark :exec
INSERT INTO marks (vin, day, first_marked, marked_at, urgent_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (vin, day) DO UPDATE SET
    first_marked = CASE WHEN excluded.first_marked < marks.first_marked
                   THEN excluded.first_marked ELSE marks.first_marked END,
    marked_at    = CASE WHEN excluded.marked_at > marks.marked_at
                   THEN excluded.marked_at ELSE marks.marked_at END,
    urgent_at    = CASE WHEN excluded.urgent_at > marks.urgent_at
                   THEN excluded.urgent_at ELSE marks.urgent_at END;

-- name: Marked :many
-- The vehicles are found first, so that the many whose turn it is not need not be sorted.
SELECT vin, CAST(MAX(urgent_at) AS BIGINT) AS urgent_at
FROM marks
WHERE vin IN (
    SELECT m.vin FROM marks m
    WHERE m.urgent_at > 0 OR m.marked_at <= sqlc.arg(quiet_since) OR m.first_marked < sqlc.arg(due_since))
GROUP BY vin
ORDER BY CASE WHEN MAX(urgent_at) > 0 THEN 0 ELSE 1 END, MIN(first_marked), vin
LIMIT sqlc.arg(size);

-- name: MarkedDays :many
SELECT day FROM marks WHERE vin = $1 ORDER BY day;

-- name: DeleteMarks :exec
DELETE FROM marks WHERE vin = $1 AND marked_at <= sqlc.arg(quiet_since);

-- name: DeferMarks :exec
UPDATE marks SET
    first_marked = sqlc.arg(planned),
    urgent_at    = CASE WHEN urgent_at <= sqlc.arg(planned) THEN 0 ELSE urgent_at END
WHERE vin = sqlc.arg(vin);

-- name: CountMarked :one
SELECT COUNT(DISTINCT vin) FROM marks;

-- name: MarkedVehicles :many
SELECT DISTINCT vin FROM marks;

-- name: Refuse :exec
-- The same bytes count again only when they came at a later time: writing a
-- batch again is not the message coming again. Of two senders the lesser counts,
-- so that the order does not matter: '' is one that may speak for any vehicle.
INSERT INTO quarantine (id, topic, vin, payload, place, reason, received, last_received, times,
    message, size, partial, retained, sender)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET
    received      = CASE WHEN excluded.received < quarantine.received
                    THEN excluded.received ELSE quarantine.received END,
    last_received = CASE WHEN excluded.last_received > quarantine.last_received
                    THEN excluded.last_received ELSE quarantine.last_received END,
    times         = CASE WHEN excluded.times > quarantine.times THEN excluded.times ELSE quarantine.times END
                    + CASE WHEN excluded.received > quarantine.last_received THEN 1 ELSE 0 END,
    retained      = quarantine.retained AND excluded.retained,
    sender        = CASE WHEN excluded.sender < quarantine.sender THEN excluded.sender ELSE quarantine.sender END;

-- name: ListQuarantine :many
SELECT * FROM quarantine
WHERE (received < sqlc.arg(before) OR (received = sqlc.arg(before) AND id < sqlc.arg(before_id)))
  AND (CAST(sqlc.arg(vin) AS TEXT) = '' OR vin = sqlc.arg(vin))
  AND SUBSTR(topic, 1, LENGTH(CAST(sqlc.arg(prefix) AS TEXT))) = sqlc.arg(prefix)
  AND (CAST(sqlc.arg(pattern) AS TEXT) = '' OR LOWER(reason) LIKE sqlc.arg(pattern) ESCAPE '\')
  AND received >= sqlc.arg(since) AND received < sqlc.arg(until)
ORDER BY received DESC, id DESC
LIMIT sqlc.arg(size);

-- name: CountRefused :one
SELECT COUNT(*) AS entries, COUNT(DISTINCT message) AS messages FROM quarantine
WHERE (CAST(sqlc.arg(vin) AS TEXT) = '' OR vin = sqlc.arg(vin))
  AND SUBSTR(topic, 1, LENGTH(CAST(sqlc.arg(prefix) AS TEXT))) = sqlc.arg(prefix)
  AND (CAST(sqlc.arg(pattern) AS TEXT) = '' OR LOWER(reason) LIKE sqlc.arg(pattern) ESCAPE '\')
  AND received >= sqlc.arg(since) AND received < sqlc.arg(until);

-- name: RefusedMessages :many
SELECT message FROM quarantine
WHERE message > sqlc.arg(after)
  AND (CAST(sqlc.arg(vin) AS TEXT) = '' OR vin = sqlc.arg(vin))
  AND SUBSTR(topic, 1, LENGTH(CAST(sqlc.arg(prefix) AS TEXT))) = sqlc.arg(prefix)
  AND (CAST(sqlc.arg(pattern) AS TEXT) = '' OR LOWER(reason) LIKE sqlc.arg(pattern) ESCAPE '\')
  AND received >= sqlc.arg(since) AND received < sqlc.arg(until)
GROUP BY message
ORDER BY message
LIMIT sqlc.arg(size);

-- name: RefusedMessage :one
-- A message as it first came, whatever the reasons it was refused for.
SELECT q.topic, q.payload, m.received, m.retained, m.partial, m.sender
FROM quarantine q JOIN (
    SELECT MIN(r.id) AS id, CAST(MIN(r.received) AS BIGINT) AS received, CAST(MIN(r.sender) AS TEXT) AS sender,
        CAST(MIN(CASE WHEN r.retained THEN 1 ELSE 0 END) AS BIGINT) AS retained,
        CAST(MIN(CASE WHEN r.partial THEN 1 ELSE 0 END) AS BIGINT) AS partial
    FROM quarantine r WHERE r.message = $1
) m ON m.id = q.id;

-- name: MessageOfRefusal :one
SELECT message FROM quarantine WHERE id = $1;

-- name: RefusalsOfMessage :many
SELECT id, last_received, times FROM quarantine WHERE message = $1 ORDER BY id;

-- name: DeleteRefusal :execrows
DELETE FROM quarantine WHERE id = $1;

-- name: DeleteRefusals :execrows
DELETE FROM quarantine WHERE id IN (
    SELECT q.id FROM quarantine q
    WHERE (CAST(sqlc.arg(vin) AS TEXT) = '' OR q.vin = sqlc.arg(vin))
  AND SUBSTR(q.topic, 1, LENGTH(CAST(sqlc.arg(prefix) AS TEXT))) = sqlc.arg(prefix)
  AND (CAST(sqlc.arg(pattern) AS TEXT) = '' OR LOWER(q.reason) LIKE sqlc.arg(pattern) ESCAPE '\')
  AND q.received >= sqlc.arg(since) AND q.received < sqlc.arg(until)
    ORDER BY q.id
    LIMIT sqlc.arg(size)
);

-- name: OldestRefusals :many
SELECT id, last_received, size FROM quarantine ORDER BY last_received, id LIMIT $1;

-- name: ExpireRefusals :execrows
-- What came again meanwhile is not old any more, and stays.
DELETE FROM quarantine
WHERE last_received < sqlc.arg(last_received) OR (last_received = sqlc.arg(last_received) AND id <= sqlc.arg(id));

-- name: QuarantineSize :one
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes, COUNT(*) AS messages FROM quarantine;

-- name: RefusalsWithoutMessage :many
SELECT id, topic, payload, place, reason FROM quarantine WHERE message = '' ORDER BY id LIMIT $1;

-- name: NameMessage :exec
UPDATE quarantine SET message = $2, size = $3, partial = $4, sender = $5 WHERE id = $1;

-- name: CountQuarantined :one
SELECT COUNT(*) FROM quarantine;

-- name: InsertRecord :execrows
INSERT INTO records (id, vin, visited, odometer_km, source, source_id, shop, work_order_id, items,
    measurements, parts, hours, cost_minor, cost_currency, note, status, recorded)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING;

-- name: SameRecord :one
-- The record that keeps another one with this id or source number from coming in.
SELECT * FROM records
WHERE id = $1 OR (source = $2 AND source_id = $3 AND source_id <> '')
ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END
LIMIT 1;

-- name: Records :many
SELECT * FROM records WHERE vin = $1 ORDER BY visited DESC, id DESC;
