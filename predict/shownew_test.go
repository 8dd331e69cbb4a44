package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Pads of 10 mm are measured as if they had been 11 when new. The cars' own sensors
// show it, and the workshop is trusted for what it is.
func TestNewPartsAreThoseThatAreFitted(t *testing.T) {
	t.Parallel()
	for _, shown := range []float64{0, 0.125, -0.1} {
		paths := scattered(map[string]float64{predict.FromPadSensor: namedNoise / 4, predict.FromWorkshop: namedNoise}, 50)
		for i := range paths {
			for j := range paths[i].Points {
				if q := &paths[i].Points[j]; q.Source == predict.FromWorkshop {
					q.Wear += shown * (1 - q.Wear)
				}
			}
		}
		learned := predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront]
		if got := learned.ShowsNew[predict.FromWorkshop]; math.Abs(got-shown) > 0.01 {
			t.Errorf("a new part is learned to show %.3f, truth %.3f", got, shown)
		}
		if trust := learned.Trust[predict.FromWorkshop]; trust < 0.8 || trust > 1.3 {
			t.Errorf("new parts show %.3f: the workshop's noise by what it names %.2f, truth 1", shown, trust)
		}
	}
}

// A sensor that shows new parts better than the table has it begins at what it shows of
// them, and parts fail where they did on its scale.
func TestSensorsShowNewPartsBetter(t *testing.T) {
	t.Parallel()
	for _, shown := range []float64{0.15, 0, -0.3} {
		paths := scattered(map[string]float64{predict.FromPadSensor: namedNoise, predict.FromWorkshop: namedNoise}, 50)
		for i := range paths {
			p := &paths[i]
			for j := range p.Points {
				if q := &p.Points[j]; q.Source == predict.FromPadSensor {
					q.Wear += shown * (1 - q.Wear)
				}
			}
			p.Points = p.Points[:49] // the last is of the sensor
			p.FailedAt, p.FailedAtSE = 1.2, 0.01
		}
		learned := predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront]
		want := min(shown, 0) // what shows new parts worse may be worn
		got := learned.ShowsNew[predict.FromPadSensor]
		if math.Abs(got-want) > 0.05 { // by the first days, in which they wear by 0.03
			t.Errorf("a new part is learned to show %.3f, want %.3f", got, want)
		}
		if fails := (1.2 - got) / (1 - got); math.Abs(learned.FailsAt-fails) > 0.02 {
			t.Errorf("new parts show %.2f: they fail at %.3f, want %.3f", shown, learned.FailsAt, fails)
		}
	}
}

// A reading on a scale that begins elsewhere makes the same forecast as the same reading
// on the table's scale.
func TestReadingsOfAnotherScale(t *testing.T) {
	t.Parallel()
	const shown = 0.125
	prior := func(shows map[string]float64) predict.Prior {
		return predict.Prior{Version: "fleet", Components: map[predict.Component]predict.LifePrior{
			predict.BrakePadsFront: {RatePer1000Km: 0.02, CV: 0.4, Units: 20, ShowsNew: shows},
		}}
	}
	plain, scaled := wornPads(3, 700), wornPads(3, 700)
	for i := range scaled.Readings {
		if r := &scaled.Readings[i]; r.Component == predict.BrakePadsFront {
			r.Wear, r.Noise = r.Wear+shown*(1-r.Wear), r.Noise*(1-shown)
		}
	}
	source := plain.Readings[0].Source
	plain.Prior, scaled.Prior = prior(nil), prior(map[string]float64{source: shown})
	want, _ := predict.ForecastOf(plain, predict.BrakePadsFront)
	got, ok := predict.ForecastOf(scaled, predict.BrakePadsFront)
	if !ok || got.Readings == 0 {
		t.Fatal("no forecast from readings")
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	if !near(got.Wear.P50, want.Wear.P50) || got.Due.P50.Sub(want.Due.P50).Abs().Hours() > 1 || !near(got.Wear.P90, want.Wear.P90) {
		t.Errorf("wear %v, due %v; on the table's scale %v, %v", got.Wear, got.Due, want.Wear, want.Due)
	}
}

// Parts that a sensor follows are seen to wear evenly; a look a year at those of others,
// which differ more from what their first looks say, does not blur it.
func TestSensedPathsHaveFormsOfTheirOwn(t *testing.T) {
	t.Parallel()
	sensed := scattered(map[string]float64{predict.FromPadSensor: namedNoise / 4, predict.FromWorkshop: namedNoise}, 0)
	alone := predict.LearnPrior(nil, sensed).Components[predict.BrakePadsFront]
	both := predict.LearnPrior(nil, append(unevenPads(), sensed...)).Components[predict.BrakePadsFront]
	if got, want := both.SensedForms[0].Noise, alone.Forms[0].Noise; got != want {
		t.Errorf("with others in the fleet %+v, without %+v", got, want)
	}
	if got, own := both.Forms[0].Noise.Level, both.SensedForms[0].Noise.Level; got <= own {
		t.Errorf("level noise of uneven parts %v, of even ones %v", got, own)
	}
}

// unevenPads are measured by workshops alone, and wear now faster, now slower.
func unevenPads() []predict.FleetPath {
	rng := rand.New(rand.NewPCG(8, 8))
	var paths []predict.FleetPath
	for i := range 40 {
		p := predict.FleetPath{
			VIN: vehicle.VIN(fmt.Sprintf("WVWE36096MS%06d", i)), Component: predict.BrakePadsFront,
			Readings: 8, Complete: true, Failed: true, LogRate: -math.Log(50), LogRateSE: 0.1, KmPerDay: 40, AirTempC: 12,
		}
		wear := 0.0
		for k := 0; wear < 1; k++ {
			if k%6 == 0 {
				p.Points = append(p.Points, predict.Point{Tau: float64(k), Wear: wear + namedNoise*rng.NormFloat64(), Noise: namedNoise, Source: predict.FromWorkshop})
			}
			wear += math.Max(0.02+0.03*rng.NormFloat64(), 0)
			p.Run = float64(k + 1)
		}
		paths = append(paths, p)
	}
	return paths
}

// A part has failed when its gauge has reached the limit, not when somebody comes with
// it weeks later.
func TestPartsFailWhenTheirGaugesSeeIt(t *testing.T) {
	t.Parallel()
	exact := func(reaction float64) float64 {
		paths := scattered(map[string]float64{predict.FromPadSensor: 0.002, predict.FromWorkshop: 0.002}, 0)
		for i := range paths {
			p := &paths[i]
			for k := range 6 {
				p.Points = append(p.Points, predict.Point{Tau: float64(50 + k), Wear: float64(50+k)/50 + 0.001, Source: predict.FromPadSensor})
			}
			for k := range p.Points {
				p.Points[k].Noise = 0.005
			}
			p.Run = 50 + reaction*float64(i%3)
		}
		return predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront].RatePer1000Km
	}
	if at, later := exact(0), exact(5); math.Abs(later/at-1) > 0.01 {
		t.Errorf("a rate of %.5f, of those who come later %.5f", at, later)
	}
}
