package predict

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// Table is a component table: which parts wear, and what is known of each before a
// vehicle has been seen. It is never changed once it is made, so that it may be
// shared. A nil *Table is the standard one.
type Table struct {
	rows    []Spec
	row     map[Component]int
	named   map[string]int       // row by service item
	experts []*degradation.Model // what a row says of its path, by row
	laws    []LifeLaw            // and of lives
	sensed  []Spec               // rows that name sensors

	version string // of what differs from the standard table; empty: nothing
}

var standard = newTable(slices.Concat(standardRows, engineRows, chassisRows, electricRows))

// Standard is the built-in table.
func Standard() *Table { return standard }

func newTable(rows []Spec) *Table {
	t := &Table{rows: rows, row: make(map[Component]int, len(rows)), named: map[string]int{}}
	for i := range rows {
		rows[i].complete()
		t.row[rows[i].Component] = i
		t.experts = append(t.experts, rows[i].expert())
		t.laws = append(t.laws, rows[i].law())
		for _, name := range rows[i].ResetBy {
			t.named[name] = i
		}
		if len(rows[i].Sensor.Signals) > 0 {
			t.sensed = append(t.sensed, rows[i])
		}
	}
	return t
}

// TableOf is a table of these rows alone, each of another component, in their order.
func TableOf(rows ...Spec) *Table { return newTable(slices.Clone(rows)) }

// With returns a table in which rows have come in: each in the place of the one of its
// component, or after all others. The error joins every fault of the rows, each a
// *RowError.
func (t *Table) With(rows ...Spec) (*Table, error) {
	all := t.Specs()
	own := map[Component]bool{}
	var errs []error
	for _, s := range rows {
		s.complete()
		errs = append(errs, s.faults()...)
		if own[s.Component] {
			errs = append(errs, fault(s.Component, "component", "is there twice: put all that differs into one row"))
		}
		own[s.Component] = true
		if i := slices.IndexFunc(all, func(o Spec) bool { return o.Component == s.Component }); i >= 0 {
			all[i] = s
		} else {
			all = append(all, s)
		}
	}
	errs = append(errs, clashes(all, own)...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	out := newTable(all)
	if !reflect.DeepEqual(all, standard.rows) {
		sum := sha256.Sum256(fmt.Appendf(nil, "%+v", all))
		out.version = "+parts-" + hex.EncodeToString(sum[:4])
	}
	return out, nil
}

// orStandard is the table itself, or the standard one for nil.
func (t *Table) orStandard() *Table {
	if t == nil {
		return standard
	}
	return t
}

// Specs returns the rows, in the order in which Forecasts answers. They are copies;
// their slices are shared and must not be changed.
func (t *Table) Specs() []Spec { return slices.Clone(t.orStandard().rows) }

// SensorRows returns the rows that name signals which show the wear. They must not be
// changed.
func (t *Table) SensorRows() []Spec { return t.orStandard().sensed }

// Of returns the row of a component; false when there is none.
func (t *Table) Of(c Component) (Spec, bool) {
	t = t.orStandard()
	if i, ok := t.row[c]; ok {
		return t.rows[i], true
	}
	return Spec{}, false
}

// ComponentOf finds the component that a service item renews, by its id or one
// of its other names ("brake_pads_front", "front brake pads"); case, blanks and
// hyphens do not matter.
func (t *Table) ComponentOf(item string) (Component, bool) {
	t = t.orStandard()
	i, ok := t.named[item]
	if !ok {
		if i, ok = t.named[itemName(item)]; !ok {
			return "", false
		}
	}
	return t.rows[i].Component, true
}

// itemName is how the names of service items are compared.
func itemName(item string) string {
	return underscores.Replace(strings.ToLower(strings.TrimSpace(item)))
}

var underscores = strings.NewReplacer(" ", "_", "-", "_")
