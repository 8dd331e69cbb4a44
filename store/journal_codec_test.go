package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What a batch lets wait is read back from the journal as it was.
func TestJournalHoldsWhatWaits(t *testing.T) {
	t.Parallel()
	for of, fields := range map[reflect.Type]int{reflect.TypeFor[ingest.Seen](): 8, reflect.TypeFor[ingest.Mark](): 4} {
		if of.NumField() != fields {
			t.Errorf("%s has other fields than the journal was made for: does what is new have to be in it?", of)
		}
	}
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
	vin := rapid.Custom(func(t *rapid.T) vehicle.VIN {
		return vehicle.VIN(fmt.Sprintf("WPT%014d", rapid.IntRange(0, 9).Draw(t, "car")))
	})
	rapid.Check(t, func(t *rapid.T) {
		var b ingest.Batch
		for range rapid.IntRange(0, 20).Draw(t, "seen") {
			s := ingest.Seen{
				VIN: vin.Draw(t, "vin"), Received: at.Draw(t, "received"), Boot: rapid.String().Draw(t, "boot"),
				Seq: rapid.Uint64().Draw(t, "seq"), Retained: rapid.Bool().Draw(t, "retained"),
			}
			if rapid.Bool().Draw(t, "event") {
				s.LastEvent = at.Draw(t, "last event")
			}
			if rapid.IntRange(0, 9).Draw(t, "more") == 0 {
				s.Online = new(bool)
			}
			b.Seen = append(b.Seen, s)
		}
		for range rapid.IntRange(0, 20).Draw(t, "marks") {
			b.Marks = append(b.Marks, ingest.Mark{
				VIN: vin.Draw(t, "vin"), Day: vehicle.Day(rapid.IntRange(-1, 30_000).Draw(t, "day")),
				At: at.Draw(t, "at"), Urgent: rapid.IntRange(0, 9).Draw(t, "urgent") == 0,
			})
		}
		later := store.Waits(b)
		body := store.EncodeJournal(later)
		got, err := store.DecodeJournal(body)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(later, got); d != "" {
			t.Fatalf("read back (-want +got):\n%s", d)
		}
		cut := rapid.IntRange(0, len(body)-1).Draw(t, "cut")
		if _, err := store.DecodeJournal(body[:cut]); err == nil {
			t.Fatalf("the first %d of %d bytes are read as if they were all", cut, len(body))
		}
	})
}

func FuzzDecodeJournal(f *testing.F) {
	f.Add(store.EncodeJournal(fleetBatch(3, 1)))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := store.DecodeJournal(body)
		if err != nil {
			return
		}
		again, err := store.DecodeJournal(store.EncodeJournal(b))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(b, again); d != "" {
			t.Errorf("read again: %s", d)
		}
	})
}
