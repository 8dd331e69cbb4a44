package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// A sensor that has stopped shows the same for ever, each time as surely as before: believed, it makes the
// part look better with every week. But wear does not stand still. And where two who have looked at a part found it
// far more worn than its sensor shows, it is the sensor that is wrong.

const (
	// standsBy is how much more than its sensor shows a part must have worn, beyond two standard deviations of what is
	// expected, for the sensor, which has not moved meanwhile, to have stopped: cars are driven more gently, too.
	standsBy = 0.10
	// farAbove is how much more worn than its sensor shows persons must have found a part, beside what is chance: what
	// sensors are off by for the life of a part is learned (Prior.SteadySD), and taken out.
	farAbove = 0.25
	// nearlyWorn is the wear from which a sensor may stand because it has come to the end of its scale.
	nearlyWorn = 0.9
	// worthWatching is the wear, at the usual rate, from which on it is asked whether a sensor stands.
	worthWatching = 0.05
	// stillBy is by how much of the wear a sensor that stands may move, or by two standard deviations.
	stillBy = 0.02
)

// watched is the sensor of the part that is on.
type watched struct {
	moved        bool // it has shown something
	at           int  // index of the reading with which it last moved,
	wear         float64
	state        degradation.State // and what was known of the part then
	contradicted time.Time         // when somebody found the part far more worn; zero: nobody, or not the last who looked
}

// disbelief is why what a sensor has shown of a part is left out.
type disbelief struct {
	opened  time.Time // of the path of the part; zero: unknown
	by      time.Time // of the reading that has told
	since   time.Time // of the last reading of the sensor that counts; zero: none of the part does, persons know better
	source  string
	wear    float64 // that it has shown since
	still   float64 // by how much it may move and stand
	after   int     // index of the reading after which the sensor does not count
	leftOut int     // readings, in all
}

// disbelieves follows what a sensor shows and what persons say of the part, given a reading that was just taken and how
// far off it was. It returns why the sensor is not to be believed; nil: it is.
func (p *wearPath) disbelieves(t *timeline, i int, r *Reading, off float64) *disbelief {
	w := &t.watched
	switch {
	case !r.Sensed():
		return p.hear(w, r, off > outlierAt && r.Wear-p.prior.failsAt*p.model.Wear(&p.state) > farAbove)
	case !r.Bound && (!w.moved || math.Abs(r.Wear-w.wear) > p.still(r)):
		w.moved, w.at, w.wear, w.state = true, i, r.Wear, p.state
	case w.moved && !r.AtLeast && p.outrun(w, r):
		return &disbelief{
			opened: p.opened(), by: r.Time, since: t.readings[t.table.row[p.spec.Component]][w.at].Time, source: r.Source,
			wear: w.wear, still: p.still(r), after: w.at,
		}
	}
	return nil
}

// opened is when the part came in, as far as it is known.
func (p *wearPath) opened() time.Time {
	if p.from == openRecorded || p.from == openSeen {
		return p.at
	}
	return time.Time{}
}

// still is by how much a sensor that stands may move.
func (p *wearPath) still(r *Reading) float64 { return max(2*p.prior.noise(r), stillBy) }

// outrun reports whether the part must have left behind by now what its sensor shows, or, of a gauge that has not made
// its next step, cannot have passed.
func (p *wearPath) outrun(w *watched, r *Reading) bool {
	tau := p.state.Tau()
	if r.Bound {
		tau = p.bound.Tau
	}
	if r.Wear > nearlyWorn || (tau-w.state.Tau())*elementary.Exp(p.prior.logRate) < worthWatching {
		return false
	}
	ahead := p.model.At(w.state, tau)
	then := p.model.Wear(&ahead)
	sd := math.Hypot(p.prior.failsAt*(p.model.WearBand(&ahead, 1)-then), math.Sqrt2*p.prior.noise(r))
	return p.prior.failsAt*(then-p.model.Wear(&w.state))-2*sd > r.Wear-w.wear+max(p.still(r), standsBy)
}

// hear takes what a person says of the part, and whether that is far above what its sensor shows: one may be wrong, but
// hardly two on different days.
func (p *wearPath) hear(w *watched, r *Reading, above bool) *disbelief {
	switch {
	case !w.moved:
	case !above:
		w.contradicted = time.Time{}
	case w.contradicted.IsZero():
		w.contradicted = r.Time
	case !sameDay(r.Time, w.contradicted):
		return &disbelief{opened: p.opened(), by: r.Time, source: p.source, after: -1}
	}
	return nil
}

// leaveOut takes out what a sensor has shown of a part and is not believed: until the part is renewed, or, of one that
// stood, until it moves again.
func (t *timeline) leaveOut(row int, d *disbelief) {
	until := t.in.Now
	for _, s := range t.services[row] {
		if s.Time.After(d.by) {
			until = s.Time
			break
		}
	}
	kept := make([]Reading, 0, len(t.readings[row]))
	wrong := true
	for i := range t.readings[row] {
		r := &t.readings[row][i]
		if !d.since.IsZero() && r.Sensed() && !r.Bound && r.Time.After(d.by) && math.Abs(r.Wear-d.wear) > d.still {
			wrong = false
		}
		if wrong && r.Sensed() && i > d.after && !r.Time.Before(d.opened) && !r.Time.After(until) {
			d.leftOut++
			continue
		}
		kept = append(kept, *r)
	}
	t.readings[row] = kept
	c := t.table.rows[row].Component
	if t.disbelieved == nil {
		t.disbelieved = map[Component]*disbelief{}
	}
	if before := t.disbelieved[c]; before != nil && before.opened.Equal(d.opened) {
		d.leftOut += before.leftOut
	}
	t.disbelieved[c] = d
}

// sayDisbelief: that the sensor of the part that is on is not believed, and why.
func (t *timeline) sayDisbelief(r *sentences, p *wearPath) {
	d := t.disbelieved[p.spec.Component]
	switch {
	case d == nil || !d.opened.Equal(p.opened()):
	case d.since.IsZero():
		r.say("Twice the part was found far more worn than its sensor ({0}) shows: {1} of it count for nothing. Have the sensor looked at.",
			"两次实测磨损都远高于传感器（{0}）示值：其 {1} 次读数未予采用，请检查传感器。", name(d.source, sourceZH(d.source)), count(d.leftOut, "reading"))
	default:
		r.say("Its sensor ({0}) has shown {1} since {2} while the part must have worn on: it is taken to have stopped, and {3} since then count for nothing. Have it looked at.",
			"传感器（{0}）自{2}起一直显示 {1}，而零件必然仍在磨损：视为传感器失灵，此后 {3} 次读数未予采用，请检查。",
			name(d.source, sourceZH(d.source)), percent(d.wear), date(d.since), count(d.leftOut, "reading"))
	}
}
