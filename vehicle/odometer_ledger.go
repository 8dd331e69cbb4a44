package vehicle

import (
	"cmp"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// LedgerOf sorts readings into those that the instruments of one vehicle can
// have shown and those that they cannot, and puts the former on one scale that
// never goes down. maxKmPerDay is what a vehicle of the class can do for days on
// end, see CarKmPerDay.
//
// The ledger keeps the series with the most votes. A day has one vote, which its
// readings share, so that a fault of ten seconds in a logger of every second is
// no majority. Within a series no reading is lower than the one before (where the
// sources differ, it may be by less than one unit of whole kilometres or miles, and
// beside a visit to a workshop by what the vehicle usually does in a day), none beats 300 km/h from its neighbour (or, where that is more, three times the daily limit), and none gains more than
// maxKmPerDay per day, and one day's worth, since any earlier one. A series may
// go over to another offset, and pays votes for it:
//
//   - A wrap, where the value is lower by a counter's full range (2^24 m,
//     2^24 x 100 m, 2^16, 10^5 and 10^6 km or miles) and fits with it: almost nothing,
//     as chance does not do that. The offset is exact.
//
//   - A swap: more than two days. The value is higher than anybody can have driven,
//     or so low that a new cluster can have gathered it since. The offset takes the
//     vehicle to have gone on at its usual pace between the two readings. What it
//     did do nobody knows.
//
//   - A rollback: more than four days. The value is lower and stays so, but is not
//     near zero. From the readings alone, a dial that was turned back and a
//     used cluster look the same. All readings from there on are refused, until they
//     fit the old scale again or a person accepts one of them, which opens a segment,
//     or corrects the total.
//
//   - Haste: as much as a swap. The distance is allowed to the class, but is far above
//     what this vehicle does, and over more than a day.
//
// So a swap shows when it has lasted three days of readings, a rollback five;
// before that the readings are refused, and accepted when the later ones arrive.
//
// What readings alone cannot tell: a used cluster that shows a little more than
// the old one, as much as could have been driven; one that shows so little less
// that the distance is made good within some readings; one that shows about what the
// old one would in the other unit, or with a digit more or less, as that is refused
// however long it stays. And when the wrong readings outnumber the right ones and nothing
// else speaks against them, they win. In all of these a person can accept, void or
// correct a reading.
//
// The answer does not depend on the order of the facts, facts that are given
// twice count once, and the work is proportional to n log n: a reading is
// compared with the 40 before it and with the best one before those.
func LedgerOf(readings []OdometerReading, decisions []OdometerDecision, maxKmPerDay float64) OdometerLedger {
	return LedgerIn(nil, readings, decisions, maxKmPerDay)
}

// LedgerIn is LedgerOf, in memory that was of the accepted readings of another ledger, which
// is lost.
func LedgerIn(accepted []AcceptedReading, readings []OdometerReading, decisions []OdometerDecision, maxKmPerDay float64) OdometerLedger {
	perSecond := maxKmPerDay * 1000 / 86400
	if len(decisions) == 0 {
		if l, ok := plain(accepted, readings, perSecond); ok {
			return l
		}
	}
	sorted := inOrder(readings)
	if len(decisions) == 0 && len(sorted) > 0 && &sorted[0] != &readings[0] { // they did not come so
		if l, ok := plain(accepted, sorted, perSecond); ok {
			return l
		}
	}
	return chosen(sorted, decisions, perSecond)
}

// chosen is the ledger of the best series of readings, which are in order.
func chosen(readings []OdometerReading, decisions []OdometerDecision, perSecond float64) OdometerLedger {
	var l OdometerLedger
	c := odometerChain{nodes: l.nodesOf(readings, decisions), perSecond: perSecond}
	c.pace = paceOf(c.nodes, c.perSecond)
	c.vote()
	c.link()
	l.take(&c)
	return l
}

// readingKey is what a decision names a reading by.
type readingKey struct {
	at     int64
	metres uint64 // its bits: what is not a number can be voided, too
	source OdometerSource
}

func keyOf(r OdometerReading) readingKey {
	return readingKey{r.Time.UnixNano(), math.Float64bits(plus(r.Metres)), r.Source}
}

// plus is f, where -0, which prints and sorts like nothing else, is 0.
func plus(f float64) float64 {
	if f == 0 {
		return 0
	}
	return f
}

// newestDecisions keeps the decision that counts for each reading.
func newestDecisions(decisions []OdometerDecision) map[readingKey]OdometerDecision {
	sorted := slices.Clone(decisions)
	slices.SortFunc(sorted, func(a, b OdometerDecision) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.By, b.By), cmp.Compare(a.Verdict, b.Verdict),
			cmp.Compare(a.Metres, b.Metres), compareReadings(a.Reading, b.Reading))
	})
	out := make(map[readingKey]OdometerDecision, len(sorted))
	for _, d := range sorted {
		d.Metres = plus(d.Metres)
		out[keyOf(d.Reading)] = d
	}
	return out
}

// DecisionsInForce are the decisions that count: the newest about each reading, less
// those that withdraw one, in order of the readings' time.
func DecisionsInForce(decisions []OdometerDecision) []OdometerDecision {
	var out []OdometerDecision
	for _, d := range newestDecisions(decisions) {
		if d.Verdict != WithdrawDecision {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b OdometerDecision) int { return compareReadings(a.Reading, b.Reading) })
	return out
}

// nodesOf joins the readings, which are in order, and the corrections, and refuses what no
// odometer shows, what is said twice, and what a person took out.
func (l *OdometerLedger) nodesOf(readings []OdometerReading, decisions []OdometerDecision) []odometerNode {
	decided := newestDecisions(decisions)
	nodes := make([]odometerNode, 0, len(readings)+len(decided))
	known := make(map[readingKey]bool)
	if len(decided) > 0 { // it is asked about decisions
		for _, r := range readings {
			known[keyOf(r)] = true
		}
	}
	sorted := slices.Clip(readings)
	for key, d := range decided {
		switch {
		case d.Verdict == AcceptReading && !known[key]:
			sorted = append(sorted, d.Reading)
		case d.Verdict == CorrectReading && isDistance(d.Metres):
			dial := math.NaN()
			if known[key] || d.Reading.Metres > 0 { // else it is about a time
				dial = d.Reading.Metres
			}
			nodes = append(nodes, odometerNode{by: d.By, corrects: true, dial: dial, OdometerReading: &OdometerReading{
				Time: d.Reading.Time, Metres: d.Metres, Source: OdometerPerson, Raw: d.Metres, Unit: Metres,
			}})
		}
	}
	if len(sorted) > len(readings) {
		sorted = inOrder(sorted)
	}
	for i := range sorted {
		r := sorted[i]
		if i > 0 && compareReadings(sorted[i-1], r) == 0 {
			continue
		}
		d := decided[keyOf(r)]
		last := len(nodes) - 1
		switch {
		case !isDistance(r.Metres):
			l.refuse(r, OdometerNotDistance, say("not a distance", "不是里程数"))
		case d.Verdict == VoidReading:
			l.refuse(r, OdometerVoided, say("voided by %[1]s on %[2]s", "%[1]s 于 %[2]s 作废", d.By, date(d.At)))
		case d.Verdict == CorrectReading && isDistance(d.Metres):
			l.refuse(r, OdometerCorrection, say("corrected by %[1]s on %[2]s: %[3]s km in all", "%[1]s 于 %[2]s 更正：总里程 %[3]s 公里", d.By, date(d.At), km(d.Metres)))
		case last >= 0 && !nodes[last].corrects && nodes[last].Time.Equal(r.Time) && nodes[last].Metres == r.Metres:
			l.refuse(r, OdometerDuplicate, duplicateReason(nodes[last].Source))
			if d.Verdict == AcceptReading {
				nodes[last].accepted, nodes[last].by = true, d.By
			}
		default:
			nodes = append(nodes, odometerNode{OdometerReading: &sorted[i], accepted: d.Verdict == AcceptReading, by: d.By})
		}
	}
	if len(decided) == 0 {
		return nodes
	}
	slices.SortFunc(nodes, func(a, b odometerNode) int {
		return cmp.Or(compareReadings(*a.OdometerReading, *b.OdometerReading), cmp.Compare(a.by, b.by), cmp.Compare(a.dial, b.dial))
	})
	return nodes
}

func duplicateReason(s OdometerSource) lang.Text {
	if s == "" {
		return say("already known", "已有相同读数")
	}
	return say("already known from %[1]s", "已有来自%[2]s的相同读数", s, sourceZH(s))
}

func (l *OdometerLedger) refuse(r OdometerReading, kind OdometerKind, reason lang.Text) {
	l.Refused = append(l.Refused, RefusedReading{r, kind, reason})
}

// take reads the best series off the chain: accepted readings, segments, and why
// the others were refused.
func (l *OdometerLedger) take(c *odometerChain) {
	confirmed := map[int]bool{}
	for i := range c.nodes {
		if n := &c.nodes[i]; n.kept && n.byPerson() {
			confirmed[n.segment] = true
		}
	}
	for i := range c.nodes {
		n := &c.nodes[i]
		n.behind = n.kept && n.blocked && !confirmed[n.segment]
		n.kept = n.kept && !n.behind
	}
	next := c.nextKept()
	l.Accepted = make([]AcceptedReading, 0, len(c.nodes))
	last, open := -1, -1 // the reading accepted last, the segment it is in
	for i := range c.nodes {
		n := &c.nodes[i]
		if !n.kept {
			kind, reason := c.misfit(n, last, next[i])
			l.refuse(*n.OdometerReading, kind, reason)
			continue
		}
		// Coming back to the old scale continues its segment.
		if n.segment != open && (open < 0 || n.offset != c.nodes[last].offset) {
			l.Segments = append(l.Segments, c.segmentAt(n, last))
		}
		l.Accepted = append(l.Accepted, AcceptedReading{OdometerReading: n.shown(), Total: n.total, By: n.by})
		last, open = i, n.segment
	}
	slices.SortFunc(l.Refused, func(a, b RefusedReading) int {
		return cmp.Or(compareReadings(a.Reading, b.Reading), cmp.Compare(a.Kind, b.Kind))
	})
}

func (c *odometerChain) segmentAt(n *odometerNode, last int) OdometerSegment {
	s := OdometerSegment{Start: n.Time, Offset: n.offset, Kind: n.link}
	if last < 0 {
		s.Kind, s.Why = OdometerFirst, say("the first reading", "首个读数")
		return s
	}
	before := &c.nodes[last]
	from := say("%[1]s km after %[2]s km on %[3]s", "%[3]s 为 %[2]s 公里，此后为 %[1]s 公里",
		km(n.Metres), km(before.shown().Metres), date(before.Time))
	switch n.link {
	case OdometerWrap:
		s.Why = say("%[1]s: the counter ran over at %[3]s km", "%[2]s：计数器在 %[3]s 公里处归零", from.EN, from.ZH, km(n.offset-before.offset))
	case OdometerRollback:
		s.Why = say("%[1]s: turned back, or a used cluster, accepted by a person", "%[2]s：里程被回调或换装旧仪表，已由人员确认", from.EN, from.ZH)
	case OdometerCorrection:
		s.Why = say("%[1]s: follows the correction by %[3]s", "%[2]s：依据 %[3]s 的更正", from.EN, from.ZH, before.by)
	default:
		s.Kind, s.Why = OdometerSwap, say("%[1]s: the cluster was replaced", "%[2]s：仪表已更换", from.EN, from.ZH)
		if n.accepted {
			s.Why = say("%[1]s, accepted by %[3]s", "%[2]s，由 %[3]s 确认", s.Why.EN, s.Why.ZH, n.by)
		}
	}
	return s
}
