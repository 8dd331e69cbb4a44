package testserver_test

import (
	"os"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

func TestRunCleansUpBehindAProgram(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(testserver.T)
		want string
	}{
		"to its end": {func(testserver.T) {}, ""},
		"failed":     {func(p testserver.T) { p.Fatalf("no %s", "luck") }, "no luck"},
		"in cleanup": {func(p testserver.T) { p.Cleanup(func() { p.Fatal("does not stop") }) }, "does not stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var order, dir string
			err := testserver.Run(func(p testserver.T) {
				dir = p.TempDir()
				p.Cleanup(func() { order += "first" })
				p.Cleanup(func() { order += "second " })
				tc.end(p)
			})
			if got := errText(err); got != tc.want {
				t.Errorf("Run returns %q, want %q", got, tc.want)
			}
			if order != "second first" {
				t.Errorf("cleaned up in the order %q", order)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("the folder is still there: %v", err)
			}
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
