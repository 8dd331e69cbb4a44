package predict_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

func TestRaises(t *testing.T) {
	t.Parallel()
	now := day(0)
	dates := func(p10, p50, p90 float64) predict.Dates {
		at := func(days float64) time.Time { return now.Add(time.Duration(days * 24 * float64(time.Hour))) }
		return predict.Dates{P10: at(p10), P50: at(p50), P90: at(p90)}
	}
	cases := map[string]struct {
		due    predict.Dates
		safety predict.Safety
		want   bool
	}{
		"comfort, more likely than not within 15 days": {dates(10, 15, 40), predict.SafetyComfort, true},
		"comfort, a day later":                         {dates(2, 16, 40), predict.SafetyComfort, false},
		"safety, well measured":                        {dates(18, 21, 25), predict.SafetyCritical, false},
		"safety, well measured, near":                  {dates(7, 9, 12), predict.SafetyCritical, true},
		"safety, one chance in ten within 10 days":     {dates(10, 20, 35), predict.SafetyCritical, true},
		"safety, one chance in ten within 11 days":     {dates(11, 20, 35), predict.SafetyCritical, false},
		"safety, hardly known":                         {dates(12, 30, 68), predict.SafetyCritical, true},
		"safety, known to months":                      {dates(14, 36, 80), predict.SafetyCritical, true},
		"safety, known to months, farther":             {dates(15, 36, 80), predict.SafetyCritical, false},
		"comfort, known to months":                     {dates(15, 31, 71), predict.SafetyComfort, false},
		"safety, spent":                                {dates(0, 0, 0), predict.SafetyCritical, true},
		"no dates":                                     {predict.Dates{}, predict.SafetyCritical, false},
	}
	for name, c := range cases {
		if got := predict.Raises(now, c.due, c.safety); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What is raised stays raised as the same dates come nearer.
func TestRaisedStaysRaised(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(0, 400)
		p10 := day(days.Draw(t, "p10"))
		p50 := p10.AddDate(0, 0, days.Draw(t, "to p50"))
		due := predict.Dates{P10: p10, P50: p50, P90: p50.AddDate(0, 0, days.Draw(t, "to p90"))}
		safety := rapid.SampledFrom([]predict.Safety{predict.SafetyComfort, predict.SafetyCritical}).Draw(t, "safety")
		now := day(days.Draw(t, "now"))
		if predict.Raises(now, due, safety) && !predict.Raises(now.AddDate(0, 0, days.Draw(t, "later")), due, safety) {
			t.Fatal("raised, and not any more")
		}
	})
}
