package planner_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// outcomes answers what a test puts in.
type outcomes struct {
	tallies  []models.Tally
	versions []models.Version
	err      error
	asked    int
}

func (o *outcomes) Tallies(context.Context, predict.Component, time.Time) ([]models.Tally, error) {
	o.asked++
	return o.tallies, o.err
}

func (o *outcomes) Models(context.Context) ([]models.Version, error) { return o.versions, o.err }

func TestMetricsOfAccuracy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	of := &outcomes{
		tallies: []models.Tally{
			{Component: "tyres", Horizon: 90, Truths: [4]int{1, 4, 3, 0}, Ended: 8, AbsDays: 72},
			{Component: "tyres", Horizon: 14, Truths: [4]int{0, 0, 1, 1}, Ended: 1, AbsDays: 9},
			{Component: "coolant", Horizon: 14, Censored: [4]int{0, 2, 0, 0}},
		},
		versions: []models.Version{{Prior: predict.Prior{Version: "fleet-2"}, State: models.Shadow}, {Prior: predict.Prior{Version: "fleet-1"}, State: models.Retired}},
	}
	r := prometheus.NewRegistry()
	if err := planner.RegisterAccuracy(r, of, func() time.Time { return now }, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	got := gathered(t, r)
	want := map[string]float64{
		"pitcrew_forecast_censored coolant": 2, "pitcrew_forecast_censored tyres": 0,
		"pitcrew_forecast_coverage tyres": 0.8, "pitcrew_forecast_error_days tyres": 9,
		"pitcrew_model_info active expert": 1, "pitcrew_model_info shadow fleet-2": 1,
		"pitcrew_forecast_outcomes below_p10 tyres": 1, "pitcrew_forecast_outcomes below_p50 tyres": 4,
		"pitcrew_forecast_outcomes below_p90 tyres": 4, "pitcrew_forecast_outcomes above_p90 tyres": 1,
		"pitcrew_forecast_outcomes below_p10 coolant": 0, "pitcrew_forecast_outcomes below_p50 coolant": 0,
		"pitcrew_forecast_outcomes below_p90 coolant": 0, "pitcrew_forecast_outcomes above_p90 coolant": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if gathered(t, r); of.asked != 1 {
		t.Errorf("counted %d times within a minute, want once", of.asked)
	}
	now, of.err = now.Add(time.Hour), errors.New("away")
	if got := gathered(t, r); len(got) != 0 {
		t.Errorf("while the database is away: %v, want nothing", got)
	}
	of.err = nil
	if got := gathered(t, r); len(got) != len(want) {
		t.Errorf("when it is back: %v", got)
	}
}

// gathered are the series of a registry, by name and values of labels.
func gathered(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() { // in order of their names
				name += " " + l.GetValue()
			}
			out[name] = m.GetGauge().GetValue()
		}
	}
	return out
}
