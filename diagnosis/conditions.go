package diagnosis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// engineLoad is calculated load, percent (SAE J1979 PID 04).
const engineLoad vehicle.Signal = "Vehicle.OBD.EngineLoad"

// condition is a question about the car that the knowledge base may ask by name.
// The answer is the fact in words, with the figures.
type condition struct {
	signal vehicle.Signal // where the fact can be looked up; empty when not a signal
	ask    func(c *car, g *group) (lang.Text, bool)
}

// Conditions lists the names that the knowledge base may ask for. Beside them
// it may ask "also:FAMILY" (a code of that family is active too), "code:CODE"
// (the finding rests on that very code) and "worn:COMPONENT" (its forecast wear
// is at 80 % of the limit or beyond).
func Conditions() []string { return slices.Sorted(maps.Keys(conditions())) }

// holds answers a condition by name.
func (c *car) holds(name string, g *group) (lang.Text, bool) {
	if family, ok := strings.CutPrefix(name, "also:"); ok {
		return c.alsoHas(family)
	}
	if component, ok := strings.CutPrefix(name, "worn:"); ok {
		return c.worn(predict.Component(component))
	}
	if code, ok := strings.CutPrefix(name, "code:"); ok {
		return holdsCode(g, code)
	}
	cond, ok := conditions()[name]
	if !ok {
		return lang.Text{}, false
	}
	return cond.ask(c, g)
}

// alsoHas names the oldest active code of another family.
func (c *car) alsoHas(family string) (lang.Text, bool) {
	s, ok := c.has(family)
	if !ok {
		return lang.Text{}, false
	}
	title, _ := CodeTitle(s.Code)
	return lang.Text{
		EN: fmt.Sprintf("%s (%s) is active too", s.Code, title.EN),
		ZH: fmt.Sprintf("同时存在 %s（%s）", s.Code, title.ZH),
	}, true
}

func holdsCode(g *group, code string) (lang.Text, bool) {
	for _, s := range g.all() {
		if baseCode(s.Code) == code {
			title, _ := CodeTitle(s.Code)
			return lang.Text{EN: code + " (" + title.EN + ")", ZH: code + "（" + title.ZH + "）"}, true
		}
	}
	return lang.Text{}, false
}

func (c *car) worn(component predict.Component) (lang.Text, bool) {
	const old = 0.8 // of the limit
	f, ok := c.forecast(component)
	if !ok || f.Wear.P50 < old {
		return lang.Text{}, false
	}
	name := c.componentName(component)
	return lang.Text{
		EN: fmt.Sprintf("%s at %.0f %% of its limit", name.EN, f.Wear.P50*100),
		ZH: fmt.Sprintf("%s已达极限的 %.0f %%", name.ZH, f.Wear.P50*100),
	}, true
}

func conditions() map[string]condition {
	return map[string]condition{
		"both_banks":     {ask: bothBanks},
		"one_bank":       {ask: oneBank},
		"one_cylinder":   {ask: oneCylinder},
		"many_cylinders": {ask: manyCylinders},
		"permanent":      {ask: permanent},
		"lamp_on":        {ask: lampOn},
		"trims_high":     {vehicle.LongTermTrim1, trimsHigh},
		"trims_low":      {vehicle.LongTermTrim1, trimsLow},
		"trim_one_bank":  {vehicle.LongTermTrim1, trimOneBank},
		"trims_rising":   {vehicle.LongTermTrim1, trimsRising},
		"frozen_idle":    {ask: frozenIdle},
		"frozen_load":    {ask: frozenLoad},
		"frozen_cold":    {ask: frozenCold},
		"fuel_low":       below(vehicle.FuelLevel, 10, "fuel level %.0f %%", "燃油液位 %.0f %%"),
		"voltage_low":    below(vehicle.LowVoltage, 12.2, "12 V supply at %.1f V", "12 V 电压 %.1f V"),
		"voltage_stop":   {vehicle.LowVoltage, runningBelow(11.5)},
		"not_charging":   {vehicle.LowVoltage, runningBelow(13.0)},
		"overcharging":   above(vehicle.LowVoltage, 15, "12 V supply at %.1f V", "12 V 电压 %.1f V"),
		"coolant_hot":    above(vehicle.CoolantTemperature, 112, "coolant at %.0f °C", "冷却液温度 %.0f °C"),
		"coolant_stop":   above(vehicle.CoolantTemperature, 118, "coolant at %.0f °C", "冷却液温度 %.0f °C"),
		"freezing":       below(vehicle.AirTemperature, -5, "outside temperature %.0f °C", "室外温度 %.0f °C"),
		"soc_low":        below(vehicle.TractionSoC, 10, "state of charge %.0f %%", "荷电状态 %.0f %%"),
		"soh_low":        below(vehicle.TractionSoH, 80, "state of health %.0f %%", "健康状态 %.0f %%"),
		"pack_hot":       above(vehicle.TractionTemperature, 50, "traction battery at %.0f °C", "动力电池温度 %.0f °C"),
		"pack_stop":      above(vehicle.TractionTemperature, 60, "traction battery at %.0f °C", "动力电池温度 %.0f °C"),
	}
}

// below holds when the newest value, or the one frozen with the code, is below
// a limit.
func below(s vehicle.Signal, limit float64, en, zh string) condition {
	return compare(s, en, zh, func(v float64) bool { return v < limit })
}

func above(s vehicle.Signal, limit float64, en, zh string) condition {
	return compare(s, en, zh, func(v float64) bool { return v > limit })
}

func compare(s vehicle.Signal, en, zh string, beyond func(float64) bool) condition {
	return condition{signal: s, ask: func(c *car, g *group) (lang.Text, bool) {
		if r, state, ok := frame(g, s); ok && beyond(r.Value) {
			return lang.Text{
				EN: fmt.Sprintf(en, r.Value) + " when " + string(state.Code) + " was set",
				ZH: string(state.Code) + " 产生时" + fmt.Sprintf(zh, r.Value),
			}, true
		}
		r, ok := c.live(s)
		return lang.Text{EN: fmt.Sprintf(en, r.Value), ZH: fmt.Sprintf(zh, r.Value)}, ok && beyond(r.Value)
	}}
}

// runningBelow looks at the supply while something should be charging it: the
// engine turns, or the car moves.
func runningBelow(limit float64) func(*car, *group) (lang.Text, bool) {
	return func(c *car, _ *group) (lang.Text, bool) {
		v, ok := c.live(vehicle.LowVoltage)
		if !ok || v.Value >= limit || v.Value <= 0 || !c.running(v) {
			return lang.Text{}, false
		}
		return lang.Text{
			EN: fmt.Sprintf("only %.1f V while running", v.Value),
			ZH: fmt.Sprintf("运行时仅 %.1f V", v.Value),
		}, true
	}
}

// running reports whether the car was on at the moment of a reading.
func (c *car) running(at Reading) bool {
	const sameMoment = 60 // s
	for s, least := range map[vehicle.Signal]float64{vehicle.EngineSpeed: 400, vehicle.Speed: 3} {
		r, ok := c.live(s)
		if ok && r.Value > least && r.At.Sub(at.At).Abs().Seconds() <= sameMoment {
			return true
		}
	}
	return false
}

// banks reports on which cylinder banks the mixture codes of a group are.
func banks(g *group) (one, two []vehicle.Code) {
	for _, s := range g.own {
		switch baseCode(s.Code) {
		case "P0171", "P0172", "P2096", "P2097", "P2187", "P2188", "P0420":
			one = append(one, s.Code)
		case "P0174", "P0175", "P2098", "P2099", "P2189", "P2190", "P0430":
			two = append(two, s.Code)
		}
	}
	return one, two
}

func bothBanks(_ *car, g *group) (lang.Text, bool) {
	one, two := banks(g)
	if len(one) == 0 || len(two) == 0 {
		return lang.Text{}, false
	}
	return lang.Text{
		EN: fmt.Sprintf("%s and %s together, so both banks", one[0], two[0]),
		ZH: fmt.Sprintf("%s 与 %s 同时存在，涉及两个缸组", one[0], two[0]),
	}, true
}

func oneBank(_ *car, g *group) (lang.Text, bool) {
	one, two := banks(g)
	switch {
	case len(one) > 0 && len(two) == 0:
		return lang.Text{EN: fmt.Sprintf("%s without its partner on bank 2", one[0]), ZH: fmt.Sprintf("仅第1缸组有 %s", one[0])}, true
	case len(two) > 0 && len(one) == 0:
		return lang.Text{EN: fmt.Sprintf("%s without its partner on bank 1", two[0]), ZH: fmt.Sprintf("仅第2缸组有 %s", two[0])}, true
	}
	return lang.Text{}, false
}

func oneCylinder(_ *car, g *group) (lang.Text, bool) {
	all := cylinders(g.all())
	if len(all) != 1 {
		return lang.Text{}, false
	}
	return lang.Text{EN: fmt.Sprintf("only cylinder %d", all[0]), ZH: fmt.Sprintf("仅第 %d 缸", all[0])}, true
}

func manyCylinders(_ *car, g *group) (lang.Text, bool) {
	all := cylinders(g.all())
	if len(all) < 2 {
		return lang.Text{}, false
	}
	return lang.Text{EN: fmt.Sprintf("%d cylinders", len(all)), ZH: fmt.Sprintf("共 %d 个气缸", len(all))}, true
}

func permanent(_ *car, g *group) (lang.Text, bool) {
	for _, s := range g.own {
		if s.Status == vehicle.CodePermanent {
			return lang.Text{
				EN: fmt.Sprintf("%s is permanent: cleared before without a repair", s.Code),
				ZH: fmt.Sprintf("%s 为永久故障码：曾清除但未修复", s.Code),
			}, true
		}
	}
	return lang.Text{}, false
}

func lampOn(_ *car, g *group) (lang.Text, bool) {
	for _, s := range g.all() {
		if s.MIL {
			return lang.Text{EN: fmt.Sprintf("lamp on with %s", s.Code), ZH: fmt.Sprintf("%s 伴随故障灯亮", s.Code)}, true
		}
	}
	return lang.Text{}, false
}
