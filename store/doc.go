// Package store keeps everything but the time series in one SQL database:
// SQLite inside the binary, or PostgreSQL. It implements ingest.Facts,
// planner.Store, planner.Queries and the outbox of reminders, so that one
// transaction can close an order, write history and settle a reminder.
//
// There is one schema (migrations/) and one set of queries (queries/), typed by
// sqlc. What both dialects understand alike is all they may use: $n parameters,
// ON CONFLICT, CASE for the lesser and greater of two, TEXT, BIGINT, BOOLEAN,
// DOUBLE PRECISION and BYTEA; ids are made in Go.
//
// Times are kept to the microsecond (TimePrecision) in UTC; a time that is
// exactly 1970-01-01T00:00:00Z reads back as the zero time. Texts lose NUL
// characters and invalid UTF-8, which PostgreSQL cannot hold.
package store

import "time"

//go:generate go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate

// TimePrecision is how finely times are kept.
const TimePrecision = time.Microsecond
