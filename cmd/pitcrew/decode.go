package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

type decodeCmd struct {
	Format string    `required:"" help:"What the input is: one of the formats above." placeholder:"FORMAT"`
	Topic  string    `help:"MQTT topic the message came on; formats pitcrew and dialect:NAME find the vehicle in it." placeholder:"TOPIC"`
	VIN    string    `name:"vin" help:"Vehicle that sent it, where the input does not say; the input must not say otherwise."`
	Table  string    `help:"Signals behind the data identifiers of UDS service 22: kona (also when left out), or a CSV file (see docs/devices.md); behind it @km or @mi for an odometer that follows the cluster." default:"kona" placeholder:"NAME|FILE"`
	Codes  string    `help:"How three bytes of a UDS trouble code are meant: j2012, j1939 or maker; left out: as the answer says, else j2012." placeholder:"NAMING"`
	J1939  int       `name:"j1939-version" help:"How SAE J1939 trouble codes whose conversion bit is 1 are packed: version 1, 2 or 3." default:"3" enum:"1,2,3"`
	Time   time.Time `help:"When it was received, RFC 3339: times far ahead of it are refused, and what has no clock takes it. Left out: now."`
	Input  string    `arg:"" optional:"" help:"File, - for standard input, or the payload itself: hexadecimal digits for binary formats, text for the others." default:"-"`
}

func (c *decodeCmd) Help() string {
	var b strings.Builder
	b.WriteString(`Prints one JSON object a line: what was decoded, in its own terms and as VSS 6.0 signals, and what
was refused, where and why. Exit code 0: all decoded; 1: something was refused; 2: wrong usage.

  pitcrew decode --format elm327 '7E8 04 41 0C 1A F8'
  pitcrew decode --format vin LSJE36096MS140495
  pitcrew decode --format gbt32960 frames.bin
  mosquitto_sub -C 1 -t 'wican/#' | pitcrew decode --format dialect:wican --topic wican/a1b2c3d4e5f6/can/rx -

Formats:
`)
	for _, f := range decodeFormats() {
		fmt.Fprintf(&b, "  %-16s %s\n", f.name, f.about)
	}
	return b.String()
}

// errRefused ends the command with exit code 1 and no further words: the lines
// have said everything.
var errRefused = errors.New("parts of the input were refused")

// usageError is a mistake in the command line: exit code 2.
type usageError struct{ reason string }

func (e *usageError) Error() string { return e.reason }

func (c *decodeCmd) Run(s *env) error {
	f, ok := findFormat(c.Format)
	if !ok {
		return &usageError{fmt.Sprintf("--format %s: want one of %s; dialects are %s", c.Format, strings.Join(formatNames(), ", "), strings.Join(dialectNames(), ", "))}
	}
	in := decodeInput{topic: c.Topic, received: c.Time}
	if in.received.IsZero() {
		in.received = time.Now().UTC().Truncate(time.Millisecond)
	}
	if c.VIN != "" {
		vin, err := vehicle.ParseVIN(c.VIN)
		if err != nil {
			return &usageError{fmt.Sprintf("--vin: %v", err)}
		}
		in.vin = vin
	}
	var err error
	if in.car.Table, err = signalTable(c.Table); err != nil {
		return &usageError{fmt.Sprintf("--table: %v", err)}
	}
	if in.car.Naming, err = codeNaming(c.Codes); err != nil {
		return &usageError{fmt.Sprintf("--codes: %v", err)}
	}
	in.j1939.Ambiguous = j1939.Conversion(c.J1939)
	var half bool
	binary := f.binary || strings.HasSuffix(c.Topic, "/"+string(obd.GBT32960)) && strings.HasPrefix(c.Topic, obd.TopicRoot)
	if in.payload, half, err = c.read(s, binary); err != nil {
		return err
	}
	l := newLines(s.out)
	if err := f.decode(in, l); err != nil {
		return err
	}
	switch {
	case half:
		l.refuse(&vehicle.Refusal{Offset: len(in.payload), Reason: "the hexadecimal digits end with half a byte"})
	case l.written == 0 && len(bytes.TrimSpace(in.payload)) == 0:
		l.refuse(&vehicle.Refusal{Reason: "input is empty"})
	case l.written == 0:
		l.refuse(&vehicle.Refusal{Reason: "nothing in the input says anything in format " + c.Format})
	}
	switch {
	case l.err != nil:
		return fmt.Errorf("write: %w", l.err)
	case l.refused > 0:
		return errRefused
	}
	return nil
}

// maxInput is the most that is read of a file or of standard input.
const maxInput = 64 << 20

// read returns the input: standard input, a file, or the argument itself. half is set
// where hexadecimal digits were cut in the middle of a byte.
func (c *decodeCmd) read(s *env, binary bool) (payload []byte, half bool, err error) {
	b, isArgument, err := c.open(s)
	switch {
	case err != nil:
		return nil, false, err
	case binary && isArgument && !isHexText(b) && len(b) > 0:
		return nil, false, &usageError{fmt.Sprintf("%q is neither a file nor hexadecimal digits", clip(c.Input))}
	case !binary || !isHexText(b):
		return b, false, nil
	}
	digits := strings.Join(strings.Fields(string(b)), "")
	whole := len(digits) &^ 1
	payload, err = hex.DecodeString(digits[:whole])
	return payload, whole < len(digits), err
}

// open reads what the argument names; one that names no file is the payload itself.
func (c *decodeCmd) open(s *env) (b []byte, isArgument bool, err error) {
	if c.Input == "-" {
		b, err = readAll(s.in, "standard input")
		return b, false, err
	}
	file, err := os.Open(c.Input)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, false, err
	case err != nil:
		return []byte(c.Input), true, nil
	}
	defer file.Close()
	b, err = readAll(file, c.Input)
	return b, false, err
}

func readAll(r io.Reader, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(b) > maxInput:
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxInput>>20)
	}
	return b, nil
}

// isHexText reports whether all there is are hexadecimal digits and white space.
// No binary format begins so.
func isHexText(b []byte) bool {
	digits := false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			digits = true
		case c == ' ', c == '\n', c == '\r', c == '\t':
		default:
			return false
		}
	}
	return digits
}

func formatNames() []string {
	var names []string
	for _, f := range decodeFormats() {
		names = append(names, f.name)
	}
	return slices.Clip(names)
}
