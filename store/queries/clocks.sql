-- name: PutClock :exec
INSERT INTO clocks (vin, hour, lead) VALUES ($1, $2, $3)
ON CONFLICT (vin, hour) DO UPDATE SET lead = excluded.lead
WHERE excluded.lead > clocks.lead;

-- name: Clocks :many
SELECT hour, lead FROM clocks WHERE vin = $1 ORDER BY hour DESC LIMIT $2;

-- name: DeleteClocks :exec
-- All but the latest hours of a vehicle.
DELETE FROM clocks WHERE clocks.vin = sqlc.arg(vin) AND clocks.hour < (
    SELECT MIN(latest.hour) FROM (
        SELECT c.hour FROM clocks c WHERE c.vin = sqlc.arg(vin) ORDER BY c.hour DESC LIMIT sqlc.arg(size)
    ) latest);
