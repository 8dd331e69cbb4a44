package evaluate

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
)

// SharedData is a path in the folder that $PITCREW_SHARED_DATA names, by default the
// shared folder beside the repository. Only outside CI its absence skips the test.
func SharedData(t *testing.T, path string) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("PITCREW_SHARED_DATA"), filepath.Join("..", "..", "..", "shared", "data"))
	full := filepath.Join(dir, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("no data: %v; set PITCREW_SHARED_DATA", err)
		}
		t.Fatal(err)
	}
	return full
}
