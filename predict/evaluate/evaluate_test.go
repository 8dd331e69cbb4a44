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
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// turbofans writes a small set of the form of C-MAPSS: other contents under the
// same names.
func turbofans(units int) fstest.MapFS {
	random := rand.New(rand.NewPCG(7, 7))
	var files [3]bytes.Buffer
	for i := range 2 * units {
		life := 50 + random.IntN(30)
		rows, out := life, &files[0]
		if i >= units {
			rows, out = life-5-random.IntN(15), &files[1]
			fmt.Fprintln(&files[2], life-rows)
		}
		for t := range rows {
			wear := math.Pow(float64(t+1)/float64(life), 2)
			fmt.Fprintf(out, "%d %d 0 0 100 %.3f %.3f 14.62 \n", i%units+1, t+1, 640+2*wear+0.3*random.NormFloat64(), 47-wear+0.2*random.NormFloat64())
		}
	}
	return fstest.MapFS{
		"cmapss_fd001/train_FD001.txt": {Data: files[0].Bytes()},
		"cmapss_fd001/test_FD001.txt":  {Data: files[1].Bytes()},
		"cmapss_fd001/RUL_FD001.txt":   {Data: files[2].Bytes()},
	}
}

func evaluated(t *testing.T, data fstest.MapFS) []evaluate.Row {
	t.Helper()
	found, missing := evaluate.Found(data)
	if len(found) != 1 || len(missing) != 0 {
		t.Fatalf("found %d sets, missing %v; want one", len(found), missing)
	}
	rows, err := found[0].Evaluate(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTurbofansOfOtherContents(t *testing.T) {
	data := turbofans(20)
	rows := evaluated(t, data)
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4", len(rows))
	}
	for _, r := range rows {
		if r.Units != 20 || math.IsNaN(r.Ours) || !(r.Sure.Low <= r.Ours && r.Ours <= r.Sure.High) {
			t.Errorf("%s: %v of %d units, 90 %% interval %v", r.Metric, r.Ours, r.Units, r.Sure)
		}
		for _, b := range r.Baselines {
			if r.Metric == "RMSE" && b.Value < r.Ours {
				t.Errorf("%s has RMSE %.1f, ours is %.1f", b.Name, b.Value, r.Ours)
			}
		}
	}
	var first, second bytes.Buffer
	if err := evaluate.Print(&first, rows); err != nil {
		t.Fatal(err)
	}
	if err := evaluate.Print(&second, evaluated(t, data)); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("a second run printed other bytes")
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	for _, c := range []struct{ file, content, want string }{
		{"RUL_FD001.txt", "5\n", "1 lines for 20 units"},
		{"train_FD001.txt", "1 1 0 0 100 640 x\n", `train_FD001.txt, line 1: field 7: "x" is not a number`},
		{"test_FD001.txt", "1 1 0\n", "test_FD001.txt, line 1: 3 fields"},
		{"train_FD001.txt", "1 1 0 0 100 640 47 14\n", "1 of at least 20 units"},
	} {
		data := turbofans(20)
		data["cmapss_fd001/"+c.file] = &fstest.MapFile{Data: []byte(c.content)}
		found, _ := evaluate.Found(data)
		_, err := found[0].Evaluate(context.Background(), data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: error %v, want %q in it", c.file, c.content, err, c.want)
		}
	}
	data := turbofans(20)
	delete(data, "cmapss_fd001/RUL_FD001.txt")
	if found, missing := evaluate.Found(data); len(found) != 0 || len(missing) != 1 {
		t.Errorf("without a file: found %d, missing %v", len(found), missing)
	}
}

func TestVerdicts(t *testing.T) {
	row := func(v float64) evaluate.Row {
		return evaluate.Row{Ours: v, Must: evaluate.Between(0.76, 0.84), Aim: evaluate.Between(0.78, 0.82), Sure: score.Interval{Low: math.NaN(), High: math.NaN()}}
	}
	for v, want := range map[float64]evaluate.Verdict{0.75: evaluate.Missed, 0.76: evaluate.Met, 0.8: evaluate.Reached, 0.85: evaluate.Missed} {
		if got := row(v).Verdict(); got != want {
			t.Errorf("%v: verdict %q, want %q", v, got, want)
		}
	}
	if got := row(math.NaN()).Verdict(); got != evaluate.Missed {
		t.Errorf("not a number: verdict %q, want a miss", got)
	}
	var table, lines bytes.Buffer
	rows := []evaluate.Row{row(0.5), row(math.NaN())}
	if err := evaluate.Print(&table, rows); err != nil || strings.Count(table.String(), "MISS") != 2 {
		t.Errorf("%v, table without two marks:\n%s", err, table.String())
	}
	if err := evaluate.PrintJSON(&lines, rows); err != nil || !strings.Contains(lines.String(), `"value":null`) {
		t.Errorf("%v, JSON without a null for what is not a number:\n%s", err, lines.String())
	}
}
