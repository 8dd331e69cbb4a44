package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const exampleComponents = "../../predict/tablefile/testdata/example.yaml"

func command(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// What is printed can be edited and taken in again.
func TestComponentsArePrintedAndTakenIn(t *testing.T) {
	t.Parallel()
	code, table, errOut := command("components", "--components", exampleComponents)
	if code != 0 || !strings.Contains(table, "engine_oil") || !strings.Contains(table, "10,000 km or 12 months") || !strings.Contains(table, "starter") {
		t.Fatalf("exit code %d, %s\n%s", code, errOut, table)
	}
	for _, format := range []string{"--yaml", "--json"} {
		_, text, _ := command("components", "--components", exampleComponents, format)
		file := filepath.Join(t.TempDir(), "parts")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, again, errOut := command("components", "--components", file); code != 0 || again != table {
			t.Errorf("%s: exit code %d, %s\n%s", format, code, errOut, again)
		}
	}
}

// A mistake in the file is told where it stands, and nothing is started.
func TestWrongComponentsStartNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, data := filepath.Join(dir, "parts.yaml"), filepath.Join(dir, "data")
	if err := os.WriteFile(file, []byte("components:\n  - component: tyres\n    limits: {amber: high}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(dir, "pitcrew.yaml")
	if err := os.WriteFile(settings, []byte("components: "+file+"\nhttp: 127.0.0.1:0\ngrpc: 'off'\nmqtt: 127.0.0.1:0\ndata: "+data+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"serve", "--mqtt-anonymous", "--config", settings}, {"demo", "--config", settings}, {"components", "--config", settings},
	} {
		code, _, errOut := command(args...)
		if want := file + `:3: component tyres: limits.amber: "high": want a number`; code != 1 || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit code %d, %q: want %s", args[0], code, errOut, want)
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a data folder was made")
	}
	if code, _, errOut := command("components", "--components", filepath.Join(dir, "none.yaml")); code != 1 || !strings.Contains(errOut, "no such file") {
		t.Errorf("no such file: exit code %d, %q", code, errOut)
	}
}
