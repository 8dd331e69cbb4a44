package simulator_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func truths(f *simulator.Fleet) []simulator.VehicleTruth {
	all := make([]simulator.VehicleTruth, f.Len())
	for i := range all {
		all[i] = f.Truth(i)
	}
	return all
}

func TestWearOnlyGrowsUntilRenewal(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 21, Vehicles: 40, Epoch: epoch})
	renewals := 0
	for _, v := range truths(f) {
		for _, c := range v.Components {
			for i := 1; i < len(c.Series); i++ {
				before, after := c.Series[i-1], c.Series[i]
				renewed := slices.ContainsFunc(c.Lives, func(l simulator.Life) bool {
					return l.From.After(before.Time) && !l.From.After(after.Time)
				})
				if !renewed && after.Wear < before.Wear {
					t.Errorf("%s %s: wear falls from %.4f to %.4f at %v without a renewal", v.VIN, c.Component, before.Wear, after.Wear, after.Time)
				}
				if renewed {
					renewals++
					if after.Wear > 0.75 {
						t.Errorf("%s %s: wear %.2f at most a month after renewal", v.VIN, c.Component, after.Wear)
					}
				}
			}
			for i, l := range c.Lives {
				if (l.Renewed == nil) != (i == len(c.Lives)-1) {
					t.Errorf("%s %s: life %d of %d renewed %v", v.VIN, c.Component, i, len(c.Lives), l.Renewed)
				}
				if l.Limit != nil && l.LimitKm < l.FromKm {
					t.Errorf("%s %s: limit at %.0f km before the part came in at %.0f", v.VIN, c.Component, l.LimitKm, l.FromKm)
				}
			}
		}
	}
	if renewals < 100 {
		t.Errorf("%d renewals in 40 cars and 18 months, want at least 100", renewals)
	}
}

// rates returns wear per 1,000 km, or per year, of the parts now in the cars.
func rates(all []simulator.VehicleTruth, end time.Time, component string, perYear bool, keep func(simulator.VehicleTruth) bool) (mean, cv float64, n int) {
	var xs []float64
	for _, v := range all {
		if !keep(v) {
			continue
		}
		for _, c := range v.Components {
			life := c.Lives[len(c.Lives)-1]
			km, years := v.OdometerKm-life.FromKm, end.Sub(life.From).Hours()/24/365.25
			if c.Component != component || km < 4000 || years < 0.3 {
				continue
			}
			x := c.Wear / km * 1000
			if perYear {
				x = c.Wear / years
			}
			xs = append(xs, x)
		}
	}
	sum, square := 0.0, 0.0
	for _, x := range xs {
		sum += x
	}
	mean = sum / float64(len(xs))
	for _, x := range xs {
		square += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(square/float64(len(xs)-1)) / mean, len(xs)
}

// The centres and spreads of the table of wear physics.
func TestRatesAreThoseOfTheTrade(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs 300 cars")
	}
	f := fleet(t, simulator.Config{Seed: 2, Vehicles: 300, Epoch: epoch, HistoryDays: 120})
	all := truths(f)
	friction := func(v simulator.VehicleTruth) bool {
		return v.Powertrain == vehicle.Petrol || v.Powertrain == vehicle.Diesel
	}
	electric := func(v simulator.VehicleTruth) bool { return v.Powertrain == vehicle.BatteryElectric }
	engine := func(v simulator.VehicleTruth) bool { return !electric(v) }
	every := func(simulator.VehicleTruth) bool { return true }
	tests := []struct {
		name, component string
		perYear         bool
		keep            func(simulator.VehicleTruth) bool
		limit           float64 // turns wear into the unit of the table
		lo, hi          float64
		cvLo, cvHi      float64
	}{
		{"front pads, mm per 1,000 km", "brake_pads_front", false, friction, 9, 0.08, 0.16, 0.30, 0.60},
		{"rear pads, mm per 1,000 km", "brake_pads_rear", false, friction, 7, 0.045, 0.11, 0.30, 0.60},
		{"front pads of electric cars", "brake_pads_front", false, electric, 9, 0.025, 0.075, 0.25, 0.65},
		{"worse tyre axle, mm per 1,000 km", "tyres", false, every, 6.4, 0.09, 0.19, 0.25, 0.60},
		{"oil lives per 1,000 km", "engine_oil", false, engine, 1, 1.0 / 16, 1.0 / 7, 0.20, 0.60},
		{"traction battery, points per year", "traction_battery", true, electric, 30, 1.5, 3.2, 0.25, 0.70},
		{"coolant lives per year", "coolant", true, every, 1, 0.17, 0.26, 0.08, 0.30},
		{"brake fluid lives per year", "brake_fluid", true, every, 1, 0.25, 0.45, 0.15, 0.50},
	}
	for _, test := range tests {
		mean, cv, n := rates(all, f.End(), test.component, test.perYear, test.keep)
		mean *= test.limit
		if n < 20 || mean < test.lo || mean > test.hi || cv < test.cvLo || cv > test.cvHi {
			t.Errorf("%s: mean %.3f CV %.2f of %d cars, want mean %.3f-%.3f, CV %.2f-%.2f",
				test.name, mean, cv, n, test.lo, test.hi, test.cvLo, test.cvHi)
		}
	}
}

// A fleet of a careless world: whatever the seed, something is due at the end.
func TestSomethingIsDueAtTheEnd(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	fleets := make(map[string]uint64) // with a car near the limit of the component
	for seed := range seeds {
		f := fleet(t, simulator.Config{Seed: seed, Vehicles: 50, Epoch: epoch, HistoryDays: 100})
		due, cars := make(map[string]bool), 0
		for _, v := range truths(f) {
			any := false
			for _, c := range v.Components {
				if c.Wear >= 0.85 {
					due[c.Component] = true
					any = any || c.Component != "cabin_filter"
				}
			}
			if any {
				cars++
			}
		}
		for c := range due {
			fleets[c]++
		}
		if cars < 10 || cars > 45 {
			t.Errorf("seed %d: %d cars of 50 have something due, want 10 to 45", seed, cars)
		}
	}
	for _, c := range []string{"engine_oil", "brake_pads_front", "tyres", "battery_12v"} {
		if fleets[c] < seeds-1 {
			t.Errorf("a car near the limit of %s in %d of %d fleets of 50", c, fleets[c], seeds)
		}
	}
}

func TestVisitsLookLikeInvoices(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 8, Vehicles: 60, Epoch: epoch})
	known := append(simulator.Components(), "oil_filter")
	inHistory, older := 0, 0
	for i := range f.Len() {
		last := time.Time{}
		for _, v := range f.Visits(i) {
			if !v.Time.After(last) || !v.Time.Before(f.End()) {
				t.Errorf("car %d: visit at %v after %v, end %v", i, v.Time, last, f.End())
			}
			last = v.Time
			if v.Time.Before(f.Epoch()) {
				older++
			} else {
				inHistory++
			}
			if v.OdometerKm <= 0 || v.CostMinor <= 0 || v.Shop == "" || v.Currency != "CNY" && v.Currency != "EUR" {
				t.Errorf("car %d: implausible visit %+v", i, v)
			}
			for _, item := range v.Items {
				if !slices.Contains(known, item) {
					t.Errorf("car %d: unknown item %q", i, item)
				}
			}
			for _, m := range v.Measurements {
				if m.Value <= 0 || m.Unit == "mm" && m.Value > 13 || m.Unit == "percent" && m.Value > 100 {
					t.Errorf("car %d: implausible measurement %+v", i, m)
				}
			}
		}
	}
	if per := float64(inHistory) / float64(f.Len()); per < 1 || per > 4 {
		t.Errorf("%.1f visits per car in 18 months, want 1 to 4", per)
	}
	if older < f.Len()/3 || older > f.Len()*9/10 {
		t.Errorf("%d of %d cars have a visit from before the epoch", older, f.Len())
	}
}

// Each part of a car differs a little from the one before. Brake fluid takes up water by the
// calendar, so that nothing else makes its paces differ.
func TestEachPartIsAnother(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 21, Vehicles: 400, Epoch: epoch})
	same, n, squares := 0, 0, 0.0
	for _, v := range truths(f) {
		for _, c := range v.Components {
			if c.Component != "brake_fluid" {
				continue
			}
			before := 0.0
			for _, l := range c.Lives {
				pace, ok := paceIn(c.Series, l)
				if ok && before > 0 {
					off := math.Log(pace / before)
					n, squares = n+1, squares+off*off
					if math.Abs(off) < 0.005 {
						same++
					}
				}
				if before = 0; ok {
					before = pace
				}
			}
		}
	}
	sd := math.Sqrt(squares / float64(n))
	if n < 60 || sd < 0.11 || sd > 0.17 || same > n/8 {
		t.Errorf("of %d pairs of brake fluids in a row %d wear alike, and the log of the ratio scatters by %.3f, want by 0.14", n, same, sd)
	}
}

// paceIn is the wear a day of a part, by the first and the last look at it.
func paceIn(series []simulator.WearPoint, l simulator.Life) (pace float64, ok bool) {
	var in []simulator.WearPoint
	for _, p := range series {
		if p.Time.After(l.From) && (l.Renewed == nil || p.Time.Before(*l.Renewed)) {
			in = append(in, p)
		}
	}
	if len(in) < 3 {
		return 0, false
	}
	first, last := in[0], in[len(in)-1]
	return (last.Wear - first.Wear) / last.Time.Sub(first.Time).Hours() * 24, true
}
