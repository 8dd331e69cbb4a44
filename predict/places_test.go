package predict_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The front axle wears evenly, the rear nearly as much, and its sensors say now more, now
// less: the worse of the two by each reading would look worse than either.
func TestTheAxleThatIsWornTheMoreIsFollowed(t *testing.T) {
	t.Parallel()
	in := predict.Input{VIN: "WVWZZZ1JZXW000001", Powertrain: vehicle.Petrol, InService: day(-1), Now: day(300), Days: steady(300, 10, 50)}
	in.Services = []predict.Service{{Component: predict.Tyres, Time: day(-1), OdometerKm: 5, RecordID: "new"}}
	front := 0.0
	for i := 0; i < 300; i += 7 {
		front = 8 - 4*float64(i)/300
		rear := front + 0.05
		if i%2 == 0 {
			rear -= 0.5
		} else {
			rear += 0.5
		}
		r, ok := predict.Standard().TreadSensed(predict.At{Time: day(i).Add(1)}, 3, []float64{front, front}, []float64{rear, rear})
		if !ok {
			t.Fatal("no reading")
		}
		in.Readings = append(in.Readings, r)
	}
	truth := (8 - front) / 6.4
	both, _ := predict.ForecastOf(in, predict.Tyres)
	for i := range in.Readings {
		in.Readings[i].Places = [2]float64{}
	}
	worse, _ := predict.ForecastOf(in, predict.Tyres)
	if off := both.Wear.P50 - truth; off > 0.02 || off < -0.02 {
		t.Errorf("wear %.3f, truth %.3f", both.Wear.P50, truth)
	}
	if worse.Wear.P50 < both.Wear.P50+0.01 {
		t.Errorf("the worse by each reading says %.3f, the axle %.3f: the test shows nothing", worse.Wear.P50, both.Wear.P50)
	}
}
