-- What came in: it is kept as it was said, in any order, under keys that make
-- saying it again harmless. There are no foreign keys between facts because a
-- code report may arrive before anything else is known of its vehicle.
--
-- Rules for both dialects: times are BIGINT microseconds since the Unix epoch
-- and 0 is "no time"; texts are never NULL, '' is "none"; nested values are JSON
-- in TEXT; everything that is filtered or sorted by is a column.

-- +goose Up

-- One row per vehicle. name..owner_contact is what a person registered, told_*
-- what the vehicle says of itself: the former wins where both are set.
CREATE TABLE vehicles (
    vin             TEXT NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL DEFAULT '',
    plate           TEXT    NOT NULL DEFAULT '',
    brand           TEXT    NOT NULL DEFAULT '',
    model           TEXT    NOT NULL DEFAULT '',
    model_year      BIGINT  NOT NULL DEFAULT 0,
    powertrain      TEXT    NOT NULL DEFAULT '',
    in_service      BIGINT  NOT NULL DEFAULT 0,
    time_zone       TEXT    NOT NULL DEFAULT '',
    owner_name      TEXT    NOT NULL DEFAULT '',
    owner_locale    TEXT    NOT NULL DEFAULT '',
    owner_contact   TEXT    NOT NULL DEFAULT '',
    told_brand      TEXT    NOT NULL DEFAULT '',
    told_model      TEXT    NOT NULL DEFAULT '',
    told_model_year BIGINT  NOT NULL DEFAULT 0,
    told_powertrain TEXT    NOT NULL DEFAULT '',
    search          TEXT    NOT NULL DEFAULT '', -- lower-case text that a search looks into
    first_seen      BIGINT  NOT NULL DEFAULT 0,
    last_seen       BIGINT  NOT NULL DEFAULT 0,
    last_event      BIGINT  NOT NULL DEFAULT 0,
    online          BOOLEAN NOT NULL DEFAULT FALSE,
    online_at       BIGINT  NOT NULL DEFAULT 0   -- of the status message behind online
);

-- The newest value of each attribute a vehicle gave of itself; told_* follows.
CREATE TABLE vehicle_attributes (
    vin    TEXT   NOT NULL,
    signal TEXT   NOT NULL,
    value  TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (vin, signal)
);

CREATE TABLE code_reports (
    vin      TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    ecu      TEXT   NOT NULL,
    covers   TEXT   NOT NULL, -- statuses, sorted and joined by commas; '' is all
    received BIGINT NOT NULL,
    body     TEXT   NOT NULL, -- JSON: lamp, clock and codes
    PRIMARY KEY (vin, at, ecu, covers)
);

-- Days of vehicles that have data the planner has not seen.
CREATE TABLE marks (
    vin          TEXT   NOT NULL,
    day          BIGINT NOT NULL, -- days since 1970-01-01
    first_marked BIGINT NOT NULL,
    marked_at    BIGINT NOT NULL,
    urgent_at    BIGINT NOT NULL, -- 0: not urgent
    PRIMARY KEY (vin, day)
);

-- Messages, or parts of them, that could not be taken.
CREATE TABLE quarantine (
    id            TEXT NOT NULL PRIMARY KEY, -- hash of topic, payload, place and reason
    topic         TEXT   NOT NULL,
    vin           TEXT   NOT NULL,
    payload       BYTEA  NOT NULL,
    place         TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    received      BIGINT NOT NULL, -- first time
    last_received BIGINT NOT NULL,
    times         BIGINT NOT NULL
);
CREATE INDEX quarantine_by_time ON quarantine (received DESC, id DESC);

-- The service record of every vehicle.
CREATE TABLE records (
    id            TEXT NOT NULL PRIMARY KEY,
    vin           TEXT   NOT NULL,
    visited       BIGINT NOT NULL,
    odometer_km   DOUBLE PRECISION NOT NULL,
    source        TEXT   NOT NULL,
    source_id     TEXT   NOT NULL,
    shop          TEXT   NOT NULL,
    work_order_id TEXT   NOT NULL,
    items         TEXT   NOT NULL,
    measurements  TEXT   NOT NULL,
    parts         TEXT   NOT NULL,
    hours         DOUBLE PRECISION NOT NULL,
    cost_minor    BIGINT NOT NULL,
    cost_currency TEXT   NOT NULL,
    note          TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    recorded      BIGINT NOT NULL
);
CREATE UNIQUE INDEX records_by_source ON records (source, source_id) WHERE source_id <> '';
CREATE INDEX records_by_vehicle ON records (vin, visited DESC, id DESC);
