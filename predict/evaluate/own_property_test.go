package evaluate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// anyFleet draws files that are well formed, with whatever contents.
func anyFleet(t *rapid.T) (ownCSV, evaluate.OwnScale) {
	var scale evaluate.OwnScale
	values := rapid.Float64Range(-1.9, 4.9)
	if rapid.Bool().Draw(t, "raw") {
		scale.Thresholds = map[string]float64{"": rapid.SampledFrom([]float64{-5, 0, 3, 1e6}).Draw(t, "threshold")}
		values = rapid.OneOf(rapid.Float64Range(-20, 20), rapid.SampledFrom([]float64{0, 3, 1e6, -1e12, 1e300, 1e-300}))
	}
	words := func(of ...string) func(name string) string {
		return func(name string) string { return rapid.SampledFrom(of).Draw(t, name) }
	}
	unit := words("a", "b", "c", "d", "Ü 1")
	component := words("brake_pads_front", "engine_oil", "battery_12v", "seal", "Lager 7")
	outcome := words("", "failed", "early", "unknown")
	at := func(name string) string {
		day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 700).Draw(t, name))
		if rapid.IntRange(0, 400).Draw(t, name+" odd") == 313 {
			return rapid.SampledFrom([]string{"1900-01-01", "2199-12-31T23:59:59.999999999Z"}).Draw(t, name+" far")
		}
		if rapid.Bool().Draw(t, name+" date") {
			return day.Format(time.DateOnly)
		}
		return day.Add(time.Duration(rapid.IntRange(0, 86399999).Draw(t, name+" time")) * time.Millisecond).Format(time.RFC3339Nano)
	}
	odometer := func() string {
		switch rapid.IntRange(0, 12).Draw(t, "odometer kind") {
		case 0:
			return ""
		case 1:
			return rapid.SampledFrom([]string{"0", "1e7", "99999999", "1e-9", "3.5"}).Draw(t, "odd odometer")
		}
		return fmt.Sprint(rapid.IntRange(0, 300000).Draw(t, "odometer"))
	}
	var r, s, l strings.Builder
	r.WriteString("unit,component,time,odometer_km,value\n")
	s.WriteString("unit,component,time,odometer_km,outcome\n")
	l.WriteString("unit,component,time,odometer_km\n")
	for range rapid.IntRange(1, 80).Draw(t, "readings") {
		fmt.Fprintf(&r, "%s,%s,%s,%s,%g\n", unit("unit"), component("component"), at("read"), odometer(), values.Draw(t, "value"))
	}
	for range rapid.IntRange(0, 25).Draw(t, "services") {
		fmt.Fprintf(&s, "%s,%s,%s,%s,%s\n", unit("unit"), component("component"), at("renewed"), odometer(), outcome("outcome"))
	}
	for range rapid.IntRange(0, 6).Draw(t, "truths") {
		fmt.Fprintf(&l, "%s,%s,%s,%s\n", unit("unit"), component("component"), at("limit"), odometer())
	}
	return ownCSV{r.String(), s.String(), l.String()}, scale
}

func TestOwnForecastsHoldTheirPromisesOnAnyFleet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fleet, scale := anyFleet(rt)
		forecasts, table := fleet.run(t, scale, "2024-06-01T05:06:07.8Z", "2025-02-01", "2026-01-01", "2199-12-31")
		if strings.Contains(forecasts+table, "NaN") || strings.Contains(forecasts+table, "Inf") {
			rt.Fatalf("not a number in\n%s\n%s", forecasts, table)
		}
		seen := map[string]bool{}
		for _, r := range parseOwn(t, forecasts) {
			if r.p10.Before(r.asOf) || r.p50.Before(r.p10) || r.p90.Before(r.p50) {
				rt.Errorf("dates of %+v before its time, or not in order", r)
			}
			if !(0 <= r.km[0] && r.km[0] <= r.km[1] && r.km[1] <= r.km[2]) {
				rt.Errorf("km of %+v below zero, or not in order", r)
			}
			if key := r.unit + "/" + r.component + r.asOf.String(); seen[key] {
				rt.Errorf("two rows of %s", key)
			} else {
				seen[key] = true
			}
		}
	})
}
