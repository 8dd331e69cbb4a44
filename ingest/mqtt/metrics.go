package mqtt

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	connects, acknowledged prometheus.Counter
	inFlight               prometheus.Gauge
}

func newMetrics(r prometheus.Registerer, waiting *atomic.Int64) (*metrics, error) {
	const ns, sub = "pitcrew", "mqtt"
	m := &metrics{
		connects: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "connects_total",
			Help: "Connections to the broker that were subscribed."}),
		acknowledged: prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "acknowledged_total",
			Help: "Messages acknowledged to the broker."}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: "in_flight_messages",
			Help: "Messages of the current connection not acknowledged yet."}),
	}
	if r == nil {
		return m, nil
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: name, Help: help}, f)
	}
	for _, c := range []prometheus.Collector{
		m.connects, m.acknowledged, m.inFlight,
		gauge("waiting_messages", "Messages that wait for room in ingest, 0 or 1: nothing more is read then.", func() float64 { return float64(min(waiting.Load(), 1)) }),
		gauge("waiting_bytes", "Bytes of it.", func() float64 { return float64(waiting.Load()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
