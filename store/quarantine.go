package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// refusedRows keeps repetitions apart: each counts.
func refusedRows(refused []ingest.Refused) []sqlcgen.RefuseParams {
	rows := make([]sqlcgen.RefuseParams, 0, len(refused))
	for _, r := range refused {
		payload := r.Payload
		if payload == nil {
			payload = []byte{}
		}
		row := sqlcgen.RefuseParams{
			ID: refusedID(r), Topic: text(r.Topic), Vin: text(r.VIN), Payload: payload,
			Place: text(r.Place), Reason: text(r.Reason), Received: micros(r.Received), LastReceived: micros(r.Received), Times: 1,
			Message: messageID(r.Topic, r.Payload), Partial: r.Partial, Retained: r.Retained, Sender: text(string(r.From)),
		}
		row.Size = rowSize(row.Topic, row.Payload, row.Place, row.Reason)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b sqlcgen.RefuseParams) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Received, b.Received))
	})
	return rows
}

// refusedID is the same for the same bytes on the same topic, refused at the
// same place for the same reason.
func refusedID(r ingest.Refused) string {
	return hashOf([]byte(r.Topic), r.Payload, []byte(r.Place), []byte(r.Reason))
}

// messageID is the same for the same bytes on the same topic. It is made of the
// topic as it is kept, so that a message read back has the same.
func messageID(topic string, payload []byte) string {
	return hashOf([]byte(text(topic)), payload)
}

// hashOf is half of a SHA-256, lengths first.
func hashOf(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// rowSize is what a row counts against the limit of quarantine.
func rowSize(topic string, payload []byte, place, reason string) int64 {
	return int64(len(topic) + len(payload) + len(place) + len(reason))
}

// releasedMessages returns the ids of messages, each once, in order.
func releasedMessages(released []ingest.Released) []string {
	var ids []string
	for _, r := range released {
		ids = append(ids, messageID(r.Topic, r.Payload))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// refuse puts rows into quarantine and takes out what there was of the released
// messages. What is refused again, for the same reason or for another, keeps how
// often and when the message came last.
func (tx *Tx) refuse(ctx context.Context, refused []sqlcgen.RefuseParams, released []string) error {
	var old []string
	for _, message := range released {
		rows, err := tx.q.RefusalsOfMessage(ctx, message)
		if err != nil {
			return tx.d.fail("read quarantine", err)
		}
		for _, was := range rows {
			again := false
			for i := range refused {
				if r := &refused[i]; r.Message == message {
					r.LastReceived, r.Times = max(r.LastReceived, was.LastReceived), max(r.Times, was.Times)
					again = again || r.ID == was.ID
				}
			}
			if !again {
				old = append(old, was.ID)
			}
		}
	}
	// One pass in the order of ids: transactions that lock rows in the same order
	// cannot lock each other out.
	slices.Sort(old)
	release := func(until string) error {
		for len(old) > 0 && (until == "" || old[0] < until) {
			if _, err := tx.q.DeleteRefusal(ctx, old[0]); err != nil {
				return tx.d.fail("release message from quarantine", err)
			}
			old = old[1:]
		}
		return nil
	}
	for _, r := range refused {
		if err := release(r.ID); err != nil {
			return err
		}
		if err := tx.q.Refuse(ctx, r); err != nil {
			return tx.d.fail("quarantine message", err)
		}
	}
	return release("")
}

// Quarantine implements planner.Queries.
func (db *DB) Quarantine(ctx context.Context, f planner.QuarantineFilter, p planner.Page) ([]planner.Quarantined, string, error) {
	from, err := first(p, cursor{List: "quarantine", Major: math.MaxInt64})
	if err != nil {
		return nil, "", err
	}
	rows, err := db.reads.ListQuarantine(ctx, sqlcgen.ListQuarantineParams{
		Before: from.Major, BeforeID: from.ID, Size: int32(p.Size + 1),
		Vin: text(f.VIN), Prefix: text(f.TopicPrefix), Pattern: contains(f.Reason), Since: micros(f.From), Until: end(f.To),
	})
	if err != nil {
		return nil, "", db.dialect.fail("list quarantine", err)
	}
	rows, next := cut(rows, p, func(r sqlcgen.Quarantine) cursor {
		return cursor{List: "quarantine", Major: r.Received, ID: r.ID}
	})
	list, err := mapRows(rows, func(r sqlcgen.Quarantine) (planner.Quarantined, error) {
		return planner.Quarantined{
			ID: r.ID, Topic: r.Topic, VIN: r.Vin, Payload: r.Payload, Place: r.Place, Reason: r.Reason,
			Received: instant(r.Received), Count: int(r.Times), LastReceived: instant(r.LastReceived), Partial: r.Partial,
		}, nil
	})
	return list, next, err
}

// end is the exclusive end of a span of time; a zero one never ends.
func end(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return micros(t)
}

// RefusedMessages lists the messages with an entry that matches the filter, each
// once, by an id that a replay does not change: going through all pages, every
// message that was there at the beginning comes exactly once.
func (db *DB) RefusedMessages(ctx context.Context, f planner.QuarantineFilter, p planner.Page) ([]string, string, error) {
	from, err := first(p, cursor{List: "refused"})
	if err != nil {
		return nil, "", err
	}
	rows, err := db.reads.RefusedMessages(ctx, sqlcgen.RefusedMessagesParams{
		After: from.ID, Size: int32(p.Size + 1),
		Vin: text(f.VIN), Prefix: text(f.TopicPrefix), Pattern: contains(f.Reason), Since: micros(f.From), Until: end(f.To),
	})
	if err != nil {
		return nil, "", db.dialect.fail("list refused messages", err)
	}
	rows, next := cut(rows, p, func(id string) cursor { return cursor{List: "refused", ID: id} })
	return rows, next, nil
}

// CountRefused counts the entries that match the filter, and the messages they are about.
func (db *DB) CountRefused(ctx context.Context, f planner.QuarantineFilter) (entries, messages int, err error) {
	r, err := db.reads.CountRefused(ctx, sqlcgen.CountRefusedParams{
		Vin: text(f.VIN), Prefix: text(f.TopicPrefix), Pattern: contains(f.Reason), Since: micros(f.From), Until: end(f.To),
	})
	return int(r.Entries), int(r.Messages), db.dialect.fail("count refused messages", err)
}

// RefusedMessage returns a message by its id, as it first came; fault.NotFound
// when nothing of it is in quarantine.
func (db *DB) RefusedMessage(ctx context.Context, id string) (ingest.Kept, error) {
	r, err := db.reads.RefusedMessage(ctx, id)
	if err != nil {
		return ingest.Kept{}, db.view().missing(err, "refused message", id)
	}
	return ingest.Kept{
		Topic: r.Topic, Payload: r.Payload, Received: instant(r.Received),
		Partial: r.Partial > 0, Retained: r.Retained > 0, From: vehicle.VIN(r.Sender),
	}, nil
}

// MessageOfRefusal returns the id of the message that an entry of the list is
// about; fault.NotFound when there is no such entry.
func (db *DB) MessageOfRefusal(ctx context.Context, entry string) (string, error) {
	id, err := db.reads.MessageOfRefusal(ctx, entry)
	if err != nil {
		return "", db.view().missing(err, "entry in quarantine with id", entry)
	}
	return id, nil
}

// Discard removes up to limit entries that match the filter, and returns how many.
func (db *DB) Discard(ctx context.Context, f planner.QuarantineFilter, limit int) (int, error) {
	return db.remove(ctx, func(q *sqlcgen.Queries) (int64, error) {
		return q.DeleteRefusals(ctx, sqlcgen.DeleteRefusalsParams{
			Vin: text(f.VIN), Prefix: text(f.TopicPrefix), Pattern: contains(f.Reason),
			Since: micros(f.From), Until: end(f.To), Size: int32(limit),
		})
	})
}

// DiscardEntries removes entries by their ids, and returns how many there were.
func (db *DB) DiscardEntries(ctx context.Context, ids []string) (int, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	return db.remove(ctx, func(q *sqlcgen.Queries) (int64, error) {
		var sum int64
		for _, id := range ids {
			n, err := q.DeleteRefusal(ctx, id)
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	})
}

func (db *DB) remove(ctx context.Context, del func(*sqlcgen.Queries) (int64, error)) (int, error) {
	removed := int64(0)
	err := db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) (err error) {
		removed, err = del(tx.q)
		return tx.d.fail("remove from quarantine", err)
	})
	if err != nil {
		return 0, err
	}
	return int(removed), nil
}

// QuarantineSize implements ingest.Shelf.
func (db *DB) QuarantineSize(ctx context.Context) (entries int, bytes int64, err error) {
	r, err := db.reads.QuarantineSize(ctx)
	return int(r.Messages), r.Bytes, db.dialect.fail("measure quarantine", err)
}

// ExpireOldest implements ingest.Shelf. What comes again between looking and
// deleting is not old any more, and stays.
func (db *DB) ExpireOldest(ctx context.Context, before time.Time, excess int64, limit int) (ingest.Expired, error) {
	var out ingest.Expired
	err := db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) error {
		out = ingest.Expired{}
		rows, err := tx.q.OldestRefusals(ctx, int32(limit))
		if err != nil {
			return tx.d.fail("read quarantine", err)
		}
		n := 0
		for n < len(rows) && (rows[n].LastReceived < micros(before) || out.Bytes < excess) {
			if rows[n].LastReceived < micros(before) {
				out.Aged++
			} else {
				out.Crowded++
			}
			out.Bytes += rows[n].Size
			n++
		}
		if n == 0 {
			return nil
		}
		last := rows[n-1]
		_, err = tx.q.ExpireRefusals(ctx, sqlcgen.ExpireRefusalsParams{LastReceived: last.LastReceived, ID: last.ID})
		return tx.d.fail("expire quarantine", err)
	})
	if err != nil {
		return ingest.Expired{}, err
	}
	return out, nil
}

// namedAtOnce is how many rows of an older schema are completed in one transaction.
const namedAtOnce = 200

// completeQuarantine fills what rows of before 0005_quarantine.sql lack. It is
// done here because SQLite has no hash function. Their sender is known only where
// it was the reason.
func (db *DB) completeQuarantine(ctx context.Context, log *slog.Logger) error {
	total := 0
	for {
		n := 0
		err := db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) error {
			rows, err := tx.q.RefusalsWithoutMessage(ctx, namedAtOnce)
			if err != nil {
				return err
			}
			n = len(rows)
			for _, r := range rows {
				err := tx.q.NameMessage(ctx, sqlcgen.NameMessageParams{
					ID: r.ID, Message: messageID(r.Topic, r.Payload), Size: rowSize(r.Topic, r.Payload, r.Place, r.Reason),
					Partial: oldPartial(r.Reason), Sender: oldSender(r.Reason),
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("complete quarantine: %w", err)
		}
		if total += n; n < namedAtOnce {
			break
		}
	}
	if total > 0 {
		log.InfoContext(ctx, "quarantine completed", "entries", total)
	}
	return nil
}

// oldPartial and oldSender read what older versions wrote into the reason.
func oldPartial(reason string) bool {
	return strings.HasPrefix(reason, "payload of ") && strings.HasSuffix(reason, " are kept") ||
		strings.Contains(reason, "was not read, and the connection closed")
}

func oldSender(reason string) string {
	sender, _, ok := strings.Cut(reason, " sent a message about ")
	if _, err := vehicle.ParseVIN(sender); !ok || err != nil {
		return ""
	}
	return sender
}
