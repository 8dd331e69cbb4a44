package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Kinds of evidence.
const (
	evidenceCode     = "code"
	evidenceSignal   = "signal"
	evidenceForecast = "forecast"
	evidenceService  = "service"
)

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// evidence lists the facts behind a group: its codes, what was frozen with them,
// the values that moved a cause or the call, the related service.
func (c *car) evidence(g *group) []Evidence {
	var out []Evidence
	for _, s := range g.own {
		out = append(out, codeEvidence(s, lang.Text{}))
	}
	for _, a := range g.absorbed {
		out = append(out, codeEvidence(a.CodeState, a.why))
	}
	for _, s := range g.all() {
		if text := frozen(s); !text.IsZero() {
			out = append(out, Evidence{Kind: evidenceSignal, Text: text, At: s.FirstSeen, Ref: string(s.Code)})
		}
	}
	out = append(out, c.signalEvidence(g)...)
	for _, r := range g.family.Related {
		if s, ok := c.serviced(r.Component, c.occurrence(g), r.Days); ok {
			name := c.componentName(r.Component)
			out = append(out, Evidence{
				Kind: evidenceService, At: s.Time, Ref: cmp.Or(s.RecordID, string(s.Component)),
				Text: lang.Text{EN: name.EN + " serviced", ZH: name.ZH + "已维修"},
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.At.Compare(b.At), cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Text.EN, b.Text.EN))
	})
	return out
}

func codeEvidence(s CodeState, why lang.Text) Evidence {
	title, _ := CodeTitle(s.Code)
	status := statusText(s.Status)
	text := lang.Text{
		EN: fmt.Sprintf("%s %s: %s, since %s", s.Code, title.EN, status.EN, day(s.FirstSeen)),
		ZH: fmt.Sprintf("%s %s：%s，自 %s 起", s.Code, title.ZH, status.ZH, day(s.FirstSeen)),
	}
	if s.Cycles > 1 {
		text.EN += fmt.Sprintf(", in %d driving cycles", s.Cycles)
		text.ZH += fmt.Sprintf("，%d 个驾驶循环", s.Cycles)
	}
	if s.Occurrences > 1 {
		text.EN += fmt.Sprintf(", came back (%d times)", s.Occurrences)
		text.ZH += fmt.Sprintf("，反复出现（%d 次）", s.Occurrences)
	}
	if s.ECU != "" {
		text.EN += ", module " + s.ECU
		text.ZH += "，控制单元 " + s.ECU
	}
	if s.MIL {
		text.EN += ", lamp on"
		text.ZH += "，故障灯亮"
	}
	if makerCode(s.Code) {
		text.EN += ", maker's own code: its meaning depends on the make"
		text.ZH += "，厂家自定义码：含义取决于品牌"
	}
	if !why.IsZero() {
		text.EN += " — " + why.EN
		text.ZH += " — " + why.ZH
	}
	return Evidence{Kind: evidenceCode, Text: text, At: s.FirstSeen, Ref: string(s.Code)}
}

func statusText(s vehicle.CodeStatus) lang.Text {
	switch s {
	case vehicle.CodePermanent:
		return lang.Text{EN: "permanent (cannot be cleared without a repair)", ZH: "永久（不修复无法清除）"}
	case vehicle.CodeConfirmed:
		return lang.Text{EN: "confirmed", ZH: "已确认"}
	default:
		return lang.Text{EN: "pending", ZH: "待定"}
	}
}

// frozen says what the car froze with a code, as far as we can name it.
func frozen(s CodeState) lang.Text {
	var en, zh []string
	for _, l := range labels() {
		for _, r := range s.FreezeFrame {
			if v, ok := r.Value.Float(); ok && r.Signal == l.signal {
				en = append(en, fmt.Sprintf("%s %.*f %s", l.name.EN, l.digits, v, l.unit))
				zh = append(zh, fmt.Sprintf("%s %.*f %s", l.name.ZH, l.digits, v, l.unit))
			}
		}
	}
	if len(en) == 0 {
		return lang.Text{}
	}
	return lang.Text{
		EN: fmt.Sprintf("Frozen with %s: %s", s.Code, strings.Join(en, ", ")),
		ZH: fmt.Sprintf("%s 冻结帧：%s", s.Code, strings.Join(zh, "，")),
	}
}

// label is how a signal is shown in evidence.
type label struct {
	signal vehicle.Signal
	name   lang.Text
	unit   string
	digits int
}

func labels() []label {
	return []label{
		{vehicle.Speed, lang.Text{EN: "speed", ZH: "车速"}, "km/h", 0},
		{vehicle.EngineSpeed, lang.Text{EN: "engine speed", ZH: "转速"}, "rpm", 0},
		{engineLoad, lang.Text{EN: "load", ZH: "负荷"}, "%", 0},
		{vehicle.CoolantTemperature, lang.Text{EN: "coolant", ZH: "冷却液温度"}, "°C", 0},
		{vehicle.LongTermTrim1, lang.Text{EN: "long-term trim bank 1", ZH: "第1缸组长期修正"}, "%", 1},
		{vehicle.LongTermTrim2, lang.Text{EN: "long-term trim bank 2", ZH: "第2缸组长期修正"}, "%", 1},
		{vehicle.LowVoltage, lang.Text{EN: "12 V supply", ZH: "12 V 电压"}, "V", 1},
		{vehicle.FuelLevel, lang.Text{EN: "fuel level", ZH: "燃油液位"}, "%", 0},
		{vehicle.TractionSoC, lang.Text{EN: "state of charge", ZH: "荷电状态"}, "%", 0},
		{vehicle.TractionTemperature, lang.Text{EN: "traction battery", ZH: "动力电池温度"}, "°C", 0},
	}
}

// signalEvidence lists the facts that the family asks about and that hold, each
// once.
func (c *car) signalEvidence(g *group) []Evidence {
	asked := make(map[string]bool)
	for _, k := range g.family.Causes {
		for _, a := range k.Adjust {
			asked[a.If] = true
		}
	}
	for _, w := range g.family.Worse {
		asked[w.If] = true
	}
	var out []Evidence
	for name := range asked {
		cond, ok := conditions()[name]
		if !ok || cond.signal == "" {
			continue
		}
		if fact, ok := c.holds(name, g); ok {
			at := c.in.Signals[cond.signal].At
			if at.IsZero() { // frozen with a code, or a trend
				at = g.since
			}
			out = append(out, Evidence{Kind: evidenceSignal, Text: fact, At: at, Ref: string(cond.signal)})
		}
	}
	for _, d := range c.dips() {
		if g.family.Key == familyVoltage || g.family.Key == familyDCDC {
			out = append(out, Evidence{Kind: evidenceSignal, At: d.At, Ref: string(vehicle.LowVoltage), Text: lang.Text{
				EN: fmt.Sprintf("12 V supply dipped to %.1f V", d.Value),
				ZH: fmt.Sprintf("12 V 电压骤降至 %.1f V", d.Value),
			}})
		}
	}
	return out
}
