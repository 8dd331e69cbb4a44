package evaluate

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/vehicle/planted"
)

// TestAToldOdometerIsNearerThanTheLine hides months of fuel cards but for one odometer, of which one in
// ten is typed wrongly by a digit: at which kilometre something was renewed on that day is known better by it than by the
// line between the odometers before and after.
func TestAToldOdometerIsNearerThanTheLine(t *testing.T) {
	t.Parallel()
	cards, err := readFuelCards(os.DirFS(SharedData(t, fuelCards.Name)))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, months := range []int{2, 4, 6} {
		var line, told []float64 // km off
		for _, c := range cards {
			if !planted.HasOdometer(c.readings, 2./3) {
				continue
			}
			track := trackOf(ledgerOf(c.readings).Accepted)
			for start := track[0].Time.AddDate(0, 0, 1); start.Before(track[len(track)-1].Time); start = start.AddDate(0, 2, 0) {
				visit, end := start.AddDate(0, 0, months*(6+random.IntN(18))), start.AddDate(0, months, 0)
				from, ok := track.at(start)
				truth, okVisit := track.at(visit)
				to, okEnd := track.at(end)
				if !ok || !okVisit || !okEnd {
					continue
				}
				service := predict.Service{Component: predict.CabinFilter, Time: visit}
				renewedAt := func() float64 {
					f, _ := predict.ForecastOf(predict.Input{Powertrain: vehicle.Petrol, Now: end.AddDate(0, 0, 1), Services: []predict.Service{service}, Days: []predict.Day{
						{Day: vehicle.DayOf(start), OdometerKm: from}, {Day: vehicle.DayOf(end), OdometerKm: to, DistanceKm: to - from},
					}}, predict.CabinFilter)
					return f.ServicedKm
				}
				line = append(line, math.Abs(renewedAt()-truth))
				service.OdometerKm = truth
				if random.IntN(10) == 0 {
					service.OdometerKm = mistyped(random, truth)
				}
				told = append(told, math.Abs(renewedAt()-truth))
			}
		}
		slices.Sort(line)
		slices.Sort(told)
		nine := len(line) * 9 / 10
		t.Logf("%d months, %d renewals: mean %.0f km off, by the line %.0f; nine in ten within %.0f, by the line %.0f",
			months, len(line), mean(told), mean(line), told[nine], line[nine])
		if !(mean(told) < 0.4*mean(line)) {
			t.Errorf("%d months: %.0f km off, by the line %.0f", months, mean(told), mean(line))
		}
	}
}

// mistyped is a number of kilometres with another digit in one of its places.
func mistyped(random *rand.Rand, km float64) float64 {
	place := math.Pow10(1 + random.IntN(4))
	digit := math.Mod(math.Floor(km/place), 10)
	return km + place*(math.Mod(digit+1+float64(random.IntN(9)), 10)-digit)
}
