package diagnosis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// comebackShare is the share of "recent work" among the causes when the last
// visit touched what now fails (R7, R8): first, but not certain.
const comebackShare = 0.5

const causeComeback = "comeback"

// weighed is a cause with its share on this car.
type weighed struct {
	KnownCause
	share  float64
	facts  []lang.Text // facts on this car that moved it up or down
	moved  float64     // product of the factors
	reason lang.Text
}

type weighedCauses []weighed

// rankCauses weighs the causes of a group by what this car shows, and chooses
// the first check: the one of the first cause where evidence put it there, else
// the one that splits the two likeliest.
func (c *car) rankCauses(g *group) (weighedCauses, lang.Text) {
	var causes weighedCauses
	for _, k := range g.family.Causes {
		if !k.Powertrains.covers(c.in.Powertrain) {
			continue
		}
		w := weighed{KnownCause: k, share: k.Share, moved: 1}
		for _, a := range k.Adjust {
			fact, ok := c.holds(a.If, g)
			if !ok {
				continue
			}
			w.moved *= a.Times
			w.facts = append(w.facts, because(fact, a.So))
		}
		w.share *= w.moved
		w.reason = w.explain()
		causes = append(causes, w)
	}
	causes.normalise(1)
	check := g.family.Check
	if first, ok := c.comeback(g); ok {
		causes.normalise(1 - comebackShare)
		causes = append(weighedCauses{first}, causes...)
	}
	slices.SortStableFunc(causes, func(a, b weighed) int { return cmp.Compare(b.share, a.share) })
	if len(causes) > 0 && causes[0].moved > 1 && !causes[0].Check.IsZero() {
		check = causes[0].Check
	}
	return causes, check
}

// because joins a fact and what follows from it.
func because(fact, so lang.Text) lang.Text {
	if so.IsZero() {
		return fact
	}
	return lang.Text{EN: fact.EN + ": " + so.EN, ZH: fact.ZH + "：" + so.ZH}
}

func (w *weighed) explain() lang.Text {
	var en, zh []string
	for _, f := range w.facts {
		en, zh = append(en, f.EN), append(zh, f.ZH)
	}
	usual := math.Round(w.Share * 100)
	switch {
	case len(w.facts) == 0:
		return lang.Text{
			EN: fmt.Sprintf("Nothing on this car speaks for or against it; usual share %.0f %%.", usual),
			ZH: fmt.Sprintf("本车数据既不支持也不排除；通常占 %.0f %%。", usual),
		}
	case w.moved < 1:
		return lang.Text{
			EN: "Less likely here: " + strings.Join(en, "; ") + ".",
			ZH: "在本车可能性较低：" + strings.Join(zh, "；") + "。",
		}
	default:
		return lang.Text{
			EN: "More likely here: " + strings.Join(en, "; ") + ".",
			ZH: "在本车可能性较高：" + strings.Join(zh, "；") + "。",
		}
	}
}

// normalise makes the shares sum to total.
func (causes weighedCauses) normalise(total float64) {
	sum := 0.0
	for _, w := range causes {
		sum += w.share
	}
	for i := range causes {
		if sum > 0 {
			causes[i].share *= total / sum
		}
	}
}

func (causes weighedCauses) texts() []Cause {
	out := make([]Cause, 0, len(causes))
	for _, w := range causes {
		out = append(out, Cause{Text: w.Text, Share: math.Round(w.share*1000) / 1000, Reason: w.reason})
	}
	return out
}

// place returns the rank of a cause; work and parts for no cause come first, for
// a cause that does not apply never.
func (causes weighedCauses) place(key string) int {
	if key == "" {
		return 0
	}
	return slices.IndexFunc(causes, func(w weighed) bool { return w.Key == key })
}

// comeback looks for work on a related component shortly before the first code.
func (c *car) comeback(g *group) (weighed, bool) {
	for _, r := range g.family.Related {
		s, ok := c.serviced(r.Component, c.occurrence(g), r.Days)
		if !ok {
			continue
		}
		name := c.componentName(r.Component)
		days := int(c.occurrence(g).Sub(s.Time).Hours() / 24)
		return weighed{
			KnownCause: KnownCause{
				Key: causeComeback,
				Text: lang.Text{
					EN: "Recent work: a connector, hose or fitting left loose, or a part not calibrated",
					ZH: "近期维修：插头、软管或安装未到位，或部件未标定",
				},
				Check: lang.Text{
					EN: "First look at what the last visit touched (" + name.EN + "): connectors, hoses, fit, calibration.",
					ZH: "先检查上次维修涉及的部位（" + name.ZH + "）：插头、软管、安装和标定。",
				},
			},
			share: comebackShare, moved: 2,
			reason: lang.Text{
				EN: fmt.Sprintf("%s was serviced on %s, %d days before the first code: check for a comeback first.", name.EN, day(s.Time), days),
				ZH: fmt.Sprintf("%s于 %s 维修，首个故障码在 %d 天后出现：先排查返修。", name.ZH, day(s.Time), days),
			},
		}, true
	}
	return weighed{}, false
}

func (c *car) componentName(part predict.Component) lang.Text {
	if s, ok := c.in.Table.Of(part); ok {
		return s.Name
	}
	return lang.Text{EN: string(part), ZH: string(part)}
}

// operations lists the work, that for the likelier cause first.
func (c *car) operations(f *Family, causes weighedCauses) []Operation {
	known := slices.DeleteFunc(slices.Clone(f.Operations), func(k KnownWork) bool {
		return causes.place(k.For) < 0 || !k.Powertrains.covers(c.in.Powertrain)
	})
	slices.SortStableFunc(known, func(a, b KnownWork) int {
		return cmp.Or(cmp.Compare(min(len(a.For), 1), min(len(b.For), 1)),
			cmp.Compare(causes.place(a.For), causes.place(b.For)))
	})
	var out []Operation
	for _, k := range known {
		out = append(out, Operation{Code: k.Code, Text: k.Text, HoursMin: k.Hours[0], HoursMax: k.Hours[1]})
	}
	return out
}

func (c *car) parts(f *Family, causes weighedCauses) []Part {
	known := slices.DeleteFunc(slices.Clone(f.Parts), func(k KnownPart) bool {
		return causes.place(k.For) < 0 || !k.Powertrains.covers(c.in.Powertrain)
	})
	slices.SortStableFunc(known, func(a, b KnownPart) int {
		return cmp.Compare(causes.place(a.For), causes.place(b.For))
	})
	var out []Part
	for _, k := range known {
		out = append(out, Part{Name: k.Name, Quantity: k.Quantity})
	}
	return out
}

// drivability asks the vehicle first: the ISO 14229 severity of its codes. Where
// it says nothing, the family's own call counts. Conditions on this car can only
// raise it.
func (c *car) drivability(g *group) (Drivability, lang.Text) {
	call, why := g.family.Call, g.family.Why
	if rated, text, ok := ratedBy(g.all()); ok && (!g.family.KeepCall || rated.worseThan(call)) {
		call, why = rated, text
	}
	families := []*Family{g.family}
	for _, a := range g.absorbed {
		families = append(families, c.family(a.Code))
	}
	for _, f := range families {
		for _, w := range f.Worse {
			if fact, ok := c.holds(w.If, g); ok && w.Call.worseThan(call) {
				call, why = w.Call, because(fact, w.Why)
			}
		}
	}
	return call, why
}

// ratedBy reads the worst severity that the vehicle gave its codes: ISO 14229-1
// DTC severity mask, 0x20 maintenance only, 0x40 check at next halt, 0x80 check
// immediately. SAE J1979 has no such rating, and its lamp bit does not tell a
// lit lamp from a flashing one.
func ratedBy(states []CodeState) (Drivability, lang.Text, bool) {
	var worst uint8
	for _, s := range states {
		if s.Severity != nil {
			worst = max(worst, *s.Severity&0xE0)
		}
	}
	switch {
	case worst&0x80 != 0:
		return Stop, lang.Text{
			EN: "the car itself rates the fault \"check immediately\" (ISO 14229 severity 0x80)",
			ZH: "车辆自身将该故障评为“立即检查”（ISO 14229 严重度 0x80）",
		}, true
	case worst&0x40 != 0:
		return Soon, lang.Text{
			EN: "the car itself rates the fault \"check at next halt\" (ISO 14229 severity 0x40)",
			ZH: "车辆自身将该故障评为“下次停车时检查”（ISO 14229 严重度 0x40）",
		}, true
	case worst&0x20 != 0:
		return Monitor, lang.Text{
			EN: "the car itself rates the fault \"maintenance only\" (ISO 14229 severity 0x20)",
			ZH: "车辆自身将该故障评为“仅需保养时处理”（ISO 14229 严重度 0x20）",
		}, true
	}
	return "", lang.Text{}, false
}

// confidence that the finding is real and in the right family: pending codes
// less than confirmed ones, a maker's code less than a standard one, more when
// several codes or facts on the car agree.
func (c *car) confidence(g *group, causes weighedCauses) float64 {
	base := 0.5
	for _, s := range g.all() {
		if s.Status != vehicle.CodePending {
			base = 0.75
		}
	}
	if len(g.all()) > 1 {
		base += 0.1
	}
	if slices.ContainsFunc(causes, func(w weighed) bool { return w.moved > 1 }) {
		base += 0.1
	}
	if !slices.ContainsFunc(g.all(), func(s CodeState) bool { return !makerCode(s.Code) }) {
		base -= 0.3
	}
	if g.family.System == unknownSystem {
		base = min(base, 0.3)
	}
	return math.Round(min(base, 0.95)*100) / 100
}
