package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// simulatedCSV writes a simulated fleet as its owner would: pads as the gauge shows
// them once a week, treads as workshops measure them, what was renewed and how, and
// when parts did reach their limit.
func simulatedCSV(t *testing.T, vehicles int, seed uint64) (readings, services, truth string) {
	t.Helper()
	fleet, err := simulator.New(simulator.Config{
		Seed: seed, Vehicles: vehicles, Epoch: evaluatedEpoch, HistoryDays: evaluatedDays, Upkeep: simulator.AtLimit,
	})
	if err != nil {
		t.Fatal(err)
	}
	var r, s, l strings.Builder
	r.WriteString("unit,component,time,odometer_km,value\n")
	s.WriteString("unit,component,time,odometer_km,outcome\n")
	l.WriteString("unit,component,time,odometer_km\n")
	line := func(b *strings.Builder, unit, component string, at time.Time, km float64, last string) {
		fmt.Fprintf(b, "%s,%s,%s,%.1f%s\n", unit, component, at.UTC().Format(time.RFC3339), km, last)
	}
	for i := range fleet.Len() {
		d := fleet.Diary(i)
		unit := "car " + fmt.Sprint(i)
		for n, day := range d.Days {
			if n%7 == 0 && !math.IsNaN(day.PadFront.Last) {
				line(&r, unit, "brake_pads_front", day.Day.End().Add(-time.Hour), day.OdometerKm, fmt.Sprintf(",%.3f", day.PadFront.Last/100))
			}
		}
		for _, v := range d.Visits {
			for _, item := range v.Items {
				line(&s, unit, item, v.Time, v.OdometerKm, ",failed")
			}
			for _, m := range v.Measurements {
				if m.Component == "tyres" && m.Place == "front" && !slices.Contains(v.Items, "tyres") {
					line(&r, unit, "tyres", v.Time, v.OdometerKm, fmt.Sprintf(",%.3f", (8-m.Value)/6.4))
				}
			}
		}
		for _, c := range d.Truth.Components {
			for _, life := range c.Lives {
				if life.Limit != nil && life.Limit.Before(fleet.End()) {
					line(&l, unit, c.Component, *life.Limit, life.LimitKm, "")
				}
			}
		}
	}
	dir := t.TempDir()
	for name, b := range map[string]*strings.Builder{"readings.csv": &r, "services.csv": &s, "truth.csv": &l} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "readings.csv"), filepath.Join(dir, "services.csv"), filepath.Join(dir, "truth.csv")
}

func evaluateOwn(t *testing.T, args ...string) (out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	if code := run(context.Background(), append([]string{"evaluate"}, args...), &o, &e); code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, e.String())
	}
	return o.String(), e.String()
}

func TestEvaluateAFleetOfOnesOwn(t *testing.T) {
	t.Parallel()
	readings, services, truth := simulatedCSV(t, 24, 11)
	given := []string{"--csv", readings, "--services", services, "--truth", truth, "--asof", "90d"}
	forecasts, table := evaluateOwn(t, given...)
	lines, err := csv.NewReader(strings.NewReader(forecasts)).ReadAll()
	if err != nil || len(lines) < 500 {
		t.Fatalf("%d lines of forecasts, %v; want hundreds", len(lines), err)
	}
	for _, want := range []string{"own fleet", "brake_pads_front, all", "coverage of 80 %", "pinball", "life table", "per-unit line", "tyres"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in the score\n%s", want, table)
		}
	}

	file := filepath.Join(t.TempDir(), "forecasts.csv")
	score, notes := evaluateOwn(t, append(given, "--out", file)...)
	written, err := os.ReadFile(file)
	if err != nil || string(written) != forecasts || notes+score != table {
		t.Errorf("with --out other forecasts or another score, %v", err)
	}

	objects, _ := evaluateOwn(t, append(given, "--json")...)
	var first struct {
		Unit, Component string
		P50Date         time.Time `json:"p50_date"`
	}
	decoder := json.NewDecoder(strings.NewReader(objects))
	if err := decoder.Decode(&first); err != nil || first.Unit != lines[1][0] || first.P50Date.Format(time.RFC3339) != lines[1][4] {
		t.Errorf("the first object is %+v, %v; the first line %v", first, err, lines[1])
	}
}

// TestEvaluateAFleetOfOnesOwnBeatsTheLifeTable reads the score for machines.
func TestEvaluateAFleetOfOnesOwnBeatsTheLifeTable(t *testing.T) {
	t.Parallel()
	readings, services, truth := simulatedCSV(t, 40, 12)
	score, _ := evaluateOwn(t, "--csv", readings, "--services", services, "--truth", truth, "--asof", "60d",
		"--json", "--out", filepath.Join(t.TempDir(), "forecasts.json"))
	compared := 0
	decoder := json.NewDecoder(strings.NewReader(score))
	for decoder.More() {
		var r struct {
			Task, Metric string
			Value        float64
			Baselines    map[string]float64
		}
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		table, ok := r.Baselines["life table"]
		if ok && r.Task == "all components, due in 90 to 180 days" && strings.HasPrefix(r.Metric, "MAE") {
			compared++
			if r.Value > table/1.5 {
				t.Errorf("%s: off by %.0f days, the life table by %.0f; want at most two thirds", r.Task, r.Value, table)
			}
		}
	}
	if compared != 1 {
		t.Errorf("%d comparisons with a life table, want 1:\n%s", compared, score)
	}
}

func TestEvaluateAFleetOfOnesOwnSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	readings := filepath.Join(t.TempDir(), "readings.csv")
	if err := os.WriteFile(readings, []byte("unit,component,time,value\na,pads,2024-01-01,NaN\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--csv", readings}, 1, "readings.csv, line 2, value"},
		{[]string{"--csv", readings, "--threshold", "x"}, 2, "--threshold x: want a number for all components, or component=number"},
		{[]string{"--csv", readings, "--new", "1,2"}, 2, "--new 2: there is one already"},
		{[]string{"--csv", readings, "--fleet", "40"}, 2, "can't be used together"},
		{[]string{"--csv", readings + "x"}, 2, "readings.csvx"},
		{[]string{"--fleet", "40", "--asof", "30d"}, 2, "--asof goes with --csv"},
	} {
		var out, errOut bytes.Buffer
		if code := run(context.Background(), append([]string{"evaluate"}, c.args...), &out, &errOut); code != c.code || !strings.Contains(errOut.String(), c.want) {
			t.Errorf("%v: exit %d, %q; want exit %d and %q", c.args, code, errOut.String(), c.code, c.want)
		}
	}
}
