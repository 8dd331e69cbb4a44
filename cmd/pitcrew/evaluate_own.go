package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// ownFlags are those of a fleet of the user's own.
type ownFlags struct {
	CSV        string   `name:"csv" type:"existingfile" help:"Readings of a fleet of your own: unit,component,time,odometer_km,value. Forecasts go to standard output." placeholder:"FILE" xor:"what" required:""`
	Services   string   `type:"existingfile" help:"Renewals, for --csv: unit,component,time,odometer_km,outcome; outcome is failed, early or unknown." placeholder:"FILE"`
	Truth      string   `type:"existingfile" help:"When parts did reach their limit, for --csv: unit,component,time,odometer_km. Of lives it does not name the services tell. Forecasts do not see it." placeholder:"FILE"`
	AsOf       []string `name:"asof" help:"When --csv is asked: times, dates, or one step like 30d. The first of each month by default." placeholder:"TIME,..."`
	Threshold  []string `help:"Value at the limit, where values of --csv are not wear from 0 to 1: a number for all, or component=number." placeholder:"VALUE,..."`
	New        []string `help:"Value of a new part, likewise. By default learned from the readings after a renewal." placeholder:"VALUE,..."`
	Components string   `type:"existingfile" help:"File with components, for --csv, as serve takes it; see 'pitcrew components --help'." placeholder:"FILE"`
	Out        string   `type:"path" help:"File for the forecasts of --csv; the score goes to standard output then." placeholder:"FILE"`
}

// check refuses flags that would do nothing.
func (f *ownFlags) check() error {
	if f.CSV != "" {
		return nil
	}
	for flag, given := range map[string]bool{
		"--services": f.Services != "", "--truth": f.Truth != "", "--asof": len(f.AsOf) > 0,
		"--threshold": len(f.Threshold) > 0, "--new": len(f.New) > 0, "--components": f.Components != "", "--out": f.Out != "",
	} {
		if given {
			return &usageError{flag + " goes with --csv: give the readings, too"}
		}
	}
	return nil
}

const ownHelp = `
A fleet of your own (--csv): each unit's parts are forecast as of each time, from what was known
by then: nothing later is used, and what the fleet teaches comes from other units alone. One row
for each unit, component and time says when the part reaches its limit: P10, P50 and P90 of the
date and of the odometer.

  pitcrew evaluate --csv readings.csv --services services.csv > forecasts.csv
  pitcrew evaluate --csv readings.csv --services services.csv --truth truth.csv --out forecasts.csv
  pitcrew evaluate --csv mm.csv --threshold brake_pads_front=3 --new brake_pads_front=12 --asof 30d

Units are names of any kind, and so are components; one whose id 'pitcrew components' lists goes by
its row, of others form and pace are learned. A value is wear, 0 new and 1 at the limit, or
anything that rises or falls to --threshold. Times are RFC 3339, or dates, which are their first
instant in UTC; without a zone a time is UTC. An outcome "failed" says that the part was at its
limit; it is the truth of that life unless --truth has a line for it, from one renewal to the next.
Forecasts that have a truth are scored by component and by how far ahead they say, with a life
table, a line through the part's own readings and a fixed interval beside them. The score goes to
standard error, or with --out to standard output. What was taken otherwise than written is said on
standard error.
`

// own forecasts a fleet of the user's, and returns the score.
func (f *ownFlags) own(s *env, asJSON bool) (err error) {
	fleet, err := f.read(s)
	if err != nil {
		return err
	}
	times, err := fleet.Times(f.AsOf)
	if err != nil {
		return &usageError{err.Error()}
	}
	out, score := s.out, s.err
	if f.Out != "" {
		file, err := os.Create(f.Out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out, score = file, s.out
	}
	answers, tally := evaluate.NewOwnWriter(out, asJSON), fleet.Tally()
	bar := progress(s, len(times), "forecasting")
	for _, at := range times {
		a, err := fleet.Ask(s.ctx, at)
		if err != nil {
			return err
		}
		tally.Add(a)
		if err := answers.Write(a); err != nil {
			return err
		}
		_ = bar.Add(1) // only a terminal can fail here
	}
	_ = bar.Finish()
	if err := answers.Flush(); err != nil {
		return err
	}
	for _, n := range fleet.Unanswered() {
		fmt.Fprintln(s.err, "pitcrew:", n)
	}
	rows := tally.Rows()
	switch {
	case len(rows) == 0:
		return nil
	case asJSON:
		return evaluate.PrintJSON(score, rows)
	}
	return evaluate.Print(score, rows)
}

// read reads the files, with their progress on a terminal.
func (f *ownFlags) read(s *env) (*evaluate.Own, error) {
	table, err := readComponents(f.Components)
	if err != nil {
		return nil, err
	}
	var scale evaluate.OwnScale
	if scale.Thresholds, err = levels("--threshold", f.Threshold); err != nil {
		return nil, err
	}
	if scale.New, err = levels("--new", f.New); err != nil {
		return nil, err
	}
	var files evaluate.OwnFiles
	var total int64
	for _, given := range []struct {
		path string
		into *evaluate.OwnFile
	}{{f.CSV, &files.Readings}, {f.Services, &files.Services}, {f.Truth, &files.Truth}} {
		if given.path == "" {
			continue
		}
		file, err := os.Open(given.path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil {
			total += info.Size()
		}
		*given.into = evaluate.OwnFile{Name: given.path, From: file}
	}
	bar := progress(s, int(total), "reading")
	for _, file := range []*evaluate.OwnFile{&files.Readings, &files.Services, &files.Truth} {
		if file.From != nil {
			r := progressbar.NewReader(file.From, bar)
			file.From = &r
		}
	}
	fleet, err := evaluate.ReadOwn(files, scale, table)
	_ = bar.Finish()
	if err != nil {
		return nil, err
	}
	for _, n := range fleet.Notes() {
		fmt.Fprintln(s.err, "pitcrew:", n)
	}
	return fleet, nil
}

// levels reads numbers, each of a component or of all others.
func levels(flag string, given []string) (map[string]float64, error) {
	out := map[string]float64{}
	for _, g := range given {
		component, number, named := strings.Cut(g, "=")
		if !named {
			component, number = "", g
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		component = strings.TrimSpace(component)
		_, twice := out[component]
		switch {
		case err != nil || v-v != 0 || named && component == "":
			return nil, &usageError{fmt.Sprintf("%s %s: want a number for all components, or component=number", flag, g)}
		case twice:
			return nil, &usageError{fmt.Sprintf("%s %s: there is one already", flag, g)}
		}
		out[component] = v
	}
	return out, nil
}
