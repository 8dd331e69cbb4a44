package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// list is one of the lists a transport pages through.
type list struct {
	// add puts one row at a random place of the list, and returns its name.
	add func(testing.TB) string
	// page returns the names of the rows of a page.
	page func(testing.TB, planner.Page) ([]string, string, error)
}

func lists(db *store.DB) map[string]list {
	n := 0
	name := func() string { n++; return fmt.Sprintf("%03d", n) }
	moment := func() time.Time { return now.Add(time.Duration(rand.IntN(5)) * time.Hour) } // many are the same
	return map[string]list{
		"vehicles": {
			add: func(t testing.TB) string {
				vin := vehicle.VIN(fmt.Sprintf("P%05d", rand.IntN(90000)) + name())
				putVehicle(t, db, vehicle.Vehicle{VIN: vin})
				return string(vin)
			},
			page: func(t testing.TB, p planner.Page) ([]string, string, error) {
				rows, next, err := db.Vehicles(t.Context(), planner.VehicleFilter{}, p)
				return names(rows, func(r planner.VehicleRow) string { return string(r.Vehicle.VIN) }), next, err
			},
		},
		"orders": {
			add: func(t testing.TB) string {
				priorities := []workorders.Priority{workorders.Emergency, workorders.Urgent, workorders.Routine}
				o := workorders.Order{ID: name(), Priority: priorities[rand.IntN(3)], Created: moment()}
				put(t, db, o)
				return o.ID
			},
			page: func(t testing.TB, p planner.Page) ([]string, string, error) {
				rows, next, err := db.Orders(t.Context(), planner.OrderFilter{}, p)
				return names(rows, func(o workorders.Order) string { return o.ID }), next, err
			},
		},
		"reminders": {
			add: func(t testing.TB) string {
				r := reminders.Reminder{ID: name()}
				if rand.IntN(3) > 0 {
					r.DueAt = moment()
				}
				put(t, db, r)
				return r.ID
			},
			page: func(t testing.TB, p planner.Page) ([]string, string, error) {
				rows, next, err := db.Reminders(t.Context(), planner.ReminderFilter{}, p)
				return names(rows, func(r reminders.Reminder) string { return r.ID }), next, err
			},
		},
		"quarantine": {
			add: func(t testing.TB) string {
				topic := name()
				record(t, db, ingest.Batch{Refused: []ingest.Refused{{Topic: topic, Reason: "listed", Received: moment()}}})
				return topic
			},
			page: func(t testing.TB, p planner.Page) ([]string, string, error) {
				rows, next, err := db.Quarantine(t.Context(), planner.QuarantineFilter{Reason: "listed"}, p)
				return names(rows, func(q planner.Quarantined) string { return q.Topic }), next, err
			},
		},
		"refused": {
			add: func(t testing.TB) string {
				topic := name()
				record(t, db, ingest.Batch{Refused: []ingest.Refused{{Topic: topic, Reason: "a"}, {Topic: topic, Reason: "b"}}})
				return must(db.MessageOfRefusal(t.Context(), idOf(t, db, planner.QuarantineFilter{TopicPrefix: topic, Reason: "b"})))(t)
			},
			page: func(t testing.TB, p planner.Page) ([]string, string, error) {
				return db.RefusedMessages(t.Context(), planner.QuarantineFilter{TopicPrefix: "", Reason: "b"}, p)
			},
		},
	}
}

func names[R any](rows []R, name func(R) string) []string {
	list := make([]string, 0, len(rows))
	for _, r := range rows {
		list = append(list, name(r))
	}
	return list
}

func testPaging(t *testing.T, db *store.DB) {
	for name, l := range lists(db) {
		var before []string
		for range 17 {
			before = append(before, l.add(t))
		}
		whole, next, err := l.page(t, planner.Page{Size: 17})
		if err != nil || next != "" || len(whole) != 17 {
			t.Fatalf("%s: a page of all has %d rows, token %q, error %v", name, len(whole), next, err)
		}
		seen := make(map[string]int)
		var order []string
		for token, pages := "", 0; pages == 0 || token != ""; pages++ {
			rows, following, err := l.page(t, planner.Page{Size: 4, After: token})
			if err != nil || len(rows) > 4 || pages > 20 {
				t.Fatalf("%s: page %d has %d rows, error %v", name, pages, len(rows), err)
			}
			for _, r := range rows {
				seen[r]++
				order = append(order, r)
			}
			token = following
			l.add(t)
			l.add(t)
		}
		for _, r := range before {
			if seen[r] != 1 {
				t.Errorf("%s: a row that was there came %d times", name, seen[r])
			}
		}
		order = slices.DeleteFunc(order, func(r string) bool { return !slices.Contains(before, r) })
		equal(t, name+" in order", order, whole)
	}
}

func testPageTokens(t *testing.T, db *store.DB) {
	all := lists(db)
	tokens := make(map[string]string)
	for name, l := range all {
		l.add(t)
		l.add(t)
		_, next, err := l.page(t, planner.Page{Size: 1})
		if err != nil || next == "" {
			t.Fatalf("%s: token %q, error %v", name, next, err)
		}
		tokens[name] = next
	}
	for name, l := range all {
		for what, p := range map[string]planner.Page{
			"no size": {}, "a negative size": {Size: -1}, "a broken token": {Size: 1, After: "%"}, "no token": {Size: 1, After: "e30"},
		} {
			_, _, err := l.page(t, p)
			wantFault(t, name+" with "+what, err, fault.Invalid)
		}
		for other, token := range tokens {
			if other == name {
				continue
			}
			_, _, err := l.page(t, planner.Page{Size: 1, After: token})
			wantFault(t, name+" with a token of "+other, err, fault.Invalid)
		}
	}
}
