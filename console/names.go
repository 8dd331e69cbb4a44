package console

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// Orders and reminders carry a VIN; people know cars by name and plate. What
// was looked up is kept for a minute, so that live pages do not ask again.
const (
	keptNames   = 4096
	keepNameFor = time.Minute
	askAtOnce   = 8
)

// named is a vehicle as it was called at a time; nil when it was not found.
type named struct {
	vehicle *pitcrewv1.Vehicle
	asked   time.Time
}

func newNames() (*lru.Cache[string, named], error) { return lru.New[string, named](keptNames) }

// called returns the vehicles of these VINs. One that cannot be found is nil:
// its VIN is shown instead of a name.
func (s *server) called(ctx context.Context, vins []string) map[string]*pitcrewv1.Vehicle {
	out := make(map[string]*pitcrewv1.Vehicle, len(vins))
	var missing []string
	for _, vin := range vins {
		if _, asked := out[vin]; asked {
			continue
		}
		known, ok := s.names.Get(vin)
		if out[vin] = known.vehicle; !ok || s.now().Sub(known.asked) > keepNameFor {
			missing = append(missing, vin)
		}
	}
	found := make([]*pitcrewv1.Vehicle, len(missing))
	var group errgroup.Group
	group.SetLimit(askAtOnce)
	for i, vin := range missing {
		group.Go(func() error {
			answer, err := s.vehicles.ListVehicles(ctx, &pitcrewv1.ListVehiclesRequest{Query: vin, PageSize: 1})
			if err != nil {
				s.log.WarnContext(ctx, "a vehicle's name could not be read", "vin", vin, "error", err)
				return nil
			}
			for _, v := range answer.GetVehicles() {
				if v.GetVin() == vin {
					found[i] = v
				}
			}
			return nil
		})
	}
	_ = group.Wait() // the functions answer no errors
	for i, vin := range missing {
		if found[i] != nil {
			out[vin] = found[i]
			s.names.Add(vin, named{found[i], s.now()})
		}
	}
	return out
}
