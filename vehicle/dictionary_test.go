package vehicle_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// declaredSignals reads the constants of signals.go: a new one cannot be
// forgotten.
func declaredSignals(t *testing.T) map[string]vehicle.Signal {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "signals.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	signals := map[string]vehicle.Signal{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		signals[spec.Names[0].Name] = vehicle.Signal(s)
		return true
	})
	if len(signals) < 15 {
		t.Fatalf("found only %d constants in signals.go", len(signals))
	}
	return signals
}

func TestEveryConstantIsInTheDictionary(t *testing.T) {
	t.Parallel()
	for name, s := range declaredSignals(t) {
		if _, ok := vehicle.Lookup(s); !ok {
			t.Errorf("%s = %q is neither in VSS %s nor an extension", name, s, vehicle.VSSVersion)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	tests := map[vehicle.Signal]vehicle.Definition{
		vehicle.Speed:            {Path: "Vehicle.Speed", Type: "float", Unit: "km/h", Min: -inf, Max: inf, Class: vehicle.ClassDriving},
		vehicle.TraveledDistance: {Path: "Vehicle.TraveledDistance", Type: "uint32", Unit: "m", Max: math.MaxUint32, Class: vehicle.ClassOdometer},
		vehicle.FuelLevel:        {Path: "Vehicle.Powertrain.FuelSystem.RelativeLevel", Type: "uint8", Unit: "percent", Max: 100, Class: vehicle.ClassHealth},
		vehicle.PadWearRearLeft:  {Path: "Vehicle.Chassis.Axle.Wheel.Brake.PadWear", Type: "uint8", Unit: "percent", Max: 100, Class: vehicle.ClassHealth},
		"Vehicle.Chassis.Axle.Row12.Wheel.Right.Tire.Pressure": {Path: "Vehicle.Chassis.Axle.Wheel.Tire.Pressure", Type: "uint16", Unit: "kPa", Max: math.MaxUint16, Class: vehicle.ClassHealth},
		"Vehicle.OBD.ShortTermFuelTrim1":                       {Path: "Vehicle.OBD.ShortTermFuelTrim1", Type: "float", Unit: "percent", Min: -inf, Max: inf, Extension: true, Class: vehicle.ClassHealth},
		"Vehicle.OBD.O2.Sensor8.Voltage":                       {Path: "Vehicle.OBD.O2.Voltage", Type: "float", Unit: "V", Min: -inf, Max: inf, Extension: true, Class: vehicle.ClassHealth},
	}
	for s, want := range tests {
		got, ok := vehicle.Lookup(s)
		if !ok {
			t.Errorf("%s is unknown", s)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s, diff)
		}
		signal, same := vehicle.LookupBytes([]byte(s))
		if signal != s || same == nil || *same != got {
			t.Errorf("LookupBytes(%s) = %v, %v", s, signal, same)
		}
	}
}

func TestLookupUnknown(t *testing.T) {
	t.Parallel()
	for _, s := range []vehicle.Signal{
		"", "Vehicle", "vehicle.speed", "Vehicle.Row1.Speed", "Vehicle.Left.Speed",
		"Vehicle.Chassis.Axle.Row0.Wheel.Left.Tire.Pressure", "Vehicle.Chassis.Axle.Row01.Wheel.Left.Tire.Pressure",
		"Vehicle.Chassis.Axle.Row1.Wheel.Left.Left.Tire.Pressure", "Vehicle.OBD.Speed", "ACME.Secret",
	} {
		if d, ok := vehicle.Lookup(s); ok {
			t.Errorf("%q resolves to %v", s, d)
		}
		if got, def := vehicle.LookupBytes([]byte(s)); def != nil || got != s {
			t.Errorf("LookupBytes(%q) = %q, %v", s, got, def)
		}
	}
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	extensions := 0
	// Units of VSS 6.0 itself, and those that only extensions need.
	units := map[string]bool{"": true, "kOhm": true, "mg/kg": true, "kg/100km": true, "MPa": true, "min": true, "ratio": true, "l/h": true, "mg/stroke": true, "kg/h": true, "J/kg": true}
	for _, d := range vehicle.Definitions() {
		units[d.Unit] = units[d.Unit] || !d.Extension
	}
	for _, d := range vehicle.Definitions() {
		if !units[d.Unit] {
			t.Errorf("%s: unit %q is not among those of VSS 6.0, and not declared here", d.Path, d.Unit)
		}
		if d.Extension {
			extensions++
			if !strings.HasPrefix(d.Path, "Vehicle.") {
				t.Errorf("%s: extensions are below Vehicle", d.Path)
			}
		}
		if d.Min > d.Max || strings.Contains(d.Unit, "celsius") {
			t.Errorf("%+v", d)
		}
	}
	if extensions < 50 || len(vehicle.Definitions()) < 300 {
		t.Errorf("%d definitions, %d extensions", len(vehicle.Definitions()), extensions)
	}
}

func TestLookupBytesDoesNotAllocate(t *testing.T) {
	path := []byte(vehicle.PadWearRearLeft)
	if n := testing.AllocsPerRun(100, func() { vehicle.LookupBytes(path) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleLookup() {
	d, _ := vehicle.Lookup("Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure")
	fmt.Println(d.Path, d.Unit)
	// Output: Vehicle.Chassis.Axle.Wheel.Tire.Pressure kPa
}
