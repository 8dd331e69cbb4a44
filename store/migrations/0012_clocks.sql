-- How far devices' clocks are off.

-- +goose Up

-- The most that a clock was ahead in an hour of receipt, by the messages of that hour.
-- The latest two hours of a vehicle are kept.
CREATE TABLE clocks (
    vin  TEXT   NOT NULL,
    hour BIGINT NOT NULL,
    lead BIGINT NOT NULL, -- microseconds, in whole seconds; below 0 is behind, or delayed
    PRIMARY KEY (vin, hour)
);
