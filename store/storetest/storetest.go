// Package storetest checks that a database keeps what the contracts of ingest,
// planner and reminders promise. It runs against every dialect.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Open returns an empty, migrated database that is closed at the end of the test.
type Open func(t testing.TB) *store.DB

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *store.DB){
		"values come back as they were put":           testRoundTrips,
		"what was replaced is gone":                   testReplace,
		"times keep their instant":                    testTimes,
		"texts of any kind are held":                  testTexts,
		"what is not there is not found":              testNotFound,
		"vehicle: registered wins over told":          testRegisteredWins,
		"vehicle: powertrain from what it told":       testPowertrains,
		"vehicle: found by text":                      testVehicleSearch,
		"vehicle: filtered by powertrain and finding": testVehicleFilters,
		"vehicle: summary":                            testSummary,
		"record: once per source and number":          testRecords,
		"odometer: decisions are appended":            testOdometerDecisions,
		"odometer: refused readings of the fleet":     testRefusedReadings,
		"order: versions":                             testOrderVersions,
		"order: only proposals are deleted":           testDeleteOrder,
		"order: list in order of urgency":             testOrderList,
		"reminder: versions":                          testReminderVersions,
		"reminder: list in order of date":             testReminderList,
		"quarantine: repetitions count once each":     testQuarantine,
		"quarantine: filters":                         testQuarantineFilters,
		"quarantine: a message of several entries":    testRefusedMessages,
		"quarantine: what is released is gone":        testRelease,
		"quarantine: replaying page by page":          testReplayPages,
		"quarantine: replays at once":                 testReplayRace,
		"quarantine: discarded for good":              testDiscard,
		"quarantine: the oldest expire":               testExpiry,
		"counts":                                      testCounts,
		"pages are stable while rows come":            testPaging,
		"page tokens are checked":                     testPageTokens,
		"a failed write leaves nothing":               testRollback,
		"a read cannot write":                         testReadOnly,
		"a cancelled write leaves nothing":            testCancel,
		"of concurrent updates one wins":              testConcurrentUpdates,
		"concurrent writes behave as one by one":      testSerializable,
		"concurrent planners all get through":         testConcurrentPlanning,
		"concurrent facts all arrive":                 testConcurrentFacts,
		"facts: repeated and in any order":            testFactsAnyOrder,
		"facts: attributes by their own time":         testAttributes,
		"facts: the newest status says online":        testOnline,
		"facts: nobody online when a broker starts":   testDisconnected,
		"facts: code reports under their key":         testCodeReports,
		"numbers: what came and what is missing":      testReception,
		"numbers: repeated and in any order":          testReceptionAnyOrder,
		"numbers: two ingesters lose none":            testReceptionRace,
		"numbers: a liar costs no more than bounds":   testReceptionBounds,
		"clocks: the latest hours are judged":         testClock,
		"clocks: repeated and in any order":           testClockAnyOrder,
		"marks: who is planned, and in which order":   testMarked,
		"marks: planned leaves what came since":       testPlanned,
		"marks: none is lost against the planner":     testMarkRace,
		"marks: vehicles that say nothing age":        testQuiet,
		"outbox: leases, ends and repeats":            testOutbox,
		"outbox: answers after the lease":             testOutboxLateAnswers,
		"outbox: dispatchers share the work":          testOutboxRivals,
		"outbox: the last routine message":            testLastRoutine,
		"models: one in force, one in the shadow":     testModels,
		"models: what is still named is kept":         testPruneModels,
		"models: events, newest first":                testModelEvents,
		"models: two do not both come into force":     testModelRace,
		"snapshots: what was said stays":              testSnapshots,
		"snapshots: counted by component and week":    testTallies,
		"rollups: by day, replaced by day":            testRollups,
		"erasure: nothing of the vehicle is left":     testEraseVehicle,
		"erasure: orders and receipts":                testErasures,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var (
	// now is when the tests play.
	now = time.Date(2026, 11, 22, 10, 0, 0, 123456000, time.UTC)
	// numbers makes names that are used once.
	numbers atomic.Int64
)

func newVIN() vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WPT%014d", numbers.Add(1))) }

func write(t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := tryWrite(t, db, fn); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func tryWrite(t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) error {
	t.Helper()
	ctx := t.Context()
	return db.Write(ctx, func(tx *store.Tx) error { return fn(ctx, tx) })
}

// read returns what one read of a transaction answers.
func read[V any](t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.Tx) (V, error)) V {
	t.Helper()
	ctx := t.Context()
	var v V
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		v, err = fn(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return v
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	curves := cmp.Comparer(func(a, b degradation.Curve) bool { return a == b })
	if diff := cmp.Diff(want, got, curves); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// wantFault checks the code of an error: fault.NotFound, fault.Conflict ...
func wantFault(t testing.TB, what string, err error, want fault.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %s", what, err, want)
	}
}
