package main

import (
	"encoding"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// span is a length of time on the command line: what Go reads, and whole days.
type span time.Duration

const day = 24 * time.Hour

// Decode implements kong.MapperValue.
func (s *span) Decode(ctx *kong.DecodeContext) error { return decodeText(ctx, s) }

// UnmarshalText reads 90d, 36h, 90m; it does not go backwards.
func (s *span) UnmarshalText(b []byte) error {
	text := string(b)
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int64
		n, err = strconv.ParseInt(days, 10, 32)
		if d = time.Duration(n) * day; n > int64(math.MaxInt64/day) {
			err = strconv.ErrRange
		}
	}
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a length of time such as 90d, 36h or 90m", text)
	}
	*s = span(d)
	return nil
}

// size is a number of bytes on the command line.
type size int64

// Decode implements kong.MapperValue.
func (s *size) Decode(ctx *kong.DecodeContext) error { return decodeText(ctx, s) }

// decodeText reads a value as its text, also where it is a number in a YAML file.
func decodeText(ctx *kong.DecodeContext, to encoding.TextUnmarshaler) error {
	value, err := ctx.Scan.PopValue("value")
	if err != nil {
		return err
	}
	return to.UnmarshalText(fmt.Append(nil, value.Value))
}

// sizeUnits are the longest first where one ends like another.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// UnmarshalText reads 1GiB, 200MB, 1.5 GB, 4096.
func (s *size) UnmarshalText(b []byte) error {
	text := string(b)
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if n *= unit.bytes; err == nil && n >= 0 && n < math.MaxInt64 {
			*s = size(n)
			return nil
		}
		break
	}
	return fmt.Errorf("%q is not a number of bytes such as 1GiB, 200MB or 4096", text)
}
