-- What replaying a refused message, and expiring it, needs to know of it.

-- +goose Up

-- The rows of one message: hash of topic and payload. '' in rows of before;
-- pitcrew fills them at its start, because SQLite has no hash function.
ALTER TABLE quarantine ADD COLUMN message  TEXT    NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN size     BIGINT  NOT NULL DEFAULT 0;     -- bytes of topic, payload, place and reason
ALTER TABLE quarantine ADD COLUMN partial  BOOLEAN NOT NULL DEFAULT FALSE; -- the payload is not all of it
ALTER TABLE quarantine ADD COLUMN retained BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE quarantine ADD COLUMN sender   TEXT    NOT NULL DEFAULT '';    -- VIN it may speak for; '' is any

CREATE INDEX quarantine_by_message ON quarantine (message);
CREATE INDEX quarantine_by_age ON quarantine (last_received, id, size);
