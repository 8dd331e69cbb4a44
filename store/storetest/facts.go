package storetest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func testAttributes(t *testing.T, db *store.DB) {
	vin := newVIN()
	brand := func(want string) {
		t.Helper()
		if got := vehicleNow(t, db, vin).Brand; got != want {
			t.Errorf("brand is %q, want %q", got, want)
		}
	}
	say := func(seconds int, value string) {
		t.Helper()
		record(t, db, told(vin, at(seconds), map[vehicle.Signal]string{vehicle.Brand: value}))
	}
	say(10, "B")
	brand("B")
	say(5, "late news")
	brand("B")
	say(20, "C")
	brand("C")
	say(20, "A") // at the same time: the greater, whichever came first
	brand("C")
	record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: vin, Received: now, Attributes: []ingest.Attribute{
		{Signal: vehicle.Brand, Value: vehicle.Text("E"), Time: at(31)},
		{Signal: vehicle.Brand, Value: vehicle.Text("D"), Time: at(30)},
		{Signal: vehicle.ModelYear, Value: vehicle.Number(2021), Time: at(30)},
	}}}})
	brand("E")
	if got := vehicleNow(t, db, vin).ModelYear; got != 2021 {
		t.Errorf("model year is %d, want 2021", got)
	}
	for _, odd := range []float64{math.NaN(), 2021.5, 3, 1e9} {
		record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: vin, Received: now, Attributes: []ingest.Attribute{
			{Signal: vehicle.ModelYear, Value: vehicle.Number(odd), Time: at(40)},
		}}}})
	}
	if got := vehicleNow(t, db, vin).ModelYear; got != 0 {
		t.Errorf("model year is %d, want none", got)
	}
}

func testDisconnected(t *testing.T, db *store.DB) {
	yes := true
	on, again, ahead := newVIN(), newVIN(), newVIN()
	for vin, seconds := range map[vehicle.VIN]int{on: 0, again: 0, ahead: 5000} {
		record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: vin, Received: at(seconds), Online: &yes}}})
	}
	if err := db.Disconnected(t.Context(), at(10)); err != nil {
		t.Fatal(err)
	}
	record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: again, Received: at(11), Online: &yes}}})
	for vin, want := range map[vehicle.VIN]bool{on: false, again: true, ahead: false} {
		if got := vehicleNow(t, db, vin).Online; got != want {
			t.Errorf("online is %t, want %t", got, want)
		}
	}
}

func testOnline(t *testing.T, db *store.DB) {
	vin := newVIN()
	say := func(seconds int, online *bool, want bool) {
		t.Helper()
		record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: vin, Received: at(seconds), Online: online}}})
		if got := vehicleNow(t, db, vin).Online; got != want {
			t.Errorf("online is %t after %d s, want %t", got, seconds, want)
		}
	}
	yes, no := true, false
	say(0, nil, false)
	say(10, &yes, true)
	say(20, nil, true)
	say(5, &no, true)
	say(10, &no, false)
	say(30, &yes, true)
	say(40, &no, false)
	// A retained status is state, not a sign of life.
	silent := newVIN()
	record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: silent, Received: at(9), Retained: true, Online: &yes}}})
	equal(t, "vehicle of a retained status", vehicleNow(t, db, silent), vehicle.Vehicle{VIN: silent, Online: true})
	record(t, db, ingest.Batch{Seen: []ingest.Seen{{VIN: silent, Received: at(8)}, {VIN: silent, Received: at(7), Retained: true}}})
	equal(t, "vehicle that reported", vehicleNow(t, db, silent),
		vehicle.Vehicle{VIN: silent, Online: true, FirstSeen: at(8), LastSeen: at(8)})

	// Both at the same moment, in one batch: offline, whichever comes first.
	for _, order := range [][]*bool{{&yes, &no}, {&no, &yes}} {
		both := newVIN()
		record(t, db, ingest.Batch{Seen: []ingest.Seen{
			{VIN: both, Received: at(1), Online: order[0]}, {VIN: both, Received: at(1), Online: order[1]},
		}})
		if vehicleNow(t, db, both).Online {
			t.Error("online and offline at the same moment is online")
		}
	}
}

func testCodeReports(t *testing.T, db *store.DB) {
	vin := newVIN()
	yes, severity := true, uint8(0x40)
	first := vehicle.CodeReport{
		Time: at(10), TimeSource: vehicle.TimeFromAge, ECU: "7E8", MIL: &yes,
		Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed, vehicle.CodePending},
		Codes: []vehicle.CodeEntry{
			{Code: "P0171", Status: vehicle.CodeConfirmed, UDS: &severity, Severity: &severity, FreezeFrame: []vehicle.Reading{
				{Signal: vehicle.Speed, Value: vehicle.Number(63.25), Quality: vehicle.QualityAbnormal},
				{Signal: vehicle.FuelLevel, Value: vehicle.Number(math.Inf(1)), Quality: vehicle.QualityInvalid},
				{Signal: "Vehicle.IsMoving", Value: vehicle.Bool(true)},
				{Signal: vehicle.Model, Value: vehicle.Text("x")},
			}},
			{Code: "P0300", Status: vehicle.CodePending},
		},
	}
	cleared := vehicle.CodeReport{Time: at(20), ECU: "7E8", Erased: true, Readiness: &vehicle.Readiness{
		Complete: []vehicle.Monitor{vehicle.MonitorMisfire}, Incomplete: []vehicle.Monitor{vehicle.MonitorCatalyst, vehicle.MonitorEGR},
	}}
	otherECU := vehicle.CodeReport{Time: at(10), ECU: "7E9"}
	allStatuses := first
	allStatuses.Covers, allStatuses.Broadcast = nil, true

	shuffled := first
	shuffled.Codes = []vehicle.CodeEntry{first.Codes[1], first.Codes[0]}
	shuffled.Covers = []vehicle.CodeStatus{vehicle.CodePending, vehicle.CodeConfirmed}
	for _, r := range []vehicle.CodeReport{cleared, first, shuffled, otherECU, allStatuses, first} {
		record(t, db, ingest.Batch{Codes: []ingest.CodeFact{{VIN: vin, Received: now, Report: r}}})
	}
	got := read(t, db, func(ctx context.Context, tx *store.Tx) ([]vehicle.CodeReport, error) { return tx.CodeReports(ctx, vin) })
	equal(t, "code reports", got, []vehicle.CodeReport{allStatuses, first, otherECU, cleared})
}

// state is all that facts leave behind of a vehicle.
type state struct {
	Vehicle     vehicle.Vehicle
	Reports     []vehicle.CodeReport
	Marked      string
	Quarantined []planner.Quarantined
}

func stateOf(t testing.TB, db *store.DB, vin vehicle.VIN) state {
	t.Helper()
	var s state
	ctx := t.Context()
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		if s.Vehicle, err = tx.Vehicle(ctx, vin); err != nil {
			return err
		}
		if s.Reports, err = tx.CodeReports(ctx, vin); err != nil {
			return err
		}
		marks, err := tx.Marked(ctx, at(9999), at(9999), 9999)
		for _, m := range marks {
			if m.VIN == vin {
				m.VIN = ""
				s.Marked = asText(m)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Vehicle.VIN = ""
	s.Quarantined, _, err = db.Quarantine(ctx, planner.QuarantineFilter{VIN: string(vin)}, planner.Page{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Quarantined {
		q := &s.Quarantined[i]
		q.ID, q.Topic, q.VIN, q.Count = "", "", "", 0 // the count says how often it came
	}
	slices.SortFunc(s.Quarantined, func(a, b planner.Quarantined) int { return cmp.Compare(a.Reason, b.Reason) })
	return s
}

func testFactsAnyOrder(t *testing.T, db *store.DB) {
	rapid.Check(t, func(rt *rapid.T) {
		straight, mixed := newVIN(), newVIN()
		messages := rapid.SliceOfN(rapid.Custom(drawMessage), 2, 12).Draw(rt, "messages")
		again := append(slices.Clone(messages), rapid.SliceOf(rapid.SampledFrom(messages)).Draw(rt, "repeated")...)
		again = rapid.Permutation(again).Draw(rt, "order")
		record(t, db, batchesOf(rt, straight, messages)...)
		record(t, db, batchesOf(rt, mixed, again)...)
		equal(t, "state after another order", stateOf(t, db, mixed), stateOf(t, db, straight))
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// drawMessage makes the facts of one message; few different times and values,
// so that they collide.
func drawMessage(t *rapid.T) ingest.Batch {
	moment := rapid.Custom(func(t *rapid.T) time.Time { return at(rapid.IntRange(1, 3).Draw(t, "at")) })
	word := rapid.SampledFrom([]string{"A", "B", "C"})
	received := moment.Draw(t, "received")
	seen := ingest.Seen{Received: received, LastEvent: moment.Draw(t, "event")}
	if rapid.Bool().Draw(t, "status") {
		online := rapid.Bool().Draw(t, "online")
		seen.Online = &online
	}
	for _, signal := range rapid.SliceOfN(rapid.SampledFrom([]vehicle.Signal{vehicle.Brand, vehicle.Model}), 0, 2).Draw(t, "signals") {
		seen.Attributes = append(seen.Attributes, ingest.Attribute{
			Signal: signal, Value: vehicle.Text(word.Draw(t, "value")), Time: moment.Draw(t, "measured"),
		})
	}
	b := ingest.Batch{Seen: []ingest.Seen{seen}, Marks: []ingest.Mark{{
		Day: vehicle.Day(rapid.IntRange(1, 3).Draw(t, "day")), Urgent: rapid.Bool().Draw(t, "urgent"), At: received,
	}}}
	if rapid.Bool().Draw(t, "codes") {
		b.Codes = []ingest.CodeFact{{Received: received, Report: vehicle.CodeReport{
			Time: moment.Draw(t, "reported"), ECU: word.Draw(t, "ecu"),
			Codes: []vehicle.CodeEntry{{Code: vehicle.Code(word.Draw(t, "code"))}},
		}}}
	}
	if rapid.Bool().Draw(t, "refused") {
		b.Refused = []ingest.Refused{{Reason: word.Draw(t, "reason"), Received: received}}
	}
	return b
}

// batchesOf says messages of a vehicle in batches of any size.
func batchesOf(t *rapid.T, vin vehicle.VIN, messages []ingest.Batch) []ingest.Batch {
	batches := make([]ingest.Batch, 1)
	for _, m := range messages {
		last := &batches[len(batches)-1]
		for _, s := range m.Seen {
			s.VIN = vin
			last.Seen = append(last.Seen, s)
		}
		for _, k := range m.Marks {
			k.VIN = vin
			last.Marks = append(last.Marks, k)
		}
		for _, c := range m.Codes {
			c.VIN = vin
			last.Codes = append(last.Codes, c)
		}
		for _, r := range m.Refused {
			r.VIN, r.Topic = string(vin), string(vin)
			last.Refused = append(last.Refused, r)
		}
		if rapid.Bool().Draw(t, "cut") {
			batches = append(batches, ingest.Batch{})
		}
	}
	return batches
}
