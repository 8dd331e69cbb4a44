package arch_test

// rule says what a package, and everything below it, may import from this
// module. The longest matching prefix counts. docs/architecture.md explains the
// layers; keep the two in step.
type rule struct {
	pkg string   // path below the module
	may []string // path prefixes below the module
}

var (
	values  = []string{"vehicle", "obd", "internal/lang", "internal/fault"}
	domain  = append([]string{"telemetry", "predict", "history"}, values...)
	context = append([]string{"ingest", "diagnosis", "reminders", "workorders", "models"}, domain...)
)

var rules = []rule{
	{"vehicle", []string{"internal/lang"}},
	{"vehicle/planted", []string{"vehicle"}},
	{"obd", []string{"vehicle", "obd"}},

	{"telemetry", values},
	{"predict", append([]string{"predict", "internal/elementary"}, values...)},
	{"history", append([]string{"predict"}, values...)},

	{"ingest", domain},
	{"diagnosis", domain},
	{"reminders", domain},
	{"workorders", domain},
	{"models", domain},

	{"planner", context},

	{"telemetry/embedded", append([]string{"telemetry"}, values...)},
	{"telemetry/influx", append([]string{"telemetry"}, values...)},
	{"telemetry/telemetrytest", append([]string{"telemetry"}, values...)},
	{"ingest/broker", append([]string{"ingest", "internal/mqttframe"}, values...)},
	{"ingest/mqtt", append([]string{"ingest", "internal/mqttframe"}, values...)},
	{"ingest/ingesttest", append([]string{"ingest", "telemetry"}, values...)},
	{"reminders/webhook", append([]string{"reminders"}, values...)},
	{"store", append([]string{"planner", "store"}, context...)},

	{"api", append([]string{"api", "planner", "internal"}, context...)},
	{"api/pitcrewv1", nil},
	{"console", append([]string{"console", "api/pitcrewv1", "planner", "internal"}, context...)},

	{"simulator", []string{"simulator", "vehicle", "telemetry", "obd", "internal/elementary"}},

	{"internal", []string{"internal"}},
	{"cmd", []string{""}},
	{"bench", []string{""}},
}

// pure packages decide; they do no I/O and are given the time.
var pure = []string{"vehicle", "obd", "predict", "diagnosis", "workorders", "models", "history"}

// impure standard packages that a pure package must not import, at any depth of
// this module.
var impure = []string{"net", "net/http", "os", "os/exec", "database/sql", "log/slog", "syscall"}

// siblings may not import one another, even where a prefix above allows it.
var siblings = []string{"ingest", "diagnosis", "reminders", "workorders", "models"}
