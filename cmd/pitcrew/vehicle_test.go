package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// An owner wants their car forgotten: nothing of it is left, in files of the embedded
// stores not a byte, and a receipt is there. Then the car reports again.
func TestEraseAVehicle(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		eraseAVehicle(t, "--data", data)
		files, err := filepath.Glob(filepath.Join(data, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if b, err := os.ReadFile(file); err != nil || bytes.Contains(b, []byte(wicanCar)) {
				t.Errorf("%s names the car, %v", file, err)
			}
		}
	})
	t.Run("PostgreSQL and InfluxDB", func(t *testing.T) {
		t.Parallel()
		eraseAVehicle(t, append(inInflux(t), "--database", testserver.StartPostgres(t).Create(t))...)
	})
}

// eraseAVehicle has a pitcrew forget a car, and stops it.
func eraseAVehicle(t *testing.T, flags ...string) {
	r := startServe(t, append([]string{"--mqtt", "127.0.0.1:0", "--mqtt-anonymous"}, flags...)...)
	at := time.Now().UTC().Format(time.RFC3339)
	topic := "pitcrew/v1/" + wicanCar
	report := [2]string{topic + "/telemetry", fmt.Sprintf(`{"samples":[{"time":%q,"signals":{"Vehicle.Speed":50}}]}`, at)}
	publish(t, r, "", "", report,
		[2]string{topic + "/dtc", fmt.Sprintf(`{"time":%q,"ecu":"7E8","mil":true,"codes":[{"code":"P0171","status":"confirmed"}]}`, at)},
		[2]string{topic + "/telemetry", `{"samples":`})
	within(t, 30*time.Second, "the car to be planned", func() (bool, string) {
		var fleet struct{ Vehicles, Unplanned int }
		err := r.get("/v1/fleet", &fleet)
		return err == nil && fleet.Vehicles == 1 && fleet.Unplanned == 0, fmt.Sprint(fleet, err)
	})
	vehicle := func(args ...string) (int, string, string) {
		return once(t, append(append([]string{"vehicle"}, args...), "--server", r.web)...)
	}
	if code, _, errOut := vehicle("erase", wicanCar); code != 2 || !strings.Contains(errOut, "--yes") {
		t.Errorf("without a person to ask: exit %d: %s", code, errOut)
	}
	code, out, errOut := vehicle("erase", wicanCar, "--yes", "--actor", "request 4711")
	if code != 0 || !strings.Contains(out, "samples of 1 day") || !strings.Contains(out, "1 code reports") || !strings.Contains(out, "1 quarantine") {
		t.Errorf("erase: exit %d: %s%s", code, out, errOut)
	}
	if err := r.get("/v1/vehicles/"+wicanCar, nil); err == nil {
		t.Error("the vehicle is still there")
	}
	if code, out, _ = vehicle("erasures", "--vin", wicanCar); code != 0 || !strings.Contains(out, "request 4711") || !strings.Contains(out, "done") || strings.Contains(out, wicanCar) {
		t.Errorf("erasures: exit %d: %s", code, out)
	}
	if t.Failed() || strings.Contains(strings.Join(flags, " "), "--data") {
		r.stop()
		return
	}
	publish(t, r, "", "", report)
	var series struct{ Points []any }
	if err := r.get("/v1/vehicles/"+wicanCar+"/series?signal=Vehicle.Speed", &series); err != nil || len(series.Points) != 1 {
		t.Errorf("after it reported again: %d points, %v", len(series.Points), err)
	}
	r.stop()
}
