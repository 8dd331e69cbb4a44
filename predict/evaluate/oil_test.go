package evaluate_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// oilFills writes fills of the form of the mining engines. Fill 3 is topped up
// before its fifth sample; fill 5 ends too early to be asked.
func oilFills() fstest.MapFS {
	random := rand.New(rand.NewPCG(9, 9))
	var out bytes.Buffer
	fmt.Fprintln(&out, "engine,oil_fill,oil_hours,tbn_mgkoh_g,oxidation,visc100_cst,soot,nitration,sulfation,cu_ppm,fe_ppm")
	for f := range 8 {
		pace := 0.7 + 0.1*float64(f)
		used := 0.0
		for i := range 7 {
			if f == 5 && i == 4 {
				break
			}
			used += 75
			if f == 3 && i == 4 {
				used *= 0.3
			}
			noise := func(sd float64) float64 { return sd * random.NormFloat64() }
			fmt.Fprintf(&out, "T1,%d,%d,%.2f,%.1f,13,%.1f,8,%.1f,%.1f,%.1f\n", f, 75*(i+1),
				9.6-0.0025*pace*used+noise(0.1), 10+0.01*pace*used+noise(0.2), 0.03*pace*used+noise(0.3),
				19+0.01*pace*used+noise(0.2), 0.008*pace*used+noise(0.1), 3+0.03*pace*used+noise(0.5))
		}
	}
	return fstest.MapFS{"mining_engine_oil/oil_samples.csv": {Data: out.Bytes()}}
}

func TestOilOfOtherContents(t *testing.T) {
	t.Parallel()
	data := oilFills()
	rows := evaluated(t, data)
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3", len(rows))
	}
	tbn, found, planted := rows[0], rows[1], rows[2]
	if tbn.Units != 7 || !(tbn.Ours < 0.35) {
		t.Errorf("TBN off by %.2f of %d fills, want at most 0.35 of 7", tbn.Ours, tbn.Units)
	}
	if found.Ours != 1 {
		t.Errorf("%v hidden top-ups found, want the one", found.Ours)
	}
	if planted.Units < 6 || planted.Ours < 0.8 {
		t.Errorf("%.2f of %d planted top-ups found", planted.Ours, planted.Units)
	}
	same(t, data, rows)
}

func TestBadOilIsNamed(t *testing.T) {
	t.Parallel()
	good := string(oilFills()["mining_engine_oil/oil_samples.csv"].Data)
	for content, want := range map[string]string{
		strings.Replace(good, "oxidation", "ox", 1):         `no column "oxidation"`,
		strings.Replace(good, "T1,0,150,", "T1,0,75,", 1):   "oil_samples.csv, line 3: oil_hours 75 of fill T1/0 after 75",
		strings.Replace(good, "T1,0,150,", "T1,0,none,", 1): `oil_samples.csv, line 3, oil_hours: "none" is not a number`,
		good[:strings.Index(good, "T1,2,")]:                 "no fill has a sample near 500 h",
	} {
		data := fstest.MapFS{"mining_engine_oil/oil_samples.csv": {Data: []byte(content)}}
		found, _ := evaluate.Found(data)
		if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
