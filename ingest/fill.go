package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// fill tells how much is in quarantine, by looking when somebody asks: several
// processes put in and take out, so none of them could keep count.
type fill struct {
	shelf          Shelf
	logger         *slog.Logger
	entries, bytes *prometheus.Desc
}

// fillPatience is how long a scrape waits for the answer. The sizes stand in an index:
// it takes some 0.1 s where there are a million entries.
const fillPatience = 2 * time.Second

func newFill(shelf Shelf, logger *slog.Logger) fill {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName("pitcrew", "quarantine", name), help, nil, nil)
	}
	return fill{shelf, logger, desc("entries", "Entries in quarantine."), desc("bytes", "Bytes in quarantine.")}
}

// Describe implements prometheus.Collector.
func (f fill) Describe(out chan<- *prometheus.Desc) {
	out <- f.entries
	out <- f.bytes
}

// Collect implements prometheus.Collector. While the database is away there are no
// figures, and the rest of the scrape has its own.
func (f fill) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), fillPatience)
	defer cancel()
	entries, bytes, err := f.shelf.QuarantineSize(ctx)
	if err != nil {
		f.logger.Warn("quarantine could not be measured for a scrape", "error", err)
		return
	}
	out <- prometheus.MustNewConstMetric(f.entries, prometheus.GaugeValue, float64(entries))
	out <- prometheus.MustNewConstMetric(f.bytes, prometheus.GaugeValue, float64(bytes))
}
