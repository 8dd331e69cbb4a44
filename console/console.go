package console

import (
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// Options is what the console needs. Conn is required; the rest has defaults.
type Options struct {
	// Conn reaches the API over gRPC.
	Conn grpc.ClientConnInterface
	// Now tells the time, for data ages; time.Now when nil.
	Now func() time.Time
	// Logger takes what a reader is not shown; nothing is logged when nil.
	Logger *slog.Logger
}

// server renders the pages.
type server struct {
	now         func() time.Time
	log         *slog.Logger
	texts       *catalogue
	assets      assets
	names       *lru.Cache[string, named]
	parts       atomic.Pointer[componentTable]
	vehicles    pitcrewv1.VehicleServiceClient
	odometers   pitcrewv1.OdometerServiceClient
	histories   pitcrewv1.HistoryServiceClient
	reminders   pitcrewv1.ReminderServiceClient
	orders      pitcrewv1.WorkOrderServiceClient
	quarantines pitcrewv1.QuarantineServiceClient
	models      pitcrewv1.ModelServiceClient
}

// New makes the handler of "/" and everything below that the API does not serve.
func New(o Options) (http.Handler, error) {
	if o.Conn == nil {
		return nil, errors.New("console: no connection to the API")
	}
	s := &server{
		now: o.Now, log: o.Logger,
		vehicles:    pitcrewv1.NewVehicleServiceClient(o.Conn),
		odometers:   pitcrewv1.NewOdometerServiceClient(o.Conn),
		histories:   pitcrewv1.NewHistoryServiceClient(o.Conn),
		reminders:   pitcrewv1.NewReminderServiceClient(o.Conn),
		orders:      pitcrewv1.NewWorkOrderServiceClient(o.Conn),
		quarantines: pitcrewv1.NewQuarantineServiceClient(o.Conn),
		models:      pitcrewv1.NewModelServiceClient(o.Conn),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.texts, err = newCatalogue(s.log); err != nil {
		return nil, err
	}
	if s.assets, err = newAssets(); err != nil {
		return nil, err
	}
	if s.names, err = newNames(); err != nil {
		return nil, err
	}
	return s.guarded(s.routes()), nil
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, show := range map[string]pageFunc{
		"GET /{$}":                                s.fleetPage,
		"GET /vehicles/{vin}":                     s.vehiclePage,
		"GET /vehicles/{vin}/speed":               s.speedSeries,
		"POST /vehicles/{vin}/history":            s.addRecord,
		"POST /vehicles/{vin}/erase":              s.eraseVehicle,
		"GET /erasures/{id}":                      s.receiptPage,
		"GET /vehicles/{vin}/odometer":            s.odometerPage,
		"POST /vehicles/{vin}/odometer/{verdict}": s.decideOdometer,
		"GET /orders":                             s.boardPage,
		"GET /orders/{id}":                        s.orderPage,
		"POST /orders/{id}/{action}":              s.orderAction,
		"GET /reminders":                          s.remindersPage,
		"POST /reminders/{id}/snooze":             s.snoozeReminder,
		"POST /reminders/{id}/decline":            s.declineReminder,
		"GET /models":                             s.modelsPage,
		"GET /quarantine":                         s.quarantinePage,
		"POST /quarantine/{action}":               s.actOnQuarantine,
		"POST /language":                          s.setLanguage,
		"POST /actor":                             s.setActor,
		"/":                                       func(http.ResponseWriter, *http.Request, *page) error { return errNoPage },
	} {
		mux.Handle(pattern, s.handle(show))
	}
	mux.Handle("GET /static/", s.assets)
	return mux
}

// pageFunc answers one request; an error becomes a readable page.
type pageFunc func(http.ResponseWriter, *http.Request, *page) error

// maxForm bounds the body of a form, in bytes.
const maxForm = 64 << 10

func (s *server) handle(show pageFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := s.newPage(r)
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			s.fail(w, r, p, status.Error(codes.InvalidArgument, "the form could not be read"))
			return
		}
		if err := show(w, r, p); err != nil {
			s.fail(w, r, p, err)
		}
	})
}

// contentPolicy lets a page load what this server sends and nothing else; there
// is no script or style inside the pages.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded sets the security headers and refuses forms that another site sent.
func (s *server) guarded(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, s.newPage(r), status.Error(codes.PermissionDenied, "this form was sent from another site"))
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // pages are live and may name people; assets say otherwise
		guarded.ServeHTTP(w, r)
	})
}
