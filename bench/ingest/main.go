// Command ingest measures what it costs to bring what cars publish into storage:
// pitcrew's two paths, and Telegraf on the same broker, payloads and InfluxDB.
//
//	go run ./bench/ingest --help
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// options are the flags.
type options struct {
	Path    string   `help:"external: Mosquitto, pitcrew and influxd. embedded: pitcrew alone, with its own broker and store." enum:"external,embedded" default:"external"`
	Traffic string   `help:"interleaved: every car reports once before the next round begins. trips: cars upload stored trips of 100 messages." enum:"interleaved,trips" default:"interleaved"`
	Peer    []string `help:"Measure this too, in turn with pitcrew: telegraf, or floor (Mosquitto alone, influxd alone)." enum:"telegraf,floor" sep:","`
	Facts   string   `help:"Where pitcrew keeps what is not a sample." enum:"sqlite,postgres" default:"sqlite"`

	Messages    int           `help:"Messages of one measurement; each has one sample of 20 signals." default:"200000"`
	Vehicles    int           `help:"Cars that take part." default:"10000"`
	Rounds      int           `help:"Measurements of each; the median counts." default:"3"`
	Connections int           `help:"MQTT connections that publish, which the cars share; with trips, as many cars upload at a time. Left out: 200, and 20 for trips."`
	Window      int           `help:"Messages that a connection sends ahead of their acknowledgement." default:"50"`
	Settle      time.Duration `help:"How long the CPU time of pitcrew and Telegraf goes on being counted when everything is stored: what they put off until later is theirs too. Not that of the servers, which tidy up for minutes." default:"12s"`
	HalfLoad    time.Duration `help:"How long to publish at half the rate for the delay from publish to stored; 0 leaves it out." default:"10s"`

	Pitcrew        string `help:"Binary to measure; left out, it is built from this tree." type:"existingfile"`
	Planner        bool   `help:"Let pitcrew plan the cars meanwhile, as it does in production. Without it only ingest is measured, which is all that Telegraf does."`
	TelegrafFormat string `help:"Parser of Telegraf." enum:"json,json_v2" default:"json"`
	JSON           bool   `name:"json" help:"Print every measurement as a line of JSON instead of the tables."`
	Profile        string `help:"Write a CPU profile of pitcrew to this file: the first 20 s of the last measurement at full rate." type:"path" placeholder:"FILE"`
	Keep           string `help:"Folder for data, configuration and logs, which stay; left out, a temporary one." type:"path" placeholder:"FOLDER"`
}

const description = `Publishes pitcrew's documented JSON over MQTT with QoS 1, and says how many messages a
second become queryable, what CPU time 100,000 of them cost each process, how much memory
each process took, and how long a message takes from publish to stored at half that rate.

  go run ./bench/ingest                                     the path with Mosquitto and influxd
  go run ./bench/ingest --path embedded                     everything in one process
  go run ./bench/ingest --peer telegraf,floor               beside Telegraf and the floor
  go run ./bench/ingest --peer telegraf --traffic trips     uploads of stored trips

Every measurement starts its servers anew, with the settings of deploy/, empty, on free
ports. One message of every car comes first and is not counted. Afterwards the stored
samples are counted: a path that loses or doubles one fails. CPU time is that of
/proc/PID/stat, memory is VmHWM of /proc/PID/status, so this runs on Linux.

It needs mosquitto, influxd 1.8 (make test-deps) and, for the peer, telegraf, in
$PITCREW_TOOLS, PATH or /usr/sbin:

  go install github.com/influxdata/telegraf/cmd/telegraf@v1.37.2`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	kong.Parse(&o, kong.Name("bench/ingest"), kong.Description(description))
	if err := run(ctx, o); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench/ingest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.Connections == 0 {
		o.Connections = 200
		if o.Traffic == "trips" {
			o.Connections = 20
		}
		o.Connections = min(o.Connections, o.Vehicles)
	}
	if o.Vehicles < 1 || o.Messages < 1 || o.Rounds < 1 || o.Connections < 1 || o.Window < 1 || o.Connections > o.Vehicles {
		return fmt.Errorf("--vehicles, --messages, --rounds, --connections and --window are at least 1, and there are no more connections than vehicles")
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	var results []result
	for round := range o.Rounds {
		for _, p := range b.paths() {
			r, err := b.measure(ctx, p, round+1)
			if err != nil {
				return fmt.Errorf("%s, round %d: %w", p.name(), round+1, err)
			}
			results = append(results, r)
			b.say("round %d of %d: %s", round+1, o.Rounds, r)
		}
	}
	if o.JSON {
		lines := json.NewEncoder(os.Stdout)
		for _, r := range results {
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	return report(os.Stdout, o, results)
}

// bench is what all measurements share.
type bench struct {
	options
	root    string // of the source tree
	folder  string // of this run
	started time.Time
	runs    int

	profiler string // address in the pitcrew that was started last
}

func newBench(ctx context.Context, o options) (*bench, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("find the source tree (run this inside it): %w", err)
	}
	b := &bench{options: o, root: strings.TrimSpace(string(root)), folder: o.Keep, started: time.Now()}
	if b.folder == "" {
		if b.folder, err = os.MkdirTemp("", "pitcrew-bench-"); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return nil, err
	}
	if b.Pitcrew == "" {
		b.say("building pitcrew")
		b.Pitcrew = filepath.Join(b.folder, "pitcrew")
		build := exec.CommandContext(ctx, "go", "build", "-o", b.Pitcrew, "./cmd/pitcrew")
		build.Dir = b.root
		if out, err := build.CombinedOutput(); err != nil {
			b.close()
			return nil, fmt.Errorf("build pitcrew: %w\n%s", err, out)
		}
	}
	return b, nil
}

func (b *bench) close() {
	if b.Keep == "" {
		_ = os.RemoveAll(b.folder)
	}
}

// say reports progress; results are all that standard output gets.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0fs  %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}

// paths are what is measured in each round.
func (b *bench) paths() []path {
	var all []path
	if b.Path == "embedded" {
		all = append(all, &embeddedPath{bench: b})
	} else {
		all = append(all, &externalPath{bench: b})
	}
	for _, peer := range b.Peer {
		switch peer {
		case "telegraf":
			all = append(all, &telegrafPath{bench: b})
		case "floor":
			all = append(all, &brokerFloor{bench: b}, &influxFloor{bench: b})
		}
	}
	return all
}
