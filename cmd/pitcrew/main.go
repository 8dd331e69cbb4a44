// Command pitcrew is the whole product in one binary: `pitcrew demo` shows it,
// `pitcrew serve` runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "devel"

type cli struct {
	Demo       demoCmd       `cmd:"" help:"Run everything embedded with a simulated fleet and open the console. Needs nothing installed."`
	Serve      serveCmd      `cmd:"" help:"Run the product."`
	Simulate   simulateCmd   `cmd:"" help:"Publish a synthetic fleet to a broker, and write down the hidden truth."`
	Decode     decodeCmd     `cmd:"" help:"Print what a payload says, and what of it is refused, as JSON lines."`
	Replay     replayCmd     `cmd:"" help:"Publish a recorded drive as the car would have sent it."`
	Components componentsCmd `cmd:"" help:"Print what pitcrew forecasts: the table of components."`
	Evaluate   evaluateCmd   `cmd:"" help:"Score the predictions on data whose outcome is known."`
	Quarantine quarantineCmd `cmd:"" help:"List, replay and discard what a running pitcrew could not take."`
	Vehicle    vehicleCmd    `cmd:"" help:"Erase a vehicle of a running pitcrew, and list the receipts."`
	Model      modelCmd      `cmd:"" help:"List, compare, promote and roll back what the fleet of a running pitcrew has taught."`
	Version    versionCmd    `cmd:"" help:"Print the version."`

	Config   kong.ConfigFlag `help:"YAML file with settings; names are those of the flags." placeholder:"FILE"`
	LogLevel string          `help:"Log debug, info, warn or error and above; the demo is quiet and starts at warn." enum:",debug,info,warn,error" default:"" placeholder:"LEVEL"`
}

// env is what every command gets: where to read and print, when to stop.
type env struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	logger *slog.Logger
}

const description = `Cars report over MQTT; pitcrew stores what they say, forecasts what will wear out,
reminds owners in time, and puts pre-diagnosed work orders in front of the workshop.

Every flag can also be set in the environment (PITCREW_ and the name in capitals) or in
a YAML file (--config).`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: exit code 0 is success, 1 a failure, 2 wrong
// usage.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("pitcrew"), kong.Description(description),
		kong.Configuration(loadConfig), kong.DefaultEnvars("PITCREW"),
		kong.Writers(out, errOut), kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errOut, "pitcrew:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help was printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(errOut, "pitcrew: %v\nSee 'pitcrew --help', or the command's own: 'pitcrew COMMAND --help'.\n", err)
		return 2
	}
	if c.LogLevel == "" && parsed.Command() == "demo" {
		c.LogLevel = "warn"
	}
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(c.LogLevel)) // the parser allows only known levels and none
	s := &env{ctx, os.Stdin, out, errOut, slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))}
	return exitCode(parsed.Run(s), errOut)
}

// exitCode says what went wrong, where the command has not said it itself.
func exitCode(err error, errOut io.Writer) int {
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRefused):
		return 1
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "pitcrew:", usage)
		return 2
	}
	fmt.Fprintln(errOut, "pitcrew:", explain(err))
	return 1
}

type versionCmd struct{}

func (versionCmd) Run(s *env) error {
	_, err := fmt.Fprintln(s.out, "pitcrew", version)
	return err
}
