package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Days whose samples have expired stay in windows of days, and are named.
func TestSeriesOfExpiredDays(t *testing.T) {
	t.Parallel()
	s := serve(t)
	vin := s.proposed(workorders.OriginWear).VIN
	path := "/v1/vehicles/" + string(vin) + "/series?signal=Vehicle.Speed&from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
	series := func(more string) *pitcrewv1.GetSeriesResponse {
		t.Helper()
		return get(s, path+more, &pitcrewv1.GetSeriesResponse{})
	}
	byDay, byWeek, all := series("&every=24h"), series("&every=168h"), series("")
	first, last := byDay.GetPoints()[0].GetTime().AsTime(), byDay.GetPoints()[len(byDay.GetPoints())-1].GetTime().AsTime()

	at := now
	keep := now.Sub(last) + 72*time.Hour
	forgetful, err := planner.New(planner.Options{
		Store: s.db.Planner(), Telemetry: s.telemetry, Now: func() time.Time { return at }, Registry: prometheus.NewRegistry(),
		Shop: "Test Garage", Keep: map[vehicle.Class]time.Duration{vehicle.ClassDriving: keep},
	})
	if err != nil {
		t.Fatal(err)
	}
	if expiring, err := forgetful.Expire(t.Context()); err != nil || expiring.Due == 0 {
		t.Fatalf("%+v expire: %v", expiring, err)
	}
	checkWindows := func() {
		t.Helper()
		alike := cmp.Options{protocmp.Transform(), cmpopts.EquateApprox(1e-9, 0)}
		for every, want := range map[string]*pitcrewv1.GetSeriesResponse{"&every=24h": byDay, "&every=168h": byWeek} {
			if diff := cmp.Diff(want.GetPoints(), series(every).GetPoints(), alike); diff != "" {
				t.Errorf("%s (-before +after):\n%s", every, diff)
			}
		}
	}
	checkWindows() // while the samples are still there
	at = now.Add(time.Minute)
	if err := forgetful.Round(t.Context()); err != nil {
		t.Fatal(err)
	}

	checkWindows()
	left := series("")
	spans := left.GetExpired()
	if len(left.GetPoints()) == 0 || len(left.GetPoints()) >= len(all.GetPoints()) || len(spans) == 0 {
		t.Fatalf("%d of %d measurements are left, %d spans have expired", len(left.GetPoints()), len(all.GetPoints()), len(spans))
	}
	end := vehicle.DayOf(now.Add(-keep)).Start()
	if from, to := spans[0].GetFrom().AsTime(), spans[len(spans)-1].GetTo().AsTime(); !from.Equal(first) || to.After(end) {
		t.Errorf("expired from %s to %s, want from %s to %s at the latest", from, to, first, end)
	}
	trips := get(s, "/v1/vehicles/"+string(vin)+"/trips?from="+first.Format(time.RFC3339)+"&to="+first.AddDate(0, 0, 1).Format(time.RFC3339), &pitcrewv1.ListTripsResponse{})
	if len(trips.GetTrips()) > 0 || len(trips.GetExpired()) != 1 {
		t.Errorf("the first day has %d trips and %d expired spans, want only the latter", len(trips.GetTrips()), len(trips.GetExpired()))
	}
}
