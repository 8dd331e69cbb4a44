package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestEvaluateASimulatedFleet(t *testing.T) {
	t.Parallel()
	var out [2]bytes.Buffer
	for i := range out {
		var errOut bytes.Buffer
		if code := run(context.Background(), []string{"evaluate", "--fleet", "24", "--seed", "3"}, &out[i], &errOut); code != 0 {
			t.Fatalf("exit %d: %s", code, errOut.String())
		}
	}
	if out[0].String() != out[1].String() {
		t.Error("a second run printed other bytes")
	}
	for _, want := range []string{"simulated fleet", "cabin filter, a chance day", "coverage of 80 %"} {
		if !strings.Contains(out[0].String(), want) {
			t.Errorf("no %q in\n%s", want, out[0].String())
		}
	}
}

func TestEvaluateAsksForOneThing(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"evaluate"}, 2, "--data"},
		{[]string{"evaluate", "--data", empty, "--fleet", "10"}, 2, "can't be used together"},
		{[]string{"evaluate", "--fleet", "1"}, 2, "at least 20 vehicles"},
		{[]string{"evaluate", "--data", empty}, 1, "holds none of the data sets"},
	} {
		var out, errOut bytes.Buffer
		if code := run(context.Background(), c.args, &out, &errOut); code != c.code || !strings.Contains(errOut.String(), c.want) {
			t.Errorf("%v: exit %d, %q; want exit %d and %q", c.args, code, errOut.String(), c.code, c.want)
		}
	}
}
