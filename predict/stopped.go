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
	standsBy = 0.1
	// farAbove is how much more worn than its sensor shows persons must have found a part, beyond what is chance: what
	// sensors are off by for the life of a part is learned (Prior.SteadySD), and taken out.
	farAbove = 0.25
	// nearlyWorn is the wear from which a sensor may stand because it has come to the end of its scale.
	nearlyWorn = 0.9
	// worthWatching is the wear, at the usual rate, from which on it is asked whether a sensor stands.
	worthWatching = 0.05
	// stillBy is by how much of the wear a sensor that stands may move, or by two standard deviations of the difference of
	// two readings.
	stillBy = 0.02
)

// watched is the sensor of the part that is on. Its zero value has shown nothing.
type watched struct {
	moved, moving stand // where it last moved to, and where it may have moved to with the newest reading
	source        string
	rise          slope     // of what it has shown since
	contradicted  time.Time // when somebody found the part far more worn; zero: nobody, or not the last who looked
}

// stand is what a sensor has shown, and what was known of the part then.
type stand struct {
	shown bool
	at    int // index of the reading
	time  time.Time
	wear  float64
	state degradation.State
}

// slope adds up readings for the line through them.
type slope struct{ n, x, y, xx, xy float64 }

func (s *slope) add(x, y float64) {
	s.n, s.x, s.y, s.xx, s.xy = s.n+1, s.x+x, s.y+y, s.xx+x*x, s.xy+x*y
}

// clear reports whether the line rises by more than two standard errors, of readings of a noise.
func (s *slope) clear(noise float64) bool {
	if s.n < 2 {
		return false
	}
	spread := s.xx - s.x*s.x/s.n
	rise := s.xy - s.x*s.y/s.n
	return spread > 0 && rise > 2*noise*math.Sqrt(spread)
}

// disbelief is why what a sensor has shown of a part is left out.
type disbelief struct {
	opened  time.Time // of the path of the part; zero: unknown
	by      time.Time // of the reading that has told
	since   time.Time // of the last reading of the sensor that counts; zero: none of the part does, persons know better
	until   time.Time // when the sensor moved again; zero: it has not
	source  string
	wear    float64 // that it has shown since
	still   float64 // by how much it may move and stand
	after   int     // index of the reading after which the sensor does not count
	leftOut int     // readings
}

// disbelieves follows what a sensor shows and what persons say of the part, given a reading that was just taken and how
// far off it was. It returns why the sensor is not to be believed; nil: it is.
func (p *wearPath) disbelieves(t *timeline, i int, r *Reading, off float64) *disbelief {
	w := &t.watched
	if !r.Sensed() {
		return p.hear(w, i, r, off)
	}
	if w.follow(i, r, p.still(r), &p.state) || r.AtLeast || !p.outrun(t, r) {
		return nil
	}
	return &disbelief{
		opened: p.opened(), by: r.Time, since: w.moved.time, source: w.source, wear: w.moved.wear, still: p.still(r), after: w.moved.at,
	}
}

// follow takes a reading of the sensor, and reports whether it has moved, or may have: that is seen when a second
// reading shows it. A gauge whose step a reading tells of has been looked at twice.
func (w *watched) follow(i int, r *Reading, still float64, state *degradation.State) bool {
	if r.Bound {
		if w.moving.shown {
			w.moveTo(w.moving)
		}
		return !w.moved.shown
	}
	by := r.Wear - w.moved.wear
	switch {
	case !w.moved.shown:
		w.source = r.Source
		w.moveTo(stand{true, i, r.Time, r.Wear, *state})
	case math.Abs(by) <= still:
		w.moving.shown = false
		w.rise.add(state.Tau(), r.Wear)
		return false
	case w.moving.shown && (w.moving.wear > w.moved.wear) == (by > 0):
		w.moveTo(stand{true, i, r.Time, r.Wear, *state})
	default:
		w.moving = stand{true, i, r.Time, r.Wear, *state}
	}
	return true
}

func (w *watched) moveTo(to stand) {
	w.moved, w.moving.shown, w.rise = to, false, slope{}
	w.rise.add(to.state.Tau(), to.wear)
}

// opened is when the part came in, as far as it is known.
func (p *wearPath) opened() time.Time {
	if p.from == openRecorded || p.from == openSeen {
		return p.at
	}
	return time.Time{}
}

// still is by how much a sensor that stands may move.
func (p *wearPath) still(r *Reading) float64 { return max(2*math.Sqrt2*p.prior.noise(r), stillBy) }

// outrun reports whether the part must have left behind by now what its sensor shows, or, of a gauge that has not made
// its next step, cannot have passed. What lies after the last odometer that is known tells nothing: the vehicle may stand.
func (p *wearPath) outrun(t *timeline, r *Reading) bool {
	w, tau := &t.watched, p.state.Tau()
	if r.Bound {
		tau = p.bound.Tau
	}
	from := &w.moved
	if r.Wear > nearlyWorn || (tau-from.state.Tau())*elementary.Exp(p.prior.logRate) < worthWatching {
		return false
	}
	then := p.model.WearAhead(&from.state, tau, 0)
	beyond := p.prior.failsAt*(then-p.model.Wear(&from.state)) - (r.Wear - from.wear + max(p.still(r), standsBy))
	if beyond <= 0 {
		return false
	}
	noise := p.prior.noise(r)
	sd := math.Hypot(p.prior.failsAt*(p.model.WearAhead(&from.state, tau, 1)-then), math.Sqrt2*noise)
	return beyond > 2*sd && !w.rise.clear(noise) && !r.Time.After(t.lastOdometer())
}

// lastOdometer is the time of the newest odometer that is known.
func (t *timeline) lastOdometer() time.Time {
	at := t.daysEnd()
	if n := len(t.told); n > 0 {
		at = later(at, t.told[n-1].Time)
	}
	return at
}

// hear takes what a person, or the contact of a worn pad, says of the part: one may be wrong, but hardly two on different days
// who find it far more worn than its sensor shows. Who agrees with a sensor that stands starts the watch anew. A rest
// voltage tells of charge before it does of wear, and is not heard.
func (p *wearPath) hear(w *watched, i int, r *Reading, off float64) *disbelief {
	if !w.moved.shown || r.Bound || r.Source == FromRest {
		return nil
	}
	far := r.Wear-p.prior.failsAt*p.model.Wear(&p.state) > farAbove
	switch {
	case off <= outlierAt || !far:
		w.contradicted = time.Time{}
		if agree := p.still(r); math.Abs(r.Wear-w.moved.wear) <= agree {
			w.moved.at, w.moved.time, w.moved.state = i, r.Time, p.state
		}
	case w.contradicted.IsZero():
		w.contradicted = r.Time
	case !sameDay(r.Time, w.contradicted):
		return &disbelief{opened: p.opened(), by: r.Time, source: w.source, after: -1}
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
	wrong, shown := true, math.Inf(-1)
	for i := range t.readings[row] {
		r := &t.readings[row][i]
		if wrong && r.Sensed() && !r.Bound && r.Time.After(d.by) && d.moves(r.Wear, shown, t.table.rows[row].suspicious()) {
			wrong, d.until = false, r.Time
		}
		if wrong && r.Sensed() && i > d.after && !r.Time.Before(d.opened) && !r.Time.After(until) {
			d.leftOut++
			if !r.Bound {
				shown = r.Wear
			}
			continue
		}
		kept = append(kept, *r)
	}
	t.readings[row] = kept
	if t.disbelieved == nil {
		t.disbelieved = map[Component]*disbelief{}
	}
	t.disbelieved[t.table.rows[row].Component] = d
}

// moves reports whether a sensor that was not believed is, by what it shows after what it has shown: one that has stopped,
// because it moves, and any, because it falls as at a renewal without a record.
func (d *disbelief) moves(wear, shown, fall float64) bool {
	return !d.since.IsZero() && math.Abs(wear-d.wear) > d.still || wear < shown-fall
}

// sayDisbelief: that the sensor of the part that is on is not believed, and why.
func (t *timeline) sayDisbelief(r *sentences, p *wearPath) {
	d := t.disbelieved[p.spec.Component]
	if d == nil || !d.opened.Equal(p.opened()) {
		return
	}
	sensor, without := name(d.source, sourceZH(d.source)), count(d.leftOut, "reading")
	switch {
	case d.since.IsZero():
		r.say("Twice the part was found far more worn than its sensor ({0}) shows; left out: {1} of it. Have the sensor looked at.",
			"两次实测磨损都远高于传感器（{0}）示值，已剔除其 {1} 次读数，请检查传感器。", sensor, without)
	case !d.until.IsZero():
		r.say("Its sensor ({0}) stood at {1} from {2} to {3}, while the part must have worn on; left out: {4} of that time.",
			"传感器（{0}）在{2}至{3}期间停在 {1}，而零件必然仍在磨损，已剔除期间 {4} 次读数。", sensor, percent(d.wear), date(d.since), date(d.until), without)
	default:
		r.say("Its sensor ({0}) has shown {1} since {2}, while the part must have worn on: it is taken to have stopped; left out: {3} since then. Have it looked at.",
			"传感器（{0}）自{2}起一直显示 {1}，而零件必然仍在磨损：视为传感器失灵，已剔除此后 {3} 次读数，请检查。", sensor, percent(d.wear), date(d.since), without)
	}
}
