package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
)

func refuse(t testing.TB, db *store.DB, refused ...ingest.Refused) {
	t.Helper()
	record(t, db, ingest.Batch{Refused: refused})
}

// quarantined lists all entries as "topic reason xCOUNT first-last" in seconds.
func quarantined(t testing.TB, db *store.DB, f planner.QuarantineFilter) []string {
	t.Helper()
	rows, next, err := db.Quarantine(t.Context(), f, planner.Page{Size: 1000})
	if err != nil || next != "" {
		t.Fatalf("Quarantine: token %q, error %v", next, err)
	}
	list := names(rows, func(q planner.Quarantined) string {
		return fmt.Sprintf("%s %s x%d %v-%v", q.Topic, q.Reason, q.Count, q.Received.Sub(now).Seconds(), q.LastReceived.Sub(now).Seconds())
	})
	slices.Sort(list)
	return list
}

// idOf is the id of the one entry that matches.
func idOf(t testing.TB, db *store.DB, f planner.QuarantineFilter) string {
	t.Helper()
	rows, _, err := db.Quarantine(t.Context(), f, planner.Page{Size: 2})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d entries match %+v, error %v", len(rows), f, err)
	}
	return rows[0].ID
}

func messageOf(t testing.TB, db *store.DB, reason string) string {
	t.Helper()
	return must(db.MessageOfRefusal(t.Context(), idOf(t, db, planner.QuarantineFilter{Reason: reason})))(t)
}

func testQuarantineFilters(t *testing.T, db *store.DB) {
	refuse(t, db,
		ingest.Refused{Topic: "wican/1", Reason: "a", Received: at(1)},
		ingest.Refused{Topic: "wican/2_%", Reason: "b", Received: at(2)},
		ingest.Refused{Topic: "WICAN/3", Reason: "c", Received: at(3)},
		ingest.Refused{Topic: "Überholspur/4", VIN: "X", Reason: "d", Received: at(4)},
	)
	for _, test := range []struct {
		f    planner.QuarantineFilter
		want []string
	}{
		{planner.QuarantineFilter{TopicPrefix: "wican/"}, []string{"a", "b"}},
		{planner.QuarantineFilter{TopicPrefix: "wican/2_%"}, []string{"b"}},
		{planner.QuarantineFilter{TopicPrefix: "_ican"}, []string{}},
		{planner.QuarantineFilter{TopicPrefix: "Überhol"}, []string{"d"}},
		{planner.QuarantineFilter{From: at(2)}, []string{"b", "c", "d"}},
		{planner.QuarantineFilter{To: at(3)}, []string{"a", "b"}},
		{planner.QuarantineFilter{From: at(2), To: at(3), TopicPrefix: "wican"}, []string{"b"}},
		{planner.QuarantineFilter{VIN: "X", From: at(4)}, []string{"d"}},
		{planner.QuarantineFilter{VIN: "X", To: at(4)}, []string{}},
	} {
		rows, _, err := db.Quarantine(t.Context(), test.f, planner.Page{Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		got := names(rows, func(q planner.Quarantined) string { return q.Reason })
		slices.Sort(got)
		equal(t, fmt.Sprintf("entries of %+v", test.f), got, test.want)
		entries, counted, err := db.CountRefused(t.Context(), test.f)
		if err != nil || entries != len(test.want) || counted != len(test.want) {
			t.Errorf("%+v: %d entries of %d messages, error %v, want %d of each", test.f, entries, counted, err, len(test.want))
		}
		messages, _, err := db.RefusedMessages(t.Context(), test.f, planner.Page{Size: 10})
		if err != nil || len(messages) != len(test.want) {
			t.Errorf("messages of %+v: %d, error %v, want %d", test.f, len(messages), err, len(test.want))
		}
	}
}

// testRefusedMessages: a message is one, whatever the number of its entries, and
// it is given back as it first came.
func testRefusedMessages(t *testing.T, db *store.DB) {
	m := ingest.Refused{Topic: "t\x00\xff", Payload: []byte{0, 0xff}, Reason: "late", Received: at(9), From: "B", Retained: true, Partial: true}
	refuse(t, db, m)
	m.Reason, m.Received, m.From = "early", at(5), "A"
	refuse(t, db, m)
	id := messageOf(t, db, "early")
	if entries, messages, err := db.CountRefused(t.Context(), planner.QuarantineFilter{}); entries != 2 || messages != 1 || err != nil {
		t.Errorf("%d entries of %d messages, error %v, want 2 of one", entries, messages, err)
	}
	equal(t, "message of the other entry", messageOf(t, db, "late"), id)
	want := ingest.Kept{Topic: "t\uFFFD\uFFFD", Payload: m.Payload, Received: at(5), From: "A", Retained: true, Partial: true}
	equal(t, "message", must(db.RefusedMessage(t.Context(), id))(t), want)

	m.Received, m.Retained, m.From = at(7), false, "" // the same bytes, live, from one who may
	refuse(t, db, m)
	want.Retained, want.From = false, ""
	equal(t, "message that came in several ways", must(db.RefusedMessage(t.Context(), id))(t), want)

	// What is read back is found again.
	record(t, db, ingest.Batch{Released: []ingest.Released{{Topic: want.Topic, Payload: want.Payload}}})
	equal(t, "entries after the release", quarantined(t, db, planner.QuarantineFilter{}), []string{})
	_, err := db.RefusedMessage(t.Context(), id)
	wantFault(t, "RefusedMessage", err, fault.NotFound)
	_, err = db.MessageOfRefusal(t.Context(), id)
	wantFault(t, "MessageOfRefusal", err, fault.NotFound)
}

func testRelease(t *testing.T, db *store.DB) {
	entry := func(topic, reason string, received int) ingest.Refused {
		return ingest.Refused{Topic: topic, Payload: []byte("p"), Reason: reason, Received: at(received)}
	}
	refuse(t, db, entry("a", "unbound", 1), entry("a", "unbound", 8), entry("a", "no clock", 3),
		entry("b", "unbound", 2), entry("b", "unbound", 4), entry("b", "unbound", 6), entry("c", "unbound", 5),
		ingest.Refused{Topic: "a", Payload: []byte("other"), Reason: "unbound", Received: at(1)})
	equal(t, "before", quarantined(t, db, planner.QuarantineFilter{}), []string{
		"a no clock x1 3-3", "a unbound x1 1-1", "a unbound x2 1-8", "b unbound x3 2-6", "c unbound x1 5-5"})

	released := []ingest.Released{{Topic: "a", Payload: []byte("p")}, {Topic: "b", Payload: []byte("p")}, {Topic: "b", Payload: []byte("p")}, {Topic: "nothing", Payload: nil}}
	batch := ingest.Batch{Released: released, Refused: []ingest.Refused{
		entry("a", "no clock", 1), // still
		entry("b", "garbled", 2),  // for another reason
		entry("c", "unbound", 9),  // this one comes in just now
	}}
	for range 2 { // written again after an unclear answer
		record(t, db, batch)
		equal(t, "after", quarantined(t, db, planner.QuarantineFilter{}), []string{
			"a no clock x2 1-8", "a unbound x1 1-1", "b garbled x3 2-6", "c unbound x2 5-9"})
	}
}

// testReplayPages: replaying what a page lists moves nothing on the pages after.
func testReplayPages(t *testing.T, db *store.DB) {
	const messages = 25
	for i := range messages {
		for _, reason := range []string{"one", "two"} {
			refuse(t, db, ingest.Refused{Topic: fmt.Sprint(i), Payload: []byte("p"), Reason: reason, Received: at(i)})
		}
	}
	seen := map[string]int{}
	token := ""
	for pages := 0; pages == 0 || token != ""; pages++ {
		ids, next, err := db.RefusedMessages(t.Context(), planner.QuarantineFilter{Reason: "o"}, planner.Page{Size: 4, After: token})
		if err != nil || len(ids) > 4 {
			t.Fatalf("page %d has %d messages, error %v", pages, len(ids), err)
		}
		var b ingest.Batch
		for i, id := range ids {
			seen[id]++
			m := must(db.RefusedMessage(t.Context(), id))(t)
			b.Released = append(b.Released, ingest.Released{Topic: m.Topic, Payload: m.Payload})
			if i%2 == 0 {
				b.Refused = append(b.Refused, ingest.Refused{Topic: m.Topic, Payload: m.Payload, Reason: "of now", Received: m.Received})
			}
		}
		record(t, db, b)
		token = next
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("message %s came %d times", id, times)
		}
	}
	left := quarantined(t, db, planner.QuarantineFilter{})
	if len(seen) != messages || len(left) != 13 {
		t.Errorf("%d messages came, %d entries left, want %d and 13", len(seen), len(left), messages)
	}
}

// testReplayRace lets two replays and a vehicle work on the same messages.
func testReplayRace(t *testing.T, db *store.DB) {
	const messages = 20
	batch := func(reason string, release bool) ingest.Batch {
		var b ingest.Batch
		for i := range messages {
			topic := fmt.Sprint(i)
			b.Refused = append(b.Refused, ingest.Refused{Topic: topic, Reason: reason, Received: now})
			if release {
				b.Released = append(b.Released, ingest.Released{Topic: topic})
			}
		}
		return b
	}
	record(t, db, batch("unbound", false))
	race(t, func(i int) error {
		for n := range 5 {
			if err := db.Record(t.Context(), batch(fmt.Sprint("reason ", (i+n)%3), i > 0)); err != nil {
				return err
			}
		}
		return nil
	})
	topics := map[string]bool{}
	for _, line := range quarantined(t, db, planner.QuarantineFilter{Reason: "reason"}) {
		var topic string
		_, _ = fmt.Sscan(line, &topic)
		topics[topic] = true
	}
	if len(topics) != messages {
		t.Errorf("%d of %d messages are still in quarantine, want all: each was refused", len(topics), messages)
	}
}

func testDiscard(t *testing.T, db *store.DB) {
	for i := range 7 {
		refuse(t, db, ingest.Refused{Topic: fmt.Sprint("weather/", i), Reason: "r", Received: at(i)})
	}
	refuse(t, db, ingest.Refused{Topic: "car", Reason: "keep", Received: now}, ingest.Refused{Topic: "car", Reason: "drop", Received: now})
	f := planner.QuarantineFilter{TopicPrefix: "weather/", From: at(2)}
	for _, want := range []int{3, 2, 0} {
		if n := must(db.Discard(t.Context(), f, 3))(t); n != want {
			t.Errorf("discarded %d, want %d", n, want)
		}
	}
	drop := idOf(t, db, planner.QuarantineFilter{Reason: "drop"})
	if n := must(db.DiscardEntries(t.Context(), []string{drop, "none", drop}))(t); n != 1 {
		t.Errorf("discarded %d, want 1", n)
	}
	equal(t, "left", quarantined(t, db, planner.QuarantineFilter{}), []string{"car keep x1 0-0", "weather/0 r x1 0-0", "weather/1 r x1 1-1"})
	if n := must(db.Discard(t.Context(), planner.QuarantineFilter{}, 10))(t); n != 3 {
		t.Errorf("discarded %d, want all 3", n)
	}
}

// testExpiry: the message that came last the longest time ago goes first.
func testExpiry(t *testing.T, db *store.DB) {
	size := func() [2]int64 {
		t.Helper()
		entries, bytes, err := db.QuarantineSize(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return [2]int64{int64(entries), bytes}
	}
	equal(t, "size of nothing", size(), [2]int64{0, 0})
	entry := func(i int) ingest.Refused { // 10 bytes each
		return ingest.Refused{Topic: fmt.Sprintf("%02d", i), Payload: []byte("four"), Place: "1", Reason: "why", Received: at(i)}
	}
	for i := range 10 {
		refuse(t, db, entry(i))
	}
	again := entry(0)
	again.Received = at(60)
	refuse(t, db, again)
	equal(t, "size", size(), [2]int64{10, 100})

	for _, step := range []struct {
		before time.Time
		excess int64
		limit  int
		want   ingest.Expired
		left   int64
	}{
		{time.Time{}, 0, 100, ingest.Expired{}, 10},
		{at(3), 0, 1, ingest.Expired{Aged: 1, Bytes: 10}, 9}, // 1, and not 0, which came again
		{at(3), 0, 100, ingest.Expired{Aged: 1, Bytes: 10}, 8},
		{at(4), 25, 100, ingest.Expired{Aged: 1, Crowded: 2, Bytes: 30}, 5}, // 3, 4 and 5
		{at(3), 0, 100, ingest.Expired{}, 5},
		{time.Time{}, 35, 3, ingest.Expired{Crowded: 3, Bytes: 30}, 2}, // 6, 7 and 8
		{at(100), 1000, 100, ingest.Expired{Aged: 2, Bytes: 20}, 0},
	} {
		got := must(db.ExpireOldest(t.Context(), step.before, step.excess, step.limit))(t)
		equal(t, fmt.Sprintf("expired before %v, excess %d", step.before, step.excess), got, step.want)
		equal(t, "size", size(), [2]int64{step.left, 10 * step.left})
		if step.left == 2 {
			equal(t, "left", quarantined(t, db, planner.QuarantineFilter{}), []string{"00 why x2 0-60", "09 why x1 9-9"})
		}
	}
}
