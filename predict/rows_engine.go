package predict

import (
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var (
	unassisted = []vehicle.Powertrain{vehicle.Petrol, vehicle.Diesel} // a belt drives what a motor drives in a hybrid
	diesel     = []vehicle.Powertrain{vehicle.Diesel}
)

// engineRows are parts of engine, exhaust and transmission beside standardRows. A Life
// is that of the trade: nobody publishes one of a whole model range. Makers disagree on
// what is not on every plan; where a part is on some cars only, or makers call its fill
// one for life, the row is Optional.
var engineRows = []Spec{
	{
		// Honda: 120,000 km or 96 months, with a look at the water pump. Engines with a
		// chain have none.
		Component: "timing_belt", Name: lang.Text{EN: "Timing belt", ZH: "正时皮带"},
		Powertrains: combustion, Optional: true, PlanKm: 120000, PlanMonths: 96,
		RatePer1000Km: 0.0067, RateCV: 0.3, CalendarShare: 0.4,
		Safety: SafetyDamage, ResetBy: []string{"timing_belt", "cam_belt", "timing_belt_kit"}, Renews: []Component{"water_pump"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "ENG-30", Text: lang.Text{EN: "Replace timing belt kit and water pump", ZH: "更换正时皮带套件和水泵"},
			HoursMin: 3, HoursMax: 6, Part: lang.Text{EN: "Timing belt kit with water pump", ZH: "正时皮带套件（含水泵）"}, Quantity: 1,
		},
	},
	{
		// Ribbed belts of EPDM: 100,000 miles by their makers (Gates, Dayco).
		Component: "drive_belt", Name: lang.Text{EN: "Drive belt", ZH: "发动机附件皮带"},
		Powertrains: unassisted, Life: Life{Shape: 3, Km: 180000}, CalendarShare: 0.4,
		Safety: SafetyStrand, ResetBy: []string{"drive_belt", "serpentine_belt", "v_ribbed_belt", "accessory_belt"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "ENG-20", Text: lang.Text{EN: "Replace drive belt, check tensioner", ZH: "更换附件皮带并检查张紧轮"},
			HoursMin: 0.4, HoursMax: 0.8, Part: lang.Text{EN: "Drive belt", ZH: "附件皮带"}, Quantity: 1,
		},
	},
	{
		// Trade: 150,000-300,000 km, shape 1.5-3. Makers regulate the charging voltage
		// with load, so that it shows a failure, no wear: diagnosis looks at it.
		Component: "alternator", Name: lang.Text{EN: "Alternator", ZH: "发电机"},
		Powertrains: unassisted, Life: Life{Shape: 2, Km: 250000}, CalendarShare: 0.3,
		Safety: SafetyStrand, ResetBy: []string{"alternator", "generator"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "CHG-10", Text: lang.Text{EN: "Test charging system, replace alternator", ZH: "检测充电系统，更换发电机"},
			HoursMin: 1, HoursMax: 1.5, Part: lang.Text{EN: "Alternator", ZH: "发电机"}, Quantity: 1,
		},
	},
	{
		// Trade: as alternators. One that is weak is seen when it misfires: diagnosis looks at that.
		Component: "ignition_coils", Name: lang.Text{EN: "Ignition coils", ZH: "点火线圈"},
		Powertrains: sparked, Life: Life{Shape: 2, Km: 220000}, CalendarShare: 0.2,
		Safety: SafetyDamage, ResetBy: []string{"ignition_coils", "ignition_coil", "coils"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "IGN-40", Text: lang.Text{EN: "Test ignition, replace coils", ZH: "检测点火系统，更换点火线圈"},
			HoursMin: 0.5, HoursMax: 1.2, Part: lang.Text{EN: "Ignition coil", ZH: "点火线圈"}, Quantity: 4,
		},
	},
	{
		// Trade: 100,000-160,000 km where a timing belt drives it, longer elsewhere.
		Component: "water_pump", Name: lang.Text{EN: "Water pump", ZH: "水泵"},
		Powertrains: combustion, Life: Life{Shape: 2.2, Km: 220000}, CalendarShare: 0.3,
		Safety: SafetyDamage, ResetBy: []string{"water_pump", "coolant_pump"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "CLT-30", Text: lang.Text{EN: "Replace water pump", ZH: "更换水泵"},
			HoursMin: 1.5, HoursMax: 3.5, Part: lang.Text{EN: "Water pump", ZH: "水泵"}, Quantity: 1,
		},
	},
	{
		// Trade: about ten years or 160,000-250,000 km.
		Component: "coolant_thermostat", Name: lang.Text{EN: "Thermostat", ZH: "节温器"},
		Powertrains: combustion, Life: Life{Shape: 2, Km: 240000}, CalendarShare: 0.5,
		Safety: SafetyComfort, ResetBy: []string{"coolant_thermostat", "thermostat"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "CLT-20", Text: lang.Text{EN: "Replace thermostat", ZH: "更换节温器"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Thermostat", ZH: "节温器"}, Quantity: 1,
		},
	},
	{
		// Hyundai, Kia: 30,000-60,000 km by fuel; others 60,000-90,000. Petrol filters
		// are in the tank and stay.
		Component: "fuel_filter", Name: lang.Text{EN: "Fuel filter", ZH: "燃油滤清器"},
		Powertrains: diesel, PlanKm: 60000, PlanMonths: 48,
		RatePer1000Km: 0.014, RateCV: 0.4, CalendarShare: 0.2,
		Safety: SafetyDamage, ResetBy: []string{"fuel_filter", "diesel_filter"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "FLT-30", Text: lang.Text{EN: "Replace fuel filter", ZH: "更换燃油滤清器"},
			HoursMin: 0.3, HoursMax: 0.8, Part: lang.Text{EN: "Fuel filter", ZH: "燃油滤清器"}, Quantity: 1,
		},
	},
	{
		// Volkswagen 2.0 TDI: ash is looked at from 200,000 km on, the limit is then
		// 60-70 g. The pressure over the filter follows soot and flow, not ash.
		Component: "dpf", Name: lang.Text{EN: "Particulate filter", ZH: "颗粒捕集器"},
		Powertrains: diesel, Scale: Scale{Unit: "g", New: 0, Limit: 70, Noise: 5},
		RatePer1000Km: 0.0045, RateCV: 0.4,
		Safety: SafetyDamage, ResetBy: []string{"dpf", "particulate_filter", "dpf_cleaning"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "EXH-20", Text: lang.Text{EN: "Read ash load, clean or replace particulate filter", ZH: "读取灰分量，清洗或更换颗粒捕集器"},
			HoursMin: 1, HoursMax: 2.5, Part: lang.Text{EN: "Particulate filter", ZH: "颗粒捕集器"}, Quantity: 1,
		},
	},
	{
		// 40 CFR 86.1805-17: it has to work for 150,000 miles or 15 years.
		Component: "catalytic_converter", Name: lang.Text{EN: "Catalytic converter", ZH: "三元催化器"},
		Powertrains: sparked, Life: Life{Shape: 3, Km: 350000}, CalendarShare: 0.1,
		Safety: SafetyComfort, ResetBy: []string{"catalytic_converter", "catalyst"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "EXH-10", Text: lang.Text{EN: "Test and replace catalytic converter", ZH: "检测并更换三元催化器"},
			HoursMin: 0.8, HoursMax: 2, Part: lang.Text{EN: "Catalytic converter", ZH: "三元催化器"}, Quantity: 1,
		},
	},
	{
		// Trade: 100,000-200,000 km.
		Component: "glow_plugs", Name: lang.Text{EN: "Glow plugs", ZH: "预热塞"},
		Powertrains: diesel, Life: Life{Shape: 2.5, Km: 180000}, CalendarShare: 0.2,
		Safety: SafetyStrand, ResetBy: []string{"glow_plugs"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "IGN-20", Text: lang.Text{EN: "Replace glow plugs", ZH: "更换预热塞"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Glow plug set", ZH: "预热塞套件"}, Quantity: 1,
		},
	},
	{
		// ZF: 80,000-120,000 km or 8 years in hard use; car makers often name none.
		Component: "transmission_oil", Name: lang.Text{EN: "Transmission oil", ZH: "变速器油"},
		Powertrains: combustion, Optional: true, PlanKm: 80000, PlanMonths: 96,
		RatePer1000Km: 0.009, RateCV: 0.35, CalendarShare: 0.2,
		Safety: SafetyDamage, ResetBy: []string{"transmission_oil", "transmission_fluid", "atf", "dct_fluid", "cvt_fluid", "gearbox_oil"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "TRM-10", Text: lang.Text{EN: "Change transmission fluid and filter", ZH: "更换变速器油和滤清器"},
			HoursMin: 1, HoursMax: 2, Part: lang.Text{EN: "Transmission fluid and filter", ZH: "变速器油和滤清器"}, Quantity: 1,
		},
	},
	{
		// VSS ClutchWear; only cars that report it, or had it renewed, have a dry clutch
		// that wears. Trade: 100,000-250,000 km by driver.
		Component: "clutch", Name: lang.Text{EN: "Clutch", ZH: "离合器"},
		Powertrains: combustion, Optional: true,
		Sensor: Sensor{
			Signals: []vehicle.Signal{"Vehicle.Powertrain.Transmission.ClutchWear"},
			Scale:   Scale{Unit: "percent", New: 0, Limit: 100, Noise: 2}, High: 100,
		},
		RatePer1000Km: 0.006, RateCV: 0.5,
		Safety: SafetyStrand, ResetBy: []string{"clutch", "clutch_kit", "clutch_disc"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "TRM-20", Text: lang.Text{EN: "Replace clutch", ZH: "更换离合器"},
			HoursMin: 4, HoursMax: 7, Part: lang.Text{EN: "Clutch kit", ZH: "离合器套件"}, Quantity: 1,
		},
	},
}
