package predict

import (
	"fmt"
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
	}
	if f.State == Stale {
		if t.heard.IsZero() {
			r.add("The vehicle has never reported.", "该车尚未上报过数据。")
		} else {
			r.add("No data since "+dateEN(t.heard)+"; the forecast runs on usual use.",
				"自"+dateZH(t.heard)+"起没有数据，预测按平时用车推算。")
		}
	}
	return r.text()
}

// sayReadings: what was read, what it says, and how far the fleet helped.
func (t *timeline) sayReadings(r *sentences, p *wearPath, f *Forecast) {
	sinceEN, sinceZH := p.since()
	wear, rate := percent(f.Wear.P50), percent1(f.RatePer1000Km)
	r.addEN(plural(f.Readings, "reading"), " (", p.source, ") ", sinceEN, ": wear ", wear, ", ", rate, " per 1,000 km.")
	r.addZH(sinceZH, "读数 ", strconv.Itoa(f.Readings), " 次（", sourceZH(p.source), "）：磨损 ", wear, "，每 1000 公里 ", rate, "。")
	if _, v := p.model.Rate(&p.state); math.Sqrt(v) > 0.8*math.Sqrt(p.prior.variance) {
		r.add("The rate is still mostly that of "+p.prior.en()+".", "速率目前主要取自"+p.prior.zh()+"。")
	}
	t.sayOff(r, p)
	if n := p.outliers; n > 0 {
		r.add(plural(n, "reading")+" far off the path counted for little.", fmt.Sprintf("%d 次偏离过大的读数权重很低。", n))
	}
	if p.asks() {
		p.sayDoubt(r)
	}
}

// sayOff: what the sensor's readings were corrected by.
func (t *timeline) sayOff(r *sentences, p *wearPath) {
	if made := t.made[p.spec.Component]; made.name != "" && math.Abs(made.gain-1) >= worthSaying {
		more, moreZH := moreOrLess(made.gain - 1)
		r.add("Sensors show "+made.name+" "+more+" worn than others; that is taken out.", "传感器对 "+made.name+" 的磨损示值比其他产品"+moreZH+"，已扣除。")
	}
	if off := t.off[p.spec.Component]; math.Abs(off) >= worthSaying {
		more, moreZH := moreOrLess(off)
		r.add("Beside what workshops measured, its sensor shows "+more+" wear; that is taken out.", "与维修厂实测相比，传感器示值"+moreZH+"，已扣除。")
	}
}

// moreOrLess is a difference in words: "6 % more".
func moreOrLess(by float64) (en, zh string) {
	size := percent(math.Abs(by))
	if by < 0 {
		return size + " less", "低 " + size
	}
	return size + " more", "高 " + size
}

// worthSaying is how much of the wear a correction makes before it is told.
const worthSaying = 0.01

// sayDoubt: what the readings leave open.
func (p *wearPath) sayDoubt(r *sentences) {
	what, whatZH := "a renewal", "更换"
	if s, _ := p.doubt.likelier(); s == &p.doubt.topped {
		what, whatZH = "a top-up", "补加"
	}
	r.add("The reading of "+dateEN(p.doubt.at)+" looks like "+what+" that nobody recorded: if there was one, record it.",
		dateZH(p.doubt.at)+"的读数像是做过一次未登记的"+whatZH+"：如确有"+whatZH+"，请补录。")
}

// sayOpening: a part that nobody measures, from what is known of its age.
func (t *timeline) sayOpening(r *sentences, p *wearPath) {
	sinceEN, sinceZH := p.since()
	if p.planned() {
		planEN, planZH := p.spec.plan()
		r.addEN(sinceEN, ": the plan says every ", planEN, ".")
		r.addZH(sinceZH, "：计划每", planZH, "更换。")
		return
	}
	km, law, of := lang.Thousands(t.usage.OdometerKm-p.km), p.law(), p.whose()
	r.addEN(sinceEN, ": no measurement; what is known is the life of ", of.EN, " (", law.EN, "), for a part with ", km, " km behind it.")
	r.addZH(sinceZH, "：没有测量值；依据", of.ZH, "的寿命（", law.ZH, "），该件已行驶 ", km, " 公里。")
	switch n := p.lives.ended; {
	case !p.byLife() || n == 0:
	case n == 1:
		r.add("How long the part before it lasted in this vehicle counts.", "同时计入该车上一件的寿命。")
	default:
		r.add(fmt.Sprintf("How long %d parts before it lasted in this vehicle counts.", n), fmt.Sprintf("同时计入该车此前 %d 件的寿命。", n))
	}
}

// sayUnrecorded asks for a record of a renewal where the part is too old not to have had one.
func (t *timeline) sayUnrecorded(r *sentences, p *wearPath) {
	if p.byLife() && p.lifeLaw(t).another() > 0.5 {
		r.add("So old are few such parts: it has probably been renewed without a record. If it was, record it.",
			"此类零件很少用到这么久，很可能已更换而未登记：如已更换，请补录。")
	}
}

// law names the law that a life without readings is taken from.
func (p *wearPath) law() lang.Text {
	if !p.byLife() {
		return lang.Text{EN: "lognormal, at the pace of this vehicle", ZH: "对数正态分布，按该车的磨损速度"}
	}
	law := p.lives.law
	shape := strconv.FormatFloat(law.Weibull.Shape, 'g', 2, 64)
	switch law.Share {
	case 0:
		return lang.Text{EN: "lognormal", ZH: "对数正态分布"}
	case 1:
		return lang.Text{EN: "Weibull, shape " + shape, ZH: "威布尔分布，形状参数 " + shape}
	}
	return lang.Text{
		EN: "Weibull, shape " + shape + ", for " + percent(law.Share) + ", else lognormal",
		ZH: "威布尔分布（形状参数 " + shape + "）占 " + percent(law.Share) + "，其余为对数正态分布",
	}
}

// whose are the parts that the law was learned from.
func (p *wearPath) whose() lang.Text {
	switch {
	case !p.byLife():
		return lang.Text{EN: p.prior.en(), ZH: p.prior.zh()}
	case p.lives.law.Failures == 0:
		return lang.Text{EN: lifePrior{}.en(), ZH: lifePrior{}.zh()}
	}
	n := p.lives.law.Failures
	return lang.Text{EN: plural(n, "failed part") + " of this fleet and of those still on", ZH: fmt.Sprintf("本车队 %d 个已失效及在用的同类零件", n)}
}

// sayClock: what the wear is counted by beside age, and how far the vehicle tells it.
func sayClock(r *sentences, p *wearPath) {
	work := p.clock.work
	if work == nil {
		return
	}
	en, zh := "It is counted by "+work.by.EN, "按"+work.by.ZH+"计算"
	if work.told < allTold {
		en += ", which " + percent(work.told) + " of the way tells, and by km"
		zh += "（" + percent(work.told) + " 的里程有数据，其余按公里）"
	}
	switch {
	case p.clock.age == nil:
	case p.spec.Clock == ByThroughput:
		en, zh = en+", and by age in its own heat", zh+"，并计入电池自身温度下的老化"
	default:
		en, zh = en+", and by age in warmth", zh+"，并计入气温下的老化"
	}
	r.add(en+".", zh+"。")
}

// allTold is the share of the way from which on the rest is not worth a word.
const allTold = 0.98

func sayDue(r *sentences, f *Forecast) {
	use, km := lang.Thousands(f.KmPerDay), lang.Thousands(f.DueKm.P50)
	on, onZH := dateEN(f.Due.P50), dateZH(f.Due.P50)
	switch f.Basis {
	case ByDistance:
		r.addEN("The distance decides: at ", use, " km a day, ", km, " km is reached around ", on, " (", between(f), ").")
		r.addZH("里程先到：按每天 ", use, " 公里，约", onZH, "达到 ", km, " 公里（", betweenZH(f), "）。")
	case ByDate:
		r.addEN("The date decides: due on ", on, ", at about ", km, " km.")
		r.addZH("日期先到：", onZH, "到期，届时约 ", km, " 公里。")
	default:
		r.addEN("At ", use, " km a day the limit is reached around ", on, " (", between(f), "), at about ", km, " km.")
		r.addZH("按每天 ", use, " 公里，约", onZH, "达到极限（", betweenZH(f), "），届时约 ", km, " 公里。")
	}
}

func (t *timeline) sayOverdue(r *sentences, f *Forecast) {
	by := math.Max(t.usage.OdometerKm-t.odometer(f.OverdueSince), 0)
	var what, whatZH string
	switch f.Basis {
	case ByWear:
		what, whatZH = "The limit was passed", "已超过磨损极限"
	case ByDistance:
		what, whatZH = "The plan's distance was passed", "已超过计划里程"
	case ByDate:
		what, whatZH = "The plan's date was passed", "已超过计划日期"
	}
	r.add(fmt.Sprintf("%s around %s, %s km ago.", what, dateEN(f.OverdueSince), lang.Thousands(by)),
		fmt.Sprintf("%s：约自%s起，已多行驶 %s 公里。", whatZH, dateZH(f.OverdueSince), lang.Thousands(by)))
}

func (t *timeline) sayVague(r *sentences, due law, early vagueness) {
	switch early {
	case vagueUnknown:
		r.add("Too early to tell: there is no record of the last renewal and no measurement. One record or one measurement is enough to begin.",
			"暂无法判断：没有上次更换的记录，也没有测量值。有一条记录或一次测量即可开始。")
	case vaguePace:
		r.add("Too early to tell: the readings do not yet show how fast it wears.", "暂无法判断：读数还不足以看出磨损速度。")
	default:
		from, to := t.date(due.days.P10), t.date(due.days.P90)
		if due.days.P90 > beyondYears*daysPerYear {
			r.add(fmt.Sprintf("Too early to tell: not before %s, perhaps never.", monthEN(from)),
				fmt.Sprintf("暂无法判断：不早于%s，也可能一直不到期。", monthZH(from)))
			return
		}
		r.add(fmt.Sprintf("Too early to tell: anywhere from %s to %s.", monthEN(from), monthEN(to)),
			fmt.Sprintf("暂无法判断：可能在%s至%s之间。", monthZH(from), monthZH(to)))
	}
}

// since names the opening of the path.
func (p *wearPath) since() (en, zh string) {
	switch p.from {
	case openRecorded:
		km := lang.Thousands(p.km)
		return "since the renewal on " + dateEN(p.at) + " at " + km + " km", "自" + dateZH(p.at) + " " + km + " 公里更换以来"
	case openSeen:
		return "since a renewal without a record around " + dateEN(p.at), "自" + dateZH(p.at) + "前后一次无记录的更换以来"
	case openDelivered:
		return "since delivery on " + dateEN(p.at), "自" + dateZH(p.at) + "交车以来"
	default:
		return "with no record of the last renewal", "没有上次更换的记录，"
	}
}

// plan is the plan interval in words.
func (s *Spec) plan() (en, zh string) {
	distance := lang.Thousands(s.PlanKm)
	km, kmZH := distance+" km", " "+distance+" 公里"
	months, monthsZH := strconv.Itoa(s.PlanMonths)+" months", " "+strconv.Itoa(s.PlanMonths)+" 个月"
	switch {
	case s.PlanKm == 0:
		return months, monthsZH
	case s.PlanMonths == 0:
		return km, kmZH
	}
	return km + " or " + months, kmZH + "或" + monthsZH
}

func (p lifePrior) en() string {
	if p.units == 0 {
		return "parts of this kind in general"
	}
	return plural(p.units, "part") + " of this fleet"
}

func (p lifePrior) zh() string {
	if p.units == 0 {
		return "同类零件的一般经验"
	}
	return fmt.Sprintf("本车队 %d 个同类零件", p.units)
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

// sentences collects what is said in both languages. An English one begins with a capital
// and stands apart from the one before.
type sentences struct{ en, zh []byte }

func (s *sentences) add(en, zh string) {
	s.addEN(en)
	s.addZH(zh)
}

func (s *sentences) addEN(parts ...string) {
	if len(s.en) > 0 {
		s.en = append(s.en, ' ')
	}
	begin := len(s.en)
	for _, part := range parts {
		s.en = append(s.en, part...)
	}
	if said := s.en[begin:]; len(said) > 0 && said[0] >= 'a' && said[0] <= 'z' {
		said[0] -= 'a' - 'A'
	}
}

func (s *sentences) addZH(parts ...string) {
	for _, part := range parts {
		s.zh = append(s.zh, part...)
	}
}

func (s *sentences) text() lang.Text { return lang.Text{EN: string(s.en), ZH: string(s.zh)} }

func between(f *Forecast) string {
	return dateEN(f.Due.P10) + " to " + dateEN(f.Due.P90) + " in 8 of 10 cases"
}
func betweenZH(f *Forecast) string {
	return "八成可能在" + dateZH(f.Due.P10) + "至" + dateZH(f.Due.P90) + "之间"
}

// Dates are written without time.Format, which takes half of the time of a forecast's
// words.
func dateEN(t time.Time) string {
	year, month, day := t.UTC().Date()
	b := strconv.AppendInt(make([]byte, 0, 16), int64(day), 10)
	b = append(append(b, ' '), month.String()[:3]...)
	return string(strconv.AppendInt(append(b, ' '), int64(year), 10))
}

func dateZH(t time.Time) string {
	year, month, day := t.UTC().Date()
	b := strconv.AppendInt(make([]byte, 0, 24), int64(year), 10)
	b = strconv.AppendInt(append(b, "年"...), int64(month), 10)
	b = strconv.AppendInt(append(b, "月"...), int64(day), 10)
	return string(append(b, "日"...))
}

func monthEN(t time.Time) string { return t.UTC().Format("Jan 2006") }
func monthZH(t time.Time) string { return t.UTC().Format("2006年1月") }

func percent(share float64) string  { return strconv.FormatFloat(100*share, 'f', 0, 64) + " %" }
func percent1(share float64) string { return strconv.FormatFloat(100*share, 'g', 2, 64) + " %" }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
