package console_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// addModels gives the fleet a model in force, one that is compared, and parts whose
// intervals hold, do not hold, and of which little is known.
func (d *fleetData) addModels() {
	d.models = &pitcrewv1.ListModelsResponse{
		InForce: "fleet-1f36fc4a3a62", Held: true,
		Models: []*pitcrewv1.Model{
			{Version: "fleet-ff4ff78985ae", State: "shadow", Learned: days(-3), Vehicles: 412, Paths: 2977, Report: &pitcrewv1.ModelReport{
				At: days(-1), Step: "wait", Why: text("12 lives of 9 vehicles ended since it was learned.", "学得以来有 9 辆车的 12 个零件到达寿命终点。"),
			}},
			{Version: "fleet-1f36fc4a3a62", State: "active", Learned: days(-40), Since: days(-33), Vehicles: 398, Paths: 2710},
			{Version: "fleet-0000fc4a3a62", State: "retired", Learned: days(-80), Since: days(-33), Vehicles: 377, Paths: 2401},
		},
		Events: []*pitcrewv1.ModelEvent{
			{At: days(-2), Action: "rolled_back", Version: "fleet-1f36fc4a3a62", Replaced: "fleet-5555fc4a3a62", Actor: "王芳", Note: "轮胎预测过早"},
			{At: days(-90), Action: "promoted", Version: "fleet-0000fc4a3a62", Replaced: "expert", Actor: "pitcrew", Note: "the first"},
		},
	}
	pads, oil, coolant := text("Front brake pads", "前制动片"), text("Engine oil", "发动机机油"), text("Coolant", "冷却液")
	d.accuracy = []*pitcrewv1.Accuracy{
		{Component: "brake_pads_front", Name: pads, BelowP10: 9, BelowP50: 41, BelowP90: 37, AboveP90: 11, Known: 98, Coverage: 0.79, Dated: 88, MeanAbsDays: 17.4, Censored: 23},
		{Component: "brake_pads_front", Name: pads, Horizon: 90, BelowP10: 5, BelowP50: 20, BelowP90: 19, AboveP90: 4, Known: 48, Coverage: 0.81, Dated: 44, MeanAbsDays: 24.1, Censored: 12},
		{Component: "brake_pads_front", Name: pads, Horizon: 14, BelowP10: 4, BelowP50: 21, BelowP90: 18, AboveP90: 7, Known: 50, Coverage: 0.78, Dated: 44, MeanAbsDays: 5.2, Censored: 11},
		{Component: "engine_oil", Name: oil, BelowP10: 15, BelowP50: 10, BelowP90: 5, Known: 30, Coverage: 0.5, Dated: 30, MeanAbsDays: 41, Off: true},
		{Component: "engine_oil", Name: oil, Horizon: 60, BelowP10: 15, BelowP50: 10, BelowP90: 5, Known: 30, Coverage: 0.5, Dated: 30, MeanAbsDays: 41, Off: true},
		{Component: "coolant", Name: coolant, Censored: 4},
	}
	d.forecasts[0].Explanation = &pitcrewv1.Explanation{
		Prior: "fleet-1f36fc4a3a62", Units: 37, PriorRatePer_1000Km: 0.0195, PriorSpread: 0.4, FailsAt: 1.05, PriorKmPerDay: 42,
		RatePer_1000Km: &pitcrewv1.Quantiles{P10: 0.0152, P50: 0.0178, P90: 0.0208}, OwnRate: 0.83, OwnUse: 0.91, RateMovesDays: -12.4, UseMovesDays: 7.6,
		Readings: 31, Outliers: 1, From: days(-200), To: days(-1), FirstWear: 0.12, LastWear: 0.81, Source: "pad wear sensor",
		Terms: []*pitcrewv1.ForecastTerm{
			{Basis: "wear", Due: &pitcrewv1.Dates{P10: days(9), P50: days(19), P90: days(33)}},
			{Basis: "date", Due: &pitcrewv1.Dates{P10: days(300), P50: days(300), P90: days(300)}},
		},
	}
}

func TestForecastQualityPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/models").sees(
		"does not hold what it says", "Engine oil", "Front brake pads", "79%", "of 98 outcomes lay between P10 and P90", "off by 17 days",
		"23 parts were renewed before", "Not as promised", "As promised", "Too few to tell", "Up to 90 days ahead", "No part has come to its end",
		"Nothing comes into force by itself", "Being compared:", "12 lives of 9 vehicles", "Rolled back", "王芳", "轮胎预测过早", "General experience",
	)
	b.get(chinese, "/models").sees("与实际不符", "发动机机油", "共 98 个", "平均偏差 17 天", "提前 90 天以内", "回退", "学得以来有 9 辆车")
	b.api.data.accuracy, b.api.data.models = nil, &pitcrewv1.ListModelsResponse{InForce: "expert"}
	b.get(english, "/models").sees("No part that was forecast has come to its end yet.", "General experience", "The fleet has not taught a model yet")
}

func TestAComponentSaysWhatItsForecastRestsOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN).sees("What this rests on", "37 parts of the fleet", "1.95 % per 1,000 km", "1.78 % per 1,000 km",
		"83% from this car's own data", "usual: 42", "about 12 days sooner", "about 8 days later", "31 readings", "decides")
	b.get(chinese, "/vehicles/"+carVIN).sees("依据", "本车队 37 个零件", "83% 来自本车数据", "约提前 12 天", "先到")
}
