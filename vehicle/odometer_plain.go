package vehicle

import (
	"math"
	"slices"
)

// inOrder are the readings in order, with zeros without a sign: the same slice, where
// they came so. Those before the first that did not are not sorted again: they are most.
func inOrder(readings []OdometerReading) []OdometerReading {
	sorted := 0
	for sorted < len(readings) && isInOrder(readings, sorted) {
		sorted++
	}
	if sorted == len(readings) {
		return readings
	}
	all := slices.Clone(readings)
	late := slices.Clone(all[sorted:])
	for i := range late {
		late[i].Metres, late[i].Raw = plus(late[i].Metres), plus(late[i].Raw)
	}
	slices.SortFunc(late, compareReadings)
	for i, k := sorted-1, len(all)-1; len(late) > 0; k-- {
		if last := late[len(late)-1]; i < 0 || compareReadings(all[i], last) <= 0 {
			all[k], late = last, late[:len(late)-1]
		} else {
			all[k] = all[i]
			i--
		}
	}
	return all
}

// isInOrder reports whether reading i follows the one before, and has no zero with a sign.
func isInOrder(readings []OdometerReading, i int) bool {
	r := &readings[i]
	if r.Metres == 0 || r.Raw == 0 {
		if math.Signbit(r.Metres) || math.Signbit(r.Raw) {
			return false
		}
	}
	return i == 0 || readings[i-1].Time.Before(r.Time) || compareReadings(readings[i-1], *r) <= 0
}

// plain is the ledger of readings with nothing decided about them, each of
// which follows the one before, in order, on one scale and at no cost; false where one does not.
// The series of all of them has every vote, more than any other, so that there is
// nothing to look for. The pace of the vehicle is taken as 0, which makes the rules
// only stricter.
func plain(accepted []AcceptedReading, readings []OdometerReading, perSecond float64) (l OdometerLedger, ok bool) {
	c := odometerChain{perSecond: perSecond}
	l.Accepted = slices.Grow(accepted[:0], len(readings))
	var nodes [2]odometerNode
	for i := range readings {
		e, n := &nodes[(i+1)%2], &nodes[i%2]
		n.OdometerReading, n.limit = &readings[i], c.limit(readings[i].Time)
		switch {
		case i > 0 && c.goesOn(e, n):
			n.total, n.lead = n.Metres, max(e.lead, n.limit-n.Metres)
		case !isDistance(n.Metres), !isInOrder(readings, i):
			return l, false
		case i == 0:
			n.total, n.lead = n.Metres, n.limit-n.Metres
			l.Segments = []OdometerSegment{c.segmentAt(n, -1)}
		case !e.Time.Before(n.Time) && compareReadings(*e.OdometerReading, *n.OdometerReading) == 0:
			nodes[i%2] = *e
			continue
		case e.Time.Equal(n.Time) && e.Metres == n.Metres, !c.fits(e, n, 0), c.haste(e, n) > 0:
			return l, false
		default:
			n.total = max(e.total, n.Metres)
			n.lead = max(e.lead, n.limit-n.total)
		}
		l.Accepted = l.Accepted[:len(l.Accepted)+1]
		a := &l.Accepted[len(l.Accepted)-1]
		a.OdometerReading, a.Total, a.By = readings[i], n.total, ""
	}
	return l, true
}

// goesOn reports whether a reading follows another as nearly all do: later, no lower, and by less than a day's worth and
// what whole seconds allow. Of others it says nothing.
func (c *odometerChain) goesOn(e, n *odometerNode) bool {
	day, seconds := c.perSecond*86400, float64(n.Time.Unix()-e.Time.Unix()-1)
	gain := n.Metres - e.total
	return seconds >= 0 && gain >= 0 && gain <= min(day, seconds*odometerTopSpeed) && n.limit-n.Metres >= e.lead-day &&
		n.Metres > 0 && n.Raw > 0
}
