// Package telemetrytest checks that a telemetry.Store keeps its contract. Every
// implementation's test calls Run.
package telemetrytest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Capabilities declares what a store cannot keep. Every field is empty where
// the store keeps the whole contract, and else says why it cannot: the checks
// of that part are then skipped with the reason.
type Capabilities struct {
	NoMixedKinds string // one signal of one vehicle with a number now and a text later
	NoQuality    string // readings whose quality is not OK
	NoTimeSource string // which clock a sample's time comes from
	NoErase      string // Erase
}

// Run checks the store that open makes. open is called once for every check,
// must give an empty store, and closes it with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) telemetry.Store, caps Capabilities) {
	t.Helper()
	checks := []struct {
		name string
		skip string
		run  func(*bundle)
	}{
		{"KeepsEveryKind", "", keepsEveryKind},
		{"KeepsQuality", caps.NoQuality, keepsQuality},
		{"KeepsTimeSource", caps.NoTimeSource, keepsTimeSource},
		{"KeepsTimeSourceOfLatest", caps.NoTimeSource, keepsTimeSourceOfLatest},
		{"KeepsMixedKinds", caps.NoMixedKinds, keepsMixedKinds},
		{"TruncatesToMilliseconds", "", truncatesToMilliseconds},
		{"RewritingChangesNothing", "", rewritingChangesNothing},
		{"MergesPartialSamples", "", mergesPartialSamples},
		{"ReplacesValues", "", replacesValues},
		{"ReplacesLatestWithBadQuality", caps.NoQuality, replacesLatestWithBadQuality},
		{"KeepsVehiclesApart", "", keepsVehiclesApart},
		{"SamplesRange", "", samplesRange},
		{"SamplesStopsAtError", "", samplesStopsAtError},
		{"LateDataKeepsLatest", "", lateDataKeepsLatest},
		{"SeriesRaw", "", seriesRaw},
		{"SeriesWindows", "", seriesWindows},
		{"SeriesOfBooleans", "", seriesOfBooleans},
		{"DaysAtMidnight", "", daysAtMidnight},
		{"DailyOfAFleet", "", dailyOfAFleet},
		{"OrderDoesNotMatter", "", orderDoesNotMatter},
		{"TotalsOfLateData", "", totalsOfLateData},
		{"LastWriteWins", "", lastWriteWins},
		{"RefusesInvalidRecords", "", refusesInvalidRecords},
		{"UnknownVehicleIsEmpty", "", unknownVehicleIsEmpty},
		{"ExpireByDayAndClass", "", expireByDayAndClass},
		{"ExpireIsPartOfAnyOrder", "", expireIsPartOfAnyOrder},
		{"WhatStaysIsNeverMissed", "", whatStaysIsNeverMissed},
		{"ErasedBesideAnExpiry", "", erasedBesideAnExpiry},
		{"EraseLeavesNothing", caps.NoErase, eraseLeavesNothing},
		{"CancelledContext", "", cancelledContext},
		{"Concurrency", "", concurrency},
		{"Ping", "", ping},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.skip != "" {
				t.Skip(c.skip)
			}
			c.run(&bundle{t: t, ctx: t.Context(), store: open(t), caps: caps})
		})
	}
}

// bundle is what one check works with.
type bundle struct {
	t     *testing.T
	ctx   context.Context
	store telemetry.Store
	caps  Capabilities
	vins  atomic.Int64
}

// vin makes a VIN that this check has not used yet.
func (b *bundle) vin() vehicle.VIN {
	return vehicle.VIN(fmt.Sprintf("WPCZZZ%011d", b.vins.Add(1)))
}

func (b *bundle) write(records ...telemetry.Record) {
	b.t.Helper()
	if err := b.store.Write(b.ctx, records); err != nil {
		b.t.Fatalf("write %d records: %v", len(records), err)
	}
}

// noon is the time the checks count from.
var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// Signals that the checks write. One signal has one kind of value throughout,
// for stores that give a signal a type, except signalMixed.
const (
	signalSpeed = vehicle.Speed
	signalVolts = vehicle.LowVoltage
	signalExact = vehicle.Signal("Vehicle.CurrentLocation.Latitude")
	signalDoor  = vehicle.Signal("Vehicle.Cabin.Door.Row1.DriverSide.IsOpen")
	signalText  = vehicle.Brand
	signalMixed = vehicle.Signal("Vehicle.Test.Mixed")
)

// record is one sample of OK readings, received a minute after its time.
func record(vin vehicle.VIN, at time.Time, readings ...vehicle.Reading) telemetry.Record {
	return telemetry.Record{
		VIN:      vin,
		Received: at.Add(time.Minute),
		Sample:   vehicle.Sample{Time: at, Readings: readings},
	}
}

func number(s vehicle.Signal, v float64) vehicle.Reading {
	return vehicle.Reading{Signal: s, Value: vehicle.Number(v)}
}

func boolean(s vehicle.Signal, v bool) vehicle.Reading {
	return vehicle.Reading{Signal: s, Value: vehicle.Bool(v)}
}

func text(s vehicle.Signal, v string) vehicle.Reading {
	return vehicle.Reading{Signal: s, Value: vehicle.Text(v)}
}
