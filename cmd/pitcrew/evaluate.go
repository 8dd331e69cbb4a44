package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

type evaluateCmd struct {
	Data string `required:"" type:"existingdir" help:"Folder with public data sets, each in a folder of its own name." placeholder:"DIR"`
	JSON bool   `name:"json" help:"Print one JSON object a figure."`
}

func (c *evaluateCmd) Help() string {
	var b strings.Builder
	b.WriteString(`Scores the predictions on data whose outcome is known: split by unit, with only what was known
at each time, beside baselines, and with a 90 % interval from resampled units. Figures outside
what they must reach are marked MISS. The same data prints the same bytes.

  pitcrew evaluate --data shared/data

Data sets, known by the names of their folders and files:
`)
	for _, s := range evaluate.Sets() {
		fmt.Fprintf(&b, "  %-24s %s (%s)\n", s.Name, s.About, strings.Join(s.Files, ", "))
	}
	return b.String()
}

func (c *evaluateCmd) Run(s *env) error {
	data := os.DirFS(c.Data)
	found, missing := evaluate.Found(data)
	for _, err := range missing {
		fmt.Fprintf(s.err, "pitcrew: left out: %v\n", err)
	}
	if len(found) == 0 {
		return fmt.Errorf("%s holds none of the data sets; see 'pitcrew evaluate --help' for their names", c.Data)
	}
	bar := progress(s, len(found), "evaluating")
	var rows []evaluate.Row
	for _, set := range found {
		bar.Describe(set.Name)
		r, err := set.Evaluate(s.ctx, data)
		if err != nil {
			return err
		}
		rows = append(rows, r...)
		_ = bar.Add(1) // only a terminal can fail here
	}
	_ = bar.Finish()
	if c.JSON {
		return evaluate.PrintJSON(s.out, rows)
	}
	return evaluate.Print(s.out, rows)
}
