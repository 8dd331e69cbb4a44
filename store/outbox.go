package store

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var _ reminders.Outbox = (*DB)(nil)

// The ends of a message; before them it is queued or leased.
const (
	delivered = "delivered"
	dead      = "dead"
)

// Enqueue implements planner.Tx. A message that was ever enqueued stays as it is.
func (tx *Tx) Enqueue(ctx context.Context, m reminders.Message) error {
	return tx.d.fail("enqueue message", tx.q.Enqueue(ctx, sqlcgen.EnqueueParams{
		ID: text(m.ID), ReminderID: text(m.ReminderID), Vin: string(m.VIN), Recipient: text(m.To),
		Locale: text(m.Locale), Severity: string(m.Severity), Subject: text(m.Subject), Body: text(m.Body),
		NotBefore: micros(m.NotBefore),
	}))
}

// LastRoutine implements planner.Tx. The time of a message is when it may go out
// first.
func (tx *Tx) LastRoutine(ctx context.Context, recipient string, except vehicle.VIN) (time.Time, error) {
	at, err := tx.q.LastRoutine(ctx, sqlcgen.LastRoutineParams{Recipient: text(recipient), ExceptVin: string(except)})
	return instant(at), tx.d.fail("read messages", err)
}

// Claim implements reminders.Outbox.
func (db *DB) Claim(ctx context.Context, n int, lease time.Duration) ([]reminders.Claimed, error) {
	var claimed []reminders.Claimed
	err := db.Write(ctx, func(tx *Tx) error {
		claimed = nil
		now := db.now()
		rows, err := tx.q.Claimable(ctx, sqlcgen.ClaimableParams{Now: micros(now), Size: int32(n)})
		if err != nil {
			return tx.d.fail("claim messages", err)
		}
		for _, r := range rows {
			if err := tx.q.Lease(ctx, sqlcgen.LeaseParams{ID: r.ID, Until: micros(now.Add(lease))}); err != nil {
				return tx.d.fail("claim messages", err)
			}
			claimed = append(claimed, claimedOf(r))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// claimedOf is a message as it is once the row is leased.
func claimedOf(r sqlcgen.Outbox) reminders.Claimed {
	return reminders.Claimed{
		Message: reminders.Message{
			ID: r.ID, ReminderID: r.ReminderID, VIN: vehicle.VIN(r.Vin), To: r.Recipient, Locale: r.Locale,
			Severity: reminders.Severity(r.Severity), Subject: r.Subject, Body: r.Body, NotBefore: instant(r.NotBefore),
		},
		Attempt: int(r.Attempts) + 1,
	}
}

// Delivered implements reminders.Outbox. It holds even if the lease has ended
// and the message was given up since.
func (db *DB) Delivered(ctx context.Context, id string) error {
	return db.settle(ctx, id, delivered, "")
}

// Dead implements reminders.Outbox. A message that was delivered stays delivered.
func (db *DB) Dead(ctx context.Context, id string, reason error) error {
	return db.settle(ctx, id, dead, reasonText(reason))
}

func (db *DB) settle(ctx context.Context, id, state, reason string) error {
	return db.Write(ctx, func(tx *Tx) error {
		settled, err := tx.q.SettleMessage(ctx, sqlcgen.SettleMessageParams{
			ID: id, State: state, Now: micros(db.now()), Reason: reason,
		})
		return tx.settled(ctx, id, settled, err)
	})
}

// Failed implements reminders.Outbox. A message that was delivered or given up
// stays so.
func (db *DB) Failed(ctx context.Context, id string, retryAt time.Time, reason error) error {
	return db.Write(ctx, func(tx *Tx) error {
		put, err := tx.q.PutOffMessage(ctx, sqlcgen.PutOffMessageParams{
			ID: id, NextTry: micros(retryAt), Reason: reasonText(reason),
		})
		return tx.settled(ctx, id, put, err)
	})
}

// settled tells a message that was settled before, which is fine, from one that
// never was.
func (tx *Tx) settled(ctx context.Context, id string, rows int64, err error) error {
	if err != nil {
		return tx.d.fail("mark message", err)
	}
	if rows > 0 {
		return nil
	}
	if _, err := tx.q.Message(ctx, id); err != nil {
		return tx.missing(err, "message", id)
	}
	return nil
}

func reasonText(reason error) string {
	if reason == nil {
		return ""
	}
	return text(reason.Error())
}
