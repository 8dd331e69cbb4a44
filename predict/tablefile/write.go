package tablefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Help lists the fields of a row with what they mean, a line each.
func Help() string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "  %-24s %s\n", f.name, f.help)
	}
	return b.String()
}

// WriteYAML writes a table as a file that Read reads.
func WriteYAML(w io.Writer, t *predict.Table) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(document(t)); err != nil {
		return err
	}
	return e.Close()
}

// WriteJSON is WriteYAML in JSON.
func WriteJSON(w io.Writer, t *predict.Table) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(document(t))
}

func document(t *predict.Table) *group {
	var rows []*group
	for _, s := range t.Specs() {
		row := &group{}
		for _, f := range fields {
			if v := f.write(&s); v != nil && !follows(f.name, &s) {
				row.put(strings.Split(f.name, "."), v)
			}
		}
		rows = append(rows, row)
	}
	return &group{{"components", rows}}
}

// follows reports whether a field need not be said: it follows from the others.
func follows(field string, s *predict.Spec) bool {
	switch head, _, _ := strings.Cut(field, "."); {
	case head == "gauge":
		return s.Scale == s.Sensor.Scale
	case field == "prior.rate_per_1000_km", field == "prior.rate_cv":
		return s.Life.Shape > 0
	case field == "prior.shape":
		return s.Shape == 1
	}
	return false
}

// group is a mapping that keeps its order.
type group []entry

type entry struct {
	key   string
	value any
}

func (g *group) put(path []string, v any) {
	if len(path) == 1 {
		*g = append(*g, entry{path[0], v})
		return
	}
	if n := len(*g); n == 0 || (*g)[n-1].key != path[0] {
		*g = append(*g, entry{path[0], &group{}})
	}
	(*g)[len(*g)-1].value.(*group).put(path[1:], v)
}

// MarshalYAML implements yaml.Marshaler.
func (g *group) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	flat := true
	for _, e := range *g {
		var value yaml.Node
		if err := value.Encode(e.value); err != nil {
			return nil, err
		}
		flat = flat && value.Kind == yaml.ScalarNode
		if value.Kind == yaml.SequenceNode && e.key != "components" {
			value.Style = yaml.FlowStyle
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: e.key}, &value)
	}
	if flat {
		n.Style = yaml.FlowStyle
	}
	return n, nil
}

// MarshalJSON implements json.Marshaler.
func (g *group) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, e := range *g {
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", e.key, value)
	}
	return fmt.Appendf(nil, "{%s}", b.Bytes()), nil
}
