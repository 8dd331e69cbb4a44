package diagnosis

import (
	"cmp"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// goneAfter ends a code that a device reported gone once and then said
	// nothing more: some devices report changes only.
	goneAfter = 14 * 24 * time.Hour
	// liveFor is how long a newest value may speak for the car.
	liveFor = 24 * time.Hour
)

// car is the input, put in order for questions.
type car struct {
	in    Input
	codes []CodeState // in order of first seen, code, ECU
	known *Base
}

func newCar(in Input) *car {
	c := &car{in: in, codes: slices.Clone(in.Codes), known: knowledge()}
	slices.SortStableFunc(c.codes, compareStates)
	return c
}

func compareStates(a, b CodeState) int {
	return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.Code, b.Code), cmp.Compare(a.ECU, b.ECU))
}

// family returns the family of a code, or one made up for codes the knowledge
// base does not know.
func (c *car) family(code vehicle.Code) *Family {
	if f := c.known.family(code); f != nil {
		return f
	}
	return unknownFamily(code)
}

// notYet says why an active code is no finding yet; zero when it is one.
// Rules R10 (pending in one cycle is only observed) and R11 (gone again).
func notYet(s CodeState, now time.Time) lang.Text {
	if !s.MissingSince.IsZero() && now.Sub(s.MissingSince) >= goneAfter {
		return lang.Text{
			EN: "reported gone on " + day(s.MissingSince) + " and not seen since",
			ZH: day(s.MissingSince) + " 报告已消失，此后未再出现",
		}
	}
	if s.Status == vehicle.CodePending && s.Cycles < 2 {
		return lang.Text{
			EN: "pending in one driving cycle only; a finding if it returns or is confirmed",
			ZH: "仅在一个驾驶循环中待定；若再次出现或被确认则形成诊断",
		}
	}
	return lang.Text{}
}

// occurrence returns when the present trouble of a group began: back from its
// earliest active code over every time, ended or not, in which a code of the
// family was there without a break. A second code that joins and outlives the
// first therefore does not begin a new occurrence.
func (c *car) occurrence(g *group) time.Time {
	states := g.own
	if len(states) == 0 {
		states = g.all()
	}
	start := states[0].FirstSeen
	for _, s := range states {
		if s.FirstSeen.Before(start) {
			start = s.FirstSeen
		}
	}
	spans := c.spans(g.family.Key)
	for moved := true; moved; {
		moved = false
		for _, span := range spans {
			if span.From.Before(start) && !span.To.Before(start) {
				start, moved = span.From, true
			}
		}
	}
	return start
}

// spans lists every time in which a code of the family was there, pending or not.
func (c *car) spans(family string) []Occurrence {
	var all []Occurrence
	for _, s := range c.codes {
		if c.family(s.Code).Key != family {
			continue
		}
		all = append(all, s.Earlier...)
		if s.Active {
			all = append(all, Occurrence{From: s.FirstSeen, To: s.end(c.in.Now)})
		}
	}
	return all
}

// end is when an active code was there last, as far as is known.
func (s CodeState) end(now time.Time) time.Time {
	if !s.MissingSince.IsZero() && now.Sub(s.MissingSince) >= goneAfter {
		return s.MissingSince
	}
	return now
}

// live returns the newest value of a signal if it is fresh.
func (c *car) live(s vehicle.Signal) (Reading, bool) {
	r, ok := c.in.Signals[s]
	if !ok || r.At.After(c.in.Now) || c.in.Now.Sub(r.At) > liveFor {
		return Reading{}, false
	}
	return r, true
}

// frame returns the value of a signal in the first freeze frame of a group that
// holds it.
func frame(g *group, s vehicle.Signal) (Reading, CodeState, bool) {
	for _, state := range g.all() {
		for _, r := range state.FreezeFrame {
			if v, ok := r.Value.Float(); ok && r.Signal == s {
				return Reading{Value: v, At: state.FirstSeen}, state, true
			}
		}
	}
	return Reading{}, CodeState{}, false
}

// forecast returns the forecast of a component, if there is one to rely on.
func (c *car) forecast(component predict.Component) (predict.Forecast, bool) {
	for _, f := range c.in.Forecasts {
		if f.Component == component && f.State != predict.TooEarly {
			return f, true
		}
	}
	return predict.Forecast{}, false
}

// serviced returns the last service of a component in the days before a time.
func (c *car) serviced(component predict.Component, before time.Time, days int) (predict.Service, bool) {
	var last predict.Service
	for _, s := range c.in.Services {
		gap := before.Sub(s.Time)
		if s.Component != component || s.TopUp || gap < 0 || gap > time.Duration(days)*24*time.Hour {
			continue
		}
		if cmp.Or(s.Time.Compare(last.Time), cmp.Compare(s.RecordID, last.RecordID)) > 0 {
			last = s
		}
	}
	return last, !last.Time.IsZero()
}

// has reports whether a family has an active code, observed ones left out.
func (c *car) has(family string) (CodeState, bool) {
	for _, s := range c.codes {
		if s.Active && notYet(s, c.in.Now).IsZero() && c.family(s.Code).Key == family {
			return s, true
		}
	}
	return CodeState{}, false
}
