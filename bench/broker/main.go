// Command broker shows what hostile clients of the embedded broker do to the
// others: a fleet of well-behaved vehicles is connected to `pitcrew serve`, some
// of them report, and hostile clients of one kind after the other attack. It
// prints, for each kind, how many messages of the fleet were sent, acknowledged
// and late, what the process used, and what became of the attack; at the end it
// asks the API whether everything that was acknowledged is stored.
//
//	go build -o /tmp/pitcrew ./cmd/pitcrew && go run ./bench/broker --pitcrew /tmp/pitcrew
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
)

type settings struct {
	Pitcrew  string        `help:"The pitcrew binary to measure." required:"" type:"existingfile"`
	Vehicles int           `help:"Vehicles that are connected." default:"10000"`
	Senders  int           `help:"How many of them report." default:"400"`
	Rate     int           `help:"Messages a second, of 20 signals each, from all of them." default:"2000"`
	For      time.Duration `help:"How long each attack lasts." default:"20s"`
	Attack   []string      `help:"Attacks to run, by name; all of them when left out."`
	Log      bool          `help:"Print what pitcrew logged."`
}

func main() {
	var s settings
	kong.Parse(&s, kong.Description("Measure what hostile clients of the embedded broker do to the others.\n\nAttacks:\n"+describeAttacks()))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench/broker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	chosen, err := choose(s.Attack)
	if err != nil {
		return err
	}
	if s.Senders < 1 || s.Senders > s.Vehicles {
		return errors.New("--senders must be from 1 to --vehicles")
	}
	files, err := raiseFiles()
	if err != nil {
		return fmt.Errorf("raise the limit of open files: %w", err)
	}
	if need := uint64(s.Vehicles + mostHostile + 200); files < need {
		return fmt.Errorf("%d open files are needed and %d allowed: raise the hard limit, 'ulimit -Hn %d' as root, or lower --vehicles", need, files, need)
	}
	srv, err := start(ctx, s.Pitcrew, users(s.Vehicles))
	if err != nil {
		return err
	}
	err = measure(ctx, s, srv, chosen)
	if s.Log {
		fmt.Println(srv.logged())
	}
	return errors.Join(err, srv.stop())
}

// users are the accounts of the fleet and of the hostile clients.
func users(vehicles int) map[string]string {
	all := make(map[string]string, vehicles+hostileVehicles)
	for i := range vehicles {
		all[string(carVIN(i))] = password
	}
	for i := range hostileVehicles {
		all[string(hostileVIN(i))] = password
	}
	return all
}

func measure(ctx context.Context, s settings, srv *server, chosen []attack) error {
	before, err := srv.usage()
	if err != nil {
		return err
	}
	began := time.Now()
	f, err := connectFleet(ctx, srv.mqtt, s.Vehicles, s.Senders)
	if err != nil {
		return err
	}
	connected, err := srv.usage()
	if err != nil {
		return err
	}
	fmt.Printf("%d vehicles connected in %.1f s, %.2f CPU s; memory %d MB before, %d MB after: %.1f KiB a connection\n",
		s.Vehicles, time.Since(began).Seconds(), (connected.cpu - before.cpu).Seconds(),
		before.resident>>20, connected.resident>>20, float64(connected.resident-before.resident)/float64(s.Vehicles)/1024)

	working, finish := context.WithCancel(ctx)
	defer finish()
	f.run(working, s.Rate)
	defer f.stop()
	fmt.Printf("%d of them send %d messages/s of 20 signals at QoS 1; each attack lasts %s\n\n", s.Senders, s.Rate, s.For)

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "attack\tsent\tacked\tp50 ms\tp99 ms\tmax ms\tlost\tCPU s\tpeak MB\tgoroutines\twhat became of the attack")
	for _, a := range append([]attack{{name: "none"}}, chosen...) {
		if err := phase(ctx, s, srv, f, a, out); err != nil {
			return err
		}
		_ = out.Flush()
	}
	finish()
	if err := f.settle(ctx); err != nil {
		return err
	}
	return check(ctx, srv, f)
}

// phase runs one attack and prints its line.
func phase(ctx context.Context, s settings, srv *server, f *fleet, a attack, out *tabwriter.Writer) error {
	if err := srv.resetPeak(); err != nil {
		return err
	}
	before, err := srv.usage()
	if err != nil {
		return err
	}
	start := f.counts()
	f.takeDelays()
	limited, cancel := context.WithTimeout(ctx, s.For)
	defer cancel()
	h := newHostile(srv.mqtt)
	if a.run != nil {
		go a.run(limited, h)
	}
	peak := watch(limited, srv)
	h.stop()
	after, err := srv.usage()
	if err != nil {
		return err
	}
	end, delays := f.counts(), f.takeDelays()
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Fprintf(out, "%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t%d\t%.1f\t%d\t%.0f\t%s\n", a.name, end.sent-start.sent, end.acknowledged-start.acknowledged,
		ms(quantile(delays, 0.5)), ms(quantile(delays, 0.99)), ms(quantile(delays, 1)), end.lost-start.lost,
		(after.cpu - before.cpu).Seconds(), after.peak>>20, peak, h.outcome())
	return ctx.Err()
}

// watch returns the most goroutines that the server had until ctx ends.
func watch(ctx context.Context, srv *server) float64 {
	most := 0.0
	for until(ctx, time.Now().Add(time.Second)) {
		if m, err := srv.metrics(ctx); err == nil {
			most = max(most, m["go_goroutines"])
		}
	}
	return most
}

// check asks the API for every message that was acknowledged.
func check(ctx context.Context, srv *server, f *fleet) error {
	missing, twice, stored := 0, 0, 0
	for _, c := range f.senders {
		c.mu.Lock()
		times := c.stored
		c.mu.Unlock()
		got, err := srv.series(ctx, c.vin, times)
		if err != nil {
			return err
		}
		for _, at := range times {
			switch n := got[at.UnixMilli()]; {
			case n == 0:
				missing++
			case n > 1:
				twice++
			}
		}
		stored += len(got)
	}
	n := f.counts()
	fmt.Printf("\nfleet: sent %d, acknowledged %d, stored %d; acknowledged and missing: %d; stored twice: %d; vehicles disconnected: %d\n",
		n.sent, n.acknowledged, stored, missing, twice, n.lost)
	if missing+twice > 0 {
		return errors.New("acknowledged messages are missing or stored twice")
	}
	return nil
}

func describeAttacks() string {
	var text strings.Builder
	for _, a := range attacks {
		fmt.Fprintf(&text, "  %-14s %s\n", a.name, a.about)
	}
	return text.String()
}
