package degradation

import (
	"encoding/json"
	"fmt"
	"math"
)

// written is a curve as JSON: the forms of this package by their name, others with
// their wear at the knots.
type written struct {
	Name string    `json:"name"`
	Wear []float64 `json:"wear,omitempty"`
}

// Named makes the form of a name: "linear", "power 2", "root+linear 0.7" (a share that
// grows with the root of the clock) or "exponential 3"; false of any other. The
// functions of these names say which numbers they take.
func Named(name string) (*Curve, bool) {
	var by float64
	if name == "linear" {
		return Linear(), true
	}
	if n, _ := fmt.Sscanf(name, "power %g", &by); n == 1 && by > 0 {
		return Power(by), true
	}
	if n, _ := fmt.Sscanf(name, "root+linear %g", &by); n == 1 && by >= 0 && by <= 1 {
		return RootLinear(by), true
	}
	if n, _ := fmt.Sscanf(name, "exponential %g", &by); n == 1 && by > 0 {
		return Exponential(by), true
	}
	return nil, false
}

// MarshalJSON writes a curve so that UnmarshalJSON makes the same of it.
func (c *Curve) MarshalJSON() ([]byte, error) {
	if _, known := Named(c.Name); known {
		return json.Marshal(written{Name: c.Name})
	}
	return json.Marshal(written{Name: c.Name, Wear: c.wear[:]})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Curve) UnmarshalJSON(text []byte) error {
	var w written
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	if known, ok := Named(w.Name); ok && len(w.Wear) == 0 {
		*c = *known
		return nil
	}
	if len(w.Wear) != len(c.wear) {
		return fmt.Errorf("degradation: curve %q has %d values of wear, want %d", w.Name, len(w.Wear), len(c.wear))
	}
	read, err := NewCurve(w.Name, func(y float64) float64 { return w.Wear[int(math.Round(y*knots))] })
	if err != nil {
		return err
	}
	*c = *read
	return nil
}
