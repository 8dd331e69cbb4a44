package predict

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict/thin"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What it takes to calibrate a component that sensors follow.
const (
	enoughWorn = 120 // vehicles in which it was worn
	wornFrom   = 0.6 // wear from which forecasts say something that comes within a few years
)

// WornParts are vehicles to look back at for one component alone: of what hardly wears down within
// the years that a fleet is watched, as a traction battery, a sample of the fleet holds too few to
// calibrate by. They are those in which it was followed and worn for the most part, whatever came
// then; without those of the sample, and evenly so many that both together are enough. Nothing of
// components that the sample has enough of.
func WornParts(paths []FleetPath, sample map[vehicle.VIN]bool) map[Component][]vehicle.VIN {
	worn := map[Component]map[vehicle.VIN]bool{}
	for i := range paths {
		if f := &paths[i]; f.wasWorn() {
			if worn[f.Component] == nil {
				worn[f.Component] = map[vehicle.VIN]bool{}
			}
			worn[f.Component][f.VIN] = true
		}
	}
	beside := map[Component][]vehicle.VIN{}
	for c, vehicles := range worn {
		var others []vehicle.VIN
		for vin := range vehicles {
			if !sample[vin] {
				others = append(others, vin)
			}
		}
		if lacking := enoughWorn - (len(vehicles) - len(others)); lacking > 0 && len(others) > 0 {
			slices.Sort(others)
			beside[c] = thin.Evenly(others, lacking)
		}
	}
	return beside
}

// wasWorn reports whether a sensor has shown the part worn for the most part.
func (f *FleetPath) wasWorn() bool {
	return slices.ContainsFunc(f.Points, func(p Point) bool { return p.Wear >= wornFrom && followsWear(p.Source) })
}
