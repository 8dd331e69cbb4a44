package diagnosis

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// trimLimit is the long-term fuel trim, percent, from which it means something:
// cars in order stay within about 8.
const trimLimit = 10

// trims are the long-term fuel trims that belong to a group.
type trims struct {
	one, two       float64
	hasOne, hasTwo bool
	idle           bool
}

// trims takes what was frozen with the codes, else the newest values, else the
// means of the last weeks.
func (c *car) trims(g *group) trims {
	var t trims
	if r, _, ok := frame(g, vehicle.LongTermTrim1); ok {
		t.one, t.hasOne = r.Value, true
		if r, _, ok := frame(g, vehicle.LongTermTrim2); ok {
			t.two, t.hasTwo = r.Value, true
		}
		t.idle = idleFrame(g)
		return t
	}
	if r, ok := c.live(vehicle.LongTermTrim1); ok {
		t.one, t.hasOne = r.Value, true
		rpm, ok := c.live(vehicle.EngineSpeed)
		t.idle = ok && rpm.Value > 400 && rpm.Value < 1000 && rpm.At.Sub(r.At).Abs().Seconds() <= 60
	} else if r, ok := c.in.Trends[vehicle.LongTermTrim1]; ok {
		t.one, t.hasOne = r.Now, true
	}
	if r, ok := c.live(vehicle.LongTermTrim2); ok {
		t.two, t.hasTwo = r.Value, true
	} else if r, ok := c.in.Trends[vehicle.LongTermTrim2]; ok {
		t.two, t.hasTwo = r.Now, true
	}
	return t
}

// text prints the trims: "+21 % and +19 %".
func (t trims) text() (en, zh string) {
	en = "fuel trim " + lang.Signed(t.one) + " %"
	zh = "燃油修正 " + lang.Signed(t.one) + " %"
	if t.hasTwo {
		en += " and " + lang.Signed(t.two) + " %"
		zh += " 和 " + lang.Signed(t.two) + " %"
	}
	if t.idle {
		en += " at idle"
		zh += "（怠速）"
	}
	return en, zh
}

// trimsHigh: every bank with a trim adds much fuel.
func trimsHigh(c *car, g *group) (lang.Text, bool) {
	t := c.trims(g)
	en, zh := t.text()
	return lang.Text{EN: en, ZH: zh}, t.hasOne && t.one >= trimLimit && (!t.hasTwo || t.two >= trimLimit)
}

// trimsLow: every bank with a trim takes much fuel away.
func trimsLow(c *car, g *group) (lang.Text, bool) {
	t := c.trims(g)
	en, zh := t.text()
	return lang.Text{EN: en, ZH: zh}, t.hasOne && t.one <= -trimLimit && (!t.hasTwo || t.two <= -trimLimit)
}

// trimOneBank: one bank is off by much, the other is not.
func trimOneBank(c *car, g *group) (lang.Text, bool) {
	t := c.trims(g)
	en, zh := t.text()
	off := func(v float64) bool { return v >= trimLimit || v <= -trimLimit }
	return lang.Text{EN: en, ZH: zh}, t.hasOne && t.hasTwo && off(t.one) != off(t.two)
}

// trimsRising: the daily mean has climbed for weeks.
func trimsRising(c *car, _ *group) (lang.Text, bool) {
	const climb = 5 // percent points in four weeks
	t, ok := c.in.Trends[vehicle.LongTermTrim1]
	before, now := lang.Signed(t.Before), lang.Signed(t.Now)
	return lang.Text{
		EN: fmt.Sprintf("fuel trim rose from %s %% to %s %% in four weeks", before, now),
		ZH: fmt.Sprintf("四周内燃油修正由 %s %% 升至 %s %%", before, now),
	}, ok && t.Now-t.Before >= climb
}

func idleFrame(g *group) bool {
	rpm, _, ok := frame(g, vehicle.EngineSpeed)
	return ok && rpm.Value > 400 && rpm.Value < 1000
}

func frozenIdle(_ *car, g *group) (lang.Text, bool) {
	rpm, _, _ := frame(g, vehicle.EngineSpeed)
	return lang.Text{
		EN: fmt.Sprintf("set at idle (%.0f rpm)", rpm.Value),
		ZH: fmt.Sprintf("在怠速时产生（%.0f rpm）", rpm.Value),
	}, idleFrame(g)
}

func frozenLoad(_ *car, g *group) (lang.Text, bool) {
	const high = 60 // percent
	load, _, ok := frame(g, engineLoad)
	return lang.Text{
		EN: fmt.Sprintf("set at %.0f %% load", load.Value),
		ZH: fmt.Sprintf("在 %.0f %% 负荷时产生", load.Value),
	}, ok && load.Value >= high
}

func frozenCold(_ *car, g *group) (lang.Text, bool) {
	const cold = 40 // °C
	t, _, ok := frame(g, vehicle.CoolantTemperature)
	return lang.Text{
		EN: fmt.Sprintf("set with the engine cold (%.0f °C)", t.Value),
		ZH: fmt.Sprintf("冷机时产生（%.0f °C）", t.Value),
	}, ok && t.Value < cold
}
