package simulator

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// region is where cars live: the climate ages them and the calendar of its
// clock decides when they drive. Monthly normals rounded from public tables.
type region struct {
	name      string
	zone      string
	offset    time.Duration
	locale    string
	meanC     float64 // mean of the year
	swingC    float64 // half the difference between July and January
	diurnalC  float64 // half the difference between day and night
	noiseC    float64 // standard deviation of the day
	dust      float64 // 1 is an ordinary town
	humidity  float64 // 1 is ordinary; drives brake fluid ageing
	curviness float64
	plate     string
	share     float64
}

func regions() []region {
	const cn, eu = 8 * time.Hour, time.Hour
	return []region{
		{"Shanghai", "Asia/Shanghai", cn, "zh-CN", 17, 12, 3.5, 3, 1.0, 1.2, 0.95, "沪A", 0.20},
		{"Beijing", "Asia/Shanghai", cn, "zh-CN", 13, 15, 5.5, 3, 1.5, 0.8, 0.90, "京N", 0.15},
		{"Guangzhou", "Asia/Shanghai", cn, "zh-CN", 22.5, 8, 3.5, 2.5, 0.9, 1.4, 1.0, "粤A", 0.15},
		{"Harbin", "Asia/Shanghai", cn, "zh-CN", 5, 20, 5.5, 4, 1.1, 0.8, 0.90, "黑A", 0.10},
		{"Berlin", "Europe/Berlin", eu, "en", 10, 10, 4.5, 3.5, 0.8, 1.0, 1.05, "B", 0.16},
		{"Madrid", "Europe/Madrid", eu, "en", 15.5, 10, 6.5, 3, 1.3, 0.7, 1.10, "M", 0.14},
		{"Oslo", "Europe/Oslo", eu, "en", 6.5, 11, 4, 3.5, 0.8, 1.0, 1.20, "EL", 0.10},
	}
}

// dayMean is the mean air temperature of a local day. The weather of a day is
// the same for all cars of a region, and a front lasts a few days.
func (g *region) dayMean(weather uint64, day vehicle.Day) float64 {
	_, season := elementary.Turn((float64(day) - 200) / 365.2425) // warmest about 20 July
	front := 0.0
	for back, weight := range [...]float64{0.70, 0.52, 0.39, 0.29} { // squares sum to 1
		r := stream(weather, forWeather, uint64(day)-uint64(back))
		front += weight * r.normal()
	}
	return g.meanC + g.swingC*season + g.noiseC*front
}

// atHour turns the mean of a day into the temperature at an hour of it.
func (g *region) atHour(dayMean, hour float64) float64 {
	_, afternoon := elementary.Turn((hour - 15) / 24)
	return dayMean + g.diurnalC*afternoon
}
