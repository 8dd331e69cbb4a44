package evaluate_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// publicFile is a file of the shared data, row by row.
func publicFile(t *testing.T, path string, each func(row map[string]string)) {
	t.Helper()
	f, err := os.Open(evaluate.SharedData(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		each(row)
	}
}

func numberOf(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPublicSetsAsOwnFleets writes machines that are no vehicles as a user would: lasers
// by hours without an odometer, cells whose odometer counts cycles.
func TestPublicSetsAsOwnFleets(t *testing.T) {
	t.Parallel()
	const head = "unit,component,time,odometer_km,value\n"
	at := func(hours float64) string {
		return ownEpoch.Add(time.Duration(hours * float64(time.Hour))).Format(time.RFC3339)
	}
	lasers := ownCSV{readings: head, truth: "unit,component,time\n"}
	before := map[string]float64{}
	publicFile(t, "meeker_escobar_smrd/gaaslaser.csv", func(r map[string]string) {
		unit, hours, v := r["unit"], numberOf(t, r["hours"]), numberOf(t, r["increase"])
		lasers.readings += fmt.Sprintf("%s,laser,%s,,%g\n", unit, at(hours), v)
		if was := before[unit]; was < 6 && v >= 6 {
			lasers.truth += fmt.Sprintf("%s,laser,%s\n", unit, at(hours-250*(v-6)/(v-was)))
		}
		before[unit] = v
	})
	var cells, limits strings.Builder
	var window []float64 // the newest capacities of a cell
	cell, done := "", false
	publicFile(t, "liion_capacity_fade/capacity.csv", func(r map[string]string) {
		if r["group"] != "HUST" {
			return
		}
		if r["cell"] != cell {
			cell, done, window = r["cell"], false, nil
		}
		cycle, v := numberOf(t, r["cycle"]), numberOf(t, r["capacity_ah"])
		window = append(window, v)[max(0, len(window)-4):]
		middle := slices.Sorted(slices.Values(window))[len(window)/2]
		switch {
		case done:
		case middle < 0.9*1.1: // of the rated 1.1 Ah
			done = true
			fmt.Fprintf(&limits, "%s,cell,%s,%g\n", cell, at(8*cycle), cycle)
		case int(cycle)%20 == 1:
			fmt.Fprintf(&cells, "%s,cell,%s,%g,%g\n", cell, at(8*cycle), cycle, v)
		}
	})
	for name, c := range map[string]struct {
		fleet ownCSV
		scale evaluate.OwnScale
	}{
		"laser": {lasers, evaluate.OwnScale{Thresholds: map[string]float64{"": 6}, New: map[string]float64{"": 0}}},
		"cell":  {ownCSV{readings: head + cells.String(), truth: "unit,component,time,odometer_km\n" + limits.String()}, evaluate.OwnScale{Thresholds: map[string]float64{"": 0.99}}},
	} {
		ours, line := againstTheLine(t, c.fleet, c.scale, name)
		if !(ours < 1.25*line) {
			t.Errorf("%s: off by %.1f days, a line through each one's own readings by %.1f", name, ours, line)
		}
	}
}

// againstTheLine is the MAE of all forecasts that a per-unit line answers, too.
func againstTheLine(t *testing.T, f ownCSV, scale evaluate.OwnScale, name string) (ours, line float64) {
	t.Helper()
	for _, r := range f.scored(t, scale, []string{"60d"}, func([]evaluate.OwnAnswer) error { return nil }) {
		for _, b := range r.Baselines {
			if strings.HasPrefix(r.Task, name+", all") && strings.HasPrefix(r.Metric, "MAE") && b.Name == "per-unit line" {
				return r.Ours, b.Value
			}
		}
	}
	t.Fatalf("%s: no figure beside a per-unit line", name)
	return 0, 0
}
