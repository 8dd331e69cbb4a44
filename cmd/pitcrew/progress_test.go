package main

import (
	"testing"
	"time"
)

// A bar without a known end must not be drawn by a ticker beside the command that
// moves it: the library's own looks, without a lock, whether it has begun.
func TestBarWithoutEndIsDrawnByItsCommandAlone(t *testing.T) {
	t.Parallel()
	var out output
	bar := progress(&env{err: &out}, -1, "replaying")
	<-time.After(250 * time.Millisecond) // as a slow server takes; the library's ticks come each 100 ms
	if err := bar.Set(1); err != nil {
		t.Fatal(err)
	}
	if err := bar.Finish(); err != nil {
		t.Fatal(err)
	}
	if out.String() != "" {
		t.Errorf("drew %q where there is no terminal", out.String())
	}
}
