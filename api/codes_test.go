package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/api"
	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A code that the newest list lacks says at once who seems to have taken it away.
func TestCodeThatSeemsToBeGone(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	c := diagnosis.CodeState{
		Code: "P0171", Active: true, Status: vehicle.CodeConfirmed, FirstSeen: begin, LastSeen: begin, MissingSince: begin.Add(time.Hour),
		Steps: []diagnosis.Step{{Status: vehicle.CodeConfirmed, At: begin}},
		Ending: diagnosis.Step{
			Status: diagnosis.CodeGone, At: begin.Add(time.Hour), OdometerKm: 81_000, Lost: vehicle.CodeConfirmed,
			By: diagnosis.ByTool, Why: lang.Text{EN: "monitors", ZH: "监测"},
		},
	}
	var steps []string
	got := api.EncodeCode(c)
	for _, s := range got.GetSteps() {
		steps = append(steps, s.GetStatus()+" "+s.GetBy()+" "+s.GetWhy().GetZh())
	}
	if diff := cmp.Diff([]string{"confirmed  ", "gone tool 监测"}, steps); diff != "" || got.GetActive() {
		t.Errorf("active %v, steps (-want +got):\n%s", got.GetActive(), diff)
	}
	c.MissingSince, c.Ending = time.Time{}, diagnosis.Step{}
	if got := api.EncodeCode(c); len(got.GetSteps()) != 1 || !got.GetActive() {
		t.Errorf("of a code that is there: %v", got)
	}
}
