package evaluate

import (
	"context"
	"fmt"
	"io/fs"
)

// Set is a public data set, known by the name of its folder and of its files.
type Set struct {
	Name  string   // of the folder
	About string   // one line
	Files []string // that it needs

	// rows evaluates the set in its folder.
	rows func(ctx context.Context, folder fs.FS) ([]Row, error)
}

// Sets are the sets that can be evaluated, in the order of the table.
func Sets() []Set { return append([]Set(nil), sets...) }

var sets = []Set{cmapss, liion, nasaCalce, meeker, oil, buses, fuelCards}

// Found lists the sets whose folder is there with all its files, and what is
// missing in folders that have the name only.
func Found(data fs.FS) (found []Set, missing []error) {
	for _, s := range sets {
		if _, err := fs.Stat(data, s.Name); err != nil {
			continue
		}
		complete := true
		for _, f := range s.Files {
			if _, err := fs.Stat(data, s.Name+"/"+f); err != nil {
				missing = append(missing, fmt.Errorf("set %s: %w", s.Name, err))
				complete = false
			}
		}
		if complete {
			found = append(found, s)
		}
	}
	return found, missing
}

// Evaluate computes the rows of the set. Errors name the file and line at fault.
func (s Set) Evaluate(ctx context.Context, data fs.FS) ([]Row, error) {
	folder, err := fs.Sub(data, s.Name)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", s.Name, err)
	}
	rows, err := s.rows(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", s.Name, err)
	}
	for i := range rows {
		rows[i].Set = s.Name
	}
	return rows, nil
}
