package planner

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Outcomes is where outcomes of forecasts, and the model in force, are read for metrics.
type Outcomes interface {
	Tallies(ctx context.Context, only predict.Component, since time.Time) ([]models.Tally, error)
	Models(ctx context.Context) ([]models.Version, error)
}

const (
	accuracyWeeks    = 26              // that metrics look back
	accuracyEvery    = time.Minute     // how often they are counted at most: scrapes are more frequent than news
	accuracyPatience = 5 * time.Second // how long a scrape waits
)

// accuracy is a collector of how good forecasts turned out. While the store is away
// there are no figures, rather than old ones.
type accuracy struct {
	of     Outcomes
	now    func() time.Time
	logger *slog.Logger

	coverage, outcomes, renewed, off, model *prometheus.Desc

	mu      sync.Mutex
	counted time.Time
	last    []prometheus.Metric
}

// RegisterAccuracy exports, by component, what became of the forecasts of the last 26
// weeks, and which model is in force.
func RegisterAccuracy(r prometheus.Registerer, of Outcomes, now func() time.Time, logger *slog.Logger) error {
	component := []string{"component"}
	return r.Register(&accuracy{
		of: of, now: now, logger: logger,
		coverage: prometheus.NewDesc("pitcrew_forecast_coverage", "Share of parts that ended between P10 and P90 of their forecast, in the last 26 weeks; 0.8 is true.", component, nil),
		outcomes: prometheus.NewDesc("pitcrew_forecast_outcomes", "Forecasts of which the outcome became known in the last 26 weeks, by where it lies.", []string{"component", "cell"}, nil),
		renewed:  prometheus.NewDesc("pitcrew_forecast_censored", "Forecasts of parts that were renewed before they had to be, in the last 26 weeks.", component, nil),
		off:      prometheus.NewDesc("pitcrew_forecast_error_days", "Mean absolute error of the median, days, in the last 26 weeks.", component, nil),
		model:    prometheus.NewDesc("pitcrew_model_info", "The model that is in this state: 1.", []string{"version", "state"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (a *accuracy) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{a.coverage, a.outcomes, a.renewed, a.off, a.model} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (a *accuracy) Collect(to chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); a.last == nil || now.Sub(a.counted) >= accuracyEvery {
		ctx, cancel := context.WithTimeout(context.Background(), accuracyPatience)
		defer cancel()
		var err error
		if a.last, err = a.count(ctx, now); err != nil {
			a.logger.Warn("the accuracy of forecasts could not be counted", "error", err)
			return
		}
		a.counted = now
	}
	for _, m := range a.last {
		to <- m
	}
}

// cellNames are the values of the label cell, by models.Cell.
var cellNames = [...]string{"below_p10", "below_p50", "below_p90", "above_p90"}

func (a *accuracy) count(ctx context.Context, now time.Time) ([]prometheus.Metric, error) {
	tallies, err := a.of.Tallies(ctx, "", now.AddDate(0, 0, -7*accuracyWeeks))
	if err != nil {
		return nil, err
	}
	versions, err := a.of.Models(ctx)
	if err != nil {
		return nil, err
	}
	var out []prometheus.Metric
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out = append(out, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
	}
	for _, t := range models.Sum(tallies, false) {
		component := string(t.Component)
		for cell, n := range t.Truths {
			gauge(a.outcomes, float64(n), component, cellNames[cell])
		}
		gauge(a.renewed, float64(t.Renewed()), component)
		if t.Known() > 0 {
			gauge(a.coverage, t.Coverage(), component)
		}
		if t.Ended > 0 {
			gauge(a.off, t.MAE(), component)
		}
	}
	inForce := models.Expert
	for _, v := range versions {
		switch v.State {
		case models.Active:
			inForce = v.Prior.Version
		case models.Shadow:
			gauge(a.model, 1, v.Prior.Version, string(v.State))
		case models.Retired:
		}
	}
	gauge(a.model, 1, inForce, string(models.Active))
	return out, nil
}
