-- Versions of what the fleet taught, which of them is in force, and how good the
-- forecasts turned out.

-- +goose Up

ALTER TABLE priors RENAME TO models;
ALTER TABLE models ADD COLUMN state TEXT NOT NULL DEFAULT 'retired';
ALTER TABLE models ADD COLUMN vehicles BIGINT NOT NULL DEFAULT 0;
ALTER TABLE models ADD COLUMN paths BIGINT NOT NULL DEFAULT 0;
ALTER TABLE models ADD COLUMN since BIGINT NOT NULL DEFAULT 0;    -- in state
ALTER TABLE models ADD COLUMN in_force BIGINT NOT NULL DEFAULT 0; -- when it came into force last; 0: never
ALTER TABLE models ADD COLUMN report TEXT NOT NULL DEFAULT '{}';  -- JSON of models.Report

-- The newest was in force.
UPDATE models SET state = 'active', since = learned, in_force = learned
WHERE version = (SELECT version FROM models ORDER BY learned DESC, version DESC LIMIT 1);

-- One in force and one in the shadow, whatever two planners do.
CREATE UNIQUE INDEX models_at_work ON models (state) WHERE state <> 'retired';

CREATE TABLE model_events (
    id       TEXT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    action   TEXT   NOT NULL,
    version  TEXT   NOT NULL, -- that came into force
    replaced TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    note     TEXT   NOT NULL
);
CREATE INDEX model_events_by_time ON model_events (at DESC, id DESC);

-- The model that a stored forecast names.
ALTER TABLE forecasts ADD COLUMN model TEXT NOT NULL DEFAULT '';

-- What was forecast when a part came within a horizon, and what became of it.
CREATE TABLE snapshots (
    vin       TEXT    NOT NULL,
    component TEXT    NOT NULL,
    cycle     TEXT    NOT NULL,
    horizon   BIGINT  NOT NULL, -- days
    as_of     BIGINT  NOT NULL,
    p10       BIGINT  NOT NULL,
    p50       BIGINT  NOT NULL,
    p90       BIGINT  NOT NULL,
    model     TEXT    NOT NULL,
    by_level  BOOLEAN NOT NULL,
    state     TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    cell      BIGINT  NOT NULL,
    week      BIGINT  NOT NULL, -- its Monday; 0 while the outcome is not known
    off_days  DOUBLE PRECISION NOT NULL, -- |at - p50| of those that ended, days
    PRIMARY KEY (vin, component, cycle, horizon)
);
CREATE INDEX snapshots_known ON snapshots (component, horizon, week) WHERE week <> 0;
