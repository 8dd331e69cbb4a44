package predict

import (
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// electricRows are what only cars with a traction battery have, beside standardRows.
var electricRows = []Spec{
	{
		// Honda, Kia: first at 192,000-200,000 km or 10 years. The one circuit of a
		// battery-electric car is Coolant.
		Component: "inverter_coolant", Name: lang.Text{EN: "Inverter coolant", ZH: "电驱冷却液"},
		Powertrains: []vehicle.Powertrain{vehicle.Hybrid}, PlanKm: 200000, PlanMonths: 120,
		RatePer1000Km: 0.006, RateCV: 0.3, CalendarShare: 0.9,
		Safety: SafetyDamage, ResetBy: []string{"inverter_coolant", "hybrid_coolant", "ev_coolant"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "HVB-40", Text: lang.Text{EN: "Change inverter coolant", ZH: "更换电驱冷却液"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Coolant", ZH: "冷却液"}, Quantity: 1,
		},
	},
	{
		// Makers from "for life" to 40,000 km; 120,000 km in hard use (Hyundai, Kia).
		Component: "reduction_gear_oil", Name: lang.Text{EN: "Reduction gear oil", ZH: "减速器油"},
		Powertrains: []vehicle.Powertrain{vehicle.BatteryElectric}, PlanKm: 120000,
		RatePer1000Km: 0.0067, RateCV: 0.35, CalendarShare: 0.1,
		Safety: SafetyDamage, ResetBy: []string{"reduction_gear_oil", "reducer_oil", "drive_unit_oil"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "TRM-30", Text: lang.Text{EN: "Change reduction gear oil", ZH: "更换减速器油"},
			HoursMin: 0.5, HoursMax: 1, Part: lang.Text{EN: "Gear oil", ZH: "齿轮油"}, Quantity: 1,
		},
	},
	{
		// UN R100, GB 18384: at least 500 ohm per volt, 100 where only direct current
		// flows. On a battery of 400 V: 2 megohm new, 400 kilohm amber, 200 red, 40 stop.
		// It falls with moisture and rises again, so that a reading is worth little alone.
		Component: "hv_insulation", Name: lang.Text{EN: "High-voltage insulation", ZH: "高压绝缘"},
		Powertrains: driven, Optional: true,
		Sensor: Sensor{
			Signals: []vehicle.Signal{"Vehicle.Powertrain.TractionBattery.InsulationResistance"}, Daily: MinOfDay,
			Scale: Scale{Unit: "kOhm", New: 2000, Limit: 200, Noise: 0.35, Log: true}, Low: 1, High: 100000,
		},
		RatePer1000Km: 0.003, RateCV: 0.6, CalendarShare: 0.6,
		Safety: SafetyCritical, ResetBy: []string{"hv_insulation", "insulation_repair"},
		Amber: 0.7, Red: 1, Stop: 1.7,
		Job: Job{Code: "HVB-20", Text: lang.Text{EN: "Measure insulation, find and repair the leak", ZH: "测量绝缘电阻，查找并排除漏电点"}, HoursMin: 2, HoursMax: 4},
	},
}
