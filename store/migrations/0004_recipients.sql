-- Finding the last message to an owner must not take longer as the outbox grows.

-- +goose Up

CREATE INDEX outbox_by_recipient ON outbox (recipient, severity, not_before);
