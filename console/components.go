package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// keepComponentsFor is how long the table of components is kept: it changes when the
// product behind the API starts anew.
const keepComponentsFor = time.Minute

// componentTable is what the API said of components at a time.
type componentTable struct {
	rows  []*pitcrewv1.Component
	named map[string]*pitcrewv1.Text
	asked time.Time
}

// components is the table of components in effect. One that cannot be read is what was
// known of it before: pages then name a component by its id.
func (s *server) components(ctx context.Context) *componentTable {
	kept := s.parts.Load()
	if kept != nil && s.now().Sub(kept.asked) < keepComponentsFor {
		return kept
	}
	answer, err := s.vehicles.ListComponents(ctx, &pitcrewv1.ListComponentsRequest{})
	if err != nil {
		s.log.WarnContext(ctx, "the table of components could not be read", "error", err)
		if kept == nil {
			kept = &componentTable{}
		}
		return kept
	}
	t := &componentTable{rows: answer.GetComponents(), named: map[string]*pitcrewv1.Text{}, asked: s.now()}
	for _, c := range t.rows {
		t.named[c.GetComponent()] = c.GetName()
	}
	s.parts.Store(t)
	return t
}

// fills lists those of the components that hold a fill, which may be topped up.
func (t *componentTable) fills(of []string) []string {
	var out []string
	for _, c := range t.rows {
		if c.GetFillLitres() > 0 && slices.Contains(of, c.GetComponent()) {
			out = append(out, c.GetComponent())
		}
	}
	return out
}

// on lists the components that vehicles of a powertrain may have, all of them when it
// is not known.
func (t *componentTable) on(powertrain string) []string {
	var out []string
	for _, c := range t.rows {
		fits := powertrain == "" || len(c.GetPowertrains()) == 0
		for _, p := range c.GetPowertrains() {
			fits = fits || p == powertrain
		}
		if fits {
			out = append(out, c.GetComponent())
		}
	}
	return out
}

// Part is what a service item is about. Besides the components of the table it may name
// anything that a workshop renews, which is shown as it is.
func (p *page) Part(name string) string {
	if t := p.parts().named[name]; t != nil {
		return p.Text(t)
	}
	if text, ok := p.known("component." + name); ok {
		return text
	}
	return strings.ReplaceAll(name, "_", " ")
}
