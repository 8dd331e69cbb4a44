-- What the planner derives from the facts. Everything here but priors can be
-- computed again.

-- +goose Up

CREATE TABLE rollups (
    vin  TEXT   NOT NULL,
    day  BIGINT NOT NULL,
    body BYTEA  NOT NULL, -- see rollup_codec.go
    PRIMARY KEY (vin, day)
);

CREATE TABLE code_states (
    vin        TEXT   NOT NULL,
    position   BIGINT NOT NULL, -- in the order the planner gave them
    code       TEXT   NOT NULL,
    ecu        TEXT   NOT NULL,
    active     BOOLEAN NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (vin, position)
);

CREATE TABLE forecasts (
    vin       TEXT   NOT NULL,
    position  BIGINT NOT NULL,
    component TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    due       BIGINT NOT NULL, -- P50
    body      TEXT   NOT NULL,
    PRIMARY KEY (vin, position)
);

CREATE TABLE findings (
    vin         TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    family      TEXT   NOT NULL,
    drivability TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    PRIMARY KEY (vin, position)
);

-- The fleet overview: one row per vehicle that was planned.
CREATE TABLE summaries (
    vin          TEXT NOT NULL PRIMARY KEY,
    powertrain   TEXT    NOT NULL, -- registered, told or inferred when it was planned
    odometer_km  DOUBLE PRECISION NOT NULL,
    odometer_at  BIGINT  NOT NULL,
    km_per_day   DOUBLE PRECISION NOT NULL,
    active_codes BIGINT  NOT NULL,
    mil          BOOLEAN NOT NULL,
    drivability  TEXT    NOT NULL,
    findings     BIGINT  NOT NULL,
    next_item    TEXT    NOT NULL,
    next_due     BIGINT  NOT NULL,
    data_until   BIGINT  NOT NULL,
    planned      BIGINT  NOT NULL
);

-- What the fleet taught. Older versions stay, because forecasts name them.
CREATE TABLE priors (
    version TEXT NOT NULL PRIMARY KEY,
    learned BIGINT NOT NULL,
    body    TEXT   NOT NULL
);
