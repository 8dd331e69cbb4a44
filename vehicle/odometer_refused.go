package vehicle

import (
	"fmt"
	"math"
	"strconv"
)

// nextKept is for each node the first kept one after it, -1 for none.
func (c *odometerChain) nextKept() []int {
	next, after := make([]int, len(c.nodes)), -1
	for i := len(c.nodes) - 1; i >= 0; i-- {
		next[i] = after
		if c.nodes[i].kept {
			after = i
		}
	}
	return next
}

// gap is where a reading should have been, on the instrument of its neighbours.
type gap struct {
	low, high   float64
	last, after *odometerNode // the neighbours, nil for none
}

// gapAt is the gap between the accepted neighbours; one is always there, unless
// nothing was accepted.
func (c *odometerChain) gapAt(n *odometerNode, last, next int) gap {
	var g gap
	if next >= 0 {
		g.after = &c.nodes[next]
		g.high = g.after.total - g.after.offset
		g.low = max(g.high-c.driven(n.Time, g.after.Time), 0)
	}
	if last >= 0 {
		g.last = &c.nodes[last]
		g.low = g.last.total - g.last.offset
		if most := g.low + c.driven(g.last.Time, n.Time); g.after == nil || g.after.offset != g.last.offset || g.high > most {
			g.high = most
		}
	}
	return g
}

// misfit says what a reading that is not in the series is, by its neighbours in it.
func (c *odometerChain) misfit(n *odometerNode, last, next int) (OdometerKind, string) {
	g := c.gapAt(n, last, next)
	within := gap{low: max(g.low-odometerGrain, 0), high: g.high + odometerGrain}
	if g.last == nil && g.after == nil {
		return OdometerSpike, "contradicts what a person said" // a correction that another one made void
	}
	if n.corrects {
		return OdometerCorrection, fmt.Sprintf("this correction by %s contradicts %s", n.by, g.neighbour(n))
	}
	if n.behind && g.last != nil {
		return OdometerRollback, fmt.Sprintf("stays lower than %s on %s: turned back, or a used cluster; a person must say which",
			km(g.low), date(g.last.Time))
	}
	if scaled(n.Metres, within.low, within.high) == OdometerUnitMix {
		return OdometerUnitMix, unitReason(n.Metres, within)
	}
	if how := typo(n, within); how != "" {
		return OdometerTypo, how + ", " + g.neighbour(n)
	}
	switch {
	case g.last != nil && n.Metres < g.low:
		return c.lower(n, g)
	case g.after != nil && n.Metres > g.high && (g.last == nil || g.after.offset == g.last.offset):
		return OdometerSpike, fmt.Sprintf("higher than %s on %s", km(g.after.shown().Metres), date(g.after.Time))
	case g.last != nil:
		return OdometerSpike, fmt.Sprintf("too far from %s on %s in too short a time", km(g.low), date(g.last.Time))
	}
	return OdometerSpike, "fits no reading after it"
}

// lower tells what a reading is that is lower than the accepted one before it.
func (c *odometerChain) lower(n *odometerNode, g gap) (OdometerKind, string) {
	before := fmt.Sprintf("lower than %s on %s", km(g.low), date(g.last.Time))
	if full, ok := c.wrapped(g.last, n); ok {
		return OdometerWrap, fmt.Sprintf("%s: a counter of %s that ran over would show this, but later readings do not bear it out", before, km(full))
	}
	switch {
	case g.after != nil:
		return OdometerSpike, before
	case n.Metres <= c.driven(g.last.Time, n.Time)+newCluster:
		return OdometerSwap, before + ", near zero: a new cluster, if three days of readings say so or a person accepts it"
	}
	return OdometerRollback, before + ": turned back, a used cluster or a slip; a person must say which"
}

// neighbour names the reading that a misfit is seen by.
func (g gap) neighbour(n *odometerNode) string {
	by := g.last
	if by == nil || g.after != nil && n.Metres > g.high {
		by = g.after
	}
	if by == nil {
		by = g.last
	}
	return fmt.Sprintf("%s on %s", km(by.shown().Metres), date(by.Time))
}

func unitReason(metres float64, g gap) string {
	if as := metres * metresPerMile / 1000; as >= g.low && as <= g.high {
		return fmt.Sprintf("miles taken for kilometres: %.0f mi is %s, which fits", metres/1000, km(as))
	}
	as := metres / metresPerMile * 1000
	return fmt.Sprintf("kilometres taken for miles: %.0f km fits", as/1000)
}

// typo says which slip of a hand would make the reading fit, empty for none. It
// looks at the digits in the unit they were given in, whole ones only.
func typo(n *odometerNode, g gap) string {
	unit, raw := n.Unit.metres(), n.Raw
	if n.Unit == "" || n.Unit == Metres {
		unit, raw = 1000, n.Metres/1000
	}
	fits := func(raw float64) bool { return raw*unit >= g.low && raw*unit <= g.high }
	digits := []byte(strconv.FormatFloat(math.Trunc(min(raw, 1e15)), 'f', 0, 64))
	value := func(d []byte) float64 { v, _ := strconv.ParseFloat(string(d), 64); return v }
	for i := range len(digits) - 1 {
		digits[i], digits[i+1] = digits[i+1], digits[i]
		ok := digits[i] != digits[i+1] && fits(value(digits))
		digits[i], digits[i+1] = digits[i+1], digits[i]
		if ok {
			return fmt.Sprintf("two digits swapped: digits %d and %d", i+1, i+2)
		}
	}
	switch {
	case fits(raw / 10), fits(raw / 100):
		return "a digit too many"
	case (raw*10+10)*unit > g.low && raw*10*unit <= g.high:
		return "a digit too few"
	}
	for i := range digits {
		if len(digits) < 4 {
			break // with few digits anything is one wrong digit away
		}
		was := digits[i]
		for d := byte('0'); d <= '9'; d++ {
			digits[i] = d
			if d != was && digits[0] != '0' && fits(value(digits)) {
				return fmt.Sprintf("digit %d wrong: %c for %c", i+1, was, d)
			}
		}
		digits[i] = was
	}
	return ""
}
