package store

import (
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// EncodeRollup lets tests write the stored form of a roll-up.
func EncodeRollup(r telemetry.DayRollup) []byte { return encodeRollup(r) }

// DecodeRollup lets tests read it.
func DecodeRollup(vin vehicle.VIN, day vehicle.Day, b []byte) (telemetry.DayRollup, error) {
	var d rollupDecoder
	return d.decode(vin, day, b)
}

// DecodeBySignal lets tests read roll-ups of neighbouring days.
func DecodeBySignal(first vehicle.Day, bodies [][]byte, into *telemetry.BySignal) error {
	rows := make([]sqlcgen.RollupsRow, len(bodies))
	for i, b := range bodies {
		rows[i] = sqlcgen.RollupsRow{Day: int64(first) + int64(i), Body: b}
	}
	var d rollupDecoder
	return d.bySignal(rows, into)
}

// ErasedTables are the tables that EraseVehicle empties of a vehicle.
func ErasedTables() (tables []string) {
	for _, t := range perVehicle {
		tables = append(tables, t.table)
	}
	return tables
}

// JournalIsDue makes the time be over for which the journal waits.
func (db *DB) JournalIsDue() {
	db.journal.mu.Lock()
	defer db.journal.mu.Unlock()
	db.journal.timer.Reset(0)
}

// Waits is what of a batch the journal would hold.
func Waits(b ingest.Batch) ingest.Batch {
	_, later := divide(b)
	return later
}

// The rows of the journal.
var (
	EncodeJournal = encodeJournal
	DecodeJournal = decodeJournal
)
