package predict

import (
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// leastWorn is the wear from which the rate of a part that is watched since its first day is
// known, if its readings show it well.
const leastWorn = 0.03

// young gives a path that has worn little while it was watched its rate by how far it has
// come since its first day: parts that last for decades would else be judged by those that
// wear fast.
func (f *FleetPath) young(along *degradation.Curve) bool {
	if f.Run <= 0 || !f.sensed() || len(f.Points) < minPathReadings {
		return false
	}
	last := f.Points[len(f.Points)-min(len(f.Points), lastOfYoung):]
	tau, wear, noise := 0.0, 0.0, 0.0
	for _, q := range last {
		tau, wear, noise = tau+q.Tau, wear+q.Wear, noise+q.Noise
	}
	n := float64(len(last))
	tau, wear, noise = tau/n, wear/n, noise/n/math.Sqrt(n)
	if wear < leastWorn || wear < 2*noise || !(tau > 0) || !f.rises() {
		return false
	}
	f.Young, f.LogRate, f.LogRateSE = true, math.Log(along.Progress(wear)/tau), noise/wear
	return true
}

// youngAgain gives young paths their rate anew, now that their readings are what they are taken
// for; those that have none any more are left out.
func youngAgain(own []FleetPath, along *degradation.Curve) []FleetPath {
	kept := own[:0]
	for _, f := range own {
		if !f.Young || f.young(along) {
			kept = append(kept, f)
		}
	}
	return kept
}

// rises reports whether the later half of a path's points is worn more than the earlier.
func (f *FleetPath) rises() bool {
	half, rise := len(f.Points)/2, 0.0
	for i := range half {
		rise += f.Points[len(f.Points)-1-i].Wear - f.Points[i].Wear
	}
	return rise > 0
}

// lastOfYoung is how many of a young path's points say how far it has come.
const lastOfYoung = 10

// grown are the paths without the young ones.
func grown(paths []FleetPath) []FleetPath {
	return slices.DeleteFunc(slices.Clone(paths), func(f FleetPath) bool { return f.Young })
}
