package ingest

import (
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Decode reads one message. It must be pure: it is called from several
// goroutines, and again for a message that comes again. An error means that
// nothing in the message can be used, and the report is at most its envelope; the
// refusals list parts that were left out, or every reason for the error.
type Decode func(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error)

// Options are what a Pipeline works with and its limits. Zero limits take the
// default named beside them.
type Options struct {
	Telemetry  telemetry.Store       // required
	Facts      Facts                 // required
	Logger     *slog.Logger          // nil: no log
	Registerer prometheus.Registerer // nil: metrics are not exported
	Decoder    obd.Decoder           // what is known of the cars on pitcrew's own topics
	Feeds      *dialect.Router       // what arrives on topics of other products; nil: nothing
	Decode     Decode                // nil: pitcrew's own topics, and Feeds
	Now        func() time.Time      // nil: time.Now

	// StoreLocation keeps where vehicles are: signals of vehicle.ClassLocation, also
	// in freeze frames and in what quarantine holds. Without it they are counted and
	// dropped before anything is stored.
	StoreLocation bool

	// What may be unacknowledged at one time. A source's in-flight window belongs
	// at or below MaxUnackedMessages. Bytes are those of memory: of payloads, and of
	// what was read of them.
	MaxUnackedMessages int   // 2,500
	MaxUnackedBytes    int64 // 64 MiB

	// Messages with a larger payload go to quarantine.
	MaxMessageBytes int // 1 MiB

	// What one commit takes at most. A larger batch makes the stores cheaper per
	// message, and the first message in it wait longer.
	MaxBatchMessages int   // 1,000
	MaxBatchBytes    int64 // of payloads; 8 MiB

	Workers     int           // decoders; number of CPUs
	StopTimeout time.Duration // how long a stop waits for the stores; 5 s
}

func (o Options) withDefaults() (Options, error) {
	if o.Telemetry == nil || o.Facts == nil {
		return o, errors.New("make ingest pipeline: the telemetry store and the facts are required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Decode == nil {
		o.Decode = o.decodeByTopic
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	orDefault(&o.MaxUnackedMessages, 2_500)
	orDefault(&o.MaxUnackedBytes, 64<<20)
	orDefault(&o.MaxMessageBytes, 1<<20)
	orDefault(&o.MaxBatchMessages, 1_000)
	orDefault(&o.MaxBatchBytes, 8<<20)
	orDefault(&o.Workers, runtime.GOMAXPROCS(0))
	orDefault(&o.StopTimeout, 5*time.Second)
	return o, nil
}

func orDefault[T int | int64 | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// decodeByTopic reads pitcrew/v1/{vin}/{kind}, and the topics of feeds.
func (o Options) decodeByTopic(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	if o.Feeds != nil && !strings.HasPrefix(topic, obd.TopicRoot) && o.Feeds.Matches(topic) {
		return o.Feeds.Decode(topic, payload, received)
	}
	vin, kind, err := obd.ParseTopic(topic)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	return o.Decoder.Decode(kind, vin, payload, received)
}
