// Package api serves pitcrew's operations over gRPC and HTTP from one contract,
// api/proto. It converts between the contract and the domain and calls the
// planner; it decides nothing.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// maxMessage bounds a request in bytes, over either transport.
const maxMessage = 1 << 20

// grace is how long running calls may take to end when the server stops.
const grace = 2 * time.Second

// Options is what a Server needs, all of it except the Token, without which nobody
// has to say who they are, and Replay, which a process without ingest has not.
type Options struct {
	Planner *planner.Planner
	Queries planner.Queries
	// Quarantine is usually the same store as Queries. Replay is nil where no
	// messages come in.
	Quarantine Quarantine
	Replay     Replay
	Telemetry  telemetry.Store
	Table      *predict.Table // as the planner has it; nil: the standard table
	Token      string
	Ready      func(ctx context.Context) map[string]error // by part; nil values are ready
	Metrics    http.Handler
	Now        func() time.Time
	Logger     *slog.Logger
	Registry   prometheus.Registerer
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
	pitcrewv1.RegisterOdometerServiceServer(s.grpc, odometers{o: o})
	pitcrewv1.RegisterHistoryServiceServer(s.grpc, records{o: o})
	pitcrewv1.RegisterReminderServiceServer(s.grpc, reminding{o: o})
	pitcrewv1.RegisterWorkOrderServiceServer(s.grpc, orders{o: o})
	pitcrewv1.RegisterModelServiceServer(s.grpc, modelling{o: o})
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
		if ended := <-failed; err == nil && !errors.Is(ended, grpc.ErrServerStopped) {
			err = ended
		}
	}
	return err
}

// stop lets calls end, but not for long.
func (s *Server) stop() {
	hard := time.AfterFunc(grace, s.grpc.Stop)
	defer hard.Stop()
	s.grpc.GracefulStop()
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
