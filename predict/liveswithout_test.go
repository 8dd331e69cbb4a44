package predict_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// oilFleet is what cars teach that run their oil to its end, of which one change in so many
// leaves no record.
func oilFleet(unwrittenEvery int) predict.Prior {
	var paths []predict.FleetPath
	changes := 0
	for seed := range uint64(200) {
		in, _ := wornOil(seed, 12_000, 0.25)
		in.Services = slices.DeleteFunc(in.Services, func(predict.Service) bool {
			changes++
			return unwrittenEvery > 0 && changes%unwrittenEvery == 0
		})
		paths = append(paths, predict.PathsOf(in)...)
	}
	return predict.LearnPrior(nil, paths)
}

// Changes that nobody wrote down make some lives twice as long. The fleet tells how many
// there are, and is not deceived by them in how long oil lasts.
func TestTheFleetTellsWhatLeavesNoRecord(t *testing.T) {
	t.Parallel()
	whole, holed := oilFleet(0).Components[predict.EngineOil].Life, oilFleet(10).Components[predict.EngineOil].Life
	if whole == nil || holed == nil {
		t.Fatal("nothing was learned of lives")
	}
	if whole.Unrecorded > 0.01 {
		t.Errorf("of a fleet that writes all down %.3f have no record", whole.Unrecorded)
	}
	if holed.Unrecorded < 0.06 || holed.Unrecorded > 0.14 {
		t.Errorf("%.3f have no record, truth 0.1", holed.Unrecorded)
	}
	if off := holed.Lognormal.Scale / whole.Lognormal.Scale; off < 0.95 || off > 1.05 {
		t.Errorf("with holes in the records oil lasts %.2f times as long as without", off)
	}
}

// Oil that is far older than oil becomes has been changed, where changes go unwritten; where
// all are written down it is due.
func TestWhatIsFarTooOldWasRenewed(t *testing.T) {
	t.Parallel()
	in, lifeKm := wornOil(3, 12_000, 0.25)
	last := in.Services[2] // the next is not written down
	in.Services = in.Services[:3]
	const perDay = 40
	in.Now = day(int((last.OdometerKm + 1.7*lifeKm) / perDay))
	left := func(prior predict.Prior) float64 {
		in.Prior = prior
		f, ok := predict.ForecastOf(in, predict.EngineOil)
		if !ok || f.Limit.P10.Before(in.Now) || f.Limit.P50.Before(f.Limit.P10) || f.Limit.P90.Before(f.Limit.P50) {
			t.Fatalf("forecast %+v", f.Limit)
		}
		asks := strings.Contains(f.Reason.EN, "renewed without a record")
		if fleet := prior.Components[predict.EngineOil].Life; asks != (fleet.Unrecorded > 0.05) {
			t.Errorf("of a fleet in which %.3f have no record: %s", fleet.Unrecorded, f.Reason.EN)
		}
		return f.Limit.P50.Sub(in.Now).Hours() / 24 / (lifeKm / perDay)
	}
	if got := left(oilFleet(0)); got > 0.2 {
		t.Errorf("where all is written down, oil of 1.7 lives is put at %.2f of a life more", got)
	}
	if got := left(oilFleet(10)); got < 0.2 || got > 0.8 {
		t.Errorf("where changes go unwritten, oil of 1.7 lives is put at %.2f of a life more, truth 0.3", got)
	}
}
