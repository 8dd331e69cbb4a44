package evaluate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// held is the share of forecasts within whose P10 to P90 the truth lay, of those that were made before it, and how far
// P50 was off, days.
func held(t *testing.T, f ownCSV, forecasts string) (share, off float64) {
	t.Helper()
	n, in := 0.0, 0.0
	for _, r := range parseOwn(t, forecasts) {
		next, ok := nextOf(t, f, r)
		if !ok {
			continue
		}
		n++
		if !next.Before(r.p10) && !next.After(r.p90) {
			in++
		}
		off += math.Abs(r.p50.Sub(next).Hours() / 24)
	}
	if n < 30 {
		t.Fatalf("%.0f forecasts only", n)
	}
	return in / n, off / n
}

// Of a renewal of which nobody says why, the readings tell that it came at the limit: forecasts are as right as where it is
// written down.
func TestReadingsTellWhyAPartWasRenewed(t *testing.T) {
	t.Parallel()
	f := ownFleet("press", "belt", asWear, 40)
	noisy := rand.New(rand.NewPCG(4, 4))
	lines := strings.Split(strings.TrimSpace(f.readings), "\n")
	for i, line := range lines[1:] { // no reading is exact
		at := strings.LastIndex(line, ",")
		var wear float64
		if _, err := fmt.Sscan(line[at+1:], &wear); err != nil {
			t.Fatal(err)
		}
		lines[i+1] = fmt.Sprintf("%s,%.3f", line[:at], max(wear+0.02*noisy.NormFloat64(), -0.1))
	}
	f.readings = strings.Join(lines, "\n") + "\n"
	asOf := []string{"2023-10-01", "2024-02-01"}
	told, _ := f.run(t, evaluate.OwnScale{}, asOf...)
	f.services = strings.ReplaceAll(f.services, ",failed", ",unknown")
	untold, _ := f.run(t, evaluate.OwnScale{}, asOf...)
	shareTold, offTold := held(t, f, told)
	share, off := held(t, f, untold)
	t.Logf("covered %.2f, %.1f days off; where outcomes are told %.2f, %.1f", share, off, shareTold, offTold)
	if share < 0.7 || off > 1.3*offTold {
		t.Errorf("covered %.2f, %.1f days off; where outcomes are told %.2f, %.1f", share, off, shareTold, offTold)
	}
}

// Values that come in quarters say no more by being looked at often, and least of all that wear has come to an end.
func TestCoarseValuesAreSteps(t *testing.T) {
	t.Parallel()
	quarters := func(wear float64) float64 { return math.Round(wear*4) / 4 }
	f := ownFleetOften(quarters)
	forecasts, _ := f.run(t, evaluate.OwnScale{}, "2023-06-01", "2023-10-01", "2024-02-01", "2024-05-01")
	if share, off := held(t, f, forecasts); share < 0.7 || off > 80 {
		t.Errorf("covered %.2f, %.0f days off", share, off)
	}
}

// ownFleetOften is a fleet that is read every ten days.
func ownFleetOften(write func(wear float64) float64) ownCSV {
	random := rand.New(rand.NewPCG(5, 5))
	var readings, services, truth strings.Builder
	readings.WriteString("unit,component,time,value\n")
	services.WriteString("unit,component,time,outcome\n")
	truth.WriteString("unit,component,time\n")
	for u := range 40 {
		wear, rate := 0.9*random.Float64(), (0.8+0.4*random.Float64())/300
		for day := range 900 {
			wear += rate
			at := ownEpoch.AddDate(0, 0, day).Format(time.RFC3339)
			if day%10 == u%10 {
				fmt.Fprintf(&readings, "u%d,lining,%s,%.2f\n", u, at, write(max(wear+0.02*random.NormFloat64(), 0)))
			}
			if wear >= 1 {
				fmt.Fprintf(&truth, "u%d,lining,%s\n", u, at)
				fmt.Fprintf(&services, "u%d,lining,%s,failed\n", u, ownEpoch.AddDate(0, 0, day+1).Format(time.RFC3339))
				wear = 0
			}
		}
	}
	return ownCSV{readings.String(), services.String(), truth.String()}
}

// Of what only services tell, a part that goes on is one that has lasted until now: forecasts know that, and so does
// what is learned of lives.
func TestPartsThatGoOnCount(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 6))
	f := ownCSV{readings: "unit,component,time,value\n"}
	var services, truth strings.Builder
	services.WriteString("unit,component,time,outcome\n")
	truth.WriteString("unit,component,time\n")
	for u := range 200 {
		day := -1000 * random.Float64()
		for {
			day += 500 * math.Pow(-math.Log(random.Float64()), 1/2.5)
			if day > 1600 {
				break
			}
			at := ownEpoch.AddDate(0, 0, int(day))
			if day > 0 {
				fmt.Fprintf(&truth, "u%d,valve,%s\n", u, at.Format(time.RFC3339))
			}
			if day > 0 && day < 900 {
				fmt.Fprintf(&services, "u%d,valve,%s,failed\n", u, at.Add(time.Hour).Format(time.RFC3339))
			}
		}
	}
	f.services, f.truth = services.String(), truth.String()
	forecasts, _ := f.run(t, evaluate.OwnScale{}, "2023-12-01", "2024-04-01", "2024-08-01")
	if share, off := held(t, f, forecasts); share < 0.7 || share > 0.9 {
		t.Errorf("covered %.2f, %.0f days off", share, off)
	}
}
