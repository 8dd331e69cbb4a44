package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

func testRecords(t *testing.T, db *store.DB) {
	vin := newVIN()
	add := func(r history.Record) error {
		t.Helper()
		return tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.AddRecord(ctx, r) })
	}
	first := filled[history.Record]()
	first.ID, first.VIN, first.Source, first.SourceID, first.Status = "r1", vin, history.FromDealer, "77", history.Final
	again := first
	again.ID, again.Recorded = "r2", now.Add(time.Hour)
	changed := again
	changed.Hours++
	nested := again
	nested.Items = []history.Item{{Component: "tyres"}}
	for name, err := range map[string]error{
		"the first": add(first), "the same": add(first), "the same with another id": add(again),
	} {
		if err != nil {
			t.Errorf("add %s: %v", name, err)
		}
	}
	wantFault(t, "add with another content", add(changed), fault.Conflict)
	wantFault(t, "add with other items", add(nested), fault.Conflict)

	wrong := filled[history.Record]()
	wrong.ID, wrong.VIN, wrong.SourceID, wrong.Visited, wrong.Status = "r3", vin, "78", now.Add(-time.Hour), history.EnteredInError
	if err := add(wrong); err != nil {
		t.Fatalf("add a record in error: %v", err)
	}
	wrong.Status = history.Final
	if err := add(wrong); err != nil {
		t.Errorf("add a record again that was marked as wrong: %v", err)
	}
	// Owners have no numbers: their records are told apart by id.
	own := history.Record{VIN: vin, Source: history.FromOwner, Status: history.Final, Visited: now.Add(-48 * time.Hour)}
	for _, id := range []string{"o1", "o2"} {
		own.ID = id
		if err := add(own); err != nil {
			t.Errorf("add the owner's record %s: %v", id, err)
		}
	}
	own.Note = "other"
	wantFault(t, "add another content under an id", add(own), fault.Conflict)

	ids := func(records []history.Record) (ids []string) {
		for _, r := range records {
			ids = append(ids, r.ID+" "+string(r.Status))
		}
		return ids
	}
	equal(t, "records, newest first", ids(must(db.Records(t.Context(), vin))(t)),
		[]string{"r1 final", "r3 entered_in_error", "o2 final", "o1 final"})
}

func testOrderVersions(t *testing.T, db *store.DB) {
	o := filled[workorders.Order]()
	o.Version = 0
	put := func(o workorders.Order) error {
		t.Helper()
		return tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutOrder(ctx, o) })
	}
	if err := put(o); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "insert again", put(o), fault.Conflict)
	o = must(db.Order(t.Context(), o.ID))(t)
	stale := o
	o.Note, o.State, o.Events, o.Lines = "changed", workorders.Open, o.Events[:1], nil
	if err := put(o); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "put an old version", put(stale), fault.Conflict)
	o.Version = 2
	equal(t, "order", must(db.Order(t.Context(), o.ID))(t), o)
}

func testReminderVersions(t *testing.T, db *store.DB) {
	r := filled[reminders.Reminder]()
	r.Version = 0
	put := func(r reminders.Reminder) error {
		t.Helper()
		return tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutReminder(ctx, r) })
	}
	get := func() reminders.Reminder {
		t.Helper()
		return read(t, db, func(ctx context.Context, tx *store.Tx) (reminders.Reminder, error) { return tx.Reminder(ctx, r.ID) })
	}
	if err := put(r); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "insert again", put(r), fault.Conflict)
	r = get()
	stale := r
	r.State, r.DueAt, r.Notified = reminders.Snoozed, time.Time{}, nil
	if err := put(r); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "put an old version", put(stale), fault.Conflict)
	r.Version = 2
	equal(t, "reminder", get(), r)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteReminder(ctx, r.ID) })
	wantFault(t, "put a deleted one", put(r), fault.NotFound)
}

func testDeleteOrder(t *testing.T, db *store.DB) {
	for name, tc := range map[string]struct {
		source workorders.Source
		state  workorders.State
		want   error
	}{
		"a proposal":           {workorders.ByMachine, workorders.Proposed, nil},
		"a withdrawn proposal": {workorders.ByMachine, workorders.Withdrawn, nil},
		"an accepted proposal": {workorders.ByMachine, workorders.Open, fault.Conflict},
		"a dismissed one":      {workorders.ByMachine, workorders.Dismissed, fault.Conflict},
		"an advisor's":         {workorders.ByAdvisor, workorders.Proposed, fault.Conflict},
	} {
		put(t, db, workorders.Order{ID: name, Source: tc.source, State: tc.state})
		err := tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteOrder(ctx, name) })
		if tc.want != nil {
			wantFault(t, "delete "+name, err, fault.Conflict)
		} else if err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
		_, err = db.Order(t.Context(), name)
		if gone := err != nil; gone != (tc.want == nil) {
			t.Errorf("%s: read after deletion: %v", name, err)
		}
	}
}

// put writes new orders and reminders.
func put[V workorders.Order | reminders.Reminder](t testing.TB, db *store.DB, values ...V) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, v := range values {
			var err error
			switch v := any(v).(type) {
			case workorders.Order:
				err = tx.PutOrder(ctx, v)
			case reminders.Reminder:
				err = tx.PutReminder(ctx, v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func testOrderList(t *testing.T, db *store.DB) {
	a, b := newVIN(), newVIN()
	put(t, db,
		workorders.Order{ID: "routine", VIN: a, State: workorders.Open, Priority: workorders.Routine, Created: now},
		workorders.Order{ID: "old urgent", VIN: b, State: workorders.Proposed, Priority: workorders.Urgent, Created: now.Add(-time.Hour)},
		workorders.Order{ID: "urgent", VIN: a, State: workorders.CheckedIn, Priority: workorders.Urgent, Created: now},
		workorders.Order{ID: "emergency", VIN: b, State: workorders.Closed, Priority: workorders.Emergency, Created: now.Add(-time.Hour)},
	)
	for name, tc := range map[string]struct {
		f    planner.OrderFilter
		want []string
	}{
		"all":                  {planner.OrderFilter{}, []string{"emergency", "urgent", "old urgent", "routine"}},
		"of a vehicle":         {planner.OrderFilter{VIN: a}, []string{"urgent", "routine"}},
		"in a state":           {planner.OrderFilter{States: []workorders.State{workorders.Open}}, []string{"routine"}},
		"in states":            {planner.OrderFilter{States: []workorders.State{workorders.Open, workorders.CheckedIn, workorders.Closed}}, []string{"emergency", "urgent", "routine"}},
		"vehicle and state":    {planner.OrderFilter{VIN: b, States: []workorders.State{workorders.Proposed}}, []string{"old urgent"}},
		"in a state nobody is": {planner.OrderFilter{States: []workorders.State{"open,closed"}}, []string{}},
	} {
		orders, next, err := db.Orders(t.Context(), tc.f, planner.Page{Size: 10})
		if err != nil || next != "" {
			t.Fatalf("%s: token %q, error %v", name, next, err)
		}
		ids := []string{}
		for _, o := range orders {
			ids = append(ids, o.ID)
		}
		equal(t, name, ids, tc.want)
	}
}

func testReminderList(t *testing.T, db *store.DB) {
	a, b := newVIN(), newVIN()
	put(t, db,
		reminders.Reminder{ID: "by km only", VIN: a, State: reminders.Planned},
		reminders.Reminder{ID: "later", VIN: b, State: reminders.Planned, DueAt: now.Add(time.Hour)},
		reminders.Reminder{ID: "now", VIN: a, State: reminders.DueSoon, DueAt: now},
		reminders.Reminder{ID: "overdue", VIN: b, State: reminders.Overdue, DueAt: now.Add(-time.Hour)},
	)
	for name, tc := range map[string]struct {
		f    planner.ReminderFilter
		want []string
	}{
		"all":               {planner.ReminderFilter{}, []string{"overdue", "now", "later", "by km only"}},
		"of a vehicle":      {planner.ReminderFilter{VIN: a}, []string{"now", "by km only"}},
		"in states":         {planner.ReminderFilter{States: []reminders.State{reminders.Overdue, reminders.DueSoon}}, []string{"overdue", "now"}},
		"vehicle and state": {planner.ReminderFilter{VIN: b, States: []reminders.State{reminders.Planned}}, []string{"later"}},
	} {
		list, next, err := db.Reminders(t.Context(), tc.f, planner.Page{Size: 10})
		if err != nil || next != "" {
			t.Fatalf("%s: token %q, error %v", name, next, err)
		}
		ids := []string{}
		for _, r := range list {
			ids = append(ids, r.ID)
		}
		equal(t, name, ids, tc.want)
	}
}

func testCounts(t *testing.T, db *store.DB) {
	online, offline := newVIN(), newVIN()
	yes := true
	record(t, db, ingest.Batch{
		Seen:    []ingest.Seen{{VIN: online, Received: now, Online: &yes}, {VIN: offline, Received: now}},
		Marks:   []ingest.Mark{{VIN: online, Day: 1, At: now}, {VIN: online, Day: 2, At: now}, {VIN: offline, Day: 2, At: now}},
		Refused: []ingest.Refused{{Topic: "a", Received: now}},
	})
	put(t, db, workorders.Order{ID: "1", State: workorders.Open}, workorders.Order{ID: "2", State: workorders.Open},
		workorders.Order{ID: "3", State: workorders.Closed})
	put(t, db, reminders.Reminder{ID: "1", State: reminders.Due})
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error { return tx.Enqueue(ctx, reminders.Message{ID: "m1", VIN: online}) },
			func() error { return tx.Enqueue(ctx, reminders.Message{ID: "m2", VIN: online}) },
			func() error { return tx.Enqueue(ctx, reminders.Message{ID: "m2", VIN: offline}) },
		)
	})
	equal(t, "counts", must(db.Counts(t.Context()))(t), planner.Counts{
		Vehicles: 2, Online: 1, Quarantined: 1, Unplanned: 2, UndeliveredMessages: 2,
		Orders:    map[workorders.State]int{workorders.Open: 2, workorders.Closed: 1},
		Reminders: map[reminders.State]int{reminders.Due: 1},
	})
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func testQuarantine(t *testing.T, db *store.DB) {
	refused := ingest.Refused{
		Topic: "pitcrew/v1/X/obd", VIN: "X", Payload: []byte{0, 0xff, '\n'}, Place: "samples[2]", Reason: "Bad length", Received: now,
	}
	empty := ingest.Refused{Topic: "t", Reason: "empty payload", Received: now.Add(time.Minute)}
	otherPlace := refused
	otherPlace.Place, otherPlace.Received = "samples[3]", now.Add(-time.Minute)
	batch := ingest.Batch{Refused: []ingest.Refused{refused, empty, otherPlace}}
	record(t, db, batch, batch) // written again after an unclear answer
	refused.Received = now.Add(time.Hour)
	record(t, db, ingest.Batch{Refused: []ingest.Refused{refused}}) // sent again by the vehicle
	refused.Received = now.Add(-time.Hour)
	record(t, db, ingest.Batch{Refused: []ingest.Refused{refused}}) // an older copy comes late

	list := func(f planner.QuarantineFilter) []planner.Quarantined {
		t.Helper()
		rows, next, err := db.Quarantine(t.Context(), f, planner.Page{Size: 10})
		if err != nil || next != "" {
			t.Fatalf("Quarantine: token %q, error %v", next, err)
		}
		for i := range rows {
			if rows[i].ID == "" {
				t.Error("a quarantined message has no id")
			}
			rows[i].ID = ""
			if len(rows[i].Payload) == 0 {
				rows[i].Payload = nil
			}
		}
		return rows
	}
	wantEmpty := planner.Quarantined{Topic: "t", Reason: "empty payload", Received: now.Add(time.Minute), Count: 1, LastReceived: now.Add(time.Minute)}
	wantOther := planner.Quarantined{Topic: refused.Topic, VIN: "X", Payload: refused.Payload, Place: "samples[3]",
		Reason: "Bad length", Received: now.Add(-time.Minute), Count: 1, LastReceived: now.Add(-time.Minute)}
	wantTwice := wantOther
	wantTwice.Place, wantTwice.Received, wantTwice.Count = "samples[2]", now.Add(-time.Hour), 2
	wantTwice.LastReceived = now.Add(time.Hour)
	equal(t, "all, newest first", list(planner.QuarantineFilter{}), []planner.Quarantined{wantEmpty, wantOther, wantTwice})
	equal(t, "of a vehicle", list(planner.QuarantineFilter{VIN: "X"}), []planner.Quarantined{wantOther, wantTwice})
	equal(t, "by reason", list(planner.QuarantineFilter{Reason: "PAYLOAD"}), []planner.Quarantined{wantEmpty})
	equal(t, "by both", list(planner.QuarantineFilter{VIN: "X", Reason: "empty"}), []planner.Quarantined{})
}
