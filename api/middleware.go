package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/go-kit/kit/endpoint"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// metrics of the API, one observation per call whatever its transport.
type metrics struct{ seconds *prometheus.HistogramVec }

func newMetrics(r prometheus.Registerer) (metrics, error) {
	m := metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "pitcrew_api_operation_seconds",
		Help:    "Time per API operation, by rpc and status code.",
		Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
	}, []string{"operation", "code"})}
	return m, r.Register(m.seconds)
}

// interceptors is the chain every call passes, outermost first. An endpoint of
// go-kit and a unary handler of gRPC are the same type, so one interceptor puts
// go-kit middleware around every operation.
func interceptors(log *slog.Logger, m metrics, auth grpc.UnaryServerInterceptor) []grpc.UnaryServerInterceptor {
	return []grpc.UnaryServerInterceptor{
		logging.UnaryServerInterceptor(logTo(log), logging.WithLogOnEvents(logging.FinishCall), logging.WithLevels(levelOf)),
		auth,
		func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			limit, ours := operations[info.FullMethod]
			if !ours { // gRPC's own health check
				return handler(ctx, req)
			}
			wrap := endpoint.Chain(m.measure(info.FullMethod), showable, within(limit))
			return wrap(endpoint.Endpoint(handler))(ctx, req)
		},
		// Innermost: a panic is an internal error of this one call.
		recovery.UnaryServerInterceptor(recovery.WithRecoveryHandlerContext(func(_ context.Context, p any) error {
			return fault.Wrap(fmt.Errorf("%v\n%s", p, debug.Stack()), fault.Internal, "panic")
		})),
	}
}

// measure records how long an operation took and how it ended.
func (m metrics) measure(name string) endpoint.Middleware {
	return func(next endpoint.Endpoint) endpoint.Endpoint {
		return func(ctx context.Context, req any) (any, error) {
			start := time.Now()
			resp, err := next(ctx, req)
			m.seconds.WithLabelValues(name, status.Code(err).String()).Observe(time.Since(start).Seconds())
			return resp, err
		}
	}
}

// showable turns domain errors into statuses with a message that may be shown.
func showable(next endpoint.Endpoint) endpoint.Endpoint {
	return func(ctx context.Context, req any) (any, error) {
		resp, err := next(ctx, req)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				logging.AddFields(ctx, logging.Fields{"cause", err.Error()})
			}
			return nil, asStatus(err)
		}
		return resp, nil
	}
}

// within bounds an operation in time. A store may answer with an error of its own
// when its time is up: the context knows better why.
func within(limit time.Duration) endpoint.Middleware {
	return func(next endpoint.Endpoint) endpoint.Endpoint {
		return func(ctx context.Context, req any) (any, error) {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			resp, err := next(ctx, req)
			if err != nil && ctx.Err() != nil {
				err = errors.Join(ctx.Err(), err)
			}
			return resp, err
		}
	}
}

func logTo(log *slog.Logger) logging.Logger {
	return logging.LoggerFunc(func(ctx context.Context, level logging.Level, msg string, fields ...any) {
		log.Log(ctx, slog.Level(level), msg, fields...)
	})
}

// levelOf keeps the log quiet about what callers do wrong.
func levelOf(c codes.Code) logging.Level {
	switch c {
	case codes.OK:
		return logging.LevelDebug
	case codes.Internal, codes.Unknown, codes.DataLoss:
		return logging.LevelError
	default:
		return logging.LevelInfo
	}
}
