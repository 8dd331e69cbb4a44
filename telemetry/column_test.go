package telemetry_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A column keeps what it was given, also past the room that it was made with, and what is cut off it
// and goes on by itself leaves it as it was.
func TestAColumnKeepsItsDays(t *testing.T) {
	t.Parallel()
	day := func(i int) *telemetry.OfDay {
		v := float64(i)
		return &telemetry.OfDay{
			Day: vehicle.Day(i), Count: i, Min: v, Max: v + 1, Sum: v * v, First: v + 2, Last: v + 3,
			FirstAt: telemetry.Micros(10 * i), LastAt: telemetry.Micros(10*i + 1),
		}
	}
	const days = 9
	c := telemetry.NewColumn(4) // grows
	for i := range days {
		c.Add(day(i + 1))
	}
	before := telemetry.BySignal{Signals: map[vehicle.Signal]*telemetry.Column{vehicle.OilCondition: c}}.Before(4)
	early := before.Signals[vehicle.OilCondition]
	early.Add(day(100))
	if early.Len() != 4 || early.At(3) != *day(100) {
		t.Errorf("%d days before the fourth and one more: %+v", early.Len(), early.At(early.Len()-1))
	}
	for i := range days {
		if got := c.At(i); got != *day(i + 1) {
			t.Errorf("day %d is %+v", i+1, got)
		}
		if got, want := c.Mean(i), float64(i+1); got != want {
			t.Errorf("mean of day %d is %g, want %g", i+1, got, want)
		}
	}
	if c.Clear(); c.Len() != 0 {
		t.Errorf("%d days after Clear", c.Len())
	}
	if c.Add(day(5)); c.Len() != 1 || c.At(0) != *day(5) {
		t.Errorf("after Clear and one day: %d, %+v", c.Len(), c.At(0))
	}
	if n := (*telemetry.Column)(nil).Len(); n != 0 {
		t.Errorf("no column has %d days", n)
	}
}
