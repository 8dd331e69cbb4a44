package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// figures is a collector of two figures of the database, which it asks at every
// scrape: several processes put in and take out, so none of them could keep count.
type figures struct {
	of     string // in the log
	logger *slog.Logger
	ask    func(ctx context.Context) (first, second int64, err error)

	first, second *prometheus.Desc
}

// figuresPatience is how long a scrape waits for an answer. Each takes some 0.1 s
// where there are a million rows.
const figuresPatience = 5 * time.Second

func desc(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

// fill is how much is in quarantine.
func fill(shelf Shelf, logger *slog.Logger) figures {
	return figures{
		of: "quarantine", logger: logger,
		ask: func(ctx context.Context) (int64, int64, error) {
			entries, bytes, err := shelf.QuarantineSize(ctx)
			return int64(entries), bytes, err
		},
		first:  desc("pitcrew_quarantine_entries", "Entries in quarantine."),
		second: desc("pitcrew_quarantine_bytes", "Bytes in quarantine."),
	}
}

// Receptions is what is known of the messages of all vehicles.
type Receptions interface {
	// Missing returns how many messages are missing by their numbers, and of how
	// many vehicles.
	Missing(ctx context.Context) (messages, vehicles int64, err error)
}

// RegisterMissing exports how many messages of vehicles are missing.
func RegisterMissing(r prometheus.Registerer, of Receptions, logger *slog.Logger) error {
	return r.Register(figures{
		of: "missing messages", logger: logger, ask: of.Missing,
		first:  desc("pitcrew_messages_missing", "Messages of vehicles that did not come, by their numbers."),
		second: desc("pitcrew_messages_missing_vehicles", "Vehicles of which messages are missing."),
	})
}

// Describe implements prometheus.Collector.
func (f figures) Describe(to chan<- *prometheus.Desc) {
	to <- f.first
	to <- f.second
}

// Collect implements prometheus.Collector. While the database is away there are no
// figures, rather than old ones, and the rest of the scrape has its own.
func (f figures) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), figuresPatience)
	defer cancel()
	first, second, err := f.ask(ctx)
	if err != nil {
		f.logger.Warn("the database could not be asked for a scrape", "of", f.of, "error", err)
		return
	}
	to <- prometheus.MustNewConstMetric(f.first, prometheus.GaugeValue, float64(first))
	to <- prometheus.MustNewConstMetric(f.second, prometheus.GaugeValue, float64(second))
}
