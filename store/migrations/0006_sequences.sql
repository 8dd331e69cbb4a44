-- Which numbered messages of a vehicle came.

-- +goose Up

-- One row per boot of a device; '' sums up the boots that are forgotten.
CREATE TABLE sequences (
    vin      TEXT   NOT NULL,
    boot     TEXT   NOT NULL,
    since    BIGINT NOT NULL, -- when its first message came
    received BIGINT NOT NULL,
    missing  BIGINT NOT NULL,
    jumps    BIGINT NOT NULL,
    body     TEXT   NOT NULL, -- JSON: runs of numbers, and what is settled below them
    PRIMARY KEY (vin, boot)
);
CREATE INDEX sequences_with_gaps ON sequences (vin, missing) WHERE missing > 0;

-- The run that grows: the highest of the boot that reported last. Its row in
-- sequences has its beginning; how far it got is here, so that a message that comes
-- in order costs no row of its own.
ALTER TABLE vehicles ADD COLUMN boot      TEXT   NOT NULL DEFAULT ''; -- '' is none
ALTER TABLE vehicles ADD COLUMN run_first BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vehicles ADD COLUMN run_last  BIGINT NOT NULL DEFAULT 0;
