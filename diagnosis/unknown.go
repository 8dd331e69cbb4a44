package diagnosis

import (
	"strings"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// unknownSystem marks families that are not in the knowledge base.
const unknownSystem = "unknown"

// unknownFamily stands for the codes of one letter that the knowledge base does
// not know, the maker's own apart from the standard's: one honest finding for
// each, that says how to go on.
func unknownFamily(code vehicle.Code) *Family {
	letter, area := "x", lang.Text{EN: "unknown system", ZH: "未知系统"}
	if _, ok := codeNumber(code); ok {
		letter = strings.ToLower(baseCode(code)[:1])
		area = map[string]lang.Text{
			"p": {EN: "powertrain", ZH: "动力系统"},
			"c": {EN: "chassis", ZH: "底盘"},
			"b": {EN: "body", ZH: "车身"},
			"u": {EN: "network", ZH: "车载网络"},
		}[letter]
	}
	switch code.Namespace() {
	case vehicle.NamespaceGBT:
		letter, area = "gbt", lang.Text{EN: "GB/T 32960", ZH: "国标平台（GB/T 32960）"}
	case vehicle.NamespaceJ1939:
		letter, area = "j1939", lang.Text{EN: "SAE J1939", ZH: "SAE J1939"}
	default: // by the letter
	}
	f := &Family{
		System: unknownSystem, Key: "unknown_" + letter, Call: Monitor,
		Name: lang.Text{EN: area.EN + " code without an entry", ZH: area.ZH + "故障码（未收录）"},
		Title: lang.Text{
			EN: "The car has stored a " + area.EN + " fault that has to be read in the workshop.",
			ZH: "车辆存储了一个" + area.ZH + "故障，需要到店读取。",
		},
		Detail: lang.Text{
			EN: "No entry in the knowledge base: read the maker's table for this model and year.",
			ZH: "知识库中没有该故障码：请查阅该车型年款的厂家故障码表。",
		},
		Why: lang.Text{
			EN: "no warning lamp is reported; soon if a lamp comes on or the car drives differently",
			ZH: "未报告警告灯；若警告灯亮起或行驶异常则应尽快检查",
		},
		Worse: []Worse{{If: "lamp_on", Call: Soon, Why: lang.Text{
			EN: "the car has switched its warning lamp on", ZH: "车辆已点亮警告灯",
		}}},
		Causes: []KnownCause{{Key: "unknown", Share: 1, Text: lang.Text{
			EN: "Not known without the maker's table", ZH: "没有厂家故障码表无法判断",
		}}},
		Check: lang.Text{
			EN: "Look the codes up in the maker's table, then read the freeze frame with the maker's tester.",
			ZH: "先在厂家故障码表中查询，再用厂家诊断仪读取冻结帧。",
		},
		Operations: []KnownWork{{Code: "DIA-10", Hours: [2]float64{0.5, 1}, Text: lang.Text{
			EN: "Read codes with the maker's tester", ZH: "用厂家诊断仪读取故障码",
		}}},
	}
	if makerCode(code) {
		f.Key += "_maker"
		f.Detail = lang.Text{
			EN: "Maker's own codes: they mean different things on different makes. Read the maker's table for this make, model and year.",
			ZH: "厂家自定义故障码：不同品牌含义不同。请按品牌、车型和年款查阅厂家故障码表。",
		}
	}
	return f
}
