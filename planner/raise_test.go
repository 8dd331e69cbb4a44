package planner

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// A worn part a month ahead is a finding, and no order of its own yet.
func TestWhichFindingsRaiseWork(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	in := func(days int) time.Time { return now.AddDate(0, 0, days) }
	for name, tc := range map[string]struct {
		finding diagnosis.Finding
		due     predict.Dates
		raised  bool
	}{
		"a filter in a month":           {worn(predict.AirFilter, diagnosis.Monitor), predict.Dates{P10: in(9), P50: in(29), P90: in(60)}, false},
		"a filter in two weeks":         {worn(predict.AirFilter, diagnosis.Monitor), predict.Dates{P10: in(9), P50: in(14), P90: in(20)}, true},
		"pads in a month, surely":       {worn(predict.BrakePadsFront, diagnosis.Monitor), predict.Dates{P10: in(22), P50: in(29), P90: in(35)}, false},
		"pads in a month, perhaps soon": {worn(predict.BrakePadsFront, diagnosis.Monitor), predict.Dates{P10: in(9), P50: in(29), P90: in(60)}, true},
		"pads that cannot wait":         {worn(predict.BrakePadsFront, diagnosis.Soon), predict.Dates{P10: in(29), P50: in(30), P90: in(31)}, true},
		"a trouble code":                {diagnosis.Finding{Kind: diagnosis.FromCodes, Family: "lean", Drivability: diagnosis.Monitor}, predict.Dates{}, true},
	} {
		v := view{
			input: predict.Input{Now: now}, findings: []diagnosis.Finding{tc.finding},
			forecasts: []predict.Forecast{{Component: predict.Component(tc.finding.Family), Due: tc.due}},
		}
		due, early := v.byTime()
		if len(due)+len(early) != 1 || len(due) == 1 != tc.raised {
			t.Errorf("%s: raised %v, want %v", name, len(due) == 1, tc.raised)
		}
	}
}

func worn(c predict.Component, d diagnosis.Drivability) diagnosis.Finding {
	return diagnosis.Finding{Kind: diagnosis.FromWear, Family: string(c), Drivability: d}
}
