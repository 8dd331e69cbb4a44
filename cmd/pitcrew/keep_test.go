package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// Samples of a class go after their time, with what is outside as with what is
// embedded; other classes stay, and so does what was concluded.
func TestSamplesExpire(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		samplesExpire(t, "--data", t.TempDir())
	})
	t.Run("PostgreSQL and InfluxDB", func(t *testing.T) {
		t.Parallel()
		samplesExpire(t, append(inInflux(t), "--database", testserver.StartPostgres(t).Create(t))...)
	})
}

func samplesExpire(t *testing.T, flags ...string) {
	serve := func(more ...string) *running {
		return startServe(t, append(append([]string{"--mqtt", "127.0.0.1:0", "--mqtt-anonymous"}, flags...), more...)...)
	}
	old := time.Now().UTC().AddDate(0, 0, -10).Truncate(time.Second)
	r := serve()
	publish(t, r, "", "", [2]string{"pitcrew/v1/" + wicanCar + "/telemetry", fmt.Sprintf(
		`{"samples":[{"time":%q,"signals":{"Vehicle.Speed":50,"Vehicle.TraveledDistance":48213400}}]}`, old.Format(time.RFC3339))})
	var car struct{ OdometerKm float64 }
	within(t, 30*time.Second, "the car to be planned", func() (bool, string) {
		err := r.get("/v1/vehicles/"+wicanCar, &car)
		return err == nil && car.OdometerKm > 0, fmt.Sprint(car, err)
	})
	r.stop()

	r = serve("--keep", "driving=5d")
	stored := func(signal string) int {
		t.Helper()
		var series struct{ Points []any }
		path := fmt.Sprintf("/v1/vehicles/%s/series?signal=%s&from=%s", wicanCar, signal, old.Add(-time.Hour).Format(time.RFC3339))
		if err := r.get(path, &series); err != nil {
			t.Fatal(err)
		}
		return len(series.Points)
	}
	within(t, 30*time.Second, "speeds to expire", func() (bool, string) {
		n := stored("Vehicle.Speed")
		return n == 0, fmt.Sprintf("%d are stored; log:\n%s", n, r.err.String())
	})
	if n := stored("Vehicle.TraveledDistance"); n != 1 {
		t.Errorf("%d readings of the odometer are stored, want 1", n)
	}
	if err := r.get("/v1/vehicles/"+wicanCar, &car); err != nil || car.OdometerKm < 48213 {
		t.Errorf("the odometer is %v, %v", car.OdometerKm, err)
	}
	r.stop()
}
