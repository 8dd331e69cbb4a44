package predict

import (
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The powertrain groups of the table.
var (
	combustion = []vehicle.Powertrain{vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid}
	sparked    = []vehicle.Powertrain{vehicle.Petrol, vehicle.Hybrid}
	driven     = []vehicle.Powertrain{vehicle.Hybrid, vehicle.BatteryElectric}
)

// standardRows are the first of the built-in table; engineRows, chassisRows and
// electricRows follow. Plan intervals are defaults that a workshop overrides. Rates are read from trade literature for ordinary mixed use: lining
// life 15,000-80,000 km in front and longer behind; tread 0.09-0.13 mm per
// 1,000 km; mean age of a 12 V battery at failure 55 months; traction batteries
// lose 2.3 % of capacity a year, faster at first. Thresholds follow workshop
// practice: lining 3 mm, tread 1.6 mm (3 mm is the time to plan), cranking
// minimum 9.6 V at 20 °C, capacity 70 %.
var standardRows = []Spec{
	{
		Component: EngineOil, Name: lang.Text{EN: "Engine oil", ZH: "发动机机油"},
		Powertrains: combustion, PlanKm: 15000, PlanMonths: 12,
		Clock: ByOilStress, RatePer1000Km: 0.06, RateCV: 0.3, CalendarShare: 0.25, Shape: 1,
		FillLitres: 4.5, // cars of four cylinders: 3.5 to 6
		Safety:     SafetyDamage, ResetBy: []string{"engine_oil", "oil", "oil_change", "oil_and_filter"},
		Amber: 0.9, Red: 1.1,
		Job: Job{
			Code: "OIL-10", Text: lang.Text{EN: "Change engine oil and filter", ZH: "更换机油和机油滤清器"},
			HoursMin: 0.4, HoursMax: 0.6, Part: lang.Text{EN: "Engine oil and filter", ZH: "机油和机油滤清器"}, Quantity: 1,
		},
	},
	{
		Component: BrakePadsFront, Name: lang.Text{EN: "Front brake pads", ZH: "前制动片"},
		Measure: PadWearSensor, Scale: Scale{Unit: "mm", New: 12, Limit: 3, Noise: 0.3},
		Clock: ByBraking, RatePer1000Km: 0.018, RateCV: 0.5, Regen: 0.45, Shape: 1,
		Safety: SafetyCritical, ResetBy: []string{"brake_pads_front", "front_brake_pads", "pads_front"},
		Amber: 0.8, Red: 1, Stop: 1.11, // 2 mm
		Job: Job{
			Code: "BRK-11", Text: lang.Text{EN: "Replace front brake pads and wear sensor", ZH: "更换前制动片和磨损传感器"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Front brake pad set", ZH: "前制动片套件"}, Quantity: 1,
		},
	},
	{
		Component: BrakePadsRear, Name: lang.Text{EN: "Rear brake pads", ZH: "后制动片"},
		Measure: PadWearSensor, Scale: Scale{Unit: "mm", New: 11, Limit: 3, Noise: 0.3},
		Clock: ByBraking, RatePer1000Km: 0.012, RateCV: 0.5, Regen: 0.45, Shape: 1,
		Safety: SafetyCritical, ResetBy: []string{"brake_pads_rear", "rear_brake_pads", "pads_rear"},
		Amber: 0.8, Red: 1, Stop: 1.12, // 2 mm
		Job: Job{
			Code: "BRK-12", Text: lang.Text{EN: "Replace rear brake pads and wear sensor", ZH: "更换后制动片和磨损传感器"},
			HoursMin: 0.8, HoursMax: 1.5, Part: lang.Text{EN: "Rear brake pad set", ZH: "后制动片套件"}, Quantity: 1,
		},
	},
	{
		Component: Tyres, Name: lang.Text{EN: "Tyres", ZH: "轮胎"},
		Measure: TreadGauge, Scale: Scale{Unit: "mm", New: 8, Limit: 1.6, Noise: 0.2},
		Clock: ByTread, RatePer1000Km: 0.02, RateCV: 0.4, CalendarShare: 0.05, Shape: 1,
		Safety: SafetyCritical, ResetBy: []string{"tyres", "tires", "tyre_set", "tyre_replacement"}, Renews: []Component{"tyre_age"},
		Amber: 0.78, Red: 0.95, Stop: 1, // 3 mm, 1.9 mm, 1.6 mm
		Job: Job{
			Code: "TYR-10", Text: lang.Text{EN: "Replace tyres and balance wheels", ZH: "更换轮胎并做动平衡"},
			HoursMin: 0.5, HoursMax: 1, Part: lang.Text{EN: "Tyre", ZH: "轮胎"}, Quantity: 4,
		},
	},
	{
		Component: Battery12V, Name: lang.Text{EN: "12 V battery", ZH: "12 V 蓄电池"},
		Measure: BatteryVoltage, Scale: Scale{Unit: "V", New: 10.5, Limit: 9.6, Noise: 0.15},
		Clock: ByStarts, AgesByHeat: true, RatePer1000Km: 0.0145, RateCV: 0.35, CalendarShare: 0.75, Shape: 3,
		Safety: SafetyStrand, ResetBy: []string{"battery_12v", "battery", "12v_battery", "starter_battery"},
		Amber: 0.6, Red: 1,
		Job: Job{
			Code: "BAT-10", Text: lang.Text{EN: "Replace and register 12 V battery", ZH: "更换并匹配 12 V 蓄电池"},
			HoursMin: 0.3, HoursMax: 0.5, Part: lang.Text{EN: "12 V battery", ZH: "12 V 蓄电池"}, Quantity: 1,
		},
	},
	{
		Component: TractionBattery, Name: lang.Text{EN: "Traction battery", ZH: "动力电池"},
		Powertrains: driven, Measure: BatteryManagement, Scale: Scale{Unit: "percent", New: 100, Limit: 70, Noise: 1},
		// The mean of 2.3 % a year and 81.6 % after eight years, models between 1.0 (LFP)
		// and 4.2 % (cooled by air): with a calendar that goes with the root of time and
		// makes 4 points in the first year with the rest. The median is below the mean.
		Clock: ByThroughput, AgesByHeat: true, RatePer1000Km: 0.0043, RateCV: 0.5, Smooth: true, CalendarShare: 0.4, Shape: 1,
		Safety: SafetyComfort, ResetBy: []string{"traction_battery", "hv_battery"},
		Amber: 0.67, Red: 1, // 80 %, 70 %
		Job: Job{
			Code: "HVB-10", Text: lang.Text{EN: "Test traction battery, check warranty", ZH: "检测动力电池并核查质保"},
			HoursMin: 1, HoursMax: 1, Part: lang.Text{EN: "Traction battery", ZH: "动力电池"}, Quantity: 1,
		},
	},
	{
		Component: AirFilter, Name: lang.Text{EN: "Engine air filter", ZH: "发动机空气滤清器"},
		Powertrains: combustion, PlanKm: 30000, PlanMonths: 48,
		RatePer1000Km: 0.03, RateCV: 0.5, Shape: 1,
		Safety: SafetyComfort, ResetBy: []string{"air_filter", "engine_air_filter"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "FLT-10", Text: lang.Text{EN: "Replace engine air filter", ZH: "更换发动机空气滤清器"},
			HoursMin: 0.2, HoursMax: 0.2, Part: lang.Text{EN: "Engine air filter", ZH: "发动机空气滤清器"}, Quantity: 1,
		},
	},
	{
		Component: CabinFilter, Name: lang.Text{EN: "Cabin filter", ZH: "空调滤清器"},
		PlanKm: 30000, PlanMonths: 24,
		RatePer1000Km: 0.035, RateCV: 0.5, CalendarShare: 0.3, Shape: 1,
		Safety: SafetyComfort, ResetBy: []string{"cabin_filter", "pollen_filter"},
		Amber: 0.8, Red: 1,
		Job: Job{
			Code: "FLT-20", Text: lang.Text{EN: "Replace cabin filter", ZH: "更换空调滤清器"},
			HoursMin: 0.2, HoursMax: 0.4, Part: lang.Text{EN: "Cabin filter", ZH: "空调滤清器"}, Quantity: 1,
		},
	},
	{
		Component: Coolant, Name: lang.Text{EN: "Coolant", ZH: "冷却液"},
		PlanKm: 240000, PlanMonths: 60,
		RatePer1000Km: 0.012, RateCV: 0.3, CalendarShare: 0.9, Shape: 1,
		FillLitres: 7, // 5 to 10
		Safety:     SafetyDamage, ResetBy: []string{"coolant", "coolant_change", "antifreeze"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "CLT-10", Text: lang.Text{EN: "Change coolant", ZH: "更换冷却液"},
			HoursMin: 0.5, HoursMax: 1, Part: lang.Text{EN: "Coolant", ZH: "冷却液"}, Quantity: 1,
		},
	},
	{
		Component: SparkPlugs, Name: lang.Text{EN: "Spark plugs", ZH: "火花塞"},
		Powertrains: sparked, PlanKm: 60000, PlanMonths: 72,
		Clock: ByRevolutions, RatePer1000Km: 0.014, RateCV: 0.3, Shape: 1,
		Safety: SafetyDamage, ResetBy: []string{"spark_plugs", "plugs"},
		Amber: 0.9, Red: 1,
		Job: Job{
			Code: "IGN-10", Text: lang.Text{EN: "Replace spark plugs", ZH: "更换火花塞"},
			HoursMin: 0.6, HoursMax: 1.2, Part: lang.Text{EN: "Spark plug set", ZH: "火花塞套件"}, Quantity: 1,
		},
	},
	{
		Component: BrakeFluid, Name: lang.Text{EN: "Brake fluid", ZH: "制动液"},
		PlanMonths:    24,
		RatePer1000Km: 0.03, RateCV: 0.3, CalendarShare: 1, Shape: 1,
		Safety: SafetyCritical, ResetBy: []string{"brake_fluid", "brake_fluid_change"},
		Amber: 1, Red: 1.5, // 24 and 36 months
		Job: Job{
			Code: "BRK-20", Text: lang.Text{EN: "Change brake fluid", ZH: "更换制动液"},
			HoursMin: 0.5, HoursMax: 1, Part: lang.Text{EN: "Brake fluid", ZH: "制动液"}, Quantity: 1,
		},
	},
}
