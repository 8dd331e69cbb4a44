package console

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// quarantineView is what could not be taken.
type quarantineView struct {
	Filter  quarantineFilter
	Entries int // that match, on all pages
	Rows    []refusedMessage
	Refresh string
	More    string          // address with more rows; empty when all are shown
	Done    *quarantineDone // what a button has just done
}

// refusedMessage is a message with its bytes made readable.
type refusedMessage struct {
	*pitcrewv1.QuarantinedMessage
	Dump string
	Text bool // the dump is text, not hexadecimal
	Cut  bool // the dump leaves the end out
}

// shownBytes is how much of a payload is shown.
const shownBytes = 4096

// refused makes the bytes of a message readable: as text where they are text,
// otherwise as a hexadecimal dump.
func refused(m *pitcrewv1.QuarantinedMessage) refusedMessage {
	payload := m.GetPayload()
	out := refusedMessage{QuarantinedMessage: m, Cut: len(payload) > shownBytes}
	if out.Cut {
		payload = payload[:shownBytes]
		for n := 0; n < utf8.UTFMax && !utf8.Valid(payload) && len(payload) > 0; n++ { // do not cut inside a character
			payload = payload[:len(payload)-1]
		}
	}
	if printable(payload) {
		out.Dump, out.Text = string(payload), true
		return out
	}
	out.Dump = hex.Dump(m.GetPayload()[:min(len(m.GetPayload()), shownBytes)])
	return out
}

func printable(b []byte) bool {
	return utf8.Valid(b) && !strings.ContainsFunc(string(b), func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

func (s *server) quarantinePage(w http.ResponseWriter, r *http.Request, p *page) error {
	view, err := s.quarantineOf(r.Context(), r.URL.Query(), p)
	if err != nil {
		return err
	}
	return s.show(w, r, p, quarantineContent(p, view))
}

// quarantineOf reads as much of the list as is shown, and counts what matches.
func (s *server) quarantineOf(ctx context.Context, q url.Values, p *page) (quarantineView, error) {
	p.Title, p.Nav = p.T("quarantine.title"), "quarantine"
	count := min(shown(q), apiPage)
	view := quarantineView{Filter: filterOf(q, p.Now), Refresh: withQuery("/quarantine", q, "show", showing(count))}
	f := view.Filter
	answer, err := s.quarantines.ListQuarantine(ctx, &pitcrewv1.ListQuarantineRequest{
		Reason: f.Reason, Vin: f.VIN, TopicPrefix: f.Topic, PageSize: int32(count), Count: true,
	})
	if err != nil {
		return view, err
	}
	for _, m := range answer.GetMessages() {
		view.Rows = append(view.Rows, refused(m))
	}
	view.Entries, view.Filter.Messages = int(answer.GetMatchingEntries()), int(answer.GetMatchingMessages())
	if answer.GetNextPageToken() != "" && count < apiPage {
		view.More = withQuery("/quarantine", q, "show", strconv.Itoa(count+listStep))
	}
	return view, nil
}
