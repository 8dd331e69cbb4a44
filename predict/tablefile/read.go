// Package tablefile reads and writes component tables as files, in YAML or JSON: the
// rows that a workshop adds to the standard table, or sees differently.
package tablefile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Lists of a row, by what is in them.
type (
	powertrains = []vehicle.Powertrain
	signals     = []vehicle.Signal
	names       = []string
	components  = []predict.Component
)

// Read returns the base with the rows of a file taken in. A row of a component that
// the base has changes the fields that it names; any other is added. The error
// names every mistake: file, line, component, field, and what is wanted.
func Read(file string, text []byte, base *predict.Table) (*predict.Table, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(untabbed(text), &doc); err != nil {
		return nil, fmt.Errorf("%s: neither YAML nor JSON: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	list, err := listOf(&doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r := &reader{file: file, base: base, lines: map[predict.Component]map[string]int{}}
	var rows []predict.Spec
	for _, n := range list.Content {
		if s, ok := r.row(n); ok {
			rows = append(rows, s)
		}
	}
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	table, err := base.With(rows...)
	return table, r.placed(err)
}

// untabbed makes blanks of the tabs between the values of JSON, where YAML has none.
func untabbed(text []byte) []byte {
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '{' {
		return text
	}
	return bytes.ReplaceAll(text, []byte("\t"), []byte(" ")) // within a JSON string a tab is \t
}

// listOf finds the list of rows in a file.
func listOf(doc *yaml.Node) (*yaml.Node, error) {
	const want = "want one group, components, with a list of rows in it; start from 'pitcrew components --yaml'"
	if len(doc.Content) == 0 {
		return nil, errors.New("the file is empty: " + want)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || len(root.Content) != 2 || root.Content[0].Value != "components" {
		return nil, fmt.Errorf("line %d: %s", root.Line, want)
	}
	list := root.Content[1]
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return nil, fmt.Errorf("line %d: components: want a list of rows, each beginning with - component: ID", root.Content[0].Line)
	}
	return list, nil
}

// reader reads rows, and remembers where their fields stand.
type reader struct {
	file  string
	base  *predict.Table
	lines map[predict.Component]map[string]int // line by field; "" is the row
	errs  []error
}

func (r *reader) fail(line int, c predict.Component, field, message string) {
	place := ""
	if c != "" {
		place = "component " + string(c) + ": "
	}
	if field != "" {
		place += field + ": "
	}
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s%s", r.file, line, place, message))
}

// row reads one row over what the base has of the component.
func (r *reader) row(n *yaml.Node) (predict.Spec, bool) {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "", "", "want a row: component: ID, and its fields below")
		return predict.Spec{}, false
	}
	c := idOf(n)
	if c == "" {
		r.fail(n.Line, "", "component", "want the id of the component, such as engine_oil")
		return predict.Spec{}, false
	}
	s, standard := r.base.Of(c)
	old := s
	if !standard {
		s = predict.Spec{Amber: 0.8, Red: 1, RateCV: 0.4}
	}
	before := len(r.errs)
	lines := map[string]int{"": n.Line}
	r.group(n, c, "", &s, lines)
	if _, twice := r.lines[c]; twice {
		r.fail(n.Line, c, "component", "is there twice: put all that differs into one row")
	}
	r.lines[c] = lines
	settle(&s, old, lines)
	if lines["life"] > 0 && lines["prior.rate_per_1000_km"] > 0 {
		r.fail(lines["prior.rate_per_1000_km"], c, "prior.rate_per_1000_km", "is beside life: say one of the two")
	}
	return s, len(r.errs) == before
}

func idOf(row *yaml.Node) predict.Component {
	for i := 0; i+1 < len(row.Content); i += 2 {
		if row.Content[i].Value == "component" && row.Content[i+1].Kind == yaml.ScalarNode {
			return predict.Component(row.Content[i+1].Value)
		}
	}
	return ""
}

// group reads the fields of a row, or those below a prefix.
func (r *reader) group(n *yaml.Node, c predict.Component, prefix string, s *predict.Spec, lines map[string]int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		name := prefix + key.Value
		if lines[name] > 0 {
			r.fail(key.Line, c, name, "is there twice")
			continue
		}
		lines[name] = key.Line
		f, isField := fieldOf(name)
		switch {
		case isField:
			if err := f.read(s, value); err != nil {
				r.fail(value.Line, c, name, err.Error())
			}
		case len(below(name+".")) == 0:
			r.fail(key.Line, c, name, "there is no such field: want "+strings.Join(below(prefix), ", "))
		case value.Kind != yaml.MappingNode:
			r.fail(value.Line, c, name, "want a group of fields: "+strings.Join(below(name+"."), ", "))
		default:
			r.group(value, c, name+".", s, lines)
		}
	}
}

// below lists the fields and groups right below a prefix.
func below(prefix string) []string {
	var out []string
	for _, f := range fields {
		if rest, ok := strings.CutPrefix(f.name, prefix); ok {
			if name, _, _ := strings.Cut(rest, "."); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// settle lets what a row says replace what followed from what it changes.
func settle(s *predict.Spec, old predict.Spec, lines map[string]int) {
	if lines["prior.rate_per_1000_km"] > 0 && lines["life"] == 0 {
		s.Life = predict.Life{}
	}
	if lines["sensor"] > 0 {
		s.Sensor.Scale.Unit = "" // that of the signals
		if lines["gauge"] == 0 && old.Scale == old.Sensor.Scale {
			s.Scale = predict.Scale{} // that of the sensor
		}
	}
	if s.RatePer1000Km == 0 && s.Life == (predict.Life{}) {
		planned(s)
	}
}

// planned makes the prior of a part of which only the plan is known: plans leave a
// fifth of the life, and where they name a date, the date is what wears it.
func planned(s *predict.Spec) {
	const perMonth = 15000 / 12.0
	km := s.PlanKm
	if byDate := float64(s.PlanMonths) * perMonth; byDate > 0 {
		if km == 0 {
			s.CalendarShare = 1
		}
		if km == 0 || byDate < km {
			km = byDate
		}
	}
	if km > 0 {
		s.RatePer1000Km = 0.8 / (km / 1000)
	}
}

// placed says of the faults of a table where they stand in the file.
func (r *reader) placed(err error) error {
	if err == nil {
		return nil
	}
	for _, e := range unjoined(err) {
		var fault *predict.RowError
		if !errors.As(e, &fault) {
			r.errs = append(r.errs, fmt.Errorf("%s: %w", r.file, e))
			continue
		}
		lines := r.lines[fault.Component]
		at := fault.Field
		for at != "" && lines[at] == 0 { // the group it would stand in
			at = at[:max(0, strings.LastIndexByte(at, '.'))]
		}
		r.fail(lines[at], fault.Component, fault.Field, fault.Message)
	}
	return errors.Join(r.errs...)
}

func unjoined(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
