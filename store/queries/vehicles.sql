-- name: SeeVehicle :exec
-- The newest status message decides online; of two at the same time, offline.
INSERT INTO vehicles (vin, search, first_seen, last_seen, last_event, online, online_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (vin) DO UPDATE SET
    first_seen = CASE WHEN vehicles.first_seen = 0 OR (excluded.first_seen > 0 AND excluded.first_seen < vehicles.first_seen)
                 THEN excluded.first_seen ELSE vehicles.first_seen END,
    last_seen  = CASE WHEN excluded.last_seen > vehicles.last_seen
                 THEN excluded.last_seen ELSE vehicles.last_seen END,
    last_event = CASE WHEN excluded.last_event > vehicles.last_event
                 THEN excluded.last_event ELSE vehicles.last_event END,
    online     = CASE WHEN excluded.online_at > vehicles.online_at
                        OR (excluded.online_at > 0 AND excluded.online_at = vehicles.online_at AND NOT excluded.online)
                 THEN excluded.online ELSE vehicles.online END,
    online_at  = CASE WHEN excluded.online_at > vehicles.online_at
                 THEN excluded.online_at ELSE vehicles.online_at END;

-- name: Disconnect :exec
UPDATE vehicles SET online = FALSE, online_at = sqlc.arg(at) WHERE online;

-- name: PutAttribute :execrows
-- The newest value by its own time wins; of two at the same time, the greater.
INSERT INTO vehicle_attributes (vin, signal, value, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (vin, signal) DO UPDATE SET value = excluded.value, at = excluded.at
WHERE excluded.at > vehicle_attributes.at
   OR (excluded.at = vehicle_attributes.at AND excluded.value > vehicle_attributes.value);

-- name: Attributes :many
SELECT * FROM vehicle_attributes WHERE vin = $1 ORDER BY signal;

-- name: SetTold :exec
UPDATE vehicles SET told_brand = $2, told_model = $3, told_model_year = $4, told_powertrain = $5, search = $6
WHERE vin = $1;

-- name: VINs :many
SELECT vin FROM vehicles ORDER BY vin;

-- name: Vehicle :one
SELECT * FROM vehicles WHERE vin = $1;

-- name: InsertVehicle :execrows
INSERT INTO vehicles (vin, name, plate, brand, model, model_year, powertrain, in_service, time_zone,
    owner_name, owner_locale, owner_contact, search, first_seen, last_seen, last_event, online)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING;

-- name: RegisterVehicle :exec
UPDATE vehicles SET name = $2, plate = $3, brand = $4, model = $5, model_year = $6, powertrain = $7,
    in_service = $8, time_zone = $9, owner_name = $10, owner_locale = $11, owner_contact = $12, search = $13
WHERE vin = $1;

-- name: PutSummary :exec
INSERT INTO summaries (vin, powertrain, odometer_km, odometer_at, km_per_day, active_codes, mil, drivability,
    findings, next_item, next_due, data_until, planned, odometer_refused, dial_km, readiness)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (vin) DO UPDATE SET powertrain = excluded.powertrain,
    odometer_km = excluded.odometer_km, odometer_at = excluded.odometer_at, km_per_day = excluded.km_per_day,
    active_codes = excluded.active_codes, mil = excluded.mil, drivability = excluded.drivability,
    findings = excluded.findings, next_item = excluded.next_item, next_due = excluded.next_due,
    data_until = excluded.data_until, planned = excluded.planned, odometer_refused = excluded.odometer_refused,
    dial_km = excluded.dial_km, readiness = excluded.readiness;

-- name: ListVehicles :many
-- pattern is a LIKE pattern with backslash as its escape; empty filters match all.
SELECT sqlc.embed(v),
    COALESCE(s.powertrain, '') AS powertrain, COALESCE(s.odometer_km, 0) AS odometer_km,
    COALESCE(s.odometer_at, 0) AS odometer_at, COALESCE(s.km_per_day, 0) AS km_per_day, COALESCE(s.active_codes, 0) AS active_codes,
    COALESCE(s.mil, FALSE) AS mil, COALESCE(s.drivability, '') AS drivability,
    COALESCE(s.findings, 0) AS findings, COALESCE(s.next_item, '') AS next_item,
    COALESCE(s.next_due, 0) AS next_due, COALESCE(s.data_until, 0) AS data_until,
    COALESCE(s.planned, 0) AS planned, COALESCE(s.odometer_refused, 0) AS odometer_refused,
    COALESCE(s.dial_km, 0) AS dial_km, COALESCE(s.readiness, '{}') AS readiness
FROM vehicles v LEFT JOIN summaries s ON s.vin = v.vin
WHERE v.vin > sqlc.arg(after)
  AND (CAST(sqlc.arg(pattern) AS TEXT) = '' OR v.search LIKE sqlc.arg(pattern) ESCAPE '\')
  AND (CAST(sqlc.arg(powertrain) AS TEXT) = ''
       OR CASE WHEN v.powertrain <> '' THEN v.powertrain
               WHEN v.told_powertrain <> '' THEN v.told_powertrain
               ELSE COALESCE(s.powertrain, '') END = sqlc.arg(powertrain))
  AND (CAST(sqlc.arg(drivability) AS TEXT) = ''
       OR s.drivability = sqlc.arg(drivability))
ORDER BY v.vin
LIMIT sqlc.arg(size);

-- name: VehicleRow :one
SELECT sqlc.embed(v),
    COALESCE(s.powertrain, '') AS powertrain, COALESCE(s.odometer_km, 0) AS odometer_km,
    COALESCE(s.odometer_at, 0) AS odometer_at, COALESCE(s.km_per_day, 0) AS km_per_day, COALESCE(s.active_codes, 0) AS active_codes,
    COALESCE(s.mil, FALSE) AS mil, COALESCE(s.drivability, '') AS drivability,
    COALESCE(s.findings, 0) AS findings, COALESCE(s.next_item, '') AS next_item,
    COALESCE(s.next_due, 0) AS next_due, COALESCE(s.data_until, 0) AS data_until,
    COALESCE(s.planned, 0) AS planned, COALESCE(s.odometer_refused, 0) AS odometer_refused,
    COALESCE(s.dial_km, 0) AS dial_km, COALESCE(s.readiness, '{}') AS readiness
FROM vehicles v LEFT JOIN summaries s ON s.vin = v.vin
WHERE v.vin = $1;

-- name: CountVehicles :one
SELECT COUNT(*) AS vehicles, COUNT(*) FILTER (WHERE online) AS online FROM vehicles;

-- name: CountRefusedReadings :one
SELECT CAST(COALESCE(SUM(odometer_refused), 0) AS BIGINT) FROM summaries;

-- name: QuietVehicles :many
-- Vehicles with marks are not quiet: the marks say when they are planned.
SELECT v.vin FROM vehicles v LEFT JOIN summaries s ON s.vin = v.vin
WHERE COALESCE(s.planned, 0) < sqlc.arg(before)
  AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.vin = v.vin)
ORDER BY COALESCE(s.planned, 0), v.vin
LIMIT sqlc.arg(size);
