-- name: Order :one
SELECT * FROM orders WHERE id = $1;

-- name: OrdersOfVehicle :many
SELECT * FROM orders WHERE vin = $1 ORDER BY urgency, created DESC, id;

-- name: InsertOrder :execrows
-- Parameters of this and the next are all columns in the order of the table.
INSERT INTO orders (id, number, vin, state, source, priority, urgency, title, lines, dismiss_reason, note,
    scheduled_for, odometer_in_km, odometer_out_km, record_id, created, updated, opened, checked_in_at,
    closed, version, events)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT DO NOTHING;

-- name: UpdateOrder :execrows
UPDATE orders SET number = $2, vin = $3, state = $4, source = $5, priority = $6, urgency = $7, title = $8,
    lines = $9, dismiss_reason = $10, note = $11, scheduled_for = $12, odometer_in_km = $13,
    odometer_out_km = $14, record_id = $15, created = $16, updated = $17, opened = $18, checked_in_at = $19,
    closed = $20, version = version + 1, events = $22
WHERE id = $1 AND version = $21;

-- name: DeleteProposal :execrows
DELETE FROM orders WHERE id = $1 AND source = 'machine' AND state IN ('proposed', 'withdrawn');

-- name: ListOrders :many
-- states is ',a,b,' or empty for all.
SELECT * FROM orders
WHERE (urgency > sqlc.arg(urgency)
       OR (urgency = sqlc.arg(urgency)
           AND (created < sqlc.arg(created) OR (created = sqlc.arg(created) AND id > sqlc.arg(after_id)))))
  AND (CAST(sqlc.arg(states) AS TEXT) = '' OR sqlc.arg(states) LIKE '%,' || state || ',%')
ORDER BY urgency, created DESC, id
LIMIT sqlc.arg(size);

-- name: ListOrdersOfVehicle :many
SELECT * FROM orders
WHERE vin = sqlc.arg(vin)
  AND (urgency > sqlc.arg(urgency)
       OR (urgency = sqlc.arg(urgency)
           AND (created < sqlc.arg(created) OR (created = sqlc.arg(created) AND id > sqlc.arg(after_id)))))
  AND (CAST(sqlc.arg(states) AS TEXT) = '' OR sqlc.arg(states) LIKE '%,' || state || ',%')
ORDER BY urgency, created DESC, id
LIMIT sqlc.arg(size);

-- name: CountOrders :many
SELECT state, COUNT(*) AS orders FROM orders GROUP BY state;
