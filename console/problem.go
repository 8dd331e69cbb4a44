package console

import (
	"context"
	"errors"
	"net/http"
	"unicode"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// problem is an error as a reader sees it: what is wrong, and what to do.
type problem struct {
	Status  int
	Title   string
	Message string
	Advice  string
	Field   string // of the request, as the API names it; may be empty
	Detail  string // the API's own words, where the reader's language is not theirs
}

// errNoPage is the error of an address that leads nowhere.
var errNoPage = status.Error(codes.NotFound, "there is no such page")

// kinds says for each gRPC code which HTTP status a page gets, and by which name
// the catalogue knows it.
var kinds = map[codes.Code]struct {
	http int
	name string
}{
	codes.InvalidArgument:    {http.StatusBadRequest, "invalid"},
	codes.NotFound:           {http.StatusNotFound, "not_found"},
	codes.Aborted:            {http.StatusConflict, "conflict"},
	codes.FailedPrecondition: {http.StatusConflict, "failed_precondition"},
	codes.Unauthenticated:    {http.StatusUnauthorized, "denied"},
	codes.PermissionDenied:   {http.StatusForbidden, "denied"},
	codes.ResourceExhausted:  {http.StatusTooManyRequests, "busy"},
	codes.Unavailable:        {http.StatusServiceUnavailable, "unavailable"},
	codes.DeadlineExceeded:   {http.StatusGatewayTimeout, "slow"},
	codes.Canceled:           {http.StatusServiceUnavailable, "unavailable"},
	codes.Unimplemented:      {http.StatusNotImplemented, "unsupported"},
}

// fields are those of the API for which the catalogue says what to fill in.
var fields = map[string]bool{
	"scheduledFor": true, "odometerKm": true, "note": true, "reason": true, "lines": true, "until": true, "vin": true,
	"totalKm": true, "time": true,
}

// problemOf puts an error of the API into the reader's words. The API speaks
// English; elsewhere its words go into the detail.
func (p *page) problemOf(err error) problem {
	st := status.Convert(err)
	if errors.Is(err, context.DeadlineExceeded) {
		st = status.New(codes.DeadlineExceeded, "")
	}
	kind, ok := kinds[st.Code()]
	if !ok {
		kind.http, kind.name = http.StatusInternalServerError, "internal"
	}
	out := problem{
		Status: kind.http,
		Title:  p.Word("problem.title", kind.name),
		Advice: p.Word("problem.advice", kind.name),
	}
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			out.Field = info.GetMetadata()["field"]
		}
	}
	if fields[out.Field] {
		out.Advice = p.Word("problem.field", out.Field)
	}
	if kind.name == "internal" { // its words are for the log
		return out
	}
	if p.chinese() {
		out.Detail = st.Message()
	} else {
		out.Message = p.Sentence(st.Message())
	}
	return out
}

// Sentence makes a message into one: some begin small and have no full stop.
func (l locale) Sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if last, _ := utf8.DecodeLastRuneInString(s); unicode.IsPunct(last) && last != ')' && last != '%' {
		return s
	}
	if l.chinese() {
		return s + "。"
	}
	return s + "."
}

// fail answers a request with an error, as a page or for htmx as a fragment.
func (s *server) fail(w http.ResponseWriter, r *http.Request, p *page, err error) {
	problem := p.problemOf(err)
	level := s.log.DebugContext
	if problem.Status >= http.StatusInternalServerError {
		level = s.log.ErrorContext
	}
	level(r.Context(), "a page could not be shown", "path", r.URL.Path, "status", problem.Status, "error", err)
	p.Title = problem.Title
	live := problemPage(p, problem)
	if !wantsFragment(r) {
		live = layout(p, live)
	}
	if err := s.render(r.Context(), w, problem.Status, live); err != nil {
		s.log.ErrorContext(r.Context(), "the error page could not be shown", "error", err)
		http.Error(w, problem.Title, problem.Status)
	}
}
