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

// Wherever an expiry breaks off, nothing that was to stay is missed, whether the same
// store goes on or is opened anew; doing it again ends it, and nothing comes back.
func expiresThroughCrashes(t *testing.T, server *testserver.Influxd) {
	const requests = 8 // more than an expiry makes
	for _, anew := range []bool{false, true} {
		broke := 0
		for survives := range int64(requests) {
			if expiresThroughCrash(t, server, survives, anew) {
				broke++
			}
		}
		if broke < 4 || broke == requests {
			t.Errorf("%d of %d expiries broke off: does the test still break them?", broke, requests)
		}
	}
}

// expiresThroughCrash has the server go away after some requests of an expiry, and
// reports whether it broke off.
func expiresThroughCrash(t *testing.T, server *testserver.Influxd, survives int64, anew bool) (broke bool) {
	const vin = vehicle.VIN("WPCZZZ00000000001")
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	expiry := func(c vehicle.Class) []telemetry.Expiry {
		return []telemetry.Expiry{{Day: vehicle.DayOf(noon), Classes: []vehicle.Class{c}}}
	}
	o := optionsOf(server, fmt.Sprintf("crash%d%t", survives, anew))
	direct := open(t, o)
	err := direct.Write(t.Context(), []telemetry.Record{{VIN: vin, Sample: vehicle.Sample{Time: noon, Readings: []vehicle.Reading{
		{Signal: vehicle.Speed, Value: vehicle.Number(50)}, {Signal: vehicle.LowVoltage, Value: vehicle.Number(12.5)},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	var left atomic.Int64
	proxy := through(t, server)
	frail := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if left.Add(-1) < 0 {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer frail.Close()
	up := func() { left.Store(1 << 30) }
	behind := o
	behind.URL = frail.URL
	up()
	s := open(t, behind)
	left.Store(survives)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	broke = s.Expire(ctx, vin, expiry(vehicle.ClassDriving)) != nil
	cancel()
	if up(); anew {
		s = open(t, o)
	}

	volts := func() int {
		t.Helper()
		points, err := s.Series(t.Context(), telemetry.Query{VIN: vin, Signal: vehicle.LowVoltage, From: noon, To: noon.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		return len(points)
	}
	if n := volts(); n != 1 {
		t.Errorf("broken off after %d requests, opened anew %t: %d values that were to stay, want 1", survives, anew, n)
	}
	if err := s.Expire(t.Context(), vin, expiry(vehicle.ClassDriving)); err != nil {
		t.Fatal(err)
	}
	latest, err := s.Latest(t.Context(), vin)
	if err != nil || len(latest) != 1 || volts() != 1 {
		t.Errorf("broken off after %d requests, opened anew %t, and done again: newest values %v, %v", survives, anew, latest, err)
	}
	if err := s.Expire(t.Context(), vin, expiry(vehicle.ClassHealth)); err != nil {
		t.Fatal(err)
	}
	if s = open(t, o); volts() != 0 {
		t.Errorf("broken off after %d requests, opened anew %t: what had expired came back", survives, anew)
	}
	return broke
}
