package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/planner"
)

func TestOldQuarantineIsCompleted(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		testOldQuarantine(t, "sqlite", filepath.Join(t.TempDir(), "pitcrew.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		testOldQuarantine(t, "pgx", testserver.StartPostgres(t).Create(t))
	})
}

// testOldQuarantine opens a database with rows as 0005_quarantine.sql leaves those
// that were there before, more than are completed in one transaction.
func testOldQuarantine(t *testing.T, driver, dsn string) {
	received := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	want := map[string]ingest.Kept{}
	var b ingest.Batch
	add := func(reason string, k ingest.Kept) {
		k.Topic, k.Payload, k.Received = fmt.Sprint("t/", len(want)), []byte("four"), received
		want[reason] = k
		b.Refused = append(b.Refused, ingest.Refused{Topic: k.Topic, Payload: k.Payload, Reason: reason, Received: received})
	}
	add("payload of 1048577 bytes is larger than 1048576; the first 65536 are kept", ingest.Kept{Partial: true})
	add("a packet of more than 2097152 bytes was not read, and the connection closed", ingest.Kept{Partial: true})
	add("1M8GDM9AXKP042788 sent a message about WVWZZZ1JZXW000001", ingest.Kept{From: "1M8GDM9AXKP042788"})
	add("somebody sent a message about WVWZZZ1JZXW000001", ingest.Kept{})
	for i := range 400 {
		add(fmt.Sprint("reason ", i), ingest.Kept{})
	}
	db := open(t, dsn)
	if err := db.Record(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	_, bytes, err := db.QuarantineSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old := raw(t, driver, dsn)
	if _, err := old.ExecContext(t.Context(), "UPDATE quarantine SET message = '', size = 0, partial = FALSE, sender = ''"); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	db = reopened(t, dsn)
	if n, now, err := db.QuarantineSize(t.Context()); err != nil || n != len(want) || now != bytes {
		t.Errorf("%d entries of %d bytes, %v, want %d of %d", n, now, err, len(want), bytes)
	}
	rows, _, err := db.Quarantine(t.Context(), planner.QuarantineFilter{}, planner.Page{Size: 1000})
	if err != nil || len(rows) != len(want) {
		t.Fatalf("%d entries, %v", len(rows), err)
	}
	for _, row := range rows {
		id, err := db.MessageOfRefusal(t.Context(), row.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.RefusedMessage(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[row.Reason], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.Reason, diff)
		}
		if strings.HasPrefix(row.Reason, "payload of") != row.Partial && !strings.Contains(row.Reason, "was not read") {
			t.Errorf("%s: partial is %v", row.Reason, row.Partial)
		}
	}
	// A new arrival of the same bytes is the same message.
	if err := db.Record(t.Context(), ingest.Batch{Released: []ingest.Released{{Topic: "t/0", Payload: []byte("four")}}}); err != nil {
		t.Fatal(err)
	}
	if n, _, err := db.QuarantineSize(t.Context()); err != nil || n != len(want)-1 {
		t.Errorf("%d entries after one was released, %v", n, err)
	}
}
