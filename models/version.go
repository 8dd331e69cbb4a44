// Package models is the life of what the fleet teaches: its versions, which of them
// is in force, when the next one takes over, and how good the forecasts in force
// turned out to be. Pure functions: no I/O, no clock.
package models

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Expert names the model that is in force before the fleet has taught one: the
// numbers of the component table.
const Expert = "expert"

// State is where a version stands.
type State string

// The states of a version. At most one is in force and at most one in the shadow.
const (
	Shadow  State = "shadow"  // learned and compared, not in force
	Active  State = "active"  // in force: forecasts rest on it
	Retired State = "retired" // was in force, or was replaced before it came to be
)

// Version is one lesson of the fleet, and what became of it.
type Version struct {
	Prior    predict.Prior // its Version names it
	State    State
	Learned  time.Time
	Vehicles int       // that it was learned from
	Paths    int       // wear paths and lives of parts that it was learned from
	Since    time.Time // in State since
	InForce  time.Time // when it came into force last; zero: never
	Report   Report    // of the newest comparison with the version in force
}

// Report says what was found when a version was compared, and what followed.
type Report struct {
	At         time.Time // zero: not compared yet
	Step       Step
	Why        lang.Text
	Comparison Comparison
}

// Event is one change of the model in force, for those who ask who did it and when.
type Event struct {
	ID       string // in the order in which they happened, see NextEvent
	At       time.Time
	Action   Action
	Version  string // that came into force; Expert for the component table's
	Replaced string // that was in force before
	Actor    string // who did it: "pitcrew" for the planner itself
	Note     string // why, as they said
}

// NextEvent is the ID of the event after those that there are: their number, because
// clocks of two machines do not tell which of two was first. Where two planners act at
// the same time one of them has to do it again.
func NextEvent(events []Event) string { return fmt.Sprintf("%09d", len(events)+1) }

// Action is what happened to the model in force.
type Action string

// What can happen to the model in force.
const (
	Promoted   Action = "promoted"
	RolledBack Action = "rolled_back"
)

// Itself is the actor of what the planner does without being asked.
const Itself = "pitcrew"

// Held reports whether nothing may be promoted but by a person: after one of them has
// rolled a model back, until one of them promotes. events are newest first.
func Held(events []Event) bool {
	return len(events) > 0 && events[0].Action == RolledBack
}

// InForce is the version that was in force at a time, as the events, newest first, tell; Expert
// when there was none.
func InForce(events []Event, at time.Time) string {
	for _, e := range events {
		if !e.At.After(at) {
			return e.Version
		}
	}
	return Expert
}

// Before is the version that was in force before the one that is, as the events,
// newest first, tell; Expert when there is none. Going back twice goes further back:
// what a roll back undid does not count.
func Before(events []Event) string {
	undone := 0
	for _, e := range events {
		switch {
		case e.Action == RolledBack:
			undone++
		case undone > 0:
			undone--
		default:
			return e.Replaced
		}
	}
	return Expert
}
