package predict

import "github.com/pitcrew-telematics/pitcrew/internal/lang"

// chassisRows are brakes, wheels and what keeps them, beside standardRows; then what
// serves who sits inside.
var chassisRows = []Spec{
	{
		// Measured as what is left above the thickness stamped on the disc. Trade: a
		// disc lasts about two sets of pads.
		Component: "brake_discs_front", Name: lang.Text{EN: "Front brake discs", ZH: "前制动盘"},
		Scale:         Scale{Unit: "mm", New: 2, Limit: 0, Noise: 0.1},
		RatePer1000Km: 0.0085, RateCV: 0.45, Regen: 0.45,
		Safety: SafetyCritical, ResetBy: []string{"brake_discs_front", "front_brake_discs", "brake_rotors_front"}, Renews: []Component{BrakePadsFront},
		Amber: 0.75, Red: 1,
		Job: Job{
			Code: "BRK-13", Text: lang.Text{EN: "Replace front brake discs and pads", ZH: "更换前制动盘和制动片"},
			HoursMin: 1.3, HoursMax: 2.3, Part: lang.Text{EN: "Front brake disc", ZH: "前制动盘"}, Quantity: 2,
		},
	},
	{
		Component: "brake_discs_rear", Name: lang.Text{EN: "Rear brake discs", ZH: "后制动盘"},
		Scale:         Scale{Unit: "mm", New: 2, Limit: 0, Noise: 0.1},
		RatePer1000Km: 0.006, RateCV: 0.45, Regen: 0.45,
		Safety: SafetyCritical, ResetBy: []string{"brake_discs_rear", "rear_brake_discs", "brake_rotors_rear"}, Renews: []Component{BrakePadsRear},
		Amber: 0.75, Red: 1,
		Job: Job{
			Code: "BRK-14", Text: lang.Text{EN: "Replace rear brake discs and pads", ZH: "更换后制动盘和制动片"},
			HoursMin: 1.3, HoursMax: 2.3, Part: lang.Text{EN: "Rear brake disc", ZH: "后制动盘"}, Quantity: 2,
		},
	},
	{
		// Car makers: look at them from six years on; Michelin and others: ten years at
		// most, whatever the tread.
		Component: "tyre_age", Name: lang.Text{EN: "Tyre age", ZH: "轮胎年限"},
		PlanMonths:    120,
		RatePer1000Km: 0.0067, RateCV: 0.25, CalendarShare: 1,
		Safety: SafetyCritical, ResetBy: []string{"tyre_age"}, Renews: []Component{Tyres},
		Amber: 0.6, Red: 1, // 6 and 10 years
		Job: Job{
			Code: "TYR-20", Text: lang.Text{EN: "Read the date on the tyres, replace those that are too old", ZH: "核对轮胎生产日期，更换超龄轮胎"},
			HoursMin: 0.5, HoursMax: 1, Part: lang.Text{EN: "Tyre", ZH: "轮胎"}, Quantity: 4,
		},
	},
	{
		// No maker's plan has it; workshops that offer it name 20,000-30,000 km.
		Component: "wheel_alignment", Name: lang.Text{EN: "Wheel alignment", ZH: "四轮定位"},
		Optional: true, PlanKm: 30000, PlanMonths: 24,
		RatePer1000Km: 0.026, RateCV: 0.5, CalendarShare: 0.1,
		Safety: SafetyComfort, ResetBy: []string{"wheel_alignment", "alignment", "four_wheel_alignment"},
		Amber: 0.9, Red: 1,
		Job: Job{Code: "CHS-10", Text: lang.Text{EN: "Measure and adjust wheel alignment", ZH: "测量并调整四轮定位"}, HoursMin: 0.8, HoursMax: 1.2},
	},
	{
		// Trade: 135,000-240,000 km and more.
		Component: "wheel_bearings", Name: lang.Text{EN: "Wheel bearings", ZH: "轮毂轴承"},
		Life: Life{Shape: 2.5, Km: 260000}, CalendarShare: 0.1,
		Safety: SafetyCritical, ResetBy: []string{"wheel_bearings", "wheel_bearing", "hub_bearing"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "CHS-20", Text: lang.Text{EN: "Replace wheel bearing", ZH: "更换轮毂轴承"},
			HoursMin: 1, HoursMax: 2, Part: lang.Text{EN: "Wheel bearing", ZH: "轮毂轴承"}, Quantity: 1,
		},
	},
	{
		// Trade: 50,000-100,000 miles.
		Component: "shock_absorbers", Name: lang.Text{EN: "Shock absorbers", ZH: "减振器"},
		Life: Life{Shape: 3, Km: 150000}, CalendarShare: 0.1,
		Safety: SafetyCritical, ResetBy: []string{"shock_absorbers", "shocks", "struts", "dampers"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "CHS-30", Text: lang.Text{EN: "Replace shock absorbers of an axle", ZH: "更换一轴减振器"},
			HoursMin: 1.5, HoursMax: 3, Part: lang.Text{EN: "Shock absorber", ZH: "减振器"}, Quantity: 2,
		},
	},
	{
		// Trade: 6-12 months.
		Component: "wiper_blades", Name: lang.Text{EN: "Wiper blades", ZH: "雨刮片"},
		Optional: true, PlanMonths: 12,
		RatePer1000Km: 0.06, RateCV: 0.4, CalendarShare: 0.8,
		Safety: SafetyComfort, ResetBy: []string{"wiper_blades", "wipers", "wiper_blade"},
		Amber: 1, Red: 1.25,
		Job: Job{
			Code: "BDY-10", Text: lang.Text{EN: "Replace wiper blades", ZH: "更换雨刮片"},
			HoursMin: 0.1, HoursMax: 0.2, Part: lang.Text{EN: "Wiper blade set", ZH: "雨刮片套件"}, Quantity: 1,
		},
	},
	{
		// Trade: every two years; makers only look at it.
		Component: "ac_service", Name: lang.Text{EN: "Air conditioning service", ZH: "空调系统保养"},
		Optional: true, PlanMonths: 24,
		RatePer1000Km: 0.027, RateCV: 0.4, CalendarShare: 1,
		Safety: SafetyComfort, ResetBy: []string{"ac_service", "air_conditioning", "a/c_service", "aircon"},
		Amber: 1, Red: 1.25,
		Job: Job{
			Code: "HVC-10", Text: lang.Text{EN: "Check refrigerant, renew and disinfect", ZH: "检查并更换制冷剂，清洁消毒"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Refrigerant", ZH: "制冷剂"}, Quantity: 1,
		},
	},
}
