package ingest

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Receptions is what is known of the messages of all vehicles.
type Receptions interface {
	// Missing returns how many messages are missing by their numbers, and of how
	// many vehicles.
	Missing(ctx context.Context) (messages, vehicles int64, err error)
}

// missingTimeout is how long a scrape waits for the figures.
const missingTimeout = 5 * time.Second

// missing is a collector of what Receptions says at the moment of a scrape. While
// the store is away there are no figures, rather than old ones.
type missing struct {
	of                 Receptions
	messages, vehicles *prometheus.Desc
}

// RegisterMissing exports how many messages of vehicles are missing.
func RegisterMissing(r prometheus.Registerer, of Receptions) error {
	return r.Register(missing{
		of:       of,
		messages: prometheus.NewDesc("pitcrew_messages_missing", "Messages of vehicles that did not come, by their numbers.", nil, nil),
		vehicles: prometheus.NewDesc("pitcrew_messages_missing_vehicles", "Vehicles of which messages are missing.", nil, nil),
	})
}

// Describe implements prometheus.Collector.
func (m missing) Describe(to chan<- *prometheus.Desc) {
	to <- m.messages
	to <- m.vehicles
}

// Collect implements prometheus.Collector.
func (m missing) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), missingTimeout)
	defer cancel()
	messages, vehicles, err := m.of.Missing(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(m.messages, prometheus.GaugeValue, float64(messages))
	to <- prometheus.MustNewConstMetric(m.vehicles, prometheus.GaugeValue, float64(vehicles))
}
