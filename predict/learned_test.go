package predict_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Two sources name the same noise; one is four times better, the other three times
// worse. Wild readings raise what is found, but by less than they would a plain scatter.
func TestTrustIsHowReadingsScatter(t *testing.T) {
	t.Parallel()
	truth := map[string]float64{predict.FromPadSensor: namedNoise / 4, predict.FromWorkshop: 3 * namedNoise}
	for wild, most := range map[int]float64{0: 1.25, 50: 2} {
		learned := predict.LearnPrior(nil, scattered(truth, wild)).Components[predict.BrakePadsFront].Trust
		for source, noise := range truth {
			if got := learned[source] * namedNoise; got < 0.8*noise || got > most*noise {
				t.Errorf("one reading in %d wild, %s: noise %.4f, truth %.4f", wild, source, got, noise)
			}
		}
	}
}

const namedNoise = 0.02

// scattered are straight paths whose readings scatter by source; of so many readings
// one lies anywhere, 0: none.
func scattered(noise map[string]float64, wild int) []predict.FleetPath {
	rng := rand.New(rand.NewPCG(5, uint64(wild)))
	var paths []predict.FleetPath
	for i := range 40 {
		p := predict.FleetPath{
			VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", i)), Component: predict.BrakePadsFront,
			Readings: 50, Complete: true, Failed: true, Run: 50, LogRate: -math.Log(50), LogRateSE: 0.1, KmPerDay: 40, AirTempC: 12,
		}
		for k := range 50 {
			source := predict.FromPadSensor
			if k%7 == 0 {
				source = predict.FromWorkshop
			}
			wear := float64(k)/50 + noise[source]*rng.NormFloat64()
			if wild > 0 && rng.IntN(wild) == 0 {
				wear = rng.Float64()
			}
			p.Points = append(p.Points, predict.Point{Tau: float64(k), Wear: wear, Noise: namedNoise, Source: source})
		}
		paths = append(paths, p)
	}
	return paths
}

// The borders of a calibrated interval hold about 80 % of what vehicles do that the
// fleet has not learned from, and what was learned survives being written down.
func TestCalibrationHoldsOnOtherVehicles(t *testing.T) {
	t.Parallel()
	var paths []predict.FleetPath
	var fleet []predict.Input
	for seed := range uint64(120) {
		in := wornPads(seed, 1000)
		paths, fleet = append(paths, predict.PathsOf(in)...), append(fleet, in)
	}
	bare := predict.LearnPrior(nil, paths)
	calibrated := predict.Calibrate(bare, slices.Values(fleet), nil)
	if calibrated.Version == bare.Version {
		t.Error("calibration has not changed the version")
	}
	if slices.Reverse(fleet); predict.Calibrate(bare, slices.Values(fleet), nil).Version != calibrated.Version {
		t.Error("the fleet in another order is calibrated otherwise")
	}
	held := func(prior predict.Prior) float64 {
		in, n := 0.0, 0.0
		for seed := range uint64(150) {
			whole := wornPads(1000+seed, 2200) // long enough for every part to have its end
			for at := 100 + int(seed)%70; at < 900; at += 70 {
				now := whole
				now.Now, now.Prior = day(at), prior
				next := slices.IndexFunc(whole.Services, func(s predict.Service) bool { return s.Time.After(now.Now) })
				f, ok := predict.ForecastOf(now, predict.BrakePadsFront)
				if !ok || f.Readings < 4 || next < 0 {
					continue
				}
				n++
				if end := whole.Services[next].Time; !end.Before(f.Limit.P10) && !end.After(f.Limit.P90) {
					in++
				}
			}
		}
		return in / n
	}
	before, after := held(bare), held(calibrated)
	t.Logf("the 80 %% interval holds %.3f, calibrated %.3f", before, after)
	if math.Abs(after-0.8) > 0.08 || math.Abs(after-0.8) > math.Abs(before-0.8)+0.02 {
		t.Errorf("the 80 %% interval holds %.3f, calibrated %.3f", before, after)
	}
	text, err := json.Marshal(calibrated)
	if err != nil {
		t.Fatal(err)
	}
	var read predict.Prior
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, calibrated) {
		t.Error("the prior is another one after it was written and read")
	}
}

// Vehicles are forecast at the same time, on what one learning found. The race detector
// does not look into the arithmetic (see the Makefile), so that here it must stay as it was.
func TestForecastsLeaveWhatWasLearnedAlone(t *testing.T) {
	t.Parallel()
	var fleet []predict.Input
	var paths []predict.FleetPath
	for seed := range uint64(20) {
		in := wornPads(seed, 1000)
		paths, fleet = append(paths, predict.PathsOf(in)...), append(fleet, in)
	}
	prior := predict.Calibrate(predict.LearnPrior(nil, paths), slices.Values(fleet), nil)
	before, err := json.Marshal(prior)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for _, in := range fleet {
		in.Prior = prior
		wait.Go(func() {
			if len(predict.Forecasts(in)) == 0 {
				t.Error("no forecasts")
			}
		})
	}
	wait.Wait()
	var want predict.Prior
	if err := json.Unmarshal(before, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, prior, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("forecasts wrote in what was learned (-before +after):\n%s", diff)
	}
}

// Traction batteries hardly come to their end while anybody watches: how fast they wear is
// learned of those that go on.
func TestPartsThatGoOnTeachTheirRate(t *testing.T) {
	t.Parallel()
	batteries := func(n int) []predict.FleetPath {
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		var paths []predict.FleetPath
		for i := range n {
			p := predict.FleetPath{
				VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", i)), Component: predict.TractionBattery,
				Readings: 100, LogRate: math.Log(0.002) + 0.2*rng.NormFloat64(), LogRateSE: 0.05, KmPerDay: 40, AirTempC: 12,
			}
			for k := range 50 {
				wear := math.Exp(p.LogRate)*3*float64(k) + 0.01*rng.NormFloat64()
				p.Points = append(p.Points, predict.Point{Tau: 3 * float64(k), Wear: wear, Noise: 0.03, Source: predict.FromBattery})
			}
			paths = append(paths, p)
		}
		return paths
	}
	if l, ok := predict.LearnPrior(nil, batteries(15)).Components[predict.TractionBattery]; ok {
		t.Errorf("fifteen batteries that go on have taught %+v", l)
	}
	l := predict.LearnPrior(nil, batteries(60)).Components[predict.TractionBattery]
	if l.Units != 60 || l.RatePer1000Km < 0.0019 || l.RatePer1000Km > 0.0023 || l.CV < 0.4 || l.CV > 0.7 {
		t.Errorf("sixty batteries that go on: %d behind a rate of %.5f, coefficient of variation %.2f; want 0.002 and, as they have hardly worn, no less than the 0.5 of experts", l.Units, l.RatePer1000Km, l.CV)
	}
	if len(l.Trust) > 0 || len(l.Forms) > 0 {
		t.Errorf("they have taught how far readings are to be trusted, %v, and forms, %v", l.Trust, l.Forms)
	}
}

// Nobody renews a traction battery that has passed its limit, and its readings are not exact.
// That they pass is seen all the same: else only those would be known that did not, and
// intervals would have no lower half.
func TestBatteriesAreSeenToPassTheirLimit(t *testing.T) {
	t.Parallel()
	fleet := passingBatteries(60, 900, 0.25)
	var paths []predict.FleetPath
	for _, in := range fleet {
		paths = append(paths, predict.PathsOf(in)...)
	}
	l := predict.Calibrate(predict.LearnPrior(nil, paths), slices.Values(fleet), nil).Components[predict.TractionBattery]
	if l.SensedLayer == nil {
		t.Fatal("batteries that pass their limit calibrate nothing")
	}
	for i, b := range l.SensedLayer.Bins {
		if i > 1 && (b.Down < 0.2 || b.Up > 2) { // when they passed is known to a week or two, not to days
			t.Errorf("of intervals %d the halves are taken times %.2f and %.2f", i, b.Down, b.Up)
		}
	}
	t.Logf("%.2f", l.SensedLayer.Bins)
}

// That a battery has passed its limit shows months later. Forecasts that are too young for that say
// nothing, or those of batteries that have passed would be taken for early ones.
func TestWhatDoesNotShowYetIsNotCounted(t *testing.T) {
	t.Parallel()
	fleet := passingBatteries(300, 1300, 0.3) // about half pass, many near the end
	var paths []predict.FleetPath
	for _, in := range fleet {
		paths = append(paths, predict.PathsOf(in)...)
	}
	l := predict.Calibrate(predict.LearnPrior(nil, paths), slices.Values(fleet), nil).Components[predict.TractionBattery]
	t.Logf("%.2f", l.SensedLayer.Bins)
	for i, b := range l.SensedLayer.Bins[:4] {
		if b.Up > 1.6 {
			t.Errorf("of intervals %d, which are near, the upper half is taken times %.2f", i, b.Up)
		}
	}
}

// Of batteries that are watched from new for three years, those that wear slowly have lost
// little: they teach as those that wear fast do, or all would be taken for fast ones.
func TestSlowPartsTeachAsFastOnesDo(t *testing.T) {
	t.Parallel()
	var paths []predict.FleetPath
	fast := 0
	const vehicles = 60
	for seed := range uint64(vehicles) {
		rng := rand.New(rand.NewPCG(seed, 9))
		lost := 0.12 * math.Exp(0.5*rng.NormFloat64())
		in := watchedBattery(seed, func(day float64) float64 { return lost*day/1100 + 0.01*rng.NormFloat64() })
		if lost > 0.15 {
			fast++
		}
		paths = append(paths, predict.PathsOf(in)...)
	}
	own := predict.LearnPrior(nil, paths).Components[predict.TractionBattery]
	if own.Units < vehicles-6 || fast > vehicles/2 {
		t.Fatalf("%d of %d batteries teach, %d of them fast ones", own.Units, vehicles, fast)
	}
	rates, n := 0.0, 0.0
	for _, f := range paths {
		if f.Component == predict.TractionBattery && f.Readings > 0 {
			rates, n = rates+f.LogRate, n+1
		}
	}
	rates /= n
	if r := own.RatePer1000Km / math.Exp(rates); r < 0.8 || r > 1.25 {
		t.Errorf("the fleet's rate is %.2f times that of its median battery", r)
	}
}

// passingBatteries are watched cars whose batteries go to their limit in so many days, lognormally.
func passingBatteries(n uint64, days, scatter float64) (fleet []predict.Input) {
	for seed := range n {
		rng := rand.New(rand.NewPCG(seed, 8))
		pace := 1 / (days * math.Exp(scatter*rng.NormFloat64())) // of the way to the limit, a day
		fleet = append(fleet, watchedBattery(seed, func(day float64) float64 { return pace*day + 0.033*rng.NormFloat64() }))
	}
	return fleet
}

// watchedBattery is three years of an electric car from its first day, driven 60 km a day, whose
// battery management is read once a week.
func watchedBattery(seed uint64, read func(day float64) float64) predict.Input {
	in := predict.Input{VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", seed)), Powertrain: vehicle.BatteryElectric, InService: day(0), Now: day(1100)}
	for i := range 1100 {
		km := 60 * float64(i+1)
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: 60, AirTempC: 12})
		if i%7 == 0 {
			in.Readings = append(in.Readings, predict.Reading{
				Component: predict.TractionBattery, Time: day(i).Add(18 * time.Hour), OdometerKm: km,
				Wear: read(float64(i)), Noise: 0.033, Source: predict.FromBattery,
			})
		}
	}
	return in
}
