package predict_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A fleet that has not written down one renewal in five teaches what it teaches with all of
// them: its sensors show where a part was new again.
func TestRenewalsWithoutARecordTeachNothingWrong(t *testing.T) {
	t.Parallel()
	learned := func(forget int) predict.LifePrior {
		var paths []predict.FleetPath
		var fleet []predict.Input
		for seed := range uint64(160) {
			in := wornPads(seed, 1000)
			n := int(seed)
			in.Services = slices.DeleteFunc(in.Services, func(predict.Service) bool { n++; return forget > 0 && n%forget == 0 })
			paths, fleet = append(paths, predict.PathsOf(in)...), append(fleet, in)
		}
		return predict.Calibrate(predict.LearnPrior(nil, paths), slices.Values(fleet), nil).Components[predict.BrakePadsFront]
	}
	all, some := learned(0), learned(5)
	if r := some.RatePer1000Km / all.RatePer1000Km; r < 0.9 || r > 1.1 || some.CV > 1.2*all.CV {
		t.Errorf("median rate %.4f ± %.2f with all records, %.4f ± %.2f without some", all.RatePer1000Km, all.CV, some.RatePer1000Km, some.CV)
	}
	for i, b := range all.SensedLayer.Bins {
		most := 0.35
		if i == 0 { // of a part that is taken for spent: a day more is many standard deviations
			most = 0.7
		}
		if s := some.SensedLayer.Bins[i]; s.Up > b.Up+most {
			t.Errorf("intervals %d end at %.2f times what the model says with all records, at %.2f without some", i, b.Up, s.Up)
		}
	}
	t.Logf("with all records %.2f, without some %.2f", all.SensedLayer.Bins, some.SensedLayer.Bins)
}

// A workshop that takes pads for more worn than the sensor does is no renewal between the two:
// the path that teaches goes on.
func TestAnotherSourceIsNoRenewal(t *testing.T) {
	t.Parallel()
	in := predict.Input{VIN: "LSJE36096MS000001", Powertrain: vehicle.Petrol, InService: day(0), Now: day(1800)}
	look := func(at int, wear, noise float64, source string) {
		in.Readings = append(in.Readings, predict.Reading{
			Component: predict.BrakePadsRear, Time: day(at).Add(18 * time.Hour), OdometerKm: 40 * float64(at+1), Wear: wear, Noise: noise, Source: source,
		})
	}
	for i := 700; i < 1800; i++ {
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: 40 * float64(i+1), DistanceKm: 40, AirTempC: 12})
	}
	look(460, 0.25, 0.037, predict.FromWorkshop)
	look(701, 0.05, 0.03, predict.FromPadSensor)
	look(705, 0.05, 0.03, predict.FromPadSensor)
	for i := range 9 {
		look(830+100*i, 0.1+0.05*float64(i), 0.01, predict.FromPadSensor)
	}
	readings := 0
	for _, f := range predict.PathsOf(in) {
		readings = max(readings, f.Readings)
	}
	if readings != 12 {
		t.Errorf("the longest path has %d readings, want all 12", readings)
	}
}
