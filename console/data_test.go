package console_test

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// carVIN is the vehicle that has everything.
const carVIN = "LSVAA4182E2123456"

// fleetData is a fleet as the API answers it.
type fleetData struct {
	vehicles  []*pitcrewv1.Vehicle
	signals   []*pitcrewv1.SignalValue
	codes     []*pitcrewv1.TroubleCode
	speed     []*pitcrewv1.Point
	trips     []*pitcrewv1.Trip
	expired   []*pitcrewv1.Expired
	forecasts []*pitcrewv1.Forecast
	findings  []*pitcrewv1.Finding
	records   []*pitcrewv1.ServiceRecord
	totals    *pitcrewv1.HistoryTotals
	reminders []*pitcrewv1.Reminder
	orders    []*pitcrewv1.WorkOrder
	refused   []*pitcrewv1.QuarantinedMessage
	models    *pitcrewv1.ListModelsResponse
	accuracy  []*pitcrewv1.Accuracy
	odometer  *pitcrewv1.Odometer
	readings  []*pitcrewv1.OdometerReading
}

func ago(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(-d)) }
func days(n float64) *timestamppb.Timestamp {
	return timestamppb.New(now.Add(time.Duration(n * 24 * float64(time.Hour))))
}
func text(en, zh string) *pitcrewv1.Text { return &pitcrewv1.Text{En: en, Zh: zh} }

func newFleet() *fleetData {
	d := &fleetData{}
	d.addVehicles()
	d.addReadings()
	d.addForecasts()
	d.addFindings()
	d.addHistory()
	d.addReminders()
	d.addOrders()
	d.addOdometer()
	d.addModels()
	d.refused = []*pitcrewv1.QuarantinedMessage{
		{Id: "q1", Topic: "pitcrew/v1/LSVAA4182E2123456/telemetry", Vin: carVIN, Payload: []byte("{\"boot\": \"b7\",\n \"samples\": [{\"time\": \"2026-11-22T09:59:58.120Z\", \"signals\": {\"Vehicle.Speed\": \"fast\"}}]}"), Place: "samples[0].signals", Reason: "Vehicle.Speed: \"fast\" is not a number", Received: ago(12 * time.Minute), Count: 3},
		{Id: "q2", Topic: "pitcrew/v1/LSVAA4182E2999999/gbt32960", Payload: []byte{0x23, 0x23, 0x02, 0xfe, 0x4c, 0x00, 0x80, 0xff, 0x10, 0x0a}, Place: "offset 22", Reason: "the check byte is 0x0A, the frame sums up to 0x5F", Received: ago(26 * time.Hour), Count: 1},
	}
	return d
}

// fleet sums up the figures, as the API does.
func (d *fleetData) fleet() *pitcrewv1.Fleet {
	f := &pitcrewv1.Fleet{
		Vehicles: int32(len(d.vehicles)), WorkOrders: map[string]int32{}, Reminders: map[string]int32{},
		Quarantined: int32(len(d.refused)), DeadMessages: 2,
	}
	for _, v := range d.vehicles {
		if v.Online {
			f.Online++
		}
	}
	for _, o := range d.orders {
		f.WorkOrders[o.State]++
	}
	for _, r := range d.reminders {
		f.Reminders[r.State]++
	}
	return f
}

func (d *fleetData) addVehicles() {
	d.vehicles = []*pitcrewv1.Vehicle{
		{
			Vin: carVIN, VinCheck: "mismatch", Name: "Pudong 07", Plate: "沪A·8D207", Brand: "Volkswagen", Model: "Passat", ModelYear: 2022,
			Powertrain: "petrol", TimeZone: "Asia/Shanghai", Owner: &pitcrewv1.Owner{Name: "李雷", Locale: "zh-CN", Contact: "lilei@example.org"},
			DataUntil: ago(12 * time.Minute), LastSeen: ago(12 * time.Minute), Online: true, OdometerKm: 48213.4, OdometerAt: ago(12 * time.Minute),
			KmPerDay: 61.2, Drivability: "soon", Findings: 2, ActiveCodes: 3, Mil: true, NextItem: "brake_pads_front", NextDue: days(19),
			Clock: &pitcrewv1.Clock{State: "ahead", OffsetSeconds: 37, AsOf: ago(12 * time.Minute)},
			Readiness: &pitcrewv1.Readiness{
				AsOf: ago(12 * time.Minute), Complete: []string{"misfire", "fuel_system", "components", "oxygen_sensor"},
				Incomplete: []string{"catalyst", "evaporative_system"}, ResetAfter: days(-4), ResetBy: days(-2),
			},
			Reception: &pitcrewv1.Reception{Since: days(-30), Received: 41_982, Missing: 45, Settled: 41, Jumps: 1, Gaps: []*pitcrewv1.Gap{
				{Boot: "b7", First: 1842, Last: 1844, Since: ago(5 * time.Hour)}, {Boot: "b6", First: 17, Last: 17, Since: ago(50 * time.Hour)},
			}},
		},
		{
			Vin: "LSVAA4182E2123457", VinCheck: "ok", Name: "Minhang 12", Plate: "沪B·71K30", Brand: "BYD", Model: "Han EV", ModelYear: 2024,
			Powertrain: "battery_electric", TimeZone: "Asia/Shanghai", Online: true, DataUntil: ago(20 * time.Second), OdometerKm: 21877, OdometerAt: ago(time.Minute),
			NextItem: "tyres", NextDue: days(143),
		},
		{
			Vin: "MBJB29BT500123456", VinCheck: "not_required", Plate: "KA 05 MX 2211", Brand: "Toyota", Model: "Etios", ModelYear: 2014,
			Powertrain: "petrol", TimeZone: "Asia/Kolkata", DataUntil: ago(9 * 24 * time.Hour), OdometerKm: 132450, OdometerAt: ago(9 * 24 * time.Hour),
			Drivability: "stop", Findings: 1, ActiveCodes: 1, NextItem: "engine_oil", NextDue: days(-6),
		},
		{Vin: "WVWZZZ1KZ8W123456", VinCheck: "not_required", Name: "Berlin 3", Plate: "B-PC 2203", Brand: "VW", Model: "Golf", Powertrain: "diesel", TimeZone: "Europe/Berlin", Online: true, DataUntil: ago(3 * time.Hour), OdometerKm: 88012, OdometerAt: ago(3 * time.Hour), Drivability: "monitor", Findings: 1, NextItem: "air_filter", NextDue: days(41)},
		{Vin: "ZZZ0000000000NEW1", VinCheck: "not_required"},
	}
}

func (d *fleetData) addReadings() {
	d.signals = []*pitcrewv1.SignalValue{
		{Signal: "Vehicle.Speed", Time: ago(12 * time.Minute), Value: &pitcrewv1.SignalValue_Number{Number: 63.2}, Unit: "km/h"},
		{Signal: "Vehicle.LowVoltageBattery.CurrentVoltage", Time: ago(12 * time.Minute), Value: &pitcrewv1.SignalValue_Number{Number: 14.1}, Unit: "V", TimeSource: "receiver"},
		{Signal: "Vehicle.Powertrain.CombustionEngine.EngineCoolant.Temperature", Time: ago(12 * time.Minute), Value: &pitcrewv1.SignalValue_Number{Number: 91}, Unit: "celsius"},
		{Signal: "Vehicle.Powertrain.CombustionEngine.Speed", Time: ago(12 * time.Minute), Value: &pitcrewv1.SignalValue_Number{Number: 2140}, Unit: "rpm"},
		{Signal: "Vehicle.Body.Lights.IsBrakeOn", Time: ago(3 * time.Hour), Value: &pitcrewv1.SignalValue_Boolean{Boolean: true}},
	}
	frame := []*pitcrewv1.SignalValue{
		{Signal: "Vehicle.Speed", Value: &pitcrewv1.SignalValue_Number{Number: 40}, Unit: "km/h"},
		{Signal: "Vehicle.OBD.LongTermFuelTrim1", Value: &pitcrewv1.SignalValue_Number{Number: 18.4}, Unit: "percent"},
	}
	code := func(c, en, zh, status string, active bool, first time.Duration) *pitcrewv1.TroubleCode {
		return &pitcrewv1.TroubleCode{Code: c, Title: text(en, zh), Ecu: "7E8", Status: status, Active: active, FirstSeen: ago(first), LastSeen: ago(12 * time.Minute), OdometerKm: 47990}
	}
	lean := code("P0171", "System too lean, bank 1", "燃油系统过稀（第 1 排）", "confirmed", true, 75*time.Hour)
	lean.FreezeFrame = frame
	gone := code("P0128", "Coolant below thermostat temperature", "冷却液温度低于节温器调节温度", "confirmed", false, 2000*time.Hour)
	gone.ClearedAt = ago(1500 * time.Hour)
	gone.Steps = []*pitcrewv1.CodeStep{
		{Status: "pending", Time: ago(2000 * time.Hour), OdometerKm: 47_990},
		{Status: "confirmed", Time: ago(1900 * time.Hour), OdometerKm: 48_010},
		{Status: "permanent", Time: ago(1600 * time.Hour), OdometerKm: 48_100, Lost: "confirmed", By: "tool", Why: text("the distance since codes were erased began again", "清码后行驶里程归零")},
		{Status: "gone", Time: ago(1500 * time.Hour), OdometerKm: 48_120, By: "itself", Why: text("no tester can erase a permanent code", "诊断仪无法清除永久故障码")},
	}
	gone.Earlier = []*pitcrewv1.CodeOccurrence{{From: ago(4000 * time.Hour), To: ago(3900 * time.Hour), Steps: []*pitcrewv1.CodeStep{
		{Status: "pending", Time: ago(4000 * time.Hour)}, {Status: "gone", Time: ago(3900 * time.Hour)},
	}}}
	d.codes = []*pitcrewv1.TroubleCode{
		gone, lean, code("P0174", "System too lean, bank 2", "燃油系统过稀（第 2 排）", "confirmed", true, 74*time.Hour),
		code("P0300", "Random misfire", "随机多缸失火", "pending", true, 50*time.Hour),
	}
	begin := time.Date(2026, 11, 24, 7, 5, 0, 0, time.FixedZone("", 8*3600))
	for i, minutes := range []int{38, 55} {
		start := begin.Add(time.Duration(i) * 7 * time.Hour)
		d.trips = append([]*pitcrewv1.Trip{{
			Start: timestamppb.New(start), End: timestamppb.New(start.Add(time.Duration(minutes) * time.Minute)),
			Samples: 900, DistanceKm: 21.4 + float64(i)*9, MaxSpeedKmh: 84, MeanSpeedKmh: 33.8,
		}}, d.trips...)
		for s := 0; s < minutes*2; s++ {
			v := 42 + 30*math.Sin(float64(s)/7) + 12*math.Sin(float64(s)/2.3)
			d.speed = append(d.speed, &pitcrewv1.Point{Time: timestamppb.New(start.Add(time.Duration(s) * 30 * time.Second)), Mean: max(v, 0)})
		}
	}
}

// forecast draws a wear path that was serviced some days ago and wears on.
func forecast(component, en, zh string, wear, perDay, spread float64) *pitcrewv1.Forecast {
	q := func(w float64, ahead float64) *pitcrewv1.Quantiles {
		s := 0.02 + spread*ahead
		return &pitcrewv1.Quantiles{P10: max(0, w-s), P50: w, P90: w + s}
	}
	due := (1 - wear) / perDay
	f := &pitcrewv1.Forecast{
		Component: component, Name: text(en, zh), State: "known", Basis: "wear", Wear: q(wear, 0),
		Due:   &pitcrewv1.Dates{P10: days(due * 0.8), P50: days(due), P90: days(due * 1.3)},
		DueKm: &pitcrewv1.Quantiles{P10: 48213 + due*0.8*61, P50: 48213 + due*61, P90: 48213 + due*1.3*61},
		AsOf:  timestamppb.New(now), DataUntil: ago(12 * time.Minute), Readings: 41, ServicedAt: days(-wear / perDay), ServicedKm: 31200,
		Reason: text(fmt.Sprintf("41 readings since the last service: wear %.0f%%, 2.1%% per 1,000 km.", wear*100), fmt.Sprintf("自上次更换以来读数 41 次：磨损 %.0f%%，每 1000 公里 2.1%%。", wear*100)),
	}
	for i := 0; i <= 20; i++ {
		back := wear / perDay * (1 - float64(i)/20)
		f.Path = append(f.Path, &pitcrewv1.PathPoint{Time: days(-back), Wear: q(wear-back*perDay+0.01*math.Sin(float64(i)), 0)})
	}
	for i := 1; i <= 50; i++ {
		ahead := 365 * float64(i) / 50
		f.Path = append(f.Path, &pitcrewv1.PathPoint{Time: days(ahead), Wear: q(wear+ahead*perDay, ahead*perDay)})
	}
	return f
}

func (d *fleetData) addForecasts() {
	early := &pitcrewv1.Forecast{
		Component: "battery_12v", Name: text("12 V battery", "12 V 蓄电池"), State: "too_early", Basis: "wear",
		Wear: &pitcrewv1.Quantiles{P10: 0.1, P50: 0.3, P90: 0.6}, AsOf: timestamppb.New(now), Readings: 3,
		Reason: text("Only 3 readings: the span would be wider than 3 years.", "仅 3 次读数：区间将超过 3 年。"),
	}
	oil := forecast("engine_oil", "Engine oil", "发动机机油", 0.55, 0.0032, 0.1)
	oil.Basis = "distance"
	oil.Question = &pitcrewv1.Question{TopUp: true, Since: days(-9), By: days(-2), Chance: 0.63}
	stale := forecast("coolant", "Coolant", "冷却液", 0.3, 0.0011, 0.3)
	stale.State, stale.DataUntil = "stale", ago(9*24*time.Hour)
	d.forecasts = []*pitcrewv1.Forecast{
		oil, forecast("brake_pads_front", "Front brake pads", "前制动片", 0.93, 0.0037, 0.3),
		forecast("brake_pads_rear", "Rear brake pads", "后制动片", 0.48, 0.0021, 0.25),
		forecast("tyres", "Tyres", "轮胎", 1.03, 0.0025, 0.2), early, stale,
		{
			Component: "brake_hoses", Name: text("Brake hoses", "制动软管"), State: "too_early", Basis: "wear", AsOf: timestamppb.New(now),
			Reason: text("Too early to tell: nobody has looked.", "暂无法判断：尚无人检查。"),
		},
	}
}

func (d *fleetData) addFindings() {
	lean := line()
	d.findings = []*pitcrewv1.Finding{
		{
			Id: "f1", Vin: carVIN, Kind: "trouble_codes", Family: "lean_both", Title: lean.Complaint, Detail: lean.Detail, Drivability: "soon", Why: lean.Why,
			Confidence: 0.8, Codes: lean.Codes, Causes: lean.Causes, FirstCheck: lean.FirstCheck, Operations: lean.Operations, Parts: lean.Parts, Evidence: lean.Evidence,
			FirstSeen: ago(75 * time.Hour), LastSeen: ago(12 * time.Minute),
		},
		{
			Id: "f2", Vin: carVIN, Kind: "wear", Family: "brake_pads_front", Title: text("The front brake pads reach their limit within 3 weeks.", "前制动片将在 3 周内到达极限。"),
			Drivability: "soon", Why: text("braking distance grows", "制动距离变长"), Confidence: 0.9,
			Evidence: []*pitcrewv1.Evidence{{Kind: "forecast", Text: text("Wear 93 % (91-95 %)", "磨损 93 %（91–95 %）"), At: ago(time.Hour)}},
		},
	}
}

func (d *fleetData) addHistory() {
	d.records = []*pitcrewv1.ServiceRecord{
		{Id: "s3", Vin: carVIN, Visited: days(-170), OdometerKm: 37820, Source: "work_order", WorkOrderId: "o-old", Shop: "pitcrew", Hours: 1.2, Cost: &pitcrewv1.Money{Minor: 68000, Currency: "CNY"}, Status: "final", Items: []*pitcrewv1.ServiceItem{{Component: "engine_oil"}, {Component: "air_filter", Outcome: "replaced_early"}}, Parts: []*pitcrewv1.ServicePart{{Name: "5W-30", Quantity: 4.5}}},
		{Id: "s2", Vin: carVIN, Visited: days(-400), OdometerKm: 24110, Source: "workshop", Shop: "张江快修", Note: "轮胎换位", Status: "final", Items: []*pitcrewv1.ServiceItem{{Text: "四轮定位"}}, Measurements: []*pitcrewv1.Measurement{{Component: "tyres", Value: 5.2, Unit: "mm"}}},
		{Id: "s1", Vin: carVIN, Visited: days(-420), Source: "owner", Status: "entered_in_error", Items: []*pitcrewv1.ServiceItem{{Component: "coolant"}}},
	}
	d.totals = &pitcrewv1.HistoryTotals{Visits: 2, Hours: 1.2, Costs: []*pitcrewv1.Money{{Minor: 68000, Currency: "CNY"}}, FirstVisit: days(-400), LastVisit: days(-170)}
}

func (d *fleetData) addReminders() {
	d.reminders = []*pitcrewv1.Reminder{
		{Id: "r2", Vin: "MBJB29BT500123456", Item: "engine_oil", Title: text("Engine oil", "发动机机油"), Reason: text("The plan asks for it every 10,000 km.", "保养计划要求每 10000 公里一次。"), Basis: "distance", Severity: "routine", State: "overdue", DueKm: 132000, DueAt: days(-6), Notified: []string{"due_soon", "due"}},
		{Id: "r1", Vin: carVIN, Item: "brake_pads_front", Title: text("Front brake pads", "前制动片"), Reason: text("Wear 93%, 3.7% a week.", "磨损 93%，每周 3.7%。"), Basis: "forecast", Severity: "soon", State: "due_soon", DueKm: 49370, DueAt: days(19), DueEarliest: days(15), DueLatest: days(25), Notified: []string{"due_soon"}, WorkOrderId: "o1"},
		{Id: "r3", Vin: "WVWZZZ1KZ8W123456", Item: "inspection", Title: text("Inspection", "车辆年检"), Basis: "date", Severity: "routine", State: "snoozed", DueAt: days(30), SnoozeUntil: days(7)},
		{Id: "r4", Vin: carVIN, Item: "tyres", Title: text("Tyres", "轮胎"), Basis: "forecast", Severity: "routine", State: "done", DueAt: days(-90)},
	}
}

// line is a pre-diagnosed line of work.
func line() *pitcrewv1.Line {
	return &pitcrewv1.Line{
		Seq: 1, Origin: "trouble_codes", Family: "lean_both", Drivability: "soon",
		Complaint: text("The engine runs lean on both banks and misfires.", "发动机两排混合气均过稀并失火。"),
		Detail:    text("Both banks lean at idle point to air that the meter does not see.", "两排在怠速时均过稀，说明有未计量空气进入。"),
		Why:       text("unburnt fuel can harm the catalyst", "未燃燃油可能损坏催化器"),
		Codes:     []string{"P0171", "P0174", "P0300"},
		Causes: []*pitcrewv1.Cause{
			{Text: text("Air leak after the mass air flow meter", "空气流量计之后漏气"), Share: 0.55, Reason: text("both banks, trims +18 % at idle", "两排同时、怠速修正 +18 %")},
			{Text: text("Dirty mass air flow meter", "空气流量计脏污"), Share: 0.28, Reason: text("trims fall with load", "修正随负荷下降")},
			{Text: text("Low fuel pressure", "燃油压力低"), Share: 0.17},
		},
		FirstCheck: text("Smoke test of the intake, 10 minutes.", "进气系统烟雾测漏，10 分钟。"),
		Operations: []*pitcrewv1.Operation{{Code: "ENG-010", Text: text("Diagnose lean mixture", "诊断混合气过稀"), HoursMin: 0.5, HoursMax: 1.5}},
		Parts:      []*pitcrewv1.Part{{Name: text("Intake hose", "进气软管"), Quantity: 1}},
		Evidence: []*pitcrewv1.Evidence{
			{Kind: "code", Text: text("P0171 confirmed, seen 14 times", "P0171 已确认，出现 14 次"), At: ago(75 * time.Hour), Ref: "P0171"},
			{Kind: "signal", Text: text("Long-term fuel trim +18.4 % at idle", "怠速长期燃油修正 +18.4 %"), At: ago(50 * time.Hour)},
		},
		Knowledge: "engine@7",
	}
}

func (d *fleetData) addOrders() {
	wear := &pitcrewv1.Line{
		Seq: 2, Origin: "wear", Component: "brake_pads_front", Drivability: "soon", Complaint: text("Front brake pads at 93 % of their limit", "前制动片磨损达极限的 93 %"),
		Why: text("braking distance grows", "制动距离变长"), Model: "paths-1/expert-1",
		Operations: []*pitcrewv1.Operation{{Text: text("Renew front brake pads", "更换前制动片"), HoursMin: 0.8, HoursMax: 1.1}},
		Parts:      []*pitcrewv1.Part{{Name: text("Brake pad set, front", "前制动片套件"), Quantity: 1}},
		Evidence:   []*pitcrewv1.Evidence{{Kind: "forecast", Text: text("Due between 9 Dec and 19 Dec", "12 月 9 日至 19 日到期"), At: ago(time.Hour)}},
	}
	order := func(id, number, vin, state, priority, en, zh string, age time.Duration, lines ...*pitcrewv1.Line) *pitcrewv1.WorkOrder {
		o := &pitcrewv1.WorkOrder{
			Id: id, Number: number, Vin: vin, State: state, Priority: priority, Source: "machine", Title: text(en, zh), Lines: lines,
			Created: ago(age), Updated: ago(age), Version: 3, Allowed: allowed(state),
		}
		for _, l := range lines {
			o.Origins = append(o.Origins, l.Origin)
		}
		return o
	}
	scheduled := order("o3", "W-7QK2", "WVWZZZ1KZ8W123456", "scheduled", "routine", "Renew the engine air filter", "更换发动机空气滤清器", 26*time.Hour, wear)
	scheduled.ScheduledFor = days(2)
	ready := order("o5", "W-2M9D", carVIN, "ready", "urgent", "Lean mixture and brakes", "混合气过稀与制动", 100*time.Hour, line(), wear)
	ready.OdometerInKm = 48100
	closed := order("o6", "W-1A1A", carVIN, "closed", "routine", "Engine oil service", "更换机油", 4000*time.Hour)
	closed.Events = []*pitcrewv1.OrderEvent{{At: ago(3999 * time.Hour), Action: "accept", Actor: "advisor"}}
	dismissed := order("o7", "W-9Z9Z", carVIN, "dismissed", "routine", "Check the thermostat", "检查节温器", 900*time.Hour)
	dismissed.DismissReason = "false_positive"
	dismissed.Events = []*pitcrewv1.OrderEvent{{At: ago(time.Minute), Action: "dismiss", Actor: "王芳", Note: "false_positive: 传感器脏"}}
	d.orders = []*pitcrewv1.WorkOrder{
		order("o2", "W-4F0X", "MBJB29BT500123456", "proposed", "emergency", "Oil pressure too low: stop the engine", "机油压力过低：请立即熄火", 40*time.Minute, line()),
		order("o1", "W-83HJ", carVIN, "proposed", "urgent", "Lean mixture with misfire; front brake pads", "混合气过稀并失火；前制动片", 75*time.Hour, line(), wear),
		order("o4", "W-5T1C", "LSVAA4182E2123457", "in_progress", "routine", "Renew the tyres", "更换轮胎", 50*time.Hour, wear),
		scheduled, ready, closed, dismissed,
	}
}
