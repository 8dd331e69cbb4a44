package console

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"

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
	vehicles    pitcrewv1.VehicleServiceClient
	histories   pitcrewv1.HistoryServiceClient
	reminders   pitcrewv1.ReminderServiceClient
	orders      pitcrewv1.WorkOrderServiceClient
	quarantines pitcrewv1.QuarantineServiceClient
}

// New makes the handler of "/" and everything below that the API does not serve.
func New(o Options) (http.Handler, error) {
	if o.Conn == nil {
		return nil, errors.New("console: no connection to the API")
	}
	s := &server{
		now:         o.Now,
		log:         o.Logger,
		vehicles:    pitcrewv1.NewVehicleServiceClient(o.Conn),
		histories:   pitcrewv1.NewHistoryServiceClient(o.Conn),
		reminders:   pitcrewv1.NewReminderServiceClient(o.Conn),
		orders:      pitcrewv1.NewWorkOrderServiceClient(o.Conn),
		quarantines: pitcrewv1.NewQuarantineServiceClient(o.Conn),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		f, err := s.vehicles.GetFleet(r.Context(), &pitcrewv1.GetFleetRequest{})
		if err != nil {
			http.Error(w, "the API does not answer", http.StatusBadGateway)
			return
		}
		s.log.DebugContext(r.Context(), "fleet page", "vehicles", f.GetVehicles())
	})
	return mux, nil
}
