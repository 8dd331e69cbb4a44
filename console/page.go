package console

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// The cookies of the console. They hold preferences, no secrets.
const (
	cookieLanguage = "pitcrew_language"
	cookieZone     = "pitcrew_zone" // IANA name of the browser's zone, set by app.js
	cookieActor    = "pitcrew_actor"
)

// defaultActor signs actions until somebody says who they are.
const defaultActor = "advisor"

// page is what every template needs: the reader's language and zone, and where
// in the console they are.
type page struct {
	locale
	Now      time.Time
	Zone     *time.Location // the reader's, for what is not a fact of a vehicle
	Title    string
	Nav      string // the part of the console: fleet, orders, reminders, models, quarantine
	Here     string // path and query of the page, to come back to
	Actor    string // who signs actions; empty until they said so
	Charts   bool   // uPlot is needed
	FromForm bool   // the page answers a form, and must not be loaded again
	asset    func(string) string
	parts    func() *componentTable
}

// newPage reads the reader's preferences from a request.
func (s *server) newPage(r *http.Request) *page {
	accepted := r.Header.Get("Accept-Language")
	return &page{
		locale: s.texts.locale(cookie(r, cookieLanguage), accepted),
		Now:    s.now(),
		Zone:   zoneOf(cookie(r, cookieZone)),
		Here:   r.URL.RequestURI(),
		Actor:  cookie(r, cookieActor),
		asset:  s.assets.url,
		parts:  func() *componentTable { return s.components(r.Context()) },
	}
}

// cookie returns the value of a cookie, empty when there is none.
func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	value, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return value
}

// remember keeps a preference for a year.
func remember(w http.ResponseWriter, r *http.Request, name, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: url.QueryEscape(value), Path: "/", MaxAge: int(oneYear / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}

// SignedAs is the name under which an action is recorded.
func (p *page) SignedAs() string {
	if p.Actor == "" {
		return defaultActor
	}
	return p.Actor
}

// wantsFragment reports whether htmx asks for the live part of a page only.
func wantsFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") == ""
}

// render writes a page. It is rendered whole first, so that an error half-way
// does not leave half a page under a good status.
func (s *server) render(ctx context.Context, w http.ResponseWriter, status int, c templ.Component) error {
	var body bytes.Buffer
	if err := c.Render(ctx, &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader has gone when this fails
	return nil
}

// show answers a GET of a page: all of it, or for htmx its live part.
func (s *server) show(w http.ResponseWriter, r *http.Request, p *page, live templ.Component) error {
	if wantsFragment(r) {
		return s.render(r.Context(), w, http.StatusOK, live)
	}
	return s.render(r.Context(), w, http.StatusOK, layout(p, live))
}

// back returns a local address to return to, so that nobody is sent elsewhere.
func back(r *http.Request, otherwise string) string {
	to := r.PostFormValue("back")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return otherwise
	}
	return to
}

func (s *server) setLanguage(w http.ResponseWriter, r *http.Request, _ *page) error {
	remember(w, r, cookieLanguage, s.texts.locale(r.PostFormValue("language"), "").Lang)
	http.Redirect(w, r, back(r, "/"), http.StatusSeeOther)
	return nil
}

// maxName bounds the name with which actions are signed, in bytes.
const maxName = 80

func (s *server) setActor(w http.ResponseWriter, r *http.Request, _ *page) error {
	name := strings.Join(strings.Fields(r.PostFormValue("actor")), " ")
	if name == "" || len(name) > maxName {
		name = defaultActor
	}
	remember(w, r, cookieActor, name)
	http.Redirect(w, r, back(r, "/orders"), http.StatusSeeOther)
	return nil
}
