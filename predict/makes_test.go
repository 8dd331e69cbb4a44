package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// oils are cars whose sensor shows some oils as more worn than others, by what multiplies
// their wear; a third of the fills has no name. It returns the day on which the oil that
// is in is spent.
func oils(car int, gains []float64) (in predict.Input, spent float64) {
	in, spent = sensedPads(car, 0, 0, 1200)
	rng := rand.New(rand.NewPCG(uint64(car), 55))
	services := in.Services
	part, gain := "", 1.0
	for i := range in.Readings {
		r := &in.Readings[i]
		for len(services) > 0 && !services[0].Time.After(r.Time) {
			brand := rng.IntN(len(gains))
			part, gain = fmt.Sprint("OIL ", brand), gains[brand]
			if rng.IntN(3) == 0 {
				part = ""
			}
			in.Services[len(in.Services)-len(services)].Part = part
			services = services[1:]
		}
		r.Wear, r.Noise = r.Wear*gain, 0.02 // too little to see to the day when a part fails
	}
	return in, spent
}

// Where records name what was put in, the fleet learns by how much more worn sensors show
// it, and forecasts of it are better for it.
func TestSensorsShowMakesDifferently(t *testing.T) {
	t.Parallel()
	for _, gains := range [][]float64{{0.85, 0.95, 1, 1.05, 1.2}, {1, 1, 1, 1, 1}} {
		var paths []predict.FleetPath
		for car := range 150 {
			in, _ := oils(car, gains)
			paths = append(paths, predict.PathsOf(in)...)
		}
		prior := predict.LearnPrior(nil, paths)
		l := prior.Components[predict.BrakePadsFront]
		mean := 0.0
		for _, g := range gains {
			mean += math.Log(g) / float64(len(gains))
		}
		differ := gains[0] != gains[1]
		for brand, gain := range gains {
			got, ok := l.Makes[fmt.Sprint("OIL ", brand)]
			if !ok {
				got = 1
			}
			if want := gain / math.Exp(mean); math.Abs(got/want-1) > 0.03 {
				t.Errorf("oil %d shows %.3f of the wear, truth %.3f", brand, got, want)
			}
		}
		if !differ {
			continue
		}
		nameless := l
		nameless.Makes = nil
		var with, without float64
		for car := 500; car < 600; car++ {
			in, spent := oils(car, gains)
			miss := func(l predict.LifePrior) float64 {
				in.Prior = predict.Prior{Version: "fleet", Components: map[predict.Component]predict.LifePrior{predict.BrakePadsFront: l}}
				f, _ := predict.ForecastOf(in, predict.BrakePadsFront)
				return math.Abs(f.Limit.P50.Sub(day(0)).Hours()/24 - spent)
			}
			with, without = with+miss(l), without+miss(nameless)
		}
		for _, name := range []string{"OIL 4", ""} { // without one: as the others of the car
			in, _ := oils(7, gains)
			in.Prior = prior
			for i := range in.Services {
				in.Services[i].Part = "OIL 4"
			}
			in.Services[len(in.Services)-1].Part = name
			if f, _ := predict.ForecastOf(in, predict.BrakePadsFront); !strings.Contains(f.Reason.EN, "Sensors show OIL 4 18 % more worn than others") || !strings.Contains(f.Reason.ZH, "OIL 4 的磨损示值比其他产品高 18 %") {
				t.Errorf("the reason does not name the oil: %s %s", f.Reason.EN, f.Reason.ZH)
			}
		}
		if with > 0.8*without {
			t.Errorf("with the makes the mean error is %.1f days, without %.1f", with/100, without/100)
		}
	}
}
