package evaluate_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// steady are vehicles that drive the same distance every day, with front pads that
// wear evenly, are read every week, and are renewed at their limit.
func steady(n int) iter.Seq2[evaluate.Vehicle, error] {
	begin := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	return func(yield func(evaluate.Vehicle, error) bool) {
		for i := range n {
			lasts := 300 + 11*(i%9) // days
			v := evaluate.Vehicle{
				Until: begin.AddDate(0, 0, 1000), Damage: map[predict.Component][]evaluate.Damage{},
				Input: predict.Input{VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", i)), Powertrain: vehicle.Petrol, InService: begin},
			}
			for day := range 1000 {
				at := begin.AddDate(0, 0, day)
				km := 40 * float64(day+1)
				v.Input.Days = append(v.Input.Days, predict.Day{Day: vehicle.DayOf(at), OdometerKm: km, DistanceKm: 40, AirTempC: 15})
				worn := float64(day%lasts+1) / float64(lasts)
				v.Damage[predict.BrakePadsFront] = append(v.Damage[predict.BrakePadsFront], evaluate.Damage{Day: vehicle.DayOf(at), Used: worn})
				evening := at.Add(20 * time.Hour)
				switch {
				case day%lasts == 0:
					v.Lives = append(v.Lives, evaluate.Life{Component: predict.BrakePadsFront, From: at})
					if day+lasts < 1365 {
						life := &v.Lives[len(v.Lives)-1]
						life.Limit, life.LimitKm = at.AddDate(0, 0, lasts), km+40*float64(lasts)
					}
					v.Input.Services = append(v.Input.Services, predict.Service{Component: predict.BrakePadsFront, Time: at, Failed: true})
				case day%7 == 0:
					v.Input.Readings = append(v.Input.Readings, predict.Reading{
						Component: predict.BrakePadsFront, Time: evening, OdometerKm: km, Wear: worn, Noise: 0.01, Source: predict.FromPadSensor,
					})
				}
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func TestFleetThatWearsEvenly(t *testing.T) {
	rows, err := evaluate.Fleet(context.Background(), steady(40))
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]evaluate.Row{}
	for _, r := range rows {
		figures[r.Task+": "+r.Metric] = r
		if math.IsNaN(r.Ours) || r.Ours < 0 {
			t.Errorf("%s: %s is %v", r.Task, r.Metric, r.Ours)
		}
	}
	for figure, most := range map[string]float64{
		"brake pads, 90 days before the limit: MAE": 15, "brake pads, 30 days before the limit: MAE": 5,
		"brake pads, orders two weeks ahead: late or missed": 0,
	} {
		if r, ok := figures[figure]; !ok || r.Ours > most {
			t.Errorf("%s is %v (there: %v), want at most %v", figure, r.Ours, ok, most)
		}
	}
	for _, b := range figures["brake pads, 90 days before the limit: MAE"].Baselines {
		if b.Name == "oracle" && b.Value > 1 || b.Name == "life table" && b.Value < 20 {
			t.Errorf("%s has MAE %v days", b.Name, b.Value)
		}
	}
	for _, figure := range []string{"recall", "precision"} {
		if r := figures["brake pads, orders two weeks ahead: "+figure]; r.Ours < 0.95 {
			t.Errorf("%s of orders is %v", figure, r.Ours)
		}
	}
}

func TestFleetPassesErrorsOn(t *testing.T) {
	broken := fmt.Errorf("no such car")
	_, err := evaluate.Fleet(context.Background(), func(yield func(evaluate.Vehicle, error) bool) { yield(evaluate.Vehicle{}, broken) })
	if err == nil || !strings.Contains(err.Error(), "no such car") {
		t.Errorf("error %v", err)
	}
	if _, err := evaluate.Fleet(context.Background(), steady(1)); err == nil {
		t.Error("a fleet of one was scored")
	}
}
