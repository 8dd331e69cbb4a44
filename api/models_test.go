package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

func (s *served) write(fn func(tx planner.Tx) error) {
	s.t.Helper()
	if err := s.db.Planner().Write(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func TestAModelSaysWhatItHoldsOfEachComponent(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.write(func(tx planner.Tx) error {
		return tx.PutModel(t.Context(), models.Version{State: models.Retired, Prior: predict.Prior{
			Version: "fleet-1", Components: map[predict.Component]predict.LifePrior{
				predict.Tyres:     {RatePer1000Km: 0.02, CV: 0.4, Units: 9, FailsAt: 1.1},
				predict.EngineOil: {RatePer1000Km: 0.06, CV: 0.3, Units: 7},
				"of another time": {RatePer1000Km: 0.01, CV: 0.3, Units: 7},
			},
		}})
	})
	got := get(s, "/v1/models/fleet-1", &pitcrewv1.Model{}).GetComponents()
	want := []*pitcrewv1.ModelComponent{
		{Component: "engine_oil", Name: &pitcrewv1.Text{En: "Engine oil", Zh: "发动机机油"}, RatePer_1000Km: 0.06, Cv: 0.3, Units: 7},
		{Component: "tyres", Name: &pitcrewv1.Text{En: "Tyres", Zh: "轮胎"}, RatePer_1000Km: 0.02, Cv: 0.4, Units: 9, FailsAt: 1.1},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

// Outcomes are counted by component and horizon, and a coverage that is off says so.
func TestAccuracyCountsOutcomes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	week := time.Date(2026, 4, 20, 0, 0, 0, 0, time.UTC)
	long := week.AddDate(0, 0, -7*30)
	n := 0
	said := func(horizon int, state models.Ending, cell models.Cell, week time.Time) models.Snapshot {
		n++
		return models.Snapshot{
			VIN: "ACCURACY", Component: predict.Tyres, Cycle: fmt.Sprint(n), Horizon: horizon, Limit: predict.Dates{P50: week},
			Outcome: models.Outcome{State: state, At: week.AddDate(0, 0, 3), Cell: cell, Week: week},
		}
	}
	var all []models.Snapshot
	for range 15 {
		all = append(all, said(90, models.Ended, models.BelowP10, week), said(90, models.Ended, models.BelowP50, week), said(14, models.Outlived, models.AboveP90, week))
	}
	all = append(all, said(14, models.Censored, models.BelowP90, week), said(90, models.Ended, models.BelowP50, long))
	s.write(func(tx planner.Tx) error { return tx.PutSnapshots(t.Context(), all) })

	got := get(s, "/v1/accuracy?component=tyres", &pitcrewv1.ListAccuracyResponse{}).GetAccuracy()
	name := &pitcrewv1.Text{En: "Tyres", Zh: "轮胎"}
	want := []*pitcrewv1.Accuracy{
		{Component: "tyres", Name: name, BelowP10: 15, BelowP50: 15, AboveP90: 15, Censored: 1, Known: 45, Dated: 30, MeanAbsDays: 3, Coverage: got[0].GetCoverage(), Off: true},
		{Component: "tyres", Name: name, Horizon: 90, BelowP10: 15, BelowP50: 15, Known: 30, Dated: 30, MeanAbsDays: 3, Coverage: 0.5, Off: true},
		{Component: "tyres", Name: name, Horizon: 14, AboveP90: 15, Censored: 1, Known: 15, Coverage: got[2].GetCoverage()},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("accuracy (-want +got):\n%s", diff)
	}
	if c := got[0].GetCoverage(); c < 0.3 || c > 0.4 {
		t.Errorf("coverage %v of all, want about a third", c)
	}
	weekly := get(s, "/v1/accuracy?weeks=52&byWeek=true", &pitcrewv1.ListAccuracyResponse{}).GetAccuracy()
	if len(weekly) != 3 || !weekly[0].GetWeek().AsTime().Equal(long) || !weekly[1].GetWeek().AsTime().Equal(timestamppb.New(week).AsTime()) {
		t.Errorf("by week: %v", weekly)
	}
}
