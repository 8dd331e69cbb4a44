-- What was done to forget vehicles.

-- +goose Up

-- Written before anything is removed, so that an erasure that was broken off is
-- finished. It names the vehicle until its rows are gone.
CREATE TABLE erasures (
    id          TEXT NOT NULL PRIMARY KEY,
    pending_vin TEXT    NOT NULL,
    digest      TEXT    NOT NULL, -- SHA-256 of id and VIN
    actor       TEXT    NOT NULL,
    keep_work   BOOLEAN NOT NULL,
    requested   BIGINT  NOT NULL,
    done        BIGINT  NOT NULL, -- 0: not yet
    days        BIGINT  NOT NULL, -- that had samples
    removed     TEXT    NOT NULL  -- JSON: rows by table
);
CREATE INDEX erasures_by_time ON erasures (requested DESC, id DESC);
CREATE INDEX erasures_pending ON erasures (requested, id) WHERE done = 0;
