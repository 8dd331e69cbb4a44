package evaluate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// A fleet whose seals wear evenly but for chance, and are a tenth worn after two months, is not taken to bend: that paths
// scatter less where a root is taken of them says nothing of how they go on.
func TestAFleetThatHasJustBegunIsNotTakenToBend(t *testing.T) {
	t.Parallel()
	const units, asOf = 80, 60
	for seed := range uint64(12) {
		fleet, lives := justBegun(seed, units, asOf)
		forecasts, _ := fleet.run(t, evaluate.OwnScale{}, ownEpoch.AddDate(0, 0, asOf).Format(time.DateOnly))
		var shares []float64
		for _, r := range parseOwn(t, forecasts) {
			shares = append(shares, r.p50.Sub(r.asOf).Hours()/24/(lives[r.unit]-asOf))
		}
		slices.Sort(shares)
		if len(shares) != units || shares[units/2] < 0.6 || shares[units/2] > 1.5 {
			t.Errorf("fleet %d: %d forecasts, the middle one of %.2f times what is left; want 0.6 to 1.5", seed, len(shares), shares[len(shares)/2])
		}
	}
}

// justBegun is a fleet with new seals that were read every 15 days until one, and how many days they last.
func justBegun(seed uint64, units, until int) (fleet ownCSV, lives map[string]float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	var readings, services strings.Builder
	fmt.Fprintln(&readings, "unit,component,time,odometer_km,value")
	fmt.Fprintln(&services, "unit,component,time,odometer_km,outcome")
	const jump = 0.0072 // of wear, which comes in jumps: a life gathers a variance of twice as much
	lives = map[string]float64{}
	for unit := range units {
		name := fmt.Sprintf("U%02d", unit)
		km, pace := 60000*random.Float64(), 80*math.Exp(0.4*random.NormFloat64())
		perKm, wear, day := math.Exp(0.25*random.NormFloat64())/700/80, 0.0, 0
		fmt.Fprintf(&services, "%s,seal,%s,%.0f,unknown\n", name, ownEpoch.Format(time.RFC3339), km)
		for ; wear < 1; day++ {
			if day <= until && day%15 == unit%15 {
				fmt.Fprintf(&readings, "%s,seal,%s,%.0f,%.4f\n", name, ownEpoch.AddDate(0, 0, day).Format(time.RFC3339), km, wear+0.02*random.NormFloat64())
			}
			way := 2 * pace * random.Float64()
			for km += way; random.Float64() < way*perKm/jump; way -= jump / perKm {
				wear += jump * random.ExpFloat64()
			}
		}
		lives[name] = float64(day)
	}
	return ownCSV{readings: readings.String(), services: services.String()}, lives
}
