package vehicle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// OdometerReading is a total distance seen at one time: by the car, on a work
// order, or by a person.
type OdometerReading struct {
	Time   time.Time
	Metres float64
}

// RefusedReading is an odometer reading that does not fit the others.
type RefusedReading struct {
	Reading OdometerReading
	Reason  string
}

const (
	odometerTopSpeed = 300.0 / 3.6 // m/s: no car on the road keeps it up
	odometerGrain    = 1000.0      // m: dashboards and service records show whole kilometres
)

// OdometerChain sorts readings into those that one odometer can have shown and
// those that it cannot: typing errors, spikes, another car's book. It keeps the
// longest series that never goes down, never beats 300 km/h between neighbours,
// and never gains more than maxKmPerDay per day, and one day's worth, since any
// earlier reading of the series. Where two series are equally long, the one with
// the newest reading is kept, then the one with less distance.
//
// The answer does not depend on the order of the input and is in order of time;
// readings that are equal are kept once. The work grows with the square of the
// number of readings: give it one or two per day, not every sample.
func OdometerChain(readings []OdometerReading, maxKmPerDay float64) (accepted []OdometerReading, refused []RefusedReading) {
	nodes := odometerNodes(readings, &refused)
	perSecond := maxKmPerDay * 1000 / 86400
	best := -1
	for j := range nodes {
		nodes[j].extend(nodes[:j], perSecond, maxKmPerDay*1000)
		if best < 0 || nodes[j].better(&nodes[best]) {
			best = j
		}
	}
	for i := best; i >= 0; i = nodes[i].before {
		nodes[i].kept = true
	}
	var last *OdometerReading
	for i := range nodes {
		n := &nodes[i]
		if n.kept {
			accepted = append(accepted, n.OdometerReading)
			last = &accepted[len(accepted)-1]
			continue
		}
		refused = append(refused, RefusedReading{n.OdometerReading, misfit(n.OdometerReading, last, nodes[i+1:])})
	}
	slices.SortFunc(refused, func(a, b RefusedReading) int { return compareReadings(a.Reading, b.Reading) })
	return accepted, refused
}

// odometerNode is a reading and the longest series that ends with it.
type odometerNode struct {
	OdometerReading
	length int
	before int     // index of the reading before it in that series, -1 for none
	lead   float64 // the largest limit(t) - metres in that series, see extend
	kept   bool
}

// odometerNodes orders the readings by time and drops those that no odometer
// shows.
func odometerNodes(readings []OdometerReading, refused *[]RefusedReading) []odometerNode {
	sorted := slices.Clone(readings)
	slices.SortFunc(sorted, compareReadings)
	nodes := make([]odometerNode, 0, len(sorted))
	for _, r := range sorted {
		switch {
		case math.IsNaN(r.Metres) || math.IsInf(r.Metres, 0) || r.Metres < 0:
			*refused = append(*refused, RefusedReading{r, "not a distance"})
		case len(nodes) > 0 && compareReadings(nodes[len(nodes)-1].OdometerReading, r) == 0:
		default:
			nodes = append(nodes, odometerNode{OdometerReading: r, before: -1})
		}
	}
	return nodes
}

func compareReadings(a, b OdometerReading) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Metres, b.Metres))
}

// extend finds the longest series that n can follow. With limit(t) the distance
// that the daily limit allows by time t, no reading of a series may rise above
// an earlier one by more than limit allows plus one day's worth. It is enough to
// remember the largest limit(t) - metres of the series.
func (n *odometerNode) extend(earlier []odometerNode, perSecond, slack float64) {
	at := n.Time.Sub(time.Unix(0, 0)).Seconds() * perSecond
	n.length, n.lead = 1, at-n.Metres
	for i := range earlier {
		e := &earlier[i]
		gain, seconds := n.Metres-e.Metres, n.Time.Sub(e.Time).Seconds()
		if gain < 0 || gain > seconds*odometerTopSpeed+odometerGrain || at-n.Metres < e.lead-slack {
			continue
		}
		if n.before < 0 || e.length+1 > n.length || e.length+1 == n.length && e.Metres < earlier[n.before].Metres {
			n.before, n.length, n.lead = i, e.length+1, max(e.lead, at-n.Metres)
		}
	}
}

// better prefers the longer series, then the newer, then the one with less
// distance.
func (n *odometerNode) better(o *odometerNode) bool {
	if n.length != o.length {
		return n.length > o.length
	}
	return cmp.Or(n.Time.Compare(o.Time), cmp.Compare(o.Metres, n.Metres)) > 0
}

// misfit says why a reading is not in the series, by its neighbours in it.
func misfit(r OdometerReading, last *OdometerReading, later []odometerNode) string {
	if last != nil && r.Metres < last.Metres {
		return fmt.Sprintf("lower than %.0f km on %s", last.Metres/1000, last.Time.UTC().Format(time.DateOnly))
	}
	for i := range later {
		if next := &later[i]; next.kept && r.Metres > next.Metres {
			return fmt.Sprintf("higher than %.0f km on %s", next.Metres/1000, next.Time.UTC().Format(time.DateOnly))
		}
	}
	return "too far in too short a time"
}
