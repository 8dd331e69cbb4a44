package dialect

import (
	"sync"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// key is one value of a dialect's vocabulary: a row of its table. Numbers are
// converted from their unit to that of the signal.
type key struct {
	key    string          // as the device calls it: "v.b.soc"
	name   string          // short name common to all dialects: "hv_soc"
	unit   string          // unit that is shown; see Point.Unit
	wire   string          // the device's unit, where it is not the one shown: "ms"
	signal vehicle.Signal  // VSS 6.0 signal or extension; empty: shown, not stored
	words  map[string]bool // of an enum whose signal is a boolean; other words are shown, not stored
	out    bool            // the device counts what leaves the battery as positive; VSS what enters it
}

// table is the vocabulary of a dialect. Of several keys for one quantity the better
// one comes first.
type table struct {
	rows  []key
	place map[string]int
}

// index returns a table that is made when it is first asked for.
func index(rows func() []key) func() table {
	return sync.OnceValue(func() table {
		t := table{rows: rows(), place: map[string]int{}}
		for i, k := range t.rows {
			t.place[k.key] = i
		}
		return t
	})
}

// find returns the row of a key.
func (t table) find(name string) (key, bool) {
	if i, ok := t.place[name]; ok {
		return t.rows[i], true
	}
	return key{}, false
}

// rank orders keys as the table does; those that are not in it come last.
func (t table) rank(name string) int {
	if i, ok := t.place[name]; ok {
		return i
	}
	return len(t.rows)
}
