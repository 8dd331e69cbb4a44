-- name: InsertOdometerDecision :execrows
INSERT INTO odometer_decisions (vin, reading, decided, verdict, read_at, metres, source, raw, unit, total, decided_by, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (vin, reading, decided) DO NOTHING;

-- name: OdometerDecisions :many
SELECT * FROM odometer_decisions WHERE vin = $1 ORDER BY decided, reading;
