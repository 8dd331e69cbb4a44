package vehicle

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	odometerTopSpeed = 300.0 / 3.6 // m/s: no car on the road keeps it up
	odometerGrain    = 1000.0      // m: dashboards and service records show whole kilometres
	odometerWindow   = 40          // readings that a reading is compared with

	// Votes. A day has dayVotes; leaving a scale costs the others.
	dayVotes      = 1_000_000
	wrapVotes     = 900_000   // one reading will do
	swapVotes     = 2_500_000 // three days of readings
	rollbackVotes = 4_500_000 // five: it calls somebody a cheat

	hasteFactor = 3 // times the usual pace, over more than a day, is doubtful

	noSeries = math.MinInt64 / 2 // the score of a reading that can be in no series

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
	OdometerReading
	by       string
	accepted bool    // by a person
	corrects bool    // a correction by a person: Metres is the total
	dial     float64 // what the reading said that it corrects, NaN when there is none

	votes   int64
	score   int64 // votes of the series less what its swaps cost
	before  int   // index of the one before it in the series, -1 for none
	link    OdometerKind
	offset  float64
	total   float64
	lead    float64 // the largest limit(t) - total of the series, see fits
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
	r := n.OdometerReading
	if n.corrects {
		r.Metres -= n.offset
		r.Raw = r.Metres
	}
	return r
}

// grain is how much too low a reading may be for showing whole units only.
func (n *odometerNode) grain() float64 {
	if n.Unit != Kilometres && n.Unit != Miles || n.Raw != math.Trunc(n.Raw) {
		return 0
	}
	return n.Unit.metres()
}

func isDistance(metres float64) bool { return metres >= 0 && !math.IsInf(metres, 1) }

// vote shares the vote of each day among its readings.
func (c *odometerChain) vote() {
	for i := 0; i < len(c.nodes); {
		j := i
		for j < len(c.nodes) && DayOf(c.nodes[j].Time) == DayOf(c.nodes[i].Time) {
			j++
		}
		for k := i; k < j; k++ {
			c.nodes[k].votes = max(dayVotes/int64(j-i), 1)
		}
		i = j
	}
}

// paceOf is the median of the speeds between the last readings of neighbouring
// days, each weighing as long as it took. Pairs that cannot be are left out; with
// no pair left it is a twentieth of the limit.
func paceOf(nodes []odometerNode, perSecond float64) float64 {
	type span struct{ speed, seconds float64 }
	var spans []span
	sum, before := 0.0, -1
	for i := range nodes {
		if i+1 < len(nodes) && DayOf(nodes[i+1].Time) == DayOf(nodes[i].Time) {
			continue
		}
		if before >= 0 {
			seconds := nodes[i].Time.Sub(nodes[before].Time).Seconds()
			speed := (nodes[i].Metres - nodes[before].Metres) / seconds
			if speed >= 0 && speed <= perSecond {
				spans = append(spans, span{speed, seconds})
				sum += seconds
			}
		}
		before = i
	}
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

// extend finds the best series that node j can follow.
func (c *odometerChain) extend(j, said, champion int) {
	n := &c.nodes[j]
	n.index, n.before, n.link, n.segment, n.score = j, -1, OdometerFirst, j, n.votes
	n.total, n.lead = n.Metres, c.limit(n.Time)-n.Metres
	follows := said < j && c.nodes[said].byPerson()
	if follows {
		n.score = noSeries // it contradicts what the person said
	}
	best := *n
	try := func(i int) {
		next, cost := c.after(i, n)
		if cost < 0 || c.nodes[i].score <= noSeries {
			return
		}
		next.before, next.score = i, c.nodes[i].score+n.votes-cost
		if next.score > best.score || next.score == best.score && best.before >= 0 && next.total < best.total {
			best = next
		}
	}
	if champion >= 0 {
		try(champion)
	}
	for i := max(said, j-odometerWindow); i < j; i++ {
		try(i)
	}
	if best.before < 0 && n.byPerson() {
		best.score = n.votes
	}
	*n = best
}

// better prefers the series with more votes, then the newer, then the one with
// less distance.
func (n *odometerNode) better(o *odometerNode) bool {
	return cmp.Or(cmp.Compare(n.score, o.score), n.Time.Compare(o.Time), cmp.Compare(o.total, n.total)) > 0
}

// limit is the distance that the daily limit allows since 1970.
func (c *odometerChain) limit(t time.Time) float64 {
	return t.Sub(time.Unix(0, 0)).Seconds() * c.perSecond
}

// after is node n as it follows node i, and what that costs in votes; below zero
// when it cannot.
func (c *odometerChain) after(i int, n *odometerNode) (next odometerNode, cost int64) {
	e := &c.nodes[i]
	if n.corrects {
		return c.join(i, n, OdometerCorrection, e.offset), correctionCost(e, n)
	}
	if c.fits(e, n, e.offset) {
		return c.join(i, n, "", e.offset), c.haste(e, n)
	}
	if e.corrects {
		for _, dial := range c.dialsAt(e) {
			if offset := e.total - dial; c.fits(e, n, offset) {
				return c.join(i, n, OdometerCorrection, offset), 0
			}
		}
	}
	if e.blocked && c.fits(&c.nodes[e.good], n, c.nodes[e.good].offset) {
		next = c.join(e.good, n, "", c.nodes[e.good].offset)
		return next, 0
	}
	if full, ok := c.wrapped(e, n); ok {
		return c.join(i, n, OdometerWrap, e.offset+full), wrapVotes
	}
	return c.jump(i, n)
}

// correctionCost: a correction follows whatever has not gone further.
func correctionCost(e, n *odometerNode) int64 {
	if e.total > n.Metres {
		return -1
	}
	return 0
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

// join is n behind node i, on the scale with that offset. A link with a kind
// begins a segment.
func (c *odometerChain) join(i int, n *odometerNode, kind OdometerKind, offset float64) odometerNode {
	e, next := &c.nodes[i], *n
	next.offset, next.link, next.segment = offset, e.link, e.segment
	next.blocked, next.good = e.blocked && !n.byPerson(), e.good
	at := c.limit(n.Time)
	switch {
	case n.corrects:
		next.total, next.lead = n.Metres, at-n.Metres
		return next
	case kind == OdometerRollback && !n.accepted && !e.blocked:
		next.blocked, next.good = true, i
	case kind == OdometerCorrection:
		next.blocked = false
	}
	if kind != "" {
		next.link, next.segment = kind, n.index
	}
	next.total = max(e.total, n.Metres+offset)
	next.lead = max(e.lead, at-next.total)
	if n.accepted {
		next.lead = at - next.total
	}
	return next
}

// fits says whether n can follow e on the scale with that offset. With limit(t)
// the distance that the daily limit allows by time t, no reading of a series may
// rise above an earlier one by more than limit allows plus one day's worth. It is
// enough to remember the largest limit(t) - total of the series. What a person
// accepted has no limit.
func (c *odometerChain) fits(e, n *odometerNode, offset float64) bool {
	total := n.Metres + offset
	grain := 0.0
	if e.Source != n.Source {
		grain = n.grain()
	}
	if total < e.total && total <= e.total-grain {
		return false
	}
	return n.accepted ||
		total-e.total <= n.Time.Sub(e.Time).Seconds()*odometerTopSpeed+odometerGrain &&
			c.limit(n.Time)-total >= e.lead-c.perSecond*86400
}

// haste is what it costs a series to follow a reading at a speed that the class
// allows and this vehicle does not show: as much as a swap. Otherwise a value far
// too high would only have to wait, or to skip what contradicts it, until the
// daily limit has made room for it. One day at the limit is always free.
func (c *odometerChain) haste(e, n *odometerNode) int64 {
	usual := hasteFactor * max(c.pace, c.perSecond/20)
	if gain := n.Metres + e.offset - e.total; n.accepted || gain <= usual*n.Time.Sub(e.Time).Seconds()+c.perSecond*86400 {
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
func (c *odometerChain) jump(i int, n *odometerNode) (next odometerNode, cost int64) {
	e := &c.nodes[i]
	most := c.driven(e.Time, n.Time)
	fresh := n.Metres <= most+newCluster
	lower := n.Metres < e.Metres
	seconds := n.Time.Sub(e.Time).Seconds()
	usual, slack := c.pace*seconds, c.pace*(seconds/2+86400)+odometerGrain
	if !n.accepted && (scaled(n.Metres, e.Metres+usual-slack, e.Metres+usual+slack) == OdometerUnitMix ||
		scaled(n.Metres, e.Metres, e.Metres+most) == OdometerTypo) {
		return next, -1
	}
	kind, cost := OdometerSwap, int64(swapVotes)
	switch {
	case e.corrects: // the total is settled, whatever the instrument shows
		kind = OdometerCorrection
	case lower && !fresh:
		kind, cost = OdometerRollback, rollbackVotes
	}
	return c.join(i, n, kind, e.total+usual-n.Metres), cost
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
