-- What large batches of messages say of vehicles, until it is in the rows of the
-- vehicles.

-- +goose Up

CREATE TABLE journal (
    id   TEXT  NOT NULL PRIMARY KEY,
    body BYTEA NOT NULL -- gob of ingest.Batch
);
