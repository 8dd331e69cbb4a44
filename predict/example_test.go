package predict_test

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func ExampleForecasts() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	in := predict.Input{
		VIN: "WVWZZZ1JZXW000001", Powertrain: vehicle.Petrol, Now: start.AddDate(0, 0, 120),
		Services: []predict.Service{{Component: predict.EngineOil, Time: start, OdometerKm: 40000}},
	}
	for i := range 120 {
		km := 40000 + 60*float64(i+1)
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(start) + vehicle.Day(i), OdometerKm: km, DistanceKm: 60})
	}
	oil := predict.Forecasts(in)[0]
	fmt.Println(oil.Component, oil.State, "by", oil.Basis)
	fmt.Printf("%.0f km\n", oil.DueKm.P50)
	fmt.Println(oil.Reason.EN)
	// Output:
	// engine_oil known by distance
	// 55000 km
	// Since the renewal on 1 Jan 2026 at 40,000 km: the plan says every 15,000 km or 12 months. The distance decides: at 59 km a day, 55,000 km is reached around 12 Sep 2026 (8 Aug 2026 to 4 Nov 2026 in 8 of 10 cases).
}
