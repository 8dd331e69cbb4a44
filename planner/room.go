package planner

import (
	"sync"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// room is the memory that one vehicle is looked at in, and used again for the next: fresh
// memory of a hundred kilobytes a vehicle is cold, and costs as much as what is made of it. What
// was made in a room must not outlive it. In a new room all memory is fresh.
type room struct {
	rollups  telemetry.BySignal
	dials    []vehicle.OdometerReading
	accepted []vehicle.AcceptedReading
	km       []float64
	days     []predict.Day
	readings []predict.Reading
	told     []predict.At
}

// rooms that nobody is in.
var rooms = sync.Pool{New: func() any { return new(room) }}
