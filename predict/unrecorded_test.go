package predict_test

import (
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
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
		return predict.Calibrate(predict.LearnPrior(nil, paths), slices.Values(fleet)).Components[predict.BrakePadsFront]
	}
	all, some := learned(0), learned(5)
	if r := some.RatePer1000Km / all.RatePer1000Km; r < 0.9 || r > 1.1 || some.CV > 1.2*all.CV {
		t.Errorf("median rate %.4f ± %.2f with all records, %.4f ± %.2f without some", all.RatePer1000Km, all.CV, some.RatePer1000Km, some.CV)
	}
	for i, b := range all.SensedLayer.Bins {
		if s := some.SensedLayer.Bins[i]; s.Up > b.Up+0.35 {
			t.Errorf("intervals %d end at %.2f times what the model says with all records, at %.2f without some", i, b.Up, s.Up)
		}
	}
	t.Logf("with all records %.2f, without some %.2f", all.SensedLayer.Bins, some.SensedLayer.Bins)
}
