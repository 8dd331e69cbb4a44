package evaluate_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// cells writes a small set of the form of the Li-ion cells: a group of eight,
// one of which never reaches a threshold, a group of three, and a cell that
// stopped before anything could be said of it.
func cells() fstest.MapFS {
	random := rand.New(rand.NewPCG(3, 3))
	var out bytes.Buffer
	fmt.Fprintln(&out, "group,cell,cycle,capacity_ah")
	cell := func(group, name string, life, cycles float64) {
		for n := 1.0; n <= cycles; n++ {
			fmt.Fprintf(&out, "%s,%s,%g,%.5f\n", group, name, n, 1.1*(1-0.1*math.Pow(n/life, 1.6)+0.0005*random.NormFloat64()))
		}
	}
	for i := range 7 {
		life := 150 * math.Exp(0.3*random.NormFloat64())
		cell("lab", fmt.Sprintf("C25-%d", i), life, 1.1*life)
	}
	cell("lab", "C25-7", 200, 100)
	for i := range 3 {
		cell("few", fmt.Sprintf("x_%d", i), 90, 110)
	}
	cell("few", "x_3", 90, 2)
	return fstest.MapFS{"liion_capacity_fade/capacity.csv": {Data: out.Bytes()}}
}

func TestCellsOfOtherContents(t *testing.T) {
	t.Parallel()
	data := cells()
	rows := evaluated(t, data)
	shares := 0
	for _, r := range rows {
		if !strings.HasPrefix(r.Metric, "MAE, mean of 1 groups") {
			continue
		}
		shares++
		if r.Units != 7 || !(r.Sure.Low <= r.Ours && r.Ours <= r.Sure.High) {
			t.Errorf("%s: %v of %d cells, 90 %% interval %v", r.Task, r.Ours, r.Units, r.Sure)
		}
		for _, b := range r.Baselines {
			if !(r.Ours < b.Value) {
				t.Errorf("%s: off by %.1f %%, %s by %.1f %%", r.Task, r.Ours, b.Name, b.Value)
			}
		}
	}
	if shares != 4 {
		t.Errorf("%d shares of life, want four of SoH 0.9 alone", shares)
	}
	same(t, data, rows)
}

// same checks that a second run prints the same bytes.
func same(t *testing.T, data fstest.MapFS, rows []evaluate.Row) {
	t.Helper()
	var first, second bytes.Buffer
	if err := evaluate.PrintJSON(&first, rows); err != nil {
		t.Fatal(err)
	}
	if err := evaluate.PrintJSON(&second, evaluated(t, data)); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("a second run printed other bytes")
	}
}

// What was read after an as-of time must not change what was said then.
func TestCellsAreAskedWithWhatWasKnown(t *testing.T) {
	t.Parallel()
	data := cells()
	before := evaluated(t, data)
	text := string(data["liion_capacity_fade/capacity.csv"].Data)
	lines := strings.Split(text, "\n")
	// The last cycles of the cells lie beyond their lives: nothing reads them.
	var kept []string
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		name := func(l string) string {
			if f := strings.Split(l, ","); len(f) == 4 {
				return f[1]
			}
			return ""
		}
		if strings.HasPrefix(name(line), "C25-") && name(line) != "C25-7" && name(next) != name(line) {
			continue
		}
		kept = append(kept, line)
	}
	if len(kept) != len(lines)-7 {
		t.Fatalf("%d lines taken out, want one a cell", len(lines)-len(kept))
	}
	data["liion_capacity_fade/capacity.csv"] = &fstest.MapFile{Data: []byte(strings.Join(kept, "\n"))}
	after := evaluated(t, data)
	for i := range before {
		if before[i].Ours != after[i].Ours {
			t.Errorf("%s, %s: %v, and %v without what came after the lives", before[i].Task, before[i].Metric, before[i].Ours, after[i].Ours)
		}
	}
}

func TestBadCellsAreNamed(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"group,cell,cycle\n": `no column "capacity_ah"`,
		"group,cell,cycle,capacity_ah\na,b,1,1.1\na,b,2,much\n": `capacity.csv, line 3, capacity_ah: "much" is not a number`,
		"group,cell,cycle,capacity_ah\na,b,2,1.1\na,b,2,1.1\n":  "capacity.csv, line 3: cycle 2 of b after cycle 2",
		"group,cell,cycle,capacity_ah\na,b,1,1.1\n":             "no group has 6 cells",
	} {
		data := fstest.MapFS{"liion_capacity_fade/capacity.csv": {Data: []byte(content)}}
		found, _ := evaluate.Found(data)
		if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", content, err, want)
		}
	}
}

func TestCellsOfTwoSources(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	fmt.Fprintln(&out, "source,cell,cycle,capacity_ah,internal_resistance_ohm")
	for i, life := range []float64{120, 140, 600, 700} {
		source, whole, limit := "NASA", 1.85, 1.4
		if i >= 2 {
			source, whole, limit = "CALCE", 1.1, 0.88
		}
		for n := 1.0; n <= 1.1*life; n++ {
			if i == 1 && n > 100 {
				break // never gets there
			}
			fmt.Fprintf(&out, "%s,c%d,%g,%.5f,\n", source, i, n, whole-(whole-limit)*math.Pow(n/life, 1.3))
		}
	}
	rows := evaluated(t, fstest.MapFS{"nasa_calce_cells/capacity.csv": {Data: out.Bytes()}})
	if len(rows) != 4 {
		t.Fatalf("%d rows, want one a share of life", len(rows))
	}
	for i, r := range rows {
		if r.Units != 3 || math.IsNaN(r.Ours) || i > 0 && r.Ours > r.Baselines[0].Value {
			t.Errorf("%s: off by %.1f %% of %d cells, life table by %.1f %%", r.Task, r.Ours, r.Units, r.Baselines[0].Value)
		}
	}
	data := fstest.MapFS{"nasa_calce_cells/capacity.csv": {Data: []byte("source,cell,cycle,capacity_ah\nESA,a,1,1\n")}}
	found, _ := evaluate.Found(data)
	if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), `"ESA"`) {
		t.Errorf("of an unknown source: error %v", err)
	}
}
