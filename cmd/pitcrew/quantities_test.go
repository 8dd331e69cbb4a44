package main

import (
	"testing"
	"time"
)

func TestSpansAndSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90d": 90 * day, "0": 0, "0d": 0, "36h": 36 * time.Hour, "1h30m": 90 * time.Minute,
		"": -1, "d": -1, "-1d": -1, "-5m": -1, "90": -1, "1.5d": -1, "200000d": -1, "99999999999d": -1, "2147483647d": -1, "soon": -1,
	} {
		var got span
		if err := got.UnmarshalText([]byte(text)); (err != nil) != (want < 0) || err == nil && time.Duration(got) != want {
			t.Errorf("span %q: got %s, %v", text, time.Duration(got), err)
		}
	}
	for text, want := range map[string]int64{
		"1GiB": 1 << 30, "200MB": 200e6, "1.5 GB": 15e8, "4096": 4096, "12B": 12, "0": 0, "3kB": 3000, "1TiB": 1 << 40,
		"": -1, "GiB": -1, "-1": -1, "-1GiB": -1, "lots": -1, "1XB": -1, "NaN": -1, "Inf": -1, "1e30TB": -1,
	} {
		var got size
		if err := got.UnmarshalText([]byte(text)); (err != nil) != (want < 0) || err == nil && int64(got) != want {
			t.Errorf("size %q: got %d, %v", text, got, err)
		}
	}
}
