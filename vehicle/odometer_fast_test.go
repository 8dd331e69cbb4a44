package vehicle_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// TestWhatCountsFasterThanAnyCar has a limit of its own: 300 km/h is one of the road.
func TestWhatCountsFasterThanAnyCar(t *testing.T) {
	t.Parallel()
	var readings []vehicle.OdometerReading
	for hour := range 48 {
		at := time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC)
		readings = append(readings, vehicle.ReadOdometer(at, vehicle.OdometerRecord, 1000*float64(hour), vehicle.Kilometres))
	}
	for limit, all := range map[float64]bool{24000: true, vehicle.TruckKmPerDay: false} {
		if l := vehicle.LedgerOf(readings, nil, limit); (len(l.Accepted) == 48) != all {
			t.Errorf("with a limit of %g km a day %d of 48 are accepted", limit, len(l.Accepted))
		}
	}
}
