package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// quarantineFilter says which refused messages a page is about. What a button does to
// all that match it does to those that had come when they were counted.
type quarantineFilter struct {
	Reason, VIN, Topic string
	Before             time.Time
	Messages           int // that match
}

// Narrowed says whether the filter leaves anything out.
func (f quarantineFilter) Narrowed() bool { return f.Reason != "" || f.VIN != "" || f.Topic != "" }

func filterOf(q url.Values, now time.Time) quarantineFilter {
	f := quarantineFilter{
		Reason: strings.TrimSpace(q.Get("reason")), VIN: strings.ToUpper(strings.TrimSpace(q.Get("vin"))), Topic: strings.TrimSpace(q.Get("topic")), Before: now,
	}
	if before, err := time.Parse(time.RFC3339Nano, q.Get("before")); err == nil {
		f.Before = before
	}
	return f
}

// quarantineDone is what a button did. An error may have come after a part was done.
type quarantineDone struct {
	Action                          string // replay, discard
	Replayed, Refused, Cut, Removed int
	Left                            bool // there is more to do than was done in one go
	Token                           string
	Problem                         *problem
}

// Nothing says whether an error came before anything was done.
func (d *quarantineDone) Nothing() bool {
	return d.Problem != nil && d.Replayed+d.Refused+d.Cut+d.Removed == 0
}

// patience is how long a reader waits for a button that acts on all that match.
const patience = 20 * time.Second

// actOnQuarantine replays or discards one entry, or all that match the filter, and
// shows the list as it then is, with what was done.
func (s *server) actOnQuarantine(w http.ResponseWriter, r *http.Request, p *page) error {
	done := quarantineDone{Action: r.PathValue("action")}
	ctx, f := r.Context(), filterOf(r.PostForm, p.Now)
	id, all := r.PostFormValue("id"), r.PostFormValue("all") != ""
	var err error
	switch {
	case id == "" && !all:
		return invalid("ids", "the form does not say which messages")
	case done.Action == "replay" && id != "":
		err = s.replayPage(ctx, &pitcrewv1.ReplayQuarantineRequest{Ids: []string{id}}, &done)
	case done.Action == "replay":
		err = s.replayMatching(ctx, f, r.PostFormValue("token"), &done)
	case done.Action == "discard" && id != "":
		err = s.discardSome(ctx, &pitcrewv1.DiscardQuarantineRequest{Ids: []string{id}}, &done)
	case done.Action == "discard":
		err = s.discardMatching(ctx, f, &done)
	default:
		return errNoPage
	}
	status := http.StatusOK
	if err != nil {
		told := p.problemOf(err)
		done.Problem, status = &told, told.Status
	}
	q := url.Values{}
	for field, value := range map[string]string{"reason": f.Reason, "vin": f.VIN, "topic": f.Topic} {
		if value != "" {
			q.Set(field, value)
		}
	}
	view, err := s.quarantineOf(ctx, q, p)
	if err != nil {
		return err
	}
	view.Done = &done
	p.FromForm, p.Here = true, withQuery("/quarantine", q, "show", "")
	return s.render(ctx, w, status, layout(p, quarantineContent(p, view)))
}

func (s *server) replayPage(ctx context.Context, req *pitcrewv1.ReplayQuarantineRequest, done *quarantineDone) error {
	answer, err := s.quarantines.ReplayQuarantine(ctx, req)
	if err != nil {
		return err
	}
	done.Replayed += int(answer.GetReplayed())
	done.Refused += int(answer.GetStillRefused())
	done.Cut += int(answer.GetIncomplete())
	done.Token = answer.GetNextPageToken()
	return nil
}

// replayMatching goes on page by page for as long as a reader waits.
func (s *server) replayMatching(ctx context.Context, f quarantineFilter, token string, done *quarantineDone) error {
	start := s.now()
	for done.Token = token; ; {
		err := s.replayPage(ctx, &pitcrewv1.ReplayQuarantineRequest{
			Reason: f.Reason, Vin: f.VIN, TopicPrefix: f.Topic, To: timestamppb.New(f.Before), PageSize: apiPage, PageToken: done.Token,
		}, done)
		done.Left = done.Token != ""
		if err != nil || !done.Left || s.now().Sub(start) > patience {
			return err
		}
	}
}

func (s *server) discardSome(ctx context.Context, req *pitcrewv1.DiscardQuarantineRequest, done *quarantineDone) error {
	answer, err := s.quarantines.DiscardQuarantine(ctx, req)
	done.Removed += int(answer.GetDiscarded())
	done.Left = answer.GetMore()
	return err
}

func (s *server) discardMatching(ctx context.Context, f quarantineFilter, done *quarantineDone) error {
	start := s.now()
	for {
		err := s.discardSome(ctx, &pitcrewv1.DiscardQuarantineRequest{
			Reason: f.Reason, Vin: f.VIN, TopicPrefix: f.Topic, To: timestamppb.New(f.Before),
		}, done)
		if err != nil || !done.Left || s.now().Sub(start) > patience {
			return err
		}
	}
}
