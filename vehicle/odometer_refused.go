package vehicle

import (
	"math"
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
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
func (c *odometerChain) misfit(n *odometerNode, last, next int) (OdometerKind, lang.Text) {
	g := c.gapAt(n, last, next)
	about := odometerGrain + c.sameDay(n)
	within := gap{low: max(g.low-about, 0), high: g.high + about}
	if g.last == nil && g.after == nil {
		return OdometerSpike, say("contradicts what a person said", "与人员的认定矛盾") // a correction that another one made void
	}
	by, on := g.neighbour(n)
	if n.corrects {
		return OdometerCorrection, say("this correction by %[1]s contradicts %[2]s km on %[3]s", "%[1]s 的此项更正与 %[3]s 的 %[2]s 公里矛盾", n.by, by, on)
	}
	if n.behind && g.last != nil {
		return OdometerRollback, say("stays lower than %[1]s km on %[2]s: turned back, or a used cluster; a person must say which",
			"持续低于 %[2]s 的 %[1]s 公里：里程被回调或换装旧仪表，须由人员认定", km(g.low), date(g.last.Time))
	}
	if scaled(n.Metres, within.low, within.high) == OdometerUnitMix {
		return OdometerUnitMix, unitReason(n.Metres, within)
	}
	if how := typo(n, within); !how.IsZero() {
		return OdometerTypo, say("%[1]s, beside %[3]s km on %[4]s", "%[2]s，对照 %[4]s 的 %[3]s 公里", how.EN, how.ZH, by, on)
	}
	switch {
	case g.last != nil && n.Metres < g.low:
		return c.lower(n, g)
	case g.after != nil && n.Metres > g.high && (g.last == nil || g.after.offset == g.last.offset):
		return OdometerSpike, say("higher than %[1]s km on %[2]s", "高于 %[2]s 的 %[1]s 公里", km(g.after.shown().Metres), date(g.after.Time))
	case g.last != nil:
		return OdometerSpike, say("too far from %[1]s km on %[2]s in too short a time", "短时间内与 %[2]s 的 %[1]s 公里相差过大", km(g.low), date(g.last.Time))
	}
	return OdometerSpike, say("fits no reading after it", "与其后的读数均不相符")
}

// lower tells what a reading is that is lower than the accepted one before it.
func (c *odometerChain) lower(n *odometerNode, g gap) (OdometerKind, lang.Text) {
	before := say("lower than %[1]s km on %[2]s", "低于 %[2]s 的 %[1]s 公里", km(g.low), date(g.last.Time))
	if full, ok := c.wrapped(g.last, n); ok {
		return OdometerWrap, say("%[1]s: a counter of %[3]s km that ran over would show this, but later readings do not bear it out",
			"%[2]s：量程 %[3]s 公里的计数器归零会如此显示，但其后的读数不支持", before.EN, before.ZH, km(full))
	}
	switch {
	case g.after != nil:
		return OdometerSpike, before
	case n.Metres <= c.driven(g.last.Time, n.Time)+newCluster:
		return OdometerSwap, say("%[1]s, near zero: a new cluster, if three days of readings say so or a person accepts it",
			"%[2]s，接近零：若连续三天读数如此或经人员接受，则为新仪表", before.EN, before.ZH)
	}
	return OdometerRollback, say("%[1]s: turned back, a used cluster or a slip; a person must say which",
		"%[2]s：里程被回调、换装旧仪表或误读，须由人员认定", before.EN, before.ZH)
}

// neighbour is the reading that a misfit is seen by, as it was shown, and its day.
func (g gap) neighbour(n *odometerNode) (shown, on string) {
	by := g.last
	if by == nil || g.after != nil && n.Metres > g.high {
		by = g.after
	}
	if by == nil {
		by = g.last
	}
	return km(by.shown().Metres), date(by.Time)
}

func unitReason(metres float64, g gap) lang.Text {
	if as := metres * metresPerMile / 1000; as >= g.low && as <= g.high {
		return say("miles taken for kilometres: %[1]s mi is %[2]s km, which fits", "英里被当作公里：%[1]s 英里即 %[2]s 公里，相符", km(metres), km(as))
	}
	return say("kilometres taken for miles: %[1]s km fits", "公里被当作英里：%[1]s 公里相符", km(metres/metresPerMile*1000))
}

// typo says which slip of a hand would make the reading fit, empty for none. It
// looks at the digits in the unit they were given in, whole ones only.
func typo(n *odometerNode, g gap) lang.Text {
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
			return say("two digits swapped: digits %d and %d", "第 %d 位与第 %d 位数字互换", i+1, i+2)
		}
	}
	switch {
	case fits(raw / 10), fits(raw / 100):
		return say("a digit too many", "多输入了一位数字")
	case (raw*10+10)*unit > g.low && raw*10*unit <= g.high:
		return say("a digit too few", "少输入了一位数字")
	}
	for i := range digits {
		if len(digits) < 4 {
			break // with few digits anything is one wrong digit away
		}
		was := digits[i]
		for d := byte('0'); d <= '9'; d++ {
			digits[i] = d
			if d != was && digits[0] != '0' && fits(value(digits)) {
				return say("digit %[1]d wrong: %[2]c for %[3]c", "第 %[1]d 位数字有误：应为 %[3]c，写成 %[2]c", i+1, was, d)
			}
		}
		digits[i] = was
	}
	return lang.Text{}
}
