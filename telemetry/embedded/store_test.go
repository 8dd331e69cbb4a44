package embedded_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/telemetry/telemetrytest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, o embedded.Options) *embedded.Store {
	t.Helper()
	return openIn(t, t.TempDir(), o)
}

func openIn(t testing.TB, dir string, o embedded.Options) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	telemetrytest.Run(t, func(t *testing.T) telemetry.Store { return open(t, embedded.Options{}) }, telemetrytest.Capabilities{})
}

// The same with days that are sealed again and again.
func TestStoreSealingAtOnce(t *testing.T) {
	t.Parallel()
	telemetrytest.Run(t, func(t *testing.T) telemetry.Store { return open(t, embedded.Options{HotCells: 1}) }, telemetrytest.Capabilities{})
}
