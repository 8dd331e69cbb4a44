package broker

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// What a broker can refuse.
const (
	refusedConnect   = "connect"
	refusedPublish   = "publish"
	refusedSubscribe = "subscribe"
	refusedPacket    = "packet" // too large to be read
	refusedCrowd     = "crowd"  // a connection that had to make room for a newer one
	refusedWait      = "wait"   // what no client waits for, such as a last will, for which there was no room
)

type metrics struct {
	refused  *prometheus.CounterVec
	withheld prometheus.Counter
}

func newMetrics(r prometheus.Registerer, connections func() int, held *room) (*metrics, error) {
	const ns, sub = "pitcrew", "broker"
	m := &metrics{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "refused_total",
			Help: "Connections, publishes and reads that clients were not entitled to, packets above the limit, connections that had to make room for newer ones, and last wills for which there was no room."}, []string{"what"}),
		withheld: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "withheld_acks_total",
			Help: "Messages not acknowledged because they could not be stored; their clients were disconnected."}),
	}
	for _, what := range []string{refusedConnect, refusedPublish, refusedSubscribe, refusedPacket, refusedCrowd, refusedWait} {
		m.refused.WithLabelValues(what)
	}
	if r == nil {
		return m, nil
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: name, Help: help}, f)
	}
	for _, c := range []prometheus.Collector{
		m.refused, m.withheld,
		gauge("connections", "Open connections.", func() float64 { return float64(connections()) }),
		gauge("waiting_messages", "Messages of clients, read or being read, that are not in ingest yet.", func() float64 { return float64(held.messages.Load()) }),
		gauge("waiting_bytes", "Bytes of messages of clients, read or being read, that are not in ingest yet.", func() float64 { return float64(held.bytes.Load()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// errorsOnly passes errors alone to the log: mochi warns at every client that
// leaves, with the whole packet it was working on.
type errorsOnly struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h errorsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h errorsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return errorsOnly{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h errorsOnly) WithGroup(name string) slog.Handler { return errorsOnly{h.Handler.WithGroup(name)} }
