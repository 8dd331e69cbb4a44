package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A setting in the file counts for every command that has it, and for one where it
// stands below its name; one that does not exist is a mistake.
func TestConfigurationFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		yaml, says string
	}{
		"flat":         {"mqtt-anonymous: true\nfeed: [nobody]\n", `feed "nobody": no such dialect`},
		"nested":       {"serve:\n  mqtt-anonymous: true\n  feed: [nobody]\n", `feed "nobody": no such dialect`},
		"device":       {"feed: [wican]\ndevice:\n  wican/a1b2c3d4e5f6: X\n", `device "wican/a1b2c3d4e5f6": parse VIN`},
		"numbers":      {"quarantine-max: 5000000000\nquarantine-keep: 0\nserver: http://127.0.0.1:1\nfeed: [nobody]\n", `no such dialect`},
		"not a size":   {"quarantine-max: lots\n", `"lots" is not a number of bytes`},
		"not a span":   {"quarantine-keep: 90\n", `"90" is not a length of time`},
		"unknown":      {"feeds: [wican]\n", `no setting "feeds"`},
		"unknown here": {"serve:\n  vehicles: 3\n", `serve has no setting "vehicles"`},
		"not YAML":     {"{", "yaml"},
	} {
		file := filepath.Join(t.TempDir(), "pitcrew.yaml")
		if err := os.WriteFile(file, []byte(tt.yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut bytes.Buffer
		args := []string{"serve", "--config", file, "--http", "127.0.0.1:0", "--grpc", "off", "--mqtt", "127.0.0.1:0", "--data", t.TempDir()}
		if code := run(context.Background(), args, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), tt.says) {
			t.Errorf("%s: exit code %d, %q; want %q", name, code, errOut.String(), tt.says)
		}
	}
}
