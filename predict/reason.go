package predict

import (
	"math"
	"strconv"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// reason says in one to three sentences what a forecast rests on and what
// decides it, with the numbers.
func (t *timeline) reason(p *wearPath, f *Forecast, due law, early vagueness) lang.Text {
	r := t.slab.words()
	switch {
	case p.measured():
		t.sayReadings(r, p, f)
	case early != vagueUnknown:
		t.sayOpening(r, p)
		t.sayUnrecorded(r, p)
	}
	if early != vagueUnknown {
		p.sayTopUp(r)
	}
	if early != vagueUnknown && !p.planned() {
		sayClock(r, p)
	}
	switch {
	case early != vagueNot:
		t.sayVague(r, due, early)
	case !f.OverdueSince.IsZero():
		t.sayOverdue(r, f)
	default:
		sayDue(r, f)
		t.sayDoubt(r, p, f)
	}
	if f.State == Stale {
		t.saySilent(r)
	}
	return r.text()
}

// saySilent: since when nothing came, and what the forecast goes by instead.
func (t *timeline) saySilent(r *sentences) {
	n, sent := len(t.told), t.sent()
	switch {
	case n > 0 && sent.IsZero():
		r.say("The vehicle has never reported; the forecast goes by the odometer that was read on {0}.",
			"该车尚未上报过数据，预测按{0}读取的里程表读数推算。", date(t.told[n-1].Time))
	case n > 0:
		r.say("No data since {0}; the forecast goes by the odometer that was read on {1}.",
			"自{0}起没有数据，预测按{1}读取的里程表读数推算。", date(sent), date(t.told[n-1].Time))
	case t.heard.IsZero():
		r.say("The vehicle has never reported.", "该车尚未上报过数据。")
	default:
		r.say("No data since {0}; the forecast runs on usual use.", "自{0}起没有数据，预测按平时用车推算。", date(t.heard))
	}
}

// sent is when the vehicle itself last told anything; zero when it never has.
func (t *timeline) sent() time.Time {
	at := t.daysEnd()
	for _, readings := range t.readings {
		for i := range readings {
			if readings[i].Sensed() {
				at = later(at, readings[i].Time)
			}
		}
	}
	return at
}

// sayReadings: what was read, what it says, and how far the fleet helped.
func (t *timeline) sayReadings(r *sentences, p *wearPath, f *Forecast) {
	r.say("{0} ({1}) {2}: wear {3}, {4} per 1,000 km.", "{2}读数 {0} 次（{1}）：磨损 {3}，每 1000 公里 {4}。",
		count(f.Readings, "reading"), name(p.source, sourceZH(p.source)), p.since(r), percent(f.Wear.P50), percentFine(f.RatePer1000Km))
	if _, v := p.model.Rate(&p.state); math.Sqrt(v) > 0.8*math.Sqrt(p.prior.variance) {
		r.say("The rate is still mostly that of {0}.", "速率目前主要取自{0}。", p.prior.parts(r))
	}
	t.sayOff(r, p)
	t.sayDisbelief(r, p)
	if n := p.outliers; n > 0 {
		r.say("{0} far off the path counted for little.", "{0} 次偏离过大的读数权重很低。", count(n, "reading"))
	}
	if d, ok := t.denied[p.spec.Component]; ok {
		r.say("{0} that looked new counted for nothing: on {1} somebody said that nothing had been done.", "{0} 次看似全新的读数未予采用：{1}有人确认未做任何处理。",
			count(d.count, "reading"), date(d.kept))
	}
	if f.Question != nil {
		f.Question.say(r)
	}
}

// sayOff: what the sensor's readings were corrected by.
func (t *timeline) sayOff(r *sentences, p *wearPath) {
	if made := t.made[p.spec.Component]; made.name != "" && math.Abs(made.gain-1) >= worthSaying {
		r.say("Sensors show {0} {1} worn than others; that is taken out.", "传感器对 {0} 的磨损示值比其他产品{1}，已扣除。",
			name(made.name, made.name), moreOrLess(r, made.gain-1))
	}
	if off := t.off[p.spec.Component]; math.Abs(off) >= worthSaying {
		r.say("Beside what workshops measured, its sensor shows {0} wear; that is taken out.", "与维修厂实测相比，传感器示值{0}，已扣除。",
			moreOrLess(r, off))
	}
}

// moreOrLess is a difference in words: "6 % more".
func moreOrLess(r *sentences, by float64) value {
	if by < 0 {
		return r.phrase("{0} less", "低 {0}", percent(-by))
	}
	return r.phrase("{0} more", "高 {0}", percent(by))
}

// worthSaying is how much of the wear a correction makes before it is told.
const worthSaying = 0.01

// say: what the readings leave open.
func (q *Question) say(r *sentences) {
	what := phrase("a renewal", "更换")
	if q.TopUp {
		what = phrase("a top-up", "补加")
	}
	r.say("The reading of {0} looks like {1} that nobody recorded: if there was one, record it.",
		"{0}的读数像是做过一次未登记的{1}：如确有{1}，请补录。", date(q.By), what)
}

// sayOpening: a part that nobody measures, from what is known of its age.
func (t *timeline) sayOpening(r *sentences, p *wearPath) {
	if p.planned() {
		r.say("{0}: the plan says every {1}.", "{0}：计划每{1}更换。", p.since(r), p.spec.plan(r))
		return
	}
	law := p.law()
	r.say("{0}: no measurement; what is known is the life of {1} ({2}), for a part with {3} km behind it.",
		"{0}：没有测量值；依据{1}的寿命（{2}），该件已行驶 {3} 公里。",
		p.since(r), p.whose(r), name(law.EN, law.ZH), whole(t.usage.OdometerKm-p.km))
	switch n := p.lives.ended; {
	case !p.byLife() || n == 0:
	case n == 1:
		r.say("How long the part before it lasted in this vehicle counts.", "同时计入该车上一件的寿命。")
	default:
		r.say("How long {0} before it lasted in this vehicle counts.", "同时计入该车此前 {0} 件的寿命。", count(n, "part"))
	}
}

// sayUnrecorded asks for a record of a renewal where the part is too old not to have had one.
func (t *timeline) sayUnrecorded(r *sentences, p *wearPath) {
	if p.byLife() && p.lifeLaw(t).another() > 0.5 {
		r.say("So old are few such parts: it has probably been renewed without a record. If it was, record it.",
			"此类零件很少用到这么久，很可能已更换而未登记：如已更换，请补录。")
	}
}

// law names the law that a life without readings is taken from, for those who ask for it twice.
func (p *wearPath) law() lang.Text {
	if p.named.EN == "" {
		p.named = p.lawInWords()
	}
	return p.named
}

func (p *wearPath) lawInWords() lang.Text {
	if !p.byLife() {
		return lang.Text{EN: "lognormal, at the pace of this vehicle", ZH: "对数正态分布，按该车的磨损速度"}
	}
	law := p.lives.law
	if law.Share == 0 {
		return lang.Text{EN: "lognormal", ZH: "对数正态分布"}
	}
	var room [96]byte
	en := strconv.AppendFloat(append(room[:0], "Weibull, shape "...), law.Weibull.Shape, 'g', 2, 64)
	both, n := string(append(append(en, "威布尔分布，形状参数 "...), en[len("Weibull, shape "):]...)), len(en)
	if law.Share == 1 {
		return lang.Text{EN: both[:n], ZH: both[n:]}
	}
	shape := both[len("Weibull, shape "):n]
	share := strconv.FormatFloat(100*law.Share, 'f', 0, 64) + " %"
	return lang.Text{
		EN: "Weibull, shape " + shape + ", for " + share + ", else lognormal",
		ZH: "威布尔分布（形状参数 " + shape + "）占 " + share + "，其余为对数正态分布",
	}
}

// whose are the parts that the law was learned from.
func (p *wearPath) whose(r *sentences) value {
	switch {
	case !p.byLife():
		return p.prior.parts(r)
	case p.lives.law.Failures == 0:
		return (&lifePrior{}).parts(r)
	}
	return r.phrase("{0} of this fleet and of those still on", "本车队 {0} 个已失效及在用的同类零件", count(p.lives.law.Failures, "failed part"))
}

// sayClock: what the wear is counted by beside age, and how far the vehicle tells it.
func sayClock(r *sentences, p *wearPath) {
	work := p.clock.work
	if work == nil {
		return
	}
	r.say("It is counted by {0}", "按{0}计算", name(work.by.EN, work.by.ZH))
	if work.told < allTold {
		r.goOn(", which {0} of the way tells, and by km", "（{0} 的里程有数据，其余按公里）", percent(work.told))
	}
	switch {
	case p.clock.age == nil:
	case p.spec.Clock == ByThroughput:
		r.goOn(", and by age in its own heat", "，并计入电池自身温度下的老化")
	default:
		r.goOn(", and by age in warmth", "，并计入气温下的老化")
	}
	r.goOn(".", "。")
}

// allTold is the share of the way from which on the rest is not worth a word.
const allTold = 0.98

func sayDue(r *sentences, f *Forecast) {
	use, km, on, from, to := whole(f.KmPerDay), whole(f.DueKm.P50), date(f.Due.P50), date(f.Due.P10), date(f.Due.P90)
	switch f.Basis {
	case ByDistance:
		r.say("The distance decides: at {0} km a day, {1} km is reached around {2} ({3} to {4} in 8 of 10 cases).",
			"里程先到：按每天 {0} 公里，约{2}达到 {1} 公里（八成可能在{3}至{4}之间）。", use, km, on, from, to)
	case ByDate:
		r.say("The date decides: due on {0}, at about {1} km.", "日期先到：{0}到期，届时约 {1} 公里。", on, km)
	default:
		r.say("At {0} km a day the limit is reached around {2} ({3} to {4} in 8 of 10 cases), at about {1} km.",
			"按每天 {0} 公里，约{2}达到极限（八成可能在{3}至{4}之间），届时约 {1} 公里。", use, km, on, from, to)
	}
}

// worthDoubting is the log-variance from which on a suspected change of use is told: P10 or P90 lies off
// by a third.
const worthDoubting = 0.1

// sayDoubt: why dates that follow from use are less sure than they were.
func (t *timeline) sayDoubt(r *sentences, p *wearPath, f *Forecast) {
	doubt := t.usage.state.doubt
	byUse := f.Basis == ByDistance || f.Basis == ByWear && p.spec.CalendarShare < 0.5
	switch {
	case !byUse || math.Abs(doubt) < worthDoubting:
	case doubt < 0:
		r.say("It has been driven less than usual of late; until that ends or lasts, the dates are less sure.", "近期用车少于平时；在确认是否持续之前，日期的把握较小。")
	default:
		r.say("It has been driven more than usual of late; until that ends or lasts, the dates are less sure.", "近期用车多于平时；在确认是否持续之前，日期的把握较小。")
	}
}

func (t *timeline) sayOverdue(r *sentences, f *Forecast) {
	on := date(f.OverdueSince)
	var what value
	switch f.Basis {
	case ByWear:
		what = phrase("The limit", "磨损极限")
	case ByDistance:
		what = phrase("The plan's distance", "计划里程")
	case ByDate:
		what = phrase("The plan's date", "计划日期")
	}
	if !f.OverdueSince.Before(t.until) { // nothing says how far it has gone since
		r.say("{0} was passed around {1}.", "已超过{0}：约自{1}起。", what, on)
		return
	}
	by := whole(max(t.usage.OdometerKm-t.odometer(f.OverdueSince), 0))
	r.say("{0} was passed around {1}, {2} km ago.", "已超过{0}：约自{1}起，已多行驶 {2} 公里。", what, on, by)
}

func (t *timeline) sayVague(r *sentences, due law, early vagueness) {
	switch early {
	case vagueUnknown:
		r.say("Too early to tell: there is no record of the last renewal and no measurement. One record or one measurement is enough to begin.",
			"暂无法判断：没有上次更换的记录，也没有测量值。有一条记录或一次测量即可开始。")
	case vaguePace:
		r.say("Too early to tell: the readings do not yet show how fast it wears.", "暂无法判断：读数还不足以看出磨损速度。")
	default:
		from, to := month(t.date(due.days.P10)), month(t.date(due.days.P90))
		if due.days.P90 > beyondYears*daysPerYear {
			r.say("Too early to tell: not before {0}, perhaps never.", "暂无法判断：不早于{0}，也可能一直不到期。", from)
			return
		}
		r.say("Too early to tell: anywhere from {0} to {1}.", "暂无法判断：可能在{0}至{1}之间。", from, to)
	}
}

// since names the opening of the path.
func (p *wearPath) since(r *sentences) value {
	switch p.from {
	case openRecorded:
		return r.phrase("since the renewal on {0} at {1} km", "自{0} {1} 公里更换以来", date(p.at), whole(p.km))
	case openSeen:
		return r.phrase("since a renewal without a record around {0}", "自{0}前后一次无记录的更换以来", date(p.at))
	case openDelivered:
		return r.phrase("since delivery on {0}", "自{0}交车以来", date(p.at))
	default:
		return phrase("with no record of the last renewal", "没有上次更换的记录，")
	}
}

// plan is the plan interval in words.
func (s *Spec) plan(r *sentences) value {
	km, months := whole(s.PlanKm), whole(float64(s.PlanMonths))
	switch {
	case s.PlanKm == 0:
		return r.phrase("{0} months", " {0} 个月", months)
	case s.PlanMonths == 0:
		return r.phrase("{0} km", " {0} 公里", km)
	}
	return r.phrase("{0} km or {1} months", " {0} 公里或 {1} 个月", km, months)
}

// parts are those that the prior was learned from.
func (p *lifePrior) parts(r *sentences) value {
	if p.units == 0 {
		return phrase("parts of this kind in general", "同类零件的一般经验")
	}
	return r.phrase("{0} of this fleet", "本车队 {0} 个同类零件", count(p.units, "part"))
}

func sourceZH(source string) string {
	switch source {
	case FromPadSensor:
		return "制动片磨损传感器"
	case FromPadContact:
		return "制动片磨损报警触点"
	case FromSensor:
		return "车辆传感器"
	case FromOilSensor:
		return "机油品质传感器"
	case FromTyreSensor:
		return "轮胎传感器"
	case FromWorkshop:
		return "车间测量"
	case FromCranking:
		return "起动电压"
	case FromRest:
		return "静置电压"
	case FromBattery:
		return "电池管理系统"
	}
	return source
}
