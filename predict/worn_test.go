package predict_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Of a component that a sample holds too few worn parts of, the other vehicles with one are looked
// back at, whatever came of it; of others none are.
func TestWornPartsAreThoseThatASampleLacks(t *testing.T) {
	t.Parallel()
	vin := func(n int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", n)) }
	sample := map[vehicle.VIN]bool{}
	var paths []predict.FleetPath
	add := func(c predict.Component, n int, source string, wear float64) {
		paths = append(paths, predict.FleetPath{VIN: vin(n), Component: c, Points: []predict.Point{{Wear: wear / 2, Source: source}, {Tau: 1, Wear: wear, Source: source}}})
	}
	for n := range 1000 {
		sample[vin(n)] = n%10 == 0
		add(predict.TractionBattery, n, predict.FromBattery, 0.3)
	}
	for n := range 3000 {
		sample[vin(1000+n)] = n%10 == 0
		add(predict.BrakePadsFront, 1000+n, predict.FromPadSensor, 0.9)
	}
	var want []vehicle.VIN
	for n := 5; n < 1000; n += 20 { // none of the sample
		want = append(want, vin(n))
		add(predict.TractionBattery, n, predict.FromBattery, 0.9)
	}
	for n := range 20 {
		add(predict.TractionBattery, 10*n, predict.FromBattery, 0.8) // of the sample
		add(predict.Tyres, n, predict.FromWorkshop, 0.9)             // followed by no sensor
	}
	got := predict.WornParts(paths, sample)
	if len(got) != 1 || !slices.Equal(got[predict.TractionBattery], want) {
		t.Errorf("to be looked back at are %v, want the traction batteries of %v", got, want)
	}
	for n := 1; n < 1000; n += 2 { // more than are lacking
		add(predict.TractionBattery, n, predict.FromBattery, 0.9)
	}
	if got := predict.WornParts(paths, sample)[predict.TractionBattery]; len(got) != 100 || !slices.IsSorted(got) || sample[got[0]] || got[99] < vin(950) {
		t.Errorf("beside the twenty of the sample %d are looked back at, %v; want a hundred, evenly", len(got), got)
	}
	for n := range 1000 { // those of the sample are nearly enough
		add(predict.TractionBattery, n, predict.FromBattery, 0.8)
	}
	if got := predict.WornParts(paths, sample)[predict.TractionBattery]; len(got) != 20 {
		t.Errorf("beside the hundred of the sample %d are looked back at, want 20", len(got))
	}
}

// Vehicles that are looked back at for one component calibrate it as those of a sample do, and
// no other.
func TestWornPartsCalibrateTheirComponent(t *testing.T) {
	t.Parallel()
	fleet := passingBatteries(60, 900, 0.25)
	var paths []predict.FleetPath
	for i := range fleet {
		in := &fleet[i]
		for k := range 3 {
			in.Services = append(in.Services, predict.Service{Component: predict.BrakeFluid, Time: day(200 + 300*k), OdometerKm: 60 * float64(200+300*k), Failed: true})
		}
		paths = append(paths, predict.PathsOf(*in)...)
	}
	prior := predict.LearnPrior(nil, paths)
	whole := predict.Calibrate(prior, slices.Values(fleet), nil).Components
	some := predict.Calibrate(prior, slices.Values(fleet[:4]), nil).Components
	with := predict.Calibrate(prior, slices.Values(fleet[:4]), map[predict.Component][]predict.Input{predict.TractionBattery: fleet[4:]}).Components
	of := func(l map[predict.Component]predict.LifePrior, c predict.Component) string {
		return fmt.Sprint(l[c].Layer, l[c].SensedLayer)
	}
	if c := predict.TractionBattery; of(with, c) != of(whole, c) || of(with, c) == of(some, c) {
		t.Errorf("traction batteries are calibrated to %s, of a sample of the whole fleet to %s, of four vehicles to %s", of(with, c), of(whole, c), of(some, c))
	}
	if c := predict.BrakeFluid; of(with, c) != of(some, c) || of(whole, c) == of(some, c) {
		t.Errorf("brake fluid is calibrated to %s, of the same sample without them to %s, of the whole fleet to %s", of(with, c), of(some, c), of(whole, c))
	}
}
