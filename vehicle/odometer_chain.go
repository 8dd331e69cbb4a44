package vehicle

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	odometerTopSpeed = 300.0 / 3.6 // m/s: no car on the road keeps it up
	topFactor        = 3           // times the daily limit, where that is no vehicle's
	odometerGrain    = 1000.0      // m: dashboards and service records show whole kilometres
	odometerWindow   = 40          // readings that a reading is compared with

	// Votes. A day has dayVotes; leaving a scale costs the others.
	dayVotes      = 1_000_000
	wrapVotes     = 900_000   // one reading will do
	swapVotes     = 2_500_000 // three days of readings
	rollbackVotes = 4_500_000 // five: it calls somebody a cheat

	hasteFactor = 3 // times the usual pace, over more than a day, is doubtful

	noSeries = math.MinInt64 / 2 // the score of a reading that can be in no series

	visitDrive = 50_000.0    // m to a workshop, on a test drive and back, also of a car that is hardly used
	newCluster = 1_000_000.0 // m that a replaced cluster may have on it from bench and test drives
)

// wraps are the full ranges of counters, in metres, by the unit of the reading.
// Metres may come from a counter of any unit.
var wraps = map[OdometerUnit][]float64{
	Metres:     {1 << 24, 1e8, 1 << 16 * 1000, 1e9, 1 << 24 * 100},
	Kilometres: {1 << 24, 1e8, 1 << 16 * 1000, 1e9, 1 << 24 * 100},
	Miles:      {1e5 * metresPerMile, 1 << 16 * metresPerMile, 1e6 * metresPerMile, 1 << 24 * 0.1 * metresPerMile},
}

// odometerChain finds the best series through readings in order of time.
type odometerChain struct {
	nodes     []odometerNode
	perSecond float64 // m/s, the limit of the class
	pace      float64 // m/s, what the vehicle usually does, standing times included
}

// odometerNode is a reading, or a correction, and the best series that ends with it.
type odometerNode struct {
	*OdometerReading
	by       string
	accepted bool    // by a person
	corrects bool    // a correction by a person: Metres is the total
	dial     float64 // what the reading said that it corrects, NaN when there is none

	limit   float64 // the distance that the daily limit allows from 1970 until then
	votes   int64
	score   int64 // votes of the series less what its swaps cost
	before  int   // index of the one before it in the series, -1 for none
	link    OdometerKind
	offset  float64
	total   float64
	lead    float64 // the largest limit - total of the series, see fits
	segment int     // the node that began the segment
	blocked bool    // behind a rollback that no person has confirmed
	behind  bool    // in the best series, but refused for being blocked
	good    int     // the last one before the rollback, when blocked
	kept    bool
	index   int
}

func (n *odometerNode) byPerson() bool { return n.accepted || n.corrects }

// shown is the reading, of a correction what the instrument should have shown.
func (n *odometerNode) shown() OdometerReading {
	r := *n.OdometerReading
	if n.corrects {
		r.Metres -= n.offset
		r.Raw = r.Metres
	}
	return r
}

// grain is how far off a reading may be for showing whole units only.
func (n *odometerNode) grain() float64 {
	if n.Unit != Kilometres && n.Unit != Miles || n.Raw != math.Trunc(n.Raw) {
		return 0
	}
	return n.Unit.metres()
}

func isDistance(metres float64) bool { return metres >= 0 && !math.IsInf(metres, 1) }

// vote shares the vote of each day among its readings, and says how far a vehicle may
// have gone by each.
func (c *odometerChain) vote() {
	for i := 0; i < len(c.nodes); {
		j := i
		for j < len(c.nodes) && DayOf(c.nodes[j].Time) == DayOf(c.nodes[i].Time) {
			j++
		}
		for k := i; k < j; k++ {
			n := &c.nodes[k]
			n.votes, n.limit = max(dayVotes/int64(j-i), 1), c.limit(n.Time)
		}
		i = j
	}
}

// paceOf is the median of the speeds between the last readings of neighbouring
// days, each weighing as long as it took. Pairs that cannot be are left out, and so
// are visits to a workshop where there is anything else; with no pair left it is a
// twentieth of the limit.
func paceOf(nodes []odometerNode, perSecond float64) float64 {
	atVisit := func(n odometerNode) bool { return n.Source.ofADay() }
	if slices.ContainsFunc(nodes, atVisit) && !slices.ContainsFunc(nodes, func(n odometerNode) bool { return !atVisit(n) }) {
		atVisit = func(odometerNode) bool { return false }
	}
	type span struct{ speed, seconds float64 }
	spans := make([]span, 0, len(nodes))
	sum := 0.0
	var first, last *odometerNode // of the last readings of two days
	pair := func() {
		if first == nil || last == nil {
			return
		}
		seconds := last.Time.Sub(first.Time).Seconds()
		speed := (last.Metres - first.Metres) / seconds
		if speed >= 0 && speed <= perSecond {
			spans = append(spans, span{speed, seconds})
			sum += seconds
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if atVisit(*n) {
			continue
		}
		if last != nil && DayOf(n.Time) != DayOf(last.Time) {
			pair()
			first = last
		}
		last = n
	}
	pair()
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.speed, b.speed), cmp.Compare(a.seconds, b.seconds)) })
	half := sum / 2
	for _, s := range spans {
		if half -= s.seconds; half <= 0 {
			return s.speed
		}
	}
	return perSecond / 20
}

// link finds the best series. What a person said is in every series: readings
// after it do not look at those before it.
func (c *odometerChain) link() {
	said, champion := 0, -1 // the newest by a person; the best one that has left the window
	for j := range c.nodes {
		if old := j - odometerWindow - 1; old >= said && (champion < 0 || c.nodes[old].better(&c.nodes[champion])) {
			champion = old
		}
		c.extend(j, said, champion)
		if c.nodes[j].byPerson() {
			said, champion = j, -1
		}
	}
	best := -1
	for j := said; j < len(c.nodes); j++ {
		if best < 0 || c.nodes[j].better(&c.nodes[best]) {
			best = j
		}
	}
	for i := best; i >= 0; i = c.nodes[i].before {
		c.nodes[i].kept = true
	}
}

// extend finds the best series that node j can follow: with the most votes, then the
// least distance, then the node furthest back. It begins with the newest node, which
// in most histories is the best, so that the others need not be looked at.
func (c *odometerChain) extend(j, said, champion int) {
	n := &c.nodes[j]
	n.index, n.before, n.link, n.segment, n.score = j, -1, OdometerFirst, j, n.votes
	n.total, n.lead = n.Metres, n.limit-n.Metres
	follows := said < j && c.nodes[said].byPerson()
	if follows {
		n.score = noSeries // it contradicts what the person said
	}
	best := odometerLink{from: -1}
	score, total := n.score, math.Inf(1)
	try := func(i int) {
		e := &c.nodes[i]
		if e.score <= noSeries || e.score+n.votes < score {
			return // no link makes it better
		}
		l, ok := c.after(i, n)
		if !ok {
			return
		}
		t, s := c.total(l, n), e.score+n.votes-l.cost
		if s > score || s == score && best.from >= 0 && t <= total {
			best, score, total, n.before = l, s, t, i
		}
	}
	for i := j - 1; i >= max(said, j-odometerWindow); i-- {
		try(i)
	}
	if champion >= 0 {
		try(champion)
	}
	switch {
	case best.from >= 0:
		c.join(best, n)
		n.score, n.total = score, total
	case n.byPerson():
		n.score = n.votes
	}
}

// odometerLink is how a reading follows another one.
type odometerLink struct {
	from   int          // the node whose scale goes on, or is left
	kind   OdometerKind // why a segment begins, empty where none does
	offset float64
	cost   int64 // votes
}

// better prefers the series with more votes, then the newer, then the one with
// less distance.
func (n *odometerNode) better(o *odometerNode) bool {
	return cmp.Or(cmp.Compare(n.score, o.score), n.Time.Compare(o.Time), cmp.Compare(o.total, n.total)) > 0
}

// limit is the distance that the daily limit allows since 1970.
func (c *odometerChain) limit(t time.Time) float64 {
	return (float64(t.Unix()) + float64(t.Nanosecond())/1e9) * c.perSecond
}

// after is how node n follows node i; false when it cannot.
func (c *odometerChain) after(i int, n *odometerNode) (l odometerLink, ok bool) {
	e := &c.nodes[i]
	if n.corrects { // it follows whatever has not gone further
		return odometerLink{from: i, offset: e.offset}, e.total <= n.Metres
	}
	if c.fits(e, n, e.offset) {
		return odometerLink{from: i, offset: e.offset, cost: c.haste(e, n)}, true
	}
	if e.corrects {
		for _, dial := range c.dialsAt(e) {
			if offset := e.total - dial; c.fits(e, n, offset) {
				return odometerLink{from: i, kind: OdometerCorrection, offset: offset}, true
			}
		}
	}
	if e.blocked {
		if good := &c.nodes[e.good]; c.fits(good, n, good.offset) {
			return odometerLink{from: e.good, offset: good.offset}, true
		}
	}
	if full, ok := c.wrapped(e, n); ok {
		return odometerLink{from: i, kind: OdometerWrap, offset: e.offset + full, cost: c.wrapCost(e, n)}, true
	}
	return c.jump(i, n)
}

// wrapCost is what going on from zero costs. Where somebody typed it, it may be a digit too few.
func (c *odometerChain) wrapCost(e, n *odometerNode) int64 {
	if n.Source.ofADay() && scaled(n.Metres, e.Metres, e.Metres+c.driven(e.Time, n.Time)) == OdometerTypo {
		return swapVotes
	}
	return wrapVotes
}

// dialsAt is what the instrument may have shown at a correction, the likeliest
// first: the reading that was corrected, the reading before it carried on, that
// reading, the total.
func (c *odometerChain) dialsAt(e *odometerNode) [4]float64 {
	before := e
	for before.before >= 0 && before.corrects {
		before = &c.nodes[before.before]
	}
	shown := before.shown().Metres
	return [4]float64{e.dial, shown + c.pace*e.Time.Sub(before.Time).Seconds(), shown, e.total}
}

// total is what the vehicle had gone at node n, by that link.
func (c *odometerChain) total(l odometerLink, n *odometerNode) float64 {
	if n.corrects {
		return n.Metres
	}
	return max(c.nodes[l.from].total, n.Metres+l.offset)
}

// join puts n on the scale that the link says.
func (c *odometerChain) join(l odometerLink, n *odometerNode) {
	e := &c.nodes[l.from]
	n.offset, n.link, n.segment = l.offset, e.link, e.segment
	n.blocked, n.good = e.blocked && !n.byPerson(), e.good
	switch {
	case l.kind == OdometerRollback && !n.accepted && !e.blocked:
		n.blocked, n.good = true, l.from
	case l.kind == OdometerCorrection:
		n.blocked = false
	}
	if l.kind != "" {
		n.link, n.segment = l.kind, n.index
	}
	n.lead = n.limit - c.total(l, n)
	if !n.byPerson() {
		n.lead = max(e.lead, n.lead)
	}
}

// fits says whether n can follow e on the scale with that offset. No reading of a series
// may rise above an earlier one by more than the daily limit allows plus one day's worth.
// It is enough to remember the largest limit - total of the series. What a person
// accepted has no limit.
func (c *odometerChain) fits(e, n *odometerNode, offset float64) bool {
	total := n.Metres + offset
	if !(total >= e.total || total > e.total-c.slack(e, n)) { // nor is NaN, of a dial that nobody saw
		return false
	}
	return n.accepted || n.limit-total >= e.lead-c.perSecond*86400 && c.slowEnough(e, n, total-e.total)
}

// slowEnough reports whether a vehicle can have gone so far from one reading to another.
// Most have by whole seconds, and need no exact time.
func (c *odometerChain) slowEnough(e, n *odometerNode, metres float64) bool {
	top := max(odometerTopSpeed, topFactor*c.perSecond)
	atLeast := float64(n.Time.Unix() - e.Time.Unix() - 1)
	return metres <= atLeast*top || metres <= n.Time.Sub(e.Time).Seconds()*top+odometerGrain
}

// slack is how far a reading may lie below one of another source: whole units are
// rounded, and a vehicle is driven on the day of a visit before or after it.
func (c *odometerChain) slack(e, n *odometerNode) float64 {
	if e.Source == n.Source {
		return 0
	}
	return max(e.grain(), n.grain()) + max(c.sameDay(e), c.sameDay(n))
}

// sameDay is about how far the vehicle goes on the day of a visit before or after it.
func (c *odometerChain) sameDay(n *odometerNode) float64 {
	if n.corrects || !n.Source.ofADay() {
		return 0
	}
	return max(c.pace*86400, visitDrive)
}

// haste is what it costs a series to follow a reading at a speed that the class
// allows and this vehicle does not show: as much as a swap. Otherwise a value far
// too high would only have to wait, or to skip what contradicts it, until the
// daily limit has made room for it. One day at the limit is always free.
func (c *odometerChain) haste(e, n *odometerNode) int64 {
	gain, day := n.Metres+e.offset-e.total, c.perSecond*86400
	if n.accepted || gain <= day {
		return 0
	}
	if usual := hasteFactor * max(c.pace, c.perSecond/20); gain <= usual*n.Time.Sub(e.Time).Seconds()+day {
		return 0
	}
	return swapVotes
}

// driven is about the most that a vehicle of this pace has driven between two times.
func (c *odometerChain) driven(from, to time.Time) float64 {
	seconds := to.Sub(from).Seconds()
	return min(2*c.pace*seconds+c.pace*86400, c.perSecond*(seconds+86400)) + odometerGrain
}

// wrapped is the range of the counter that has run over between two readings.
func (c *odometerChain) wrapped(e, n *odometerNode) (full float64, ok bool) {
	unit := n.Unit
	if unit == "" {
		unit = Metres
	}
	for _, full := range wraps[unit] {
		gain := n.Metres + full - e.Metres
		if e.Metres < full && n.Metres < e.Metres && gain >= 0 && gain <= c.driven(e.Time, n.Time) {
			return full, true
		}
	}
	return 0, false
}

// jump goes over to another offset, of another instrument or a dial that was
// turned back. What looks like a wrong unit or a digit too many is neither.
func (c *odometerChain) jump(i int, n *odometerNode) (l odometerLink, ok bool) {
	e := &c.nodes[i]
	seconds, most := n.Time.Sub(e.Time).Seconds(), c.driven(e.Time, n.Time)
	usual, slack := c.pace*seconds, c.pace*(seconds/2+86400)+odometerGrain
	if !n.accepted && (scaled(n.Metres, e.Metres+usual-slack, e.Metres+usual+slack) == OdometerUnitMix ||
		scaled(n.Metres, e.Metres, e.Metres+most) == OdometerTypo) {
		return l, false
	}
	l = odometerLink{from: i, kind: OdometerSwap, offset: e.total + usual - n.Metres, cost: swapVotes}
	switch {
	case e.corrects: // the total is settled, whatever the instrument shows
		l.kind = OdometerCorrection
	case n.Metres < e.Metres && n.Metres > most+newCluster:
		l.kind, l.cost = OdometerRollback, rollbackVotes
	}
	return l, true
}

// scaled says whether a value fits between low and high in another unit or with
// a digit more or less.
func scaled(metres, low, high float64) OdometerKind {
	in := func(m float64) bool { return m >= low && m <= high }
	switch {
	case in(metres * metresPerMile / 1000), in(metres / metresPerMile * 1000):
		return OdometerUnitMix
	case in(metres * 10), in(metres / 10), in(metres * 100), in(metres / 100):
		return OdometerTypo
	}
	return ""
}
