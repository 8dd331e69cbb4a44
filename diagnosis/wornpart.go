package diagnosis

import (
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// worn is what is known of a component at its limit. Of a component that the
// knowledge base does not have, because somebody added it to the table, that follows
// from its name and from what happens when it is not renewed in time.
func (b *Base) worn(s *predict.Spec) wornPart {
	if w, ok := b.wear[s.Component]; ok {
		return w
	}
	w := wornPart{
		Component: s.Component, Call: Soon,
		Title:  lang.Text{EN: s.Name.EN + ": due for renewal.", ZH: s.Name.ZH + "：需要更换。"},
		Detail: lang.Text{EN: "At the end of its life or of its interval.", ZH: "已到使用寿命或更换周期。"},
		Check:  lang.Text{EN: "Look at it, and measure it where it can be measured, before the work.", ZH: "作业前先检查，能测量的先测量。"},
	}
	switch s.Safety {
	case predict.SafetyCritical:
		w.Why = lang.Text{EN: "it keeps people safe", ZH: "关系到行车安全"}
	case predict.SafetyDamage:
		w.Why = lang.Text{EN: "left too long, it damages dearer parts", ZH: "拖得太久会损坏更贵的部件"}
	case predict.SafetyStrand:
		w.Why = lang.Text{EN: "when it fails, the car may not go on", ZH: "失效后车辆可能无法行驶"}
	default:
		w.Call = Monitor
		w.Why = lang.Text{EN: "the car works less well", ZH: "影响使用"}
	}
	return w
}
