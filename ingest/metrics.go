package ingest

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	received, decoded, samples, commits prometheus.Counter
	locationDropped                     prometheus.Counter
	quarantined, replayed, retries      *prometheus.CounterVec
	commitSeconds, batchMessages        prometheus.Histogram
	storeAway                           *prometheus.GaugeVec

	oldest atomic.Int64 // receive time of the oldest message being committed, Unix ns; 0: none
}

// Stores as the labels of metrics and in messages.
const (
	storeTelemetry = "telemetry"
	storeFacts     = "facts"
)

func newMetrics(r prometheus.Registerer, b *budget, now func() time.Time) (*metrics, error) {
	const ns, sub = "pitcrew", "ingest"
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: name, Help: help})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: name, Help: help}, f)
	}
	m := &metrics{
		received: counter("messages_received_total", "Messages taken from sources."),
		decoded:  counter("messages_decoded_total", "Messages of which at least a part could be read."),
		samples:  counter("samples_written_total", "Samples written to the telemetry store."),
		commits:  counter("commits_total", "Batches made durable and acknowledged."),

		locationDropped: counter("location_dropped_total", "Values of where vehicles are that were not stored, because nobody asked for them."),
		quarantined: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "quarantined_total",
			Help: "Messages and parts of messages put into quarantine."}, []string{"class"}),
		replayed: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "replayed_total",
			Help: "Messages taken out of quarantine and tried again, by what became of them."}, []string{"result"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "store_retries_total",
			Help: "Writes that failed and were tried again."}, []string{"store"}),
		storeAway: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: ns, Subsystem: sub, Name: "store_away",
			Help: "1 while a store refuses writes and messages wait."}, []string{"store"}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: ns, Subsystem: sub, Name: "commit_seconds",
			Help: "Time from taking a batch to its acknowledgement.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 15)}),
		batchMessages: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: ns, Subsystem: sub, Name: "batch_messages",
			Help: "Messages per commit.", Buckets: prometheus.ExponentialBuckets(1, 4, 7)}),
	}
	for _, store := range []string{storeTelemetry, storeFacts} {
		m.retries.WithLabelValues(store)
		m.storeAway.WithLabelValues(store)
	}
	for _, class := range []string{classSource, classTopic, classSize, classPayload, classVehicle, classDecoder, classPart, classImpossible, classStore} {
		m.quarantined.WithLabelValues(class)
	}
	for _, result := range []string{resultStored, resultRefused} {
		m.replayed.WithLabelValues(result)
	}
	if r == nil {
		return m, nil
	}
	return m, register(r,
		m.received, m.decoded, m.samples, m.commits, m.locationDropped, m.quarantined, m.replayed, m.retries, m.storeAway, m.commitSeconds, m.batchMessages,
		gauge("unacked_messages", "Messages taken and not yet acknowledged.", func() float64 { return float64(b.heldMessages.Load()) }),
		gauge("unacked_bytes", "Bytes taken and not yet acknowledged.", func() float64 { return float64(b.heldBytes.Load()) }),
		gauge("oldest_unacked_seconds", "Age of the oldest message being committed.", func() float64 {
			if at := m.oldest.Load(); at != 0 {
				return now().Sub(time.Unix(0, at)).Seconds()
			}
			return 0
		}),
	)
}

func register(r prometheus.Registerer, all ...prometheus.Collector) error {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}
