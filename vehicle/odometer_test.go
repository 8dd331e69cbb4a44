package vehicle_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var firstDay = time.Date(2025, 1, 1, 18, 0, 0, 0, time.UTC)

func at(day int, km float64) vehicle.OdometerReading {
	return vehicle.OdometerReading{Time: firstDay.AddDate(0, 0, day), Metres: km * 1000}
}

func TestOdometerChain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		give    []vehicle.OdometerReading
		refused []vehicle.OdometerReading
	}{
		"nothing":                  {},
		"one":                      {give: []vehicle.OdometerReading{at(0, 10)}},
		"same reading twice":       {give: []vehicle.OdometerReading{at(0, 10), at(0, 10), at(1, 20)}},
		"parked car":               {give: []vehicle.OdometerReading{at(0, 10), at(1, 10), at(2, 10)}},
		"a digit too many":         {give: []vehicle.OdometerReading{at(0, 48000), at(1, 480500), at(2, 48100)}, refused: []vehicle.OdometerReading{at(1, 480500)}},
		"the first one is wrong":   {give: []vehicle.OdometerReading{at(0, 99000), at(1, 48000), at(2, 48100)}, refused: []vehicle.OdometerReading{at(0, 99000)}},
		"the last one is wrong":    {give: []vehicle.OdometerReading{at(0, 48000), at(1, 48050), at(2, 4805)}, refused: []vehicle.OdometerReading{at(2, 4805)}},
		"miles instead of km":      {give: []vehicle.OdometerReading{at(0, 50000), at(30, 51000), at(60, 32311), at(90, 53000)}, refused: []vehicle.OdometerReading{at(60, 32311)}},
		"two spikes side by side":  {give: []vehicle.OdometerReading{at(0, 100), at(1, 9000), at(2, 9100), at(3, 130), at(4, 150)}, refused: []vehicle.OdometerReading{at(1, 9000), at(2, 9100)}},
		"a long drive in one day":  {give: []vehicle.OdometerReading{at(0, 100), at(1, 1500)}},
		"months without a reading": {give: []vehicle.OdometerReading{at(0, 100), at(300, 40000)}},
		"not a number":             {give: []vehicle.OdometerReading{at(0, 100), at(1, math.NaN())}, refused: []vehicle.OdometerReading{at(1, math.NaN())}},
		"below zero":               {give: []vehicle.OdometerReading{at(0, 100), at(1, -1)}, refused: []vehicle.OdometerReading{at(1, -1)}},
		"two values at one time":   {give: []vehicle.OdometerReading{at(0, 100), at(1, 120), at(1, 190), at(2, 140)}, refused: []vehicle.OdometerReading{at(1, 190)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted, refused := vehicle.OdometerChain(tt.give, 1500)
			var got []vehicle.OdometerReading
			for _, r := range refused {
				got = append(got, r.Reading)
				if r.Reason == "" {
					t.Errorf("%v refused without a reason", r.Reading)
				}
			}
			sameNaN := cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
			if diff := cmp.Diff(tt.refused, got, sameNaN); diff != "" {
				t.Errorf("refused (-want +got):\n%s\naccepted: %v", diff, accepted)
			}
		})
	}
}

func TestOdometerChainSecondBySecond(t *testing.T) {
	t.Parallel()
	// An odometer of whole kilometres jumps by 1000 m between two samples.
	var give []vehicle.OdometerReading
	for s := range 200 {
		m := math.Floor(float64(s)*36/1000) * 1000 // 130 km/h
		give = append(give, vehicle.OdometerReading{Time: firstDay.Add(time.Duration(s) * time.Second), Metres: m})
	}
	if accepted, refused := vehicle.OdometerChain(give, 1000); len(refused) > 0 || len(accepted) != len(give) {
		t.Errorf("refused %v", refused)
	}
}

// TestOdometerChainProperties drives a car with a known odometer, spoils some
// readings, and shuffles them.
func TestOdometerChainProperties(t *testing.T) {
	t.Parallel()
	const maxKmPerDay = 1000
	rapid.Check(t, func(t *rapid.T) {
		var truth, give []vehicle.OdometerReading
		km := rapid.Float64Range(0, 200_000).Draw(t, "start")
		spoiled := 0
		for day := range rapid.IntRange(5, 40).Draw(t, "days") {
			km += rapid.Float64Range(0, 600).Draw(t, "driven")
			// Never two spoiled in a row: single typing errors.
			if day > 1 && spoiled == 0 && rapid.IntRange(0, 9).Draw(t, "spoil") == 0 {
				give = append(give, at(day, km*rapid.SampledFrom([]float64{0.01, 0.1, 10, 100}).Draw(t, "factor")+50_000))
				spoiled = 1
				continue
			}
			spoiled = 0
			truth = append(truth, at(day, km))
			give = append(give, at(day, km))
		}
		accepted, refused := vehicle.OdometerChain(give, maxKmPerDay)
		if len(accepted)+len(refused) != len(give) {
			t.Fatalf("%d readings became %d and %d", len(give), len(accepted), len(refused))
		}
		if len(accepted) < len(truth) {
			t.Fatalf("kept %d, though %d fit together", len(accepted), len(truth))
		}
		for i, a := range accepted {
			for _, b := range accepted[i+1:] {
				allowed := (b.Time.Sub(a.Time).Hours()/24 + 1) * maxKmPerDay * 1000
				if b.Metres < a.Metres || b.Metres-a.Metres > allowed+1e-3 {
					t.Fatalf("%v and %v cannot both be true", a, b)
				}
			}
		}
		shuffled := append([]vehicle.OdometerReading(nil), give...)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		again, refusedAgain := vehicle.OdometerChain(shuffled, maxKmPerDay)
		if diff := cmp.Diff(accepted, again) + cmp.Diff(refused, refusedAgain); diff != "" {
			t.Fatalf("order of input matters:\n%s", diff)
		}
	})
}
