package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/tablefile"
)

type componentsCmd struct {
	Components string `help:"File with components, as serve and demo take it: the table is printed with it in effect." type:"path" placeholder:"FILE"`
	YAML       bool   `name:"yaml" help:"Print the table as a file that --components takes: to start from." xor:"format"`
	JSON       bool   `name:"json" help:"The same in JSON." xor:"format"`
}

func (c *componentsCmd) Help() string {
	return `What pitcrew forecasts: the parts that wear, and what it knows of each before it has seen a car.
A file adds parts and changes some, for serve and demo (--components FILE):

  components:
    - component: engine_oil          # changed: only what is named here
      plan: {km: 10000, months: 12}
    - component: starter             # added: needs a name, what makes it due, safety and job
      name: {en: Starter motor, zh: 起动机}
      powertrains: [petrol, diesel]
      life: {shape: 2, km: 250000}
      safety: breakdown
      job: {code: STR-10, text: {en: Replace starter motor, zh: 更换起动机}, hours: {min: 1, max: 2.5}}

  pitcrew components --yaml > parts.yaml     # all rows, to start from; delete what you do not change
  pitcrew components --components parts.yaml # is it right?
  pitcrew serve --components parts.yaml

The fields of a row; docs/components.md tells how to choose them:

` + tablefile.Help()
}

func (c *componentsCmd) Run(s *env) error {
	table, err := readComponents(c.Components)
	switch {
	case err != nil:
		return err
	case c.YAML:
		return tablefile.WriteYAML(s.out, table)
	case c.JSON:
		return tablefile.WriteJSON(s.out, table)
	}
	return printComponents(s.out, table)
}

// readComponents is the component table with a file's rows; the standard one without
// a file.
func readComponents(file string) (*predict.Table, error) {
	if file == "" {
		return predict.Standard(), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--components: %w", err)
	}
	table, err := tablefile.Read(file, text, predict.Standard())
	if err != nil {
		return nil, fmt.Errorf("--components:\n%w", err)
	}
	for _, f := range diagnosis.Knowledge().Families { // reminders could not tell the two apart
		if _, taken := table.Of(predict.Component(f.Key)); taken {
			return nil, fmt.Errorf("--components:\n%s: component %s: component: is the name of a fault family: choose another id", file, f.Key)
		}
	}
	return table, nil
}

func printComponents(out io.Writer, t *predict.Table) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMPONENT\tNAME\tVEHICLES\tPLAN\tMEASURED BY\tSAFETY\tJOB")
	for _, s := range t.Specs() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Component, s.Name.EN, fittedTo(&s), planOf(&s), measuredBy(&s), s.Safety, s.Job.Code)
	}
	return w.Flush()
}

func fittedTo(s *predict.Spec) string {
	text := "all"
	if s.Powertrains != nil {
		names := make([]string, len(s.Powertrains))
		for i, p := range s.Powertrains {
			names[i] = string(p)
		}
		text = strings.Join(names, ", ")
	}
	if s.Optional {
		text += " (some)"
	}
	return text
}

func planOf(s *predict.Spec) string {
	var all []string
	if s.PlanKm > 0 {
		all = append(all, lang.Thousands(s.PlanKm)+" km")
	}
	if s.PlanMonths > 0 {
		all = append(all, fmt.Sprintf("%d months", s.PlanMonths))
	}
	if s.Life.Shape > 0 {
		all = append(all, "life "+lang.Thousands(s.Life.Km)+" km")
	}
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, " or ")
}

func measuredBy(s *predict.Spec) string {
	switch {
	case len(s.Sensor.Signals) > 0:
		name := string(s.Sensor.Signals[0])
		return name[strings.LastIndexByte(name, '.')+1:]
	case s.Measure == predict.NotMeasured:
		return "-"
	}
	return string(s.Measure)
}
