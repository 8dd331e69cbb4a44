// Package diagnosis turns trouble codes and worn components into findings: what
// is wrong, may the car be driven, what is the likely cause and what to check
// first, each with the evidence. Pure functions of facts; the knowledge is data.
package diagnosis

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Drivability says how soon a finding needs a workshop.
type Drivability string

// The three calls, most urgent first.
const (
	Stop    Drivability = "stop"    // stop when safe, do not drive on
	Soon    Drivability = "soon"    // within days
	Monitor Drivability = "monitor" // at the next visit
)

// Kind says what a finding rests on.
type Kind string

// Kinds of findings.
const (
	FromCodes Kind = "trouble_codes"
	FromWear  Kind = "wear"
)

// Finding is one thing wrong with a vehicle: one job, however many codes.
type Finding struct {
	ID          string // deterministic: vehicle, family, cycle
	VIN         vehicle.VIN
	Kind        Kind
	Family      string // key of the fault family, or the component for wear
	Cycle       string // tells this occurrence from the one before
	Title       lang.Text
	Detail      lang.Text // for the technician, with what can hurt at this work
	Drivability Drivability
	Why         lang.Text // why this drivability
	Confidence  float64   // 0..1
	Codes       []vehicle.Code
	Causes      []Cause // ranked
	FirstCheck  lang.Text
	Operations  []Operation
	Parts       []Part
	Evidence    []Evidence
	FirstSeen   time.Time
	LastSeen    time.Time
	Knowledge   string // version of the knowledge base
	Model       string // version of the prediction model, for wear
	Skill       string // certificate the work needs: "high_voltage", "airbag"; often empty
}

// Cause is one possible cause with its share of the probability, 0..1.
type Cause struct {
	Text   lang.Text
	Share  float64
	Reason lang.Text // why it ranks where it does on this car
}

// Operation is work to do, with the hours it takes.
type Operation struct {
	Code               string
	Text               lang.Text
	HoursMin, HoursMax float64
}

// Part is material that may be needed: reserved, never sold from a code alone.
type Part struct {
	Name     lang.Text
	Quantity float64
}

// Evidence is one fact behind a finding, with where to look it up.
type Evidence struct {
	Kind string // "code", "signal", "forecast", "service"
	Text lang.Text
	At   time.Time
	Ref  string // signal path, code or record id
}

// CodeState is the life of one trouble code on one ECU.
type CodeState struct {
	Code        vehicle.Code
	ECU         string
	Status      vehicle.CodeStatus
	Active      bool
	MIL         bool
	FirstSeen   time.Time
	LastSeen    time.Time // last report that held it
	ClearedAt   time.Time // zero while active
	Cycles      int       // driving cycles that held it in this occurrence: reports at least ten minutes apart
	OdometerKm  float64   // when first seen; 0 when unknown
	Severity    *uint8
	FreezeFrame []vehicle.Reading

	Occurrences  int          // how often it came, this time included
	MissingSince time.Time    // first report without it while still active; zero when the newest had it
	Earlier      []Occurrence // occurrences that have ended, oldest first

	// Steps is the life of the newest occurrence, oldest step first: pending, confirmed,
	// permanent, and down again to CodeGone. One that shows to have been erased and came
	// back before it counted as gone goes on after CodeGone.
	Steps []Step
	// Ending is how a code that is Active and absent from the newest report seems to have
	// gone; zero otherwise. It is among the Steps once the code was absent long enough.
	Ending Step
}

// Occurrence is a time during which a code was there.
type Occurrence struct {
	From, To time.Time
	Steps    []Step
}

// Present reports whether the newest report that speaks of the code holds it. A
// code that was absent once has gone as far as the car says; it stays Active, so
// that one that flickers is one occurrence, until it was absent long enough.
func (c CodeState) Present() bool { return c.Active && c.MissingSince.IsZero() }

// Input is everything a diagnosis may depend on.
type Input struct {
	VIN        vehicle.VIN
	Powertrain vehicle.Powertrain
	Now        time.Time
	Codes      []CodeState
	Signals    map[vehicle.Signal]Reading // newest values
	Trends     map[vehicle.Signal]Trend   // over the last weeks
	Forecasts  []predict.Forecast
	Services   []predict.Service
	Table      *predict.Table // what the forecasts are about; nil: the standard table
	Dips       []Reading      // moments when the 12 V supply was below 11 V, in V; may be empty
}

// Reading is a newest value with its time.
type Reading struct {
	Value float64
	At    time.Time
}

// Trend is the daily mean of a signal now and four weeks before.
type Trend struct{ Before, Now float64 }
