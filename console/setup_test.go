package console_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/console"
)

// bench is a console on a fake API.
type bench struct {
	t       *testing.T
	api     *fake
	handler http.Handler
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, api: &fake{data: newFleet()}}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	pitcrewv1.RegisterVehicleServiceServer(server, b.api)
	pitcrewv1.RegisterOdometerServiceServer(server, b.api)
	pitcrewv1.RegisterHistoryServiceServer(server, b.api)
	pitcrewv1.RegisterReminderServiceServer(server, b.api)
	pitcrewv1.RegisterWorkOrderServiceServer(server, b.api)
	pitcrewv1.RegisterQuarantineServiceServer(server, b.api)
	pitcrewv1.RegisterModelServiceServer(server, b.api)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///api", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
	})
	b.handler, err = console.New(console.Options{
		Conn: conn, Now: func() time.Time { return now }, Logger: slog.New(missing{t}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// missing is a log handler that fails the test for a text without translation.
type missing struct{ t *testing.T }

func (m missing) Enabled(context.Context, slog.Level) bool { return true }
func (m missing) WithAttrs([]slog.Attr) slog.Handler       { return m }
func (m missing) WithGroup(string) slog.Handler            { return m }
func (m missing) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "a text is missing" {
		r.Attrs(func(a slog.Attr) bool { m.t.Errorf("%s: %s", r.Message, a); return true })
	}
	return nil
}

// answer is a page that was read.
type answer struct {
	*http.Response
	t    *testing.T
	Body string
	root *html.Node
}

func (b *bench) do(req *http.Request) answer {
	b.t.Helper()
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, req)
	out := answer{Response: rec.Result(), t: b.t, Body: rec.Body.String()}
	var err error
	if out.root, err = html.Parse(strings.NewReader(out.Body)); err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bench) get(language, path string) answer {
	b.t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Accept-Language", language)
	return b.do(req)
}

func (b *bench) post(path string, form url.Values, cookies ...*http.Cookie) answer {
	b.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range cookies {
		req.AddCookie(c)
	}
	return b.do(req)
}

// text is what a reader sees of a page, with single blanks. Parts that declare
// another language than the page are left out.
func (a answer) text() string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out.WriteString(n.Data)
			out.WriteByte(' ')
		case n.Data == "script" || n.Data == "style" || n.Data != "html" && attr(n, "lang") != "":
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(a.root)
	return strings.Join(strings.Fields(out.String()), " ")
}

// find returns the elements of a name for which a condition holds.
func (a answer) find(name string, holds func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for n := range a.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (holds == nil || holds(n)) {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// sees fails the test unless the page says all of these.
func (a answer) sees(wanted ...string) {
	a.t.Helper()
	text := a.text()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			a.t.Errorf("the page does not say %q; it says:\n%s", w, text)
		}
	}
}
