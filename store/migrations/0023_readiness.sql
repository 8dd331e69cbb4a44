-- How far a vehicle is with its readiness monitors.

-- +goose Up

ALTER TABLE summaries ADD COLUMN readiness TEXT NOT NULL DEFAULT '{}'; -- JSON of diagnosis.Readiness
