package evaluate_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// tallied asks a fleet of one unit at times, and counts the answers that were scored.
func tallied(t *testing.T, services, truth string, asOf ...string) (scored int) {
	t.Helper()
	f := ownCSV{readings: "unit,component,time,odometer_km,value\n"}
	for month := 1; month <= 12; month++ {
		f.readings += fmt.Sprintf("a,seal,2024-%02d-01,%d,%.2f\n", month, 1000*month, 0.08*float64(month%6))
	}
	if services != "" {
		f.services = "unit,component,time,outcome\n" + services
	}
	if truth != "" {
		f.truth = "unit,component,time\n" + truth
	}
	rows := f.scored(t, evaluate.OwnScale{}, asOf, func(answers []evaluate.OwnAnswer) error {
		if len(answers) != 1 {
			return fmt.Errorf("%d answers, want 1", len(answers))
		}
		return nil
	})
	for _, r := range rows {
		if _, err := fmt.Sscanf(r.Task, "seal, all %d forecasts", &scored); err == nil {
			return scored
		}
	}
	return 0
}

// TestWhatComesNextIsTheTruth: of a forecast it is the limit, unless the part is renewed
// before, or had reached it already.
func TestWhatComesNextIsTheTruth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		services, truth string
		asOf            []string
		want            int
	}{
		"nothing came":                   {"", "", []string{"2024-03-15"}, 0},
		"a truth ahead":                  {"", "a,seal,2024-06-10\n", []string{"2024-03-15", "2024-06-09"}, 2},
		"the limit is passed":            {"", "a,seal,2024-06-10\n", []string{"2024-07-01"}, 0},
		"at its very moment":             {"", "a,seal,2024-06-10\n", []string{"2024-06-10"}, 0},
		"several lives, no records":      {"", "a,seal,2024-06-10\na,seal,2024-11-10\n", []string{"2024-05-01", "2024-07-01", "2024-12-01"}, 2},
		"renewed after the limit":        {"a,seal,2024-06-20,failed\n", "a,seal,2024-06-10\na,seal,2024-11-10\n", []string{"2024-06-15", "2024-06-25"}, 1},
		"renewed before the limit":       {"a,seal,2024-06-05,early\n", "a,seal,2024-11-10\n", []string{"2024-05-01", "2024-07-01"}, 1},
		"renewed on the day":             {"a,seal,2024-06-10,failed\n", "a,seal,2024-06-10T12:00:00Z\n", []string{"2024-05-01"}, 1},
		"failed in a service":            {"a,seal,2024-06-10,failed\n", "", []string{"2024-05-01", "2024-07-01"}, 1},
		"renewed early in a service":     {"a,seal,2024-06-10,early\n", "", []string{"2024-05-01"}, 0},
		"nobody knows how it was":        {"a,seal,2024-06-10,\n", "", []string{"2024-05-01"}, 0},
		"the truth overrules a service":  {"a,seal,2024-06-10,failed\n", "a,seal,2024-06-03\n", []string{"2024-05-01", "2024-06-05"}, 1},
		"and one that says early":        {"a,seal,2024-06-10,early\n", "a,seal,2024-06-03\n", []string{"2024-05-01", "2024-06-05"}, 1},
		"but only of the life it names":  {"a,seal,2024-06-10,failed\n", "a,seal,2024-11-10\n", []string{"2024-05-01", "2024-07-01", "2024-12-01"}, 2},
		"also where that was before":     {"a,seal,2024-06-10,failed\na,seal,2024-11-20,failed\n", "a,seal,2024-06-03\n", []string{"2024-05-01", "2024-07-01"}, 2},
		"two records of a visit are one": {"a,seal,2024-06-10T08:00:00Z,unknown\na,seal,2024-06-10T15:00:00Z,failed\n", "", []string{"2024-05-01"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tallied(t, c.services, c.truth, c.asOf...); got != c.want {
				t.Errorf("%d forecasts scored, want %d", got, c.want)
			}
		})
	}
}

// TestTheScoreIsThatOfTheRows computes MAE and coverage from the printed rows.
func TestTheScoreIsThatOfTheRows(t *testing.T) {
	t.Parallel()
	fleet := ownFleet("van", "Seal B", asWear, 15)
	forecasts, _ := fleet.run(t, evaluate.OwnScale{}, "60d")
	sum, held, n := 0.0, 0.0, 0.0
	for _, r := range parseOwn(t, forecasts) {
		limit, ok := nextOf(t, fleet, r)
		if !ok || pastLimit(t, fleet, r) {
			continue
		}
		n++
		sum += math.Abs(limit.Sub(r.p50).Hours() / 24)
		if !limit.Before(r.p10) && !limit.After(r.p90) {
			held++
		}
	}
	read, err := fleet.read(evaluate.OwnScale{})
	if err != nil {
		t.Fatal(err)
	}
	tally := read.Tally()
	times, err := read.Times([]string{"60d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range times {
		answers, err := read.Ask(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		tally.Add(answers)
	}
	want := map[string]float64{"MAE days": sum / n, "coverage of 80 % ": held / n}
	for _, r := range tally.Rows() {
		if v, ok := want[r.Metric+" "+r.Unit]; ok && r.Task == fmt.Sprintf("Seal B, all %.0f forecasts", n) {
			delete(want, r.Metric+" "+r.Unit)
			if math.Abs(r.Ours-v) > 0.001 {
				t.Errorf("%s %g, by the rows %g", r.Metric, r.Ours, v)
			}
		}
	}
	if len(want) > 0 || n < 50 {
		t.Errorf("no figure of %v of %.0f forecasts", want, n)
	}
}

// pastLimit says whether the part had reached its limit and was not renewed yet.
func pastLimit(t *testing.T, f ownCSV, r ownRow) bool {
	t.Helper()
	last := func(file string) (at string) {
		for l := range strings.Lines(file) {
			if fields := strings.Split(l, ","); fields[0] == r.unit && fields[2] <= r.asOf.Format("2006-01-02T15:04:05Z") {
				at = max(at, fields[2])
			}
		}
		return at
	}
	return last(f.truth) > last(f.services)
}

func TestARunWithoutAnswersWritesItsHeader(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := evaluate.NewOwnWriter(&out, false)
	if err := w.Write(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil || !strings.HasPrefix(out.String(), "unit,component,asof,p10_date") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// What is not forecast, and what is likely to be written otherwise than it was meant, is said.
func TestWhatHasNoForecastIsSaid(t *testing.T) {
	t.Parallel()
	const readings = "unit,component,time,value\na,pads,2024-01-01,0.1\na,pads,2024-03-01,0.2\na,pads,2024-06-01,0.4\n"
	flat := "unit,component,time,value\na,pads,2024-01-01,5\na,pads,2024-03-01,5\n"
	for name, c := range map[string]struct {
		files ownCSV
		scale evaluate.OwnScale
		asOf  string
		want  string
	}{
		"too early":     {ownCSV{readings: readings}, evaluate.OwnScale{}, "1990-01-01", "nothing was known yet when it was asked: 1; the first is known of from 2024-01-01 on"},
		"no scale":      {ownCSV{readings: flat}, evaluate.OwnScale{Thresholds: map[string]float64{"": 5}}, "2024-04-01", "parts without a forecast: 1, the first: a, pads. Where it is not clear what a new one shows"},
		"another unit":  {ownCSV{readings: readings, services: "unit,component,time\nA,pads,2024-01-01\n"}, evaluate.OwnScale{}, "2024-07-01", "no service is of a unit and component that was read; are they spelled alike? The first: A, pads"},
		"the wrong way": {ownCSV{readings: flat}, evaluate.OwnScale{Thresholds: map[string]float64{"": 4}, New: map[string]float64{"": 3.9}}, "2024-07-01", "values of pads far from both 3.9, which is new, and 4, the limit, not used: 2 of 2"},
		"a truth of some": {ownCSV{readings: readings, services: "unit,component,time,outcome\na,pads,2024-04-01,failed\na,pads,2024-07-01,failed\n", truth: "unit,component,time\na,pads,2024-06-28\nA,pads,2024-06-28\n"}, evaluate.OwnScale{}, "2024-07-01",
			"truth.csv: lines of a unit and component of which nothing else is known: 1; are they spelled alike? The first: A, pads\n" +
				"truth.csv: lives that ended in a service as failed and are not in it, scored by the service: 1 of 2, the first in services.csv, line 2"},
		"truths too late": {ownCSV{readings: readings, services: "unit,component,time,outcome\na,pads,2024-04-01,failed\n", truth: "unit,component,time\na,pads,2024-04-06\n"}, evaluate.OwnScale{}, "2024-07-01",
			"truth.csv: lines less than 30 days after a part had failed and was renewed, taken for the end of the new one: 1, the first in truth.csv, line 2"},
		"another column": {ownCSV{readings: readings, services: "unit,component,time,why\na,pads,2024-04-01,failed\n"}, evaluate.OwnScale{}, "2024-07-01", "services.csv: no column odometer_km, outcome; not read: why"},
		"services alone": {ownCSV{readings: "unit,component,time,value\n", services: "unit,component,time\na,pads,2024-01-01\na,pads,2024-09-01\n"}, evaluate.OwnScale{}, "2024-10-01", "only services are known, taken to be in use until the end of the files, 2024-09-01: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleet, err := c.files.read(c.scale)
			if err != nil {
				t.Fatal(err)
			}
			times, err := fleet.Times([]string{c.asOf})
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range times {
				if _, err := fleet.Ask(context.Background(), at); err != nil {
					t.Fatal(err)
				}
			}
			if said := strings.Join(append(fleet.Notes(), fleet.Unanswered()...), "\n"); !strings.Contains(said, c.want) {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

func TestAUnitWithoutAnOdometerHasNoKm(t *testing.T) {
	t.Parallel()
	fleet := ownCSV{readings: "unit,component,time,value\na,seal,2024-01-01,0.1\na,seal,2024-06-01,0.6\n", truth: "unit,component,time,odometer_km\na,seal,2024-10-01,5000\n"}
	forecasts, table := fleet.run(t, evaluate.OwnScale{}, "2024-06-01")
	if !strings.Contains(forecasts, "Z,,,,") || strings.Contains(table, "km") || !strings.Contains(table, "MAE, days") {
		t.Errorf("km of a unit whose odometer nobody read:\n%s%s", forecasts, table)
	}
}

// TestPartsThatOnlySomeUnitsHave keeps the answers of a unit with their own parts,
// whatever rows of the table other units make use of.
func TestPartsThatOnlySomeUnitsHave(t *testing.T) {
	t.Parallel()
	fleet := ownCSV{readings: "unit,component,time,value\n"}
	for _, s := range predict.Standard().Specs() {
		fleet.readings += fmt.Sprintf("unit of %s,%s,2024-01-01,0.1\nunit of %s,%s,2024-06-01,0.6\n", s.Component, s.Component, s.Component, s.Component)
	}
	forecasts, _ := fleet.run(t, evaluate.OwnScale{}, "2024-07-01")
	rows := parseOwn(t, forecasts)
	for _, r := range rows {
		if r.unit != "unit of "+r.component {
			t.Errorf("%s has a row for %s", r.unit, r.component)
		}
	}
	if want := len(predict.Standard().Specs()); len(rows) != want {
		t.Errorf("%d rows, want one for each of %d components", len(rows), want)
	}
}
