package degradation_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// oils are fills of four indicators; the third has no gauge.
func oils(seed uint64, fills int) [][]degradation.Sample {
	random := rand.New(rand.NewPCG(seed, 2))
	out := make([][]degradation.Sample, fills)
	for i := range out {
		for tau := 50.0; tau <= 500; tau += 50 {
			read := func(rate float64) float64 { return rate*tau + 0.03*random.NormFloat64() }
			out[i] = append(out[i], degradation.Sample{Tau: tau, Wear: []float64{read(0.001), read(0.0015), math.NaN(), read(0.0007)}})
		}
	}
	return out
}

func TestHiddenTopUps(t *testing.T) {
	t.Parallel()
	gauges := degradation.Gauges(oils(1, 10))
	if len(gauges) != 4 || math.Abs(gauges[1].Rate-0.0015) > 3e-4 || math.Abs(gauges[1].Noise-0.03) > 0.012 {
		t.Fatalf("gauges %+v; want a rate of 0.0015 and a noise of 0.03 for the second", gauges)
	}
	alarms, found, shares := 0, 0, 0.0
	const fills = 40
	for _, path := range oils(2, fills) {
		alarms += len(degradation.Resets(path, gauges))
		for i := 6; i < len(path); i++ {
			for j := range path[i].Wear {
				path[i].Wear[j] -= 0.6 * path[5].Wear[j]
			}
		}
		for _, r := range degradation.Resets(path, gauges) {
			if r.Sample == 6 {
				found++
				shares += r.Share
			}
		}
	}
	if alarms > 2 {
		t.Errorf("%d top-ups found in %d fills without one", alarms, fills)
	}
	if found < fills-2 || math.Abs(shares/float64(found)-0.6) > 0.1 {
		t.Errorf("%d of %d top-ups of 0.6 found, of %.2f in the mean", found, fills, shares/float64(found))
	}
}

func TestOneSampleOfSomethingElseIsNoTopUp(t *testing.T) {
	t.Parallel()
	gauges := degradation.Gauges(oils(3, 10))
	path := oils(4, 1)[0]
	for j := range path[6].Wear {
		path[6].Wear[j] = 0
	}
	if r := degradation.Resets(path, gauges); len(r) != 1 || r[0].Sample != 6 || !r[0].Lone {
		t.Errorf("found %+v, want one lone sample, the seventh", r)
	}
	path = oils(4, 1)[0]
	for i := 6; i < len(path); i++ {
		path[i].Wear[0] = 0 // one indicator alone
	}
	if r := degradation.Resets(path, gauges); len(r) != 0 {
		t.Errorf("one indicator alone gave %+v", r)
	}
}
