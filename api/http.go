package api

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

//go:embed openapi.json
var openAPI []byte

// Handler serves the HTTP side of the contract under /v1/, with health, metrics
// and the OpenAPI document beside it. It answers as long as Run does. Who may
// call is for Guard.
func (s *Server) Handler(ctx context.Context) (http.Handler, error) {
	contract, err := s.gateway(ctx)
	if err != nil {
		return nil, err
	}
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sendProblem(w, problem{
			Status: http.StatusForbidden, Code: string(fault.PermissionDenied),
			Detail: "a page of another site must not change anything here",
		})
	}))
	root := http.NewServeMux()
	root.Handle("/v1/", private(foreign.Handler(routed(bounded(contract)))))
	root.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openAPI)
	})
	root.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	root.HandleFunc("GET /readyz", s.ready)
	root.Handle("GET /metrics", s.o.Metrics)
	return root, nil
}

// gateway turns requests into calls of the gRPC server inside the process.
func (s *Server) gateway(ctx context.Context) (http.Handler, error) {
	nothing := func(string) (string, bool) { return "", false }
	mux := runtime.NewServeMux(
		runtime.WithErrorHandler(writeProblem),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{EmitDefaultValues: true},
		}),
		runtime.WithIncomingHeaderMatcher(nothing),
		runtime.WithOutgoingHeaderMatcher(nothing),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		pitcrewv1.RegisterVehicleServiceHandler,
		pitcrewv1.RegisterOdometerServiceHandler,
		pitcrewv1.RegisterHistoryServiceHandler,
		pitcrewv1.RegisterReminderServiceHandler,
		pitcrewv1.RegisterWorkOrderServiceHandler,
		pitcrewv1.RegisterQuarantineServiceHandler,
		pitcrewv1.RegisterModelServiceHandler,
	} {
		if err := register(ctx, mux, s.conn); err != nil {
			return nil, fmt.Errorf("serve the API over HTTP: %w", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The gateway would pass on the caller's, but the connection has its own.
		r.Header.Del("Authorization")
		mux.ServeHTTP(w, r)
	}), nil
}

// private keeps answers, which name people and plates, out of caches.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// bounded refuses a body that is too large, before anything is made of it.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			sendProblem(w, problem{
				Status: http.StatusRequestEntityTooLarge, Code: string(tooLarge),
				Detail: fmt.Sprintf("the body is larger than %d bytes", maxMessage),
			})
			return
		case err != nil:
			sendProblem(w, problem{
				Status: http.StatusBadRequest, Code: string(fault.Invalid), Detail: "the body broke off",
			})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// ready answers 200 when every part can work, else 503; either way it says what
// each part is doing.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	parts := s.o.Ready(ctx)
	lines := make([]string, 0, len(parts))
	code := http.StatusOK
	for name, err := range parts {
		state := "ok"
		if err != nil {
			code, state = http.StatusServiceUnavailable, err.Error()
		}
		lines = append(lines, name+": "+state+"\n")
	}
	slices.Sort(lines)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	for _, line := range lines {
		_, _ = io.WriteString(w, line)
	}
}
