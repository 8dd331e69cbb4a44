package vehicle_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestClassOf(t *testing.T) {
	t.Parallel()
	for signal, want := range map[vehicle.Signal]vehicle.Class{
		"Vehicle.CurrentLocation.Latitude":                              vehicle.ClassLocation,
		"Vehicle.CurrentLocation.Heading":                               vehicle.ClassLocation,
		"Vehicle.CurrentLocation.GNSSReceiver.FixType":                  vehicle.ClassLocation,
		"Vehicle.CurrentLocation.CoordinateSystem":                      vehicle.ClassLocation, // an extension
		"Vehicle.CurrentLocation.Satellites":                            vehicle.ClassLocation, // in no dictionary
		"Vehicle.Powertrain.TractionBattery.Charging.Location.Latitude": vehicle.ClassLocation,
		"Vehicle.Powertrain.TractionBattery.Charging.EvseId":            vehicle.ClassLocation,
		"Vehicle.Powertrain.TractionBattery.Charging.Temperature":       vehicle.ClassHealth,
		"Vehicle.Chassis.Axle.Row1.Wheel.Left.Brake.PadWear":            vehicle.ClassHealth,
		"Vehicle.Chassis.Brake.PedalPosition":                           vehicle.ClassDriving,
		"Vehicle.Powertrain.CombustionEngine.EngineOil.Temperature":     vehicle.ClassHealth,
		vehicle.Speed:            vehicle.ClassDriving,
		vehicle.EngineSpeed:      vehicle.ClassDriving,
		vehicle.TraveledDistance: vehicle.ClassOdometer,
		vehicle.LowVoltage:       vehicle.ClassHealth,
		"wican.GPS_LAT":          vehicle.ClassLocation,
		"车速":                     vehicle.ClassOther,
		"GPS纬度":                  vehicle.ClassLocation,
		"a.b":                    vehicle.ClassOther,
		"":                       vehicle.ClassOther,
	} {
		if got := vehicle.ClassOf(signal); got != want {
			t.Errorf("class of %q is %s, want %s", signal, got, want)
		}
	}
}

func TestNamesLocation(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"latitude", "startLatitude", "GPSLat", "gps_lon", "pos.loc.lng", "loc", "traccar.course", "long", "v/p/altitude",
		"active_route_longitude", "currentLocation", "position", "home.geofence",
	} {
		if !vehicle.NamesLocation(name) {
			t.Errorf("%q is not taken for a location", name)
		}
	}
	for _, name := range []string{
		"lateral", "platform", "longTermTrim", "long_fuel_trim_1", "throttle_pos", "PedalPosition", "alternator.load", "relative",
		"gps_speed", "salt", "", "...", "alarm.general",
	} {
		if vehicle.NamesLocation(name) {
			t.Errorf("%q is taken for a location", name)
		}
	}
}

// Every line of the table is about something: a branch or a signal that was renamed
// would fall back to another class, and be kept for longer than somebody was promised.
func TestEveryBranchOfTheClassesIsInTheDictionary(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("classes.csv")
	if err != nil {
		t.Fatal(err)
	}
	used := map[vehicle.Class]bool{vehicle.ClassOther: true}
	for line := range strings.Lines(string(table)) {
		branch, class, ok := strings.Cut(strings.TrimSpace(line), ",")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		found := false
		for _, d := range vehicle.Definitions() {
			found = found || d.Path == branch || strings.HasPrefix(d.Path, branch+".")
		}
		if !found {
			t.Errorf("no signal is in branch %s", branch)
		}
		used[vehicle.Class(class)] = true
	}
	for _, d := range vehicle.Definitions() {
		used[d.Class] = true
		if vehicle.NamesLocation(d.Path) && d.Class != vehicle.ClassLocation {
			t.Errorf("%s sounds like a location, and its class is %s", d.Path, d.Class)
		}
	}
	for _, c := range vehicle.Classes() {
		if !used[c] {
			t.Errorf("no signal is of class %s", c)
		}
		if got, err := vehicle.ParseClass(string(c)); err != nil || got != c {
			t.Errorf("class %s reads as %s, %v", c, got, err)
		}
	}
	if _, err := vehicle.ParseClass("places"); err == nil || !strings.Contains(err.Error(), "location") {
		t.Errorf("class places: error %v, want one that lists the classes", err)
	}
}
