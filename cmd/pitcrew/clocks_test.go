package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Cars whose clocks are wrong: a little, so that their data is kept as they stamped
// it, or so that no car can have measured then.
func TestClocksAreJudged(t *testing.T) {
	t.Parallel()
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", t.TempDir())
	for vin, test := range map[vehicle.VIN]struct {
		ahead  time.Duration
		state  string
		stored bool
	}{
		"LJCPCBLCX14500264": {0, "right", true},
		"LSJE36096MS140495": {37 * time.Second, "ahead", true},
		"WVWZZZ1JZXW000001": {23 * time.Hour, "ahead", true},
		"1M8GDM9AXKP042788": {12 * 365 * 24 * time.Hour, "ahead", false},
		"KMHK581HFKU012345": {-7 * time.Hour, "unknown", true}, // or delayed: one hour of receipt does not tell
	} {
		t.Run(string(vin), func(t *testing.T) { // one after the other: they are one client
			now := time.Now()
			at := now.Add(test.ahead).UTC().Format(time.RFC3339Nano)
			old := now.Add(test.ahead - time.Hour).UTC().Format(time.RFC3339Nano)
			for _, s := range []string{at, old} { // the late one must not become the newest
				publish(t, r, "", "", [2]string{"pitcrew/v1/" + string(vin) + "/telemetry", fmt.Sprintf(
					`{"sent":%q,"samples":[{"time":%q,"signals":{"Vehicle.Speed":1}}]}`, at, s)})
			}
			var car struct {
				DataUntil time.Time
				Clock     struct {
					State         string
					OffsetSeconds float64
				}
				Signals []struct{ Time time.Time }
			}
			if err := r.get("/v1/vehicles/"+string(vin), &car); err != nil {
				t.Fatal(err)
			}
			if off := car.Clock.OffsetSeconds - test.ahead.Seconds(); car.Clock.State != test.state || test.state != "unknown" && (off > 0 || off < -20) {
				t.Errorf("the clock is %+v", car.Clock)
			}
			newest := now.Add(test.ahead)
			if !test.stored {
				if len(car.Signals) != 0 || !car.DataUntil.IsZero() {
					t.Errorf("%+v of an impossible time is stored", car.Signals)
				}
				return
			}
			if len(car.Signals) != 1 || car.Signals[0].Time.Sub(newest).Abs() > time.Millisecond || car.DataUntil.Sub(newest).Abs() > time.Millisecond {
				t.Errorf("newest are %+v, data until %s; want %s", car.Signals, car.DataUntil, newest)
			}
		})
	}
}

// A device without a clock: what it sends has the time of receipt, and says so.
func TestTimeOfReceiptIsMarked(t *testing.T) {
	t.Parallel()
	const vin = "LJCPCBLCX14500264"
	r := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", t.TempDir())
	before := time.Now().Truncate(time.Millisecond)
	publish(t, r, "", "", [2]string{"pitcrew/v1/" + vin + "/telemetry", `{"samples":[{"signals":{"Vehicle.Speed":7}}]}`})
	var car struct {
		Clock   *struct{ State string }
		Signals []struct {
			Time       time.Time
			Number     float64
			TimeSource string
		}
	}
	if err := r.get("/v1/vehicles/"+vin, &car); err != nil {
		t.Fatal(err)
	}
	if s := car.Signals; len(s) != 1 || s[0].Number != 7 || s[0].TimeSource != "receiver" || s[0].Time.Before(before) || time.Since(s[0].Time) < 0 || car.Clock != nil {
		t.Errorf("stored %+v, clock %+v", s, car.Clock)
	}
}
