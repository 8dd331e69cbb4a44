package mqtt

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	connects, acknowledged prometheus.Counter
	inFlight               prometheus.Gauge
}

func newMetrics(r prometheus.Registerer, now func() *waiting) (*metrics, error) {
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
		gauge("waiting_messages", "Messages of the current connection that are not in ingest yet.", func() float64 { return float64(now().messages.Load()) }),
		gauge("waiting_bytes", "Bytes of the current connection that are not in ingest yet.", func() float64 { return float64(now().bytes.Load()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
