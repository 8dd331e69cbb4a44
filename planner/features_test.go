package planner_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Tyres are measured on both axles and sold as a set: the worn axle decides, not
// the mean of the two.
func TestTheWorstOfAVisitDecides(t *testing.T) {
	visited := time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	record, err := history.NewRecord(history.Record{
		VIN: "LSJE36096MS140495", Visited: visited, OdometerKm: 40_000, Source: "dealer",
		Items: []history.Item{{Text: "inspection"}},
		Measurements: []history.Measurement{
			{Component: "tyres", Value: 6.1, Unit: "mm"}, {Component: "tyres", Value: 3.2, Unit: "mm"},
			{Component: "brake_pads_front", Value: 5, Unit: "mm"}, {Component: "tyres", Value: 5.8, Unit: "mm"},
		},
	}, visited.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	in := planner.InputOf(nil, vehicle.Vehicle{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol}, nil, []history.Record{record}, visited.AddDate(0, 0, 2))
	worn, _ := predict.Standard().TreadDepth(predict.At{}, 3.2)
	tyres := 0
	for _, r := range in.Readings {
		if r.Component == predict.Tyres {
			tyres++
			if r.Wear != worn.Wear {
				t.Errorf("tyres worn to %.2f, want %.2f: the lowest tread", r.Wear, worn.Wear)
			}
		}
	}
	if tyres != 1 || len(in.Readings) != 2 {
		t.Errorf("%d readings, %d of tyres; want 2 and 1: %+v", len(in.Readings), tyres, in.Readings)
	}
}
