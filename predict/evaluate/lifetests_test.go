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

// lifetests writes small files of the form of Meeker & Escobar: lasers, a third
// of which reach 10 %, and cracks that grow faster the longer they are, of which
// some never gets there.
func lifetests() fstest.MapFS {
	random := rand.New(rand.NewPCG(5, 5))
	var lasers, cracks bytes.Buffer
	fmt.Fprintln(&lasers, "increase,unit,hours")
	for u := range 12 {
		rate := 2 * math.Exp(0.2*random.NormFloat64())
		if u%3 == 0 {
			rate = 3 + 0.1*float64(u)
		}
		for h := 0.0; h <= 4; h += 0.25 {
			fmt.Fprintf(&lasers, "%.4f,%d,%g\n", rate*h+0.05*random.NormFloat64(), u, 1000*h)
		}
	}
	fmt.Fprintln(&cracks, "inches,specimen,megacycles")
	for u := range 10 {
		inches, pace := 0.9, 5*math.Exp(0.15*random.NormFloat64())
		if u == 9 {
			pace = 1
		}
		for step := 0; step <= 15 && inches < 1.7; step++ {
			fmt.Fprintf(&cracks, "%.3f,%d,%.2f\n", inches, u, 0.01*float64(step))
			for range 100 {
				inches += pace * 0.0001 * math.Pow(inches, 1.5)
			}
		}
	}
	return fstest.MapFS{
		"meeker_escobar_smrd/gaaslaser.csv": {Data: lasers.Bytes()},
		"meeker_escobar_smrd/alloya.csv":    {Data: cracks.Bytes()},
	}
}

func TestLifeTestsOfOtherContents(t *testing.T) {
	t.Parallel()
	data := lifetests()
	rows := evaluated(t, data)
	if len(rows) != 2 || rows[0].Units != 5 || rows[1].Units != 8 {
		t.Fatalf("rows %+v; want lasers of 5 and cracks of 8 units", rows)
	}
	for _, r := range rows {
		if !(r.Ours <= 5) || !(r.Ours < r.Baselines[0].Value) {
			t.Errorf("%s: off by %.1f %% of life, life table by %.1f %%", r.Task, r.Ours, r.Baselines[0].Value)
		}
	}
	if crack := rows[1]; crack.Ours > crack.Baselines[1].Value/3 {
		t.Errorf("%s: off by %.1f %%, a straight line by %.1f %%", crack.Task, crack.Ours, crack.Baselines[1].Value)
	}
	same(t, data, rows)
}

func TestBadLifeTestsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, content, want string }{
		{"gaaslaser.csv", "increase,unit\n", `no column "hours"`},
		{"gaaslaser.csv", "increase,unit,hours\n0,1,0\nx,1,1\n", `gaaslaser.csv, line 3, increase: "x" is not a number`},
		{"gaaslaser.csv", "increase,unit,hours\n0,1,0\n1,1,0\n", "gaaslaser.csv, line 3: hours 0 of 1 after 0"},
		{"alloya.csv", "inches,specimen,megacycles\n0.9,1,0\n1,1,0.1\n", "no specimen reaches inches of 1.6"},
	} {
		data := lifetests()
		data["meeker_escobar_smrd/"+c.file] = &fstest.MapFile{Data: []byte(c.content)}
		found, _ := evaluate.Found(data)
		if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: error %v, want %q in it", c.file, c.content, err, c.want)
		}
	}
}
