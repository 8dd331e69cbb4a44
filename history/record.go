// Package history is the service record of a vehicle: what was done, when, at
// which odometer, by whom, and where we know it from. Records are append-only:
// a wrong one is marked, never changed or deleted.
package history

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Source says who a record comes from; it decides how far it is trusted.
type Source string

// Sources, most trusted first.
const (
	FromWorkOrder Source = "work_order" // closed in pitcrew
	FromDealer    Source = "dealer"     // imported from a dealer management system
	FromWorkshop  Source = "workshop"   // another workshop's record
	FromOwner     Source = "owner"      // the owner said so
)

// Status of a record.
type Status string

// A record is final until somebody marks it as entered in error.
const (
	Final          Status = "final"
	EnteredInError Status = "entered_in_error"
)

// Record is one visit of a vehicle to a workshop.
type Record struct {
	ID           string
	VIN          vehicle.VIN
	Visited      time.Time // when the work was done
	OdometerKm   float64   // 0 when it was not read
	Source       Source
	SourceID     string // the source's own number: one record per (Source, SourceID)
	Shop         string
	WorkOrderID  string // set when Source is FromWorkOrder
	Items        []Item
	Measurements []Measurement
	Parts        []Part
	Hours        float64
	Cost         Money
	Note         string
	Status       Status
	Recorded     time.Time // when pitcrew learned of it
}

// Item is one piece of work. Component is a predict.Component id where the work
// renews one ("engine_oil"), so that it resets that component's wear path, or tops one up.
type Item struct {
	Component string
	Operation string  // operation code of the shop, or free text
	Text      string  // what was done, in the shop's language
	Outcome   Outcome // why the part was changed, as far as it was said, or that it was not
	Litres    float64 `json:",omitempty"` // OutcomeToppedUp: how much was filled up; 0 when unknown
	Part      string  `json:",omitempty"` // what was put in: its part number, or maker and name
}

// Outcome says in which state the old part was, or that it stayed.
type Outcome string

// Outcomes of an item. Unknown outcomes are censored, never counted as failures.
const (
	OutcomeUnknown       Outcome = ""
	OutcomeFailed        Outcome = "failed"         // at or past its limit
	OutcomeReplacedEarly Outcome = "replaced_early" // still good
	OutcomeToppedUp      Outcome = "topped_up"      // a fill that stayed in: some new came to it
	OutcomeKept          Outcome = "kept"           // nothing was done to it, nor since the record before: the answer to predict.Question
)

// Measurement is a value read in the workshop: pad thickness, tread depth.
type Measurement struct {
	Component string
	Value     float64
	Unit      string // "mm", "percent", "V"
}

// Part is material that was used.
type Part struct {
	Number   string
	Name     string
	Quantity float64
}

// Money is an amount in the minor unit of an ISO 4217 currency.
type Money struct {
	Minor    int64
	Currency string
}

// Totals sum up a vehicle's final records. Costs are kept per currency.
type Totals struct {
	Visits     int
	Hours      float64
	Costs      []Money
	FirstVisit time.Time
	LastVisit  time.Time
}
