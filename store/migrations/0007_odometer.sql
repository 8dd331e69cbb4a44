-- What persons decided about odometer readings.

-- +goose Up

-- Append-only: of several about one reading the newest counts. The reading is kept
-- with the decision, because telemetry of the same day may move on from it.
CREATE TABLE odometer_decisions (
    vin        TEXT   NOT NULL,
    reading    TEXT   NOT NULL, -- its id: hash of read_at, metres and source
    decided    BIGINT NOT NULL,
    verdict    TEXT   NOT NULL,
    read_at    BIGINT NOT NULL,
    metres     DOUBLE PRECISION NOT NULL,
    source     TEXT   NOT NULL,
    raw        DOUBLE PRECISION NOT NULL,
    unit       TEXT   NOT NULL,
    total      DOUBLE PRECISION NOT NULL, -- metres, of a correction
    decided_by TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    PRIMARY KEY (vin, reading, decided)
);

-- Readings that the ledger does not believe and nobody has decided about.
ALTER TABLE summaries ADD COLUMN odometer_refused BIGINT NOT NULL DEFAULT 0;

-- What the instrument shows where odometer_km is the total, over replaced clusters too.
ALTER TABLE summaries ADD COLUMN dial_km DOUBLE PRECISION NOT NULL DEFAULT 0;
