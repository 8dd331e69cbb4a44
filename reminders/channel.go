package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Channel carries messages to owners.
type Channel interface {
	// Send returns nil when the message has been taken. It may be called again
	// with the same Message.ID: a channel passes the ID on, so that the receiver
	// can tell, or knows itself what it has sent. ErrDisabled means that there is
	// no point in trying again; any other error that there is. It is safe for
	// concurrent use, and returns soon after its context ends.
	Send(ctx context.Context, m Message) error
}

// ErrDisabled says that the receiver wants no more messages.
var ErrDisabled = errors.New("the receiver wants no more messages")

// Log is a channel for trying out: it writes what would be sent to the log,
// without the owner's address.
type Log struct{ Logger *slog.Logger }

// Send logs the message.
func (l Log) Send(ctx context.Context, m Message) error {
	l.Logger.InfoContext(ctx, "message to owner", "id", m.ID, "vin", m.VIN, "severity", m.Severity, "subject", m.Subject)
	return nil
}

// Outbox holds messages from the moment they were decided until they are
// delivered. It is safe for concurrent use, also by several processes.
type Outbox interface {
	// Claim leases up to n messages whose time has come, longest due first. Until
	// the lease ends nobody else gets them; a message that was neither delivered,
	// failed nor dead by then is claimed again.
	Claim(ctx context.Context, n int, lease time.Duration) ([]Claimed, error)
	// Delivered ends a message well.
	Delivered(ctx context.Context, id string) error
	// Failed puts a message off until retryAt.
	Failed(ctx context.Context, id string, retryAt time.Time, reason error) error
	// Dead ends a message that will not be tried again. It is kept, with the reason.
	Dead(ctx context.Context, id string, reason error) error
}

// Claimed is a leased message. Attempt is 1 the first time it is claimed.
type Claimed struct {
	Message
	Attempt int
}

// StillNews reports whether a queued message about the reminder should still be
// sent: the quiet hours are long enough to book a visit.
func (r Reminder) StillNews() bool {
	switch r.State {
	case DueSoon, Due, Overdue:
		return true
	case Booked:
		return r.Severity == SeverityStop // told though booked
	default:
		return false
	}
}
