// Package vehicle holds the values everything else speaks in: the VIN, signals
// by their COVESA VSS 6.0 names and units, trouble codes, and what a vehicle
// reported. It does no I/O.
package vehicle

import "time"

// Powertrain decides which components a vehicle has.
type Powertrain string

// The powertrains pitcrew knows. Unknown until the vehicle or its owner says so.
const (
	PowertrainUnknown Powertrain = ""
	Petrol            Powertrain = "petrol"
	Diesel            Powertrain = "diesel"
	Hybrid            Powertrain = "hybrid" // with or without a plug
	BatteryElectric   Powertrain = "battery_electric"
)

// Vehicle is what is known of a vehicle beside its telemetry.
type Vehicle struct {
	VIN        VIN
	Name       string // what people call it; empty falls back to brand and model
	Plate      string
	Brand      string
	Model      string
	ModelYear  int
	Powertrain Powertrain
	InService  time.Time // first registration; zero when unknown
	TimeZone   string    // IANA name; empty is UTC
	Owner      Owner
	FirstSeen  time.Time // first message received
	LastSeen   time.Time // newest message received
	LastEvent  time.Time // newest event time stored
	Online     bool
}

// Owner is who gets the reminders.
type Owner struct {
	Name    string
	Locale  string // BCP 47; empty is English
	Contact string // where reminders go: an address of the owner's channel
}
