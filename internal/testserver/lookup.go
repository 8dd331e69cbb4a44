// Package testserver starts real servers for tests, and for the programs in
// bench, on free ports and in temporary folders.
package testserver

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Find returns the path of a server's binary: in the folder $PITCREW_TOOLS, in
// PATH, or where Debian puts servers. Without one the test is skipped, or fails when CI=true:
// there every server is installed, and a missing one must not go unnoticed.
// Tests that need a server are skipped with -short.
func Find(t T, name string) string {
	t.Helper()
	if testing.Testing() && testing.Short() {
		t.Skipf("%s is not started with -short", name)
	}
	if path := lookup(name); path != "" {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func lookup(name string) string {
	if folder := os.Getenv("PITCREW_TOOLS"); folder != "" {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // Debian keeps several versions
	for _, folder := range append(folders, "/usr/sbin") {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path
		}
	}
	return ""
}
