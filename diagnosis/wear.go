package diagnosis

import (
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// When a wear forecast opens a finding. Both windows are workshop practice: a
// month to find a date, or the distance of a month of much driving. The distance
// counts only within farAhead, or a car that hardly moves would be called in a
// year early.
const (
	leadTime = 30 * 24 * time.Hour
	leadKm   = 1500.0
	farAhead = 60 * 24 * time.Hour
	atOnce   = 7 * 24 * time.Hour
)

// wearFindings turns forecasts into findings. Only a Known forecast speaks: too
// early means we do not know, stale means the car has been silent (R16).
func (c *car) wearFindings() []Finding {
	var out []Finding
	for _, f := range c.in.Forecasts {
		spec, ok := c.in.Table.Of(f.Component)
		if !ok || f.State != predict.Known {
			continue
		}
		w := worn{f: f, spec: spec, known: c.known.worn(&spec)}
		if w.due(c.in.Now, c.odometerKm()) {
			out = append(out, w.finding(c))
		}
	}
	return out
}

// odometerKm returns the newest odometer, 0 when it is not known.
func (c *car) odometerKm() float64 {
	if r, ok := c.in.Signals[vehicle.TraveledDistance]; ok && r.Value > 0 {
		return r.Value / 1000
	}
	return 0
}

// worn is a component with its forecast.
type worn struct {
	f     predict.Forecast
	spec  predict.Spec
	known wornPart
}

func (w *worn) safety() bool { return w.spec.Safety == predict.SafetyCritical }

// dueAt is the date that counts: the early one for what keeps people safe, the
// middle one for everything else.
func (w *worn) dueAt() time.Time {
	if w.safety() {
		return w.f.Due.P10
	}
	return w.f.Due.P50
}

func (w *worn) dueKm() float64 {
	if w.safety() {
		return w.f.DueKm.P10
	}
	return w.f.DueKm.P50
}

// reached reports whether the limit is behind: the wear, or the plan's date or
// distance.
func (w *worn) reached(now time.Time) bool {
	return w.f.Wear.P50 >= w.spec.Red || !w.f.Due.P50.IsZero() && !w.f.Due.P50.After(now)
}

// due reports whether the component is a finding now.
func (w *worn) due(now time.Time, odometerKm float64) bool {
	if w.reached(now) {
		return true
	}
	left := w.dueAt().Sub(now)
	if w.dueAt().IsZero() || left > farAhead {
		return false
	}
	kmLeft := left.Hours() / 24 * w.f.KmPerDay
	if odometerKm > 0 && w.dueKm() > 0 {
		kmLeft = w.dueKm() - odometerKm
	}
	return left <= leadTime || kmLeft <= leadKm
}

// call is the table's call once the limit is reached, the next visit before. A
// safety item that may reach its limit within a week does not wait for one.
func (w *worn) call(now time.Time) (Drivability, lang.Text) {
	percent := math.Round(w.f.Wear.P50 * 100)
	switch {
	case w.spec.Stop > 0 && w.f.Wear.P50 >= w.spec.Stop:
		return Stop, lang.Text{
			EN: fmt.Sprintf("worn to %.0f %% of the limit: %s", percent, w.known.Why.EN),
			ZH: fmt.Sprintf("磨损已达极限的 %.0f %%：%s", percent, w.known.Why.ZH),
		}
	case w.f.Wear.P50 >= w.spec.Red:
		return w.known.Call, w.known.Why
	case w.safety() && w.dueAt().Sub(now) <= atOnce:
		return Soon, lang.Text{
			EN: "may reach its limit within a week: " + w.known.Why.EN,
			ZH: "可能在一周内达到极限：" + w.known.Why.ZH,
		}
	}
	return Monitor, lang.Text{
		EN: "not at its limit yet: by " + day(w.dueAt()),
		ZH: "尚未达到极限：请在 " + day(w.dueAt()) + " 前处理",
	}
}

func (w *worn) finding(c *car) Finding {
	call, why := w.call(c.in.Now)
	f, job := w.f, w.spec.Job
	out := Finding{
		ID:  findingID(c.in.VIN, string(f.Component), f.Cycle),
		VIN: c.in.VIN, Kind: FromWear, Family: string(f.Component), Cycle: f.Cycle,
		Title: w.known.Title, Detail: withSafety(w.known.Detail, w.known.Safety), Drivability: call, Why: why,
		Confidence: w.confidence(c.in.Now),
		Causes:     []Cause{{Text: lang.Text{EN: "Wear and age", ZH: "磨损和老化"}, Share: 1, Reason: f.Reason}},
		FirstCheck: w.known.Check,
		Operations: []Operation{{Code: job.Code, Text: job.Text, HoursMin: job.HoursMin, HoursMax: job.HoursMax}},
		Evidence:   w.evidence(), FirstSeen: f.DataUntil, LastSeen: f.DataUntil,
		Knowledge: c.known.Version, Model: f.Model, Skill: w.known.Skill,
	}
	if !w.known.TestOnly && !job.Part.IsZero() {
		out.Parts = []Part{{Name: job.Part, Quantity: job.Quantity}}
	}
	return out
}

// confidence grows with the readings behind the forecast, up to five; a date
// that has passed is worth more than one that is to come.
func (w *worn) confidence(now time.Time) float64 {
	conf := 0.55 + 0.06*float64(min(w.f.Readings, 5))
	if w.reached(now) {
		conf += 0.1
	}
	return math.Round(conf*100) / 100
}

func (w *worn) evidence() []Evidence {
	f := w.f
	out := []Evidence{{Kind: evidenceForecast, At: f.Now, Ref: string(f.Component), Text: w.standing()}}
	if f.Readings > 0 {
		text := lang.Text{EN: "Readings", ZH: "读数"}
		if !f.ServicedAt.IsZero() {
			text = lang.Text{EN: "Readings since the last service", ZH: "自上次维修以来的读数"}
		}
		out = append(out, Evidence{Kind: evidenceSignal, At: f.LastReading, Ref: string(f.Component), Text: lang.Text{
			EN: fmt.Sprintf("%s: %d, the last on %s", text.EN, f.Readings, day(f.LastReading)),
			ZH: fmt.Sprintf("%s：%d 次，最近一次 %s", text.ZH, f.Readings, day(f.LastReading)),
		}})
	}
	if !f.ServicedAt.IsZero() {
		text := lang.Text{EN: "Last renewed on " + day(f.ServicedAt), ZH: "上次更换 " + day(f.ServicedAt)}
		if f.ServicedKm > 0 {
			text.EN += " at " + lang.Thousands(f.ServicedKm) + " km"
			text.ZH += "，" + lang.Thousands(f.ServicedKm) + " 公里"
		}
		out = append(out, Evidence{Kind: evidenceService, At: f.ServicedAt, Ref: string(f.Component), Text: text})
	}
	return out
}

// standing says how far the component has come, and when it is due.
func (w *worn) standing() lang.Text {
	f := w.f
	share := lang.Whole(f.Wear.P50*100) + " %"
	if lo, hi := lang.Whole(f.Wear.P10*100), lang.Whole(f.Wear.P90*100); lo != hi {
		share += fmt.Sprintf(" (%s-%s %%)", lo, hi)
	}
	text := lang.Text{EN: "Wear " + share + " of the limit", ZH: "磨损为极限的 " + share}
	if f.Basis != predict.ByWear && f.Readings == 0 {
		text = lang.Text{EN: share + " of the plan's interval is used up", ZH: "已用去计划间隔的 " + share}
	}
	if !f.OverdueSince.IsZero() {
		text.EN += "; overdue since " + day(f.OverdueSince)
		text.ZH += "；自 " + day(f.OverdueSince) + " 起已到期"
		return text
	}
	text.EN += fmt.Sprintf("; due between %s and %s, most likely %s at %s km", day(f.Due.P10), day(f.Due.P90), day(f.Due.P50), lang.Thousands(f.DueKm.P50))
	text.ZH += fmt.Sprintf("；预计 %s 至 %s 到期，最可能为 %s、%s 公里", day(f.Due.P10), day(f.Due.P90), day(f.Due.P50), lang.Thousands(f.DueKm.P50))
	return text
}
