package api

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

// Quarantine is where refused messages are kept, beside what planner.Queries
// lists. An entry is one reason a message was refused for.
type Quarantine interface {
	// RefusedMessages lists the ids of messages with an entry that matches, each
	// once, in an order that a replay does not change.
	RefusedMessages(ctx context.Context, f planner.QuarantineFilter, p planner.Page) (ids []string, next string, err error)
	// CountRefused counts the entries that match, and the messages they are about.
	CountRefused(ctx context.Context, f planner.QuarantineFilter) (entries, messages int, err error)
	// RefusedMessage returns a message; fault.NotFound when it is gone.
	RefusedMessage(ctx context.Context, id string) (ingest.Kept, error)
	// MessageOfRefusal returns the id of the message an entry is about.
	MessageOfRefusal(ctx context.Context, entry string) (string, error)
	// Discard removes up to limit entries that match, and returns how many.
	Discard(ctx context.Context, f planner.QuarantineFilter, limit int) (int, error)
	// DiscardEntries removes entries by their ids, and returns how many there were.
	DiscardEntries(ctx context.Context, ids []string) (int, error)
}

// Replay does with refused messages what would have been done had they arrived
// now, see ingest.Pipeline.Replay.
type Replay func(context.Context, iter.Seq2[ingest.Kept, error]) (ingest.Replayed, error)

const (
	// maxPayloads bounds the payloads of one page: a gRPC client takes 4 MB unless
	// told otherwise, and a single payload has up to 1 MiB.
	maxPayloads = 2 << 20
	// maxIDs is how many ids a request may name.
	maxIDs = 200
	// turn is how long a call goes on discarding: what is left is for the next one.
	turn = 3 * time.Second
	// discardAtOnce bounds one transaction: messages that come in wait for it.
	discardAtOnce = 500
)

type quarantine struct {
	pitcrewv1.UnimplementedQuarantineServiceServer
	o Options
}

// ListQuarantine reads a page again with fewer messages when the payloads are
// too large together.
func (s quarantine) ListQuarantine(ctx context.Context, req *pitcrewv1.ListQuarantineRequest) (*pitcrewv1.ListQuarantineResponse, error) {
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	filter, err := quarantineFilter(req)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Queries.Quarantine(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	if fit := fitting(rows); fit < len(rows) {
		page.Size = fit
		if rows, next, err = s.o.Queries.Quarantine(ctx, filter, page); err != nil {
			return nil, err
		}
	}
	out := &pitcrewv1.ListQuarantineResponse{Messages: each(rows, encodeQuarantined), NextPageToken: next}
	if req.GetCount() {
		entries, messages, err := s.o.Quarantine.CountRefused(ctx, filter)
		if err != nil {
			return nil, err
		}
		out.MatchingEntries, out.MatchingMessages = int32(entries), int32(messages)
	}
	return out, nil
}

// fitting is how many messages fit a page, at least one.
func fitting(rows []planner.Quarantined) int {
	size := 0
	for i, q := range rows {
		if size += len(q.Payload); size > maxPayloads && i > 0 {
			return i
		}
	}
	return len(rows)
}

// quarantineFiltered is a request that says which refused messages it is about.
type quarantineFiltered interface {
	spanned
	GetVin() string
	GetTopicPrefix() string
	GetReason() string
}

func quarantineFilter(req quarantineFiltered) (planner.QuarantineFilter, error) {
	f := planner.QuarantineFilter{VIN: req.GetVin(), TopicPrefix: req.GetTopicPrefix(), Reason: req.GetReason()}
	for _, end := range []struct {
		field string
		at    *timestamppb.Timestamp
		to    *time.Time
	}{{"from", req.GetFrom(), &f.From}, {"to", req.GetTo(), &f.To}} {
		if end.at == nil {
			continue
		}
		if end.at.CheckValid() != nil {
			return f, fault.Invalidf(end.field, "is not a time")
		}
		*end.to = end.at.AsTime()
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return f, fault.Invalidf("to", "is not after from")
	}
	return f, nil
}

// ReplayQuarantine takes a page of messages, or those that are named.
func (s quarantine) ReplayQuarantine(ctx context.Context, req *pitcrewv1.ReplayQuarantineRequest) (*pitcrewv1.ReplayQuarantineResponse, error) {
	if s.o.Replay == nil {
		return nil, fault.New(fault.Unsupported, "this pitcrew takes no messages in: ask one that does")
	}
	page, err := pageOf(req)
	if err != nil {
		return nil, err
	}
	filter, err := quarantineFilter(req)
	if err != nil {
		return nil, err
	}
	var ids []string
	var next string
	named := len(req.GetIds()) > 0
	switch {
	case named && (filter != planner.QuarantineFilter{} || req.GetPageSize() != 0 || req.GetPageToken() != ""):
		return nil, fault.Invalidf("ids", "stand alone: leave the filters and the page out")
	case named:
		ids, err = s.messagesOf(ctx, req.GetIds())
	default:
		ids, next, err = s.o.Quarantine.RefusedMessages(ctx, filter, page)
	}
	if err != nil {
		return nil, err
	}
	done, err := s.o.Replay(ctx, s.kept(ctx, ids, named))
	if errors.Is(err, ingest.ErrStopping) {
		err = fault.Wrap(err, fault.Unavailable, "pitcrew is stopping")
	}
	if err != nil {
		return nil, err
	}
	return &pitcrewv1.ReplayQuarantineResponse{
		Replayed: int32(done.Stored), StillRefused: int32(done.Refused), Incomplete: int32(done.Partial), NextPageToken: next,
	}, nil
}

// messagesOf returns the messages that entries are about, each once. An entry
// that is not there is an error: it may be a slip of the pen, or replayed already.
func (s quarantine) messagesOf(ctx context.Context, entries []string) ([]string, error) {
	if len(entries) > maxIDs {
		return nil, fault.Invalidf("ids", "%d are more than %d", len(entries), maxIDs)
	}
	ids := make([]string, 0, len(entries))
	for _, entry := range entries {
		id, err := s.o.Quarantine.MessageOfRefusal(ctx, entry)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// kept reads messages one by one: their payloads may be large together. Whoever
// named a message vouches for its sender, who then may speak for any vehicle; a
// filter vouches for nobody, or a car could have its lies about another stored
// with what is replayed for better reasons.
func (s quarantine) kept(ctx context.Context, ids []string, vouched bool) iter.Seq2[ingest.Kept, error] {
	return func(yield func(ingest.Kept, error) bool) {
		for _, id := range ids {
			m, err := s.o.Quarantine.RefusedMessage(ctx, id)
			if errors.Is(err, fault.NotFound) {
				continue // somebody else replayed or removed it
			}
			if vouched {
				m.From = ""
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// DiscardQuarantine removes in small transactions until its turn is over.
func (s quarantine) DiscardQuarantine(ctx context.Context, req *pitcrewv1.DiscardQuarantineRequest) (*pitcrewv1.DiscardQuarantineResponse, error) {
	filter, err := quarantineFilter(req)
	if err != nil {
		return nil, err
	}
	filtered := filter != planner.QuarantineFilter{}
	switch n := len(req.GetIds()); {
	case n > maxIDs:
		return nil, fault.Invalidf("ids", "%d are more than %d", n, maxIDs)
	case n > 0 && (filtered || req.GetAll()):
		return nil, fault.Invalidf("ids", "stand alone: leave the filters out")
	case n > 0:
		discarded, err := s.o.Quarantine.DiscardEntries(ctx, req.GetIds())
		return &pitcrewv1.DiscardQuarantineResponse{Discarded: int32(discarded)}, err
	case filtered == req.GetAll():
		return nil, fault.Invalidf("all", "say which messages: ids, a filter, or all alone")
	}
	out := &pitcrewv1.DiscardQuarantineResponse{}
	for start := s.o.Now(); ; {
		n, err := s.o.Quarantine.Discard(ctx, filter, discardAtOnce)
		if err != nil {
			return nil, err
		}
		out.Discarded += int32(n)
		if n < discardAtOnce {
			return out, nil
		}
		if s.o.Now().Sub(start) > turn {
			out.More = true
			return out, nil
		}
	}
}
