package simulator_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// Until its use changes a car is the one that it would have been; from then on it
// drives so much less. Which days it drives on does not change.
func TestTurnChangesTheUse(t *testing.T) {
	t.Parallel()
	cfg := simulator.Config{Seed: 5, Vehicles: 6, Epoch: epoch, HistoryDays: 200}
	usual := fleet(t, cfg)
	cfg.Turn = simulator.Turn{Day: 100, Factor: 0.4}
	turned := fleet(t, cfg)
	for i := range usual.Len() {
		want, got := usual.Diary(i).Days, turned.Diary(i).Days
		before, after, wantAfter := 0, 0.0, 0.0
		for k := 0; k < min(len(want), len(got)) && want[k].OdometerKm == got[k].OdometerKm; k++ {
			before = k
		}
		if days := int(want[before].Day - want[0].Day); days < 90 || days > 105 {
			t.Errorf("car %d is as it was for %d days, want about 100", i, days)
		}
		for _, d := range want[before+1:] {
			wantAfter += d.DistanceKm
		}
		for _, d := range got[before+1:] {
			after += d.DistanceKm
		}
		if r := after / wantAfter; r < 0.3 || r > 0.5 {
			t.Errorf("car %d drives %.2f times as far, want 0.4", i, r)
		}
	}
	cfg.Turn.Factor = -1
	if _, err := simulator.New(cfg); err == nil {
		t.Error("a negative use was taken")
	}
}
