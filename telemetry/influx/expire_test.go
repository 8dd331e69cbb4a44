package influx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Wherever an expiry breaks off, nothing that was to stay is lost once the store is
// open again, and doing it again ends it.
func expiresThroughCrashes(t *testing.T, server *testserver.Influxd) {
	const vin = vehicle.VIN("WPCZZZ00000000001")
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	expiry := []telemetry.Expiry{{Day: vehicle.DayOf(noon), Classes: []vehicle.Class{vehicle.ClassDriving}}}
	broke := 0
	for survives := range int64(8) {
		o := optionsOf(server, fmt.Sprint("crash", survives))
		direct := open(t, o)
		err := direct.Write(t.Context(), []telemetry.Record{{VIN: vin, Sample: vehicle.Sample{Time: noon, Readings: []vehicle.Reading{
			{Signal: vehicle.Speed, Value: vehicle.Number(50)}, {Signal: vehicle.LowVoltage, Value: vehicle.Number(12.5)},
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		// A server that is gone after some requests.
		var requests atomic.Int64
		requests.Store(1 << 30)
		proxy := through(t, server)
		frail := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(-1) < 0 {
				panic(http.ErrAbortHandler)
			}
			proxy.ServeHTTP(w, r)
		}))
		behind := o
		behind.URL = frail.URL
		breaking := open(t, behind)
		requests.Store(survives)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := breaking.Expire(ctx, vin, expiry); err != nil {
			broke++
		}
		cancel()
		frail.Close()

		again := open(t, o)
		volts := func() int {
			t.Helper()
			points, err := again.Series(t.Context(), telemetry.Query{VIN: vin, Signal: vehicle.LowVoltage, From: noon, To: noon.Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			return len(points)
		}
		if n := volts(); n != 1 {
			t.Errorf("broken off after %d requests: %d values that were to stay, want 1", survives, n)
		}
		if err := again.Expire(t.Context(), vin, expiry); err != nil {
			t.Fatal(err)
		}
		latest, err := again.Latest(t.Context(), vin)
		if err != nil || len(latest) != 1 || volts() != 1 {
			t.Errorf("broken off after %d requests, and done again: newest values %v, %v", survives, latest, err)
		}
	}
	if broke < 4 {
		t.Errorf("only %d expiries broke off: does the test still break them?", broke)
	}
}
