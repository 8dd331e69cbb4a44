-- Jobs, reminders, and the messages on their way to owners.

-- +goose Up

CREATE TABLE orders (
    id              TEXT NOT NULL PRIMARY KEY,
    number          TEXT   NOT NULL,
    vin             TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    source          TEXT   NOT NULL,
    priority        TEXT   NOT NULL,
    urgency         BIGINT NOT NULL, -- priority as a rank, 0 first
    title           TEXT   NOT NULL,
    lines           TEXT   NOT NULL,
    dismiss_reason  TEXT   NOT NULL,
    note            TEXT   NOT NULL,
    scheduled_for   BIGINT NOT NULL,
    odometer_in_km  DOUBLE PRECISION NOT NULL,
    odometer_out_km DOUBLE PRECISION NOT NULL,
    record_id       TEXT   NOT NULL,
    created         BIGINT NOT NULL,
    updated         BIGINT NOT NULL,
    opened          BIGINT NOT NULL,
    checked_in_at   BIGINT NOT NULL,
    closed          BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    events          TEXT   NOT NULL
);
CREATE INDEX orders_by_urgency ON orders (urgency, created DESC, id, state);
CREATE INDEX orders_by_vehicle ON orders (vin, urgency, created DESC, id);
CREATE INDEX orders_by_state ON orders (state);

CREATE TABLE reminders (
    id            TEXT NOT NULL PRIMARY KEY,
    vin           TEXT   NOT NULL,
    item          TEXT   NOT NULL,
    cycle         TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    basis         TEXT   NOT NULL,
    severity      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    due_km        DOUBLE PRECISION NOT NULL,
    due_at        BIGINT NOT NULL,
    due_order     BIGINT NOT NULL, -- due_at, after all others where there is none
    due_earliest  BIGINT NOT NULL,
    due_latest    BIGINT NOT NULL,
    snooze_until  BIGINT NOT NULL,
    work_order_id TEXT   NOT NULL,
    notified      TEXT   NOT NULL,
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    closed        BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX reminders_by_due ON reminders (due_order, id, state);
CREATE INDEX reminders_by_vehicle ON reminders (vin, due_order, id);
CREATE INDEX reminders_by_state ON reminders (state);

-- A message is here once for ever: its id keeps it from being sent again.
CREATE TABLE outbox (
    id          TEXT NOT NULL PRIMARY KEY,
    reminder_id TEXT   NOT NULL, -- the reminder may be gone since
    vin         TEXT   NOT NULL,
    recipient   TEXT   NOT NULL,
    locale      TEXT   NOT NULL,
    severity    TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    not_before  BIGINT NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('queued', 'leased', 'delivered', 'dead')),
    attempts    BIGINT NOT NULL,
    next_try    BIGINT NOT NULL, -- queued: not before; leased: end of the lease
    settled     BIGINT NOT NULL, -- when it was delivered or given up
    last_error  TEXT   NOT NULL
);
CREATE INDEX outbox_by_time ON outbox (state, next_try, id);
