package evaluate

import (
	"context"
	"fmt"
	"io/fs"
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

var nasaCalce = Set{
	Name:  "nasa_calce_cells",
	About: "cells of NASA to 1.4 Ah and of CALCE to 0.88 Ah: what so few teach each other",
	Files: []string{"capacity.csv"},
	rows:  nasaCalceRows,
}

// endOfLife is the capacity at which the sources end a life, Ah.
var endOfLife = map[string]float64{"NASA": 1.4, "CALCE": 0.88}

// nasaCalceRows asks cells of both sources together, one left out at a time.
// There are few: the model has too few complete paths to choose its forms, and
// has nothing but the usual ones and the others' rates. No bound is set.
func nasaCalceRows(ctx context.Context, folder fs.FS) ([]Row, error) {
	sources, err := readCells(folder, "source")
	if err != nil {
		return nil, err
	}
	var fleet []specimen
	lives := 0
	for _, cells := range sources {
		limit, ok := endOfLife[cells[0].group]
		if !ok {
			return nil, fmt.Errorf("capacity.csv: no end of life is known of source %q", cells[0].group)
		}
		for i := range cells {
			base, ok := cells[i].base(math.Inf(1))
			if !ok || base <= limit {
				continue
			}
			s, ok := cells[i].specimen(limit / base)
			if !ok {
				continue
			}
			s.groups = []string{cells[i].group}
			fleet = append(fleet, s)
			if s.failed {
				lives++
			}
		}
	}
	if lives < 2 {
		return nil, fmt.Errorf("capacity.csv: %d cells reach the end of life of their source; at least two are needed", lives)
	}
	said, err := foretell(ctx, fleet, degradation.Standard(), lifeShares)
	if err != nil {
		return nil, err
	}
	asked := []askedGroup{{rows: said}}
	var rows []Row
	for k, share := range lifeShares {
		figure := func(of func(*foretold) float64) float64 { return overGroups(asked, k, nil, of) }
		rows = append(rows, Row{
			Task: fmt.Sprintf("life to the source's end at %g of it", share), Metric: "MAE", Unit: "% of life", Units: len(said),
			Ours:      figure(oursOf),
			Sure:      score.Bootstrap(len(said), func(pick []int) float64 { return overGroups(asked, k, pick, oursOf) }),
			Baselines: []Baseline{{"life table", figure(tableOf)}, {"per-unit line", figure(lineOf)}},
		})
	}
	return rows, nil
}
