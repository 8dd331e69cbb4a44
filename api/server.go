// Package api serves pitcrew's operations over gRPC and HTTP from one contract,
// api/proto. It converts between the contract and the domain and calls the
// planner; it decides nothing.
package api

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

//go:embed openapi.json
var openAPI []byte

// maxMessage bounds a request in bytes, over either transport.
const maxMessage = 1 << 20

// Options is what a Server needs. Token may be empty: then nobody has to say who
// they are.
type Options struct {
	Planner   *planner.Planner
	Queries   planner.Queries
	Telemetry telemetry.Store
	Token     string
	Ready     func(ctx context.Context) map[string]error // by part; nil values are ready
	Metrics   http.Handler
	Now       func() time.Time
	Logger    *slog.Logger
	Registry  prometheus.Registerer
}

// Server is the API over both transports.
type Server struct {
	o      Options
	grpc   *grpc.Server
	inside *bufconn.Listener
	conn   *grpc.ClientConn
}

// New makes a server; Run serves it. It fails when an operation of the contract
// has no row in the table of operations.
func New(o Options) (*Server, error) {
	if err := checkOperations(); err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("register API metrics: %w", err)
	}
	s := &Server{o: o, inside: bufconn.Listen(256 << 10)}
	s.grpc = grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.ChainUnaryInterceptor(interceptors(o.Logger, m, authenticate(o.Token))...),
	)
	pitcrewv1.RegisterVehicleServiceServer(s.grpc, vehicles{o: o})
	pitcrewv1.RegisterHistoryServiceServer(s.grpc, records{o: o})
	pitcrewv1.RegisterReminderServiceServer(s.grpc, reminding{o: o})
	pitcrewv1.RegisterWorkOrderServiceServer(s.grpc, orders{o: o})
	pitcrewv1.RegisterQuarantineServiceServer(s.grpc, quarantine{o: o})
	grpc_health_v1.RegisterHealthServer(s.grpc, health.NewServer())

	s.conn, err = grpc.NewClient("passthrough:///inside",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return s.inside.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(o.Token)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		return nil, fmt.Errorf("connect to the API in memory: %w", err)
	}
	return s, nil
}

// Conn is a connection to the API inside the process, already authenticated:
// for the console, and for whoever runs in the same process.
func (s *Server) Conn() *grpc.ClientConn { return s.conn }

// Run serves gRPC in memory and, where given, on a listener, until ctx ends.
func (s *Server) Run(ctx context.Context, outside net.Listener) error {
	failed := make(chan error, 2)
	serve := func(l net.Listener) { failed <- s.grpc.Serve(l) }
	go serve(s.inside)
	running := 1
	if outside != nil {
		running++
		go serve(outside)
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
	}
	_ = s.conn.Close() // closing twice or late does no harm
	s.stop()
	for range running {
		<-failed
	}
	return err
}

// stop lets calls end, but not for longer than a few seconds.
func (s *Server) stop() {
	hard := time.AfterFunc(3*time.Second, s.grpc.Stop)
	defer hard.Stop()
	s.grpc.GracefulStop()
}

// Handler serves the HTTP side of the contract, with health, metrics and the
// OpenAPI document.
func (s *Server) Handler(ctx context.Context) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithErrorHandler(writeProblem),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions:   protojson.MarshalOptions{EmitDefaultValues: true},
			UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
		}),
		// The connection inside carries the token; the caller was checked by Guard.
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		pitcrewv1.RegisterVehicleServiceHandler,
		pitcrewv1.RegisterHistoryServiceHandler,
		pitcrewv1.RegisterReminderServiceHandler,
		pitcrewv1.RegisterWorkOrderServiceHandler,
		pitcrewv1.RegisterQuarantineServiceHandler,
	} {
		if err := register(ctx, mux, s.conn); err != nil {
			return nil, fmt.Errorf("serve the API over HTTP: %w", err)
		}
	}
	root := http.NewServeMux()
	root.Handle("/v1/", http.MaxBytesHandler(knownQuery(mux), maxMessage))
	root.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openAPI)
	})
	root.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	root.HandleFunc("GET /readyz", s.ready)
	if s.o.Metrics != nil {
		root.Handle("GET /metrics", s.o.Metrics)
	}
	return root, nil
}

// ready answers 200 when every part can work, else 503; either way it says what
// each part is doing.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	writeReadiness(w, s.o.Ready(ctx))
}

// bearer sends the API token with every call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if b == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false } // it never leaves the process
