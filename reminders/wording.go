package reminders

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// wording writes one message about these reminders, most urgent first, in the
// owner's language: what, what it means, what to do and by when.
func (in Input) wording(items []Reminder) (subject, body string) {
	locale := in.Vehicle.Owner.Locale
	first := items[0]
	head := in.headline(first)
	if n := len(items) - 1; n > 0 {
		head.EN += fmt.Sprintf(" (and %d more)", n)
		head.ZH += fmt.Sprintf("（另有 %d 项）", n)
	}
	name := in.vehicleName()
	subject = lang.Text{EN: name.EN + ": " + head.EN, ZH: name.ZH + "：" + head.ZH}.In(locale)

	var paragraphs []string
	for _, r := range items {
		text := join(in.what(r), join(r.Reason, in.consequence(r)))
		paragraphs = append(paragraphs, text.In(locale))
	}
	paragraphs = append(paragraphs, in.whatToDo(items).In(locale))
	return subject, strings.Join(paragraphs, "\n\n")
}

// headline is the subject of a message after the vehicle's name.
func (in Input) headline(r Reminder) lang.Text {
	switch {
	case r.Severity == SeverityStop:
		return lang.Text{EN: "stop as soon as it is safe: " + r.Title.EN, ZH: "请尽快安全停车：" + r.Title.ZH}
	case r.Severity == SeveritySoon:
		return lang.Text{EN: "to be checked within days: " + r.Title.EN, ZH: "请在几天内检查：" + r.Title.ZH}
	case r.State == Overdue:
		return lang.Text{EN: r.Title.EN + " overdue", ZH: r.Title.ZH + "已逾期"}
	case r.State == Due:
		return lang.Text{EN: r.Title.EN + " due now", ZH: r.Title.ZH + "已到期"}
	}
	en, zh := in.date(r.DueAt)
	return lang.Text{EN: r.Title.EN + " due around " + en, ZH: r.Title.ZH + "预计" + zh + "到期"}
}

// what says in one sentence what is due and when.
func (in Input) what(r Reminder) lang.Text {
	if r.Basis == ByFinding {
		return lang.Text{EN: r.Title.EN + ".", ZH: r.Title.ZH + "。"}
	}
	en, zh := in.date(r.DueAt)
	if !r.DueAt.After(in.Now) {
		return lang.Text{
			EN: fmt.Sprintf("%s: due since %s.", r.Title.EN, en),
			ZH: fmt.Sprintf("%s：自%s起到期。", r.Title.ZH, zh),
		}
	}
	t := lang.Text{EN: fmt.Sprintf("%s: due around %s", r.Title.EN, en), ZH: fmt.Sprintf("%s：预计%s到期", r.Title.ZH, zh)}
	if r.DueKm > 0 {
		t.EN += fmt.Sprintf(", at about %s km", thousands(r.DueKm))
		t.ZH += fmt.Sprintf("，约 %s 公里时", thousands(r.DueKm))
	}
	if !r.DueEarliest.IsZero() && r.DueLatest.Sub(r.DueEarliest) >= day {
		fromEN, fromZH := in.date(r.DueEarliest)
		toEN, toZH := in.date(r.DueLatest)
		t.EN += fmt.Sprintf("; in 8 of 10 cases between %s and %s", fromEN, toEN)
		t.ZH += fmt.Sprintf("；八成可能在%s至%s之间", fromZH, toZH)
	}
	return lang.Text{EN: t.EN + ".", ZH: t.ZH + "。"}
}

// consequence says what happens when nothing is done. A finding says so itself.
func (in Input) consequence(r Reminder) lang.Text {
	spec, ok := in.Table.Of(predict.Component(r.Item))
	if !ok || r.Basis == ByFinding {
		return lang.Text{}
	}
	switch spec.Safety {
	case predict.SafetyCritical:
		return lang.Text{EN: "Past its limit, the car takes longer to stop or loses grip.", ZH: "超过极限后，制动距离变长或抓地力下降。"}
	case predict.SafetyDamage:
		return lang.Text{EN: "Left too long, it can damage dearer parts.", ZH: "拖得太久会损坏更贵的部件。"}
	case predict.SafetyStrand:
		return lang.Text{EN: "When it fails, the car may not start.", ZH: "失效后车辆可能无法启动。"}
	default:
		return lang.Text{EN: "Nothing breaks when it is late, but the car works less well.", ZH: "推迟不会损坏车辆，但会影响使用。"}
	}
}

// whatToDo closes the message, by its most urgent item.
func (in Input) whatToDo(items []Reminder) lang.Text {
	switch first := items[0]; {
	case first.Severity == SeverityStop:
		return lang.Text{
			EN: "Please stop as soon as it is safe, do not drive on, and call your workshop or roadside assistance.",
			ZH: "请尽快在安全处停车，不要继续行驶，并致电维修店或道路救援。",
		}
	case first.Severity == SeveritySoon:
		return lang.Text{
			EN: "Please have it looked at within the next few days. You can book a visit with your workshop, or put this reminder off.",
			ZH: "请在几天内到店检查。您可以预约到店，或推迟本提醒。",
		}
	case first.State == Due || first.State == Overdue:
		return lang.Text{
			EN: "Please book a visit this week. If it was done elsewhere, tell us and we will not ask again.",
			ZH: "请在本周预约到店。如已在别处完成，请告知，我们不再提醒。",
		}
	}
	en, zh := in.date(items[0].DueAt)
	return lang.Text{
		EN: fmt.Sprintf("Please book a visit before %s. If it was done elsewhere, tell us and we will not ask again.", en),
		ZH: fmt.Sprintf("请在%s前预约到店。如已在别处完成，请告知，我们不再提醒。", zh),
	}
}

// limitsText names what the plan allows.
func (in Input) limitsText(km float64, at time.Time) lang.Text {
	en, zh := in.date(at)
	switch {
	case km > 0 && !at.IsZero():
		return lang.Text{
			EN: fmt.Sprintf("The plan says at %s km or on %s, whichever comes first.", thousands(km), en),
			ZH: fmt.Sprintf("保养计划：%s 公里或%s，以先到者为准。", thousands(km), zh),
		}
	case km > 0:
		return lang.Text{EN: fmt.Sprintf("The plan says at %s km.", thousands(km)), ZH: fmt.Sprintf("保养计划：%s 公里。", thousands(km))}
	case !at.IsZero():
		return lang.Text{EN: "The plan says on " + en + ".", ZH: "保养计划：" + zh + "。"}
	}
	return lang.Text{}
}

// projection says how the date of a plan item was reckoned.
func (in Input) projection(c candidate, p PlanItem) lang.Text {
	en, zh := in.date(c.due)
	switch {
	case c.Basis == ByDistance && in.OdometerKm < p.LimitKm:
		return lang.Text{
			EN: fmt.Sprintf("It stands at %s km; at %s km a day it gets there around %s.", thousands(in.OdometerKm), thousands(in.KmPerDay), en),
			ZH: fmt.Sprintf("目前 %s 公里，按每天 %s 公里，预计%s达到。", thousands(in.OdometerKm), thousands(in.KmPerDay), zh),
		}
	case c.Basis == ByDistance:
		return lang.Text{
			EN: fmt.Sprintf("It stands at %s km.", thousands(in.OdometerKm)), ZH: fmt.Sprintf("目前 %s 公里。", thousands(in.OdometerKm)),
		}
	case p.LimitKm > 0 && !(in.KmPerDay > 0 && in.OdometerKm > 0):
		return lang.Text{
			EN: "How far it is driven is not known, so only the date counts.", ZH: "行驶里程未知，仅按日期计算。",
		}
	}
	return lang.Text{}
}

// vehicleName is what the owner calls it.
func (in Input) vehicleName() lang.Text {
	v := in.Vehicle
	name := v.Name
	if name == "" {
		name = strings.TrimSpace(v.Brand + " " + v.Model)
	}
	if name == "" {
		name = v.Plate
	}
	if name == "" {
		return lang.Text{EN: "Your car", ZH: "您的车"}
	}
	return lang.Text{EN: name, ZH: name}
}

// date writes a day of the owner's calendar.
func (in Input) date(t time.Time) (en, zh string) {
	t = t.In(in.loc)
	return t.Format("2 January 2006"), t.Format("2006年1月2日")
}

// thousands writes a number without decimals, in groups of three.
func thousands(v float64) string {
	s := strconv.FormatFloat(math.Round(math.Max(v, 0)), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
