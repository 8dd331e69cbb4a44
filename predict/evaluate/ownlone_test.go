package evaluate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// A year that was typed wrongly asks for no forecasts of a century, and is told with its line; a fleet whose few
// facts lie years apart is asked about all of them.
func TestAYearThatIsTypedWrongly(t *testing.T) {
	t.Parallel()
	readings := "unit,component,time,value\n"
	for unit := range 4 {
		for month := range 10 {
			readings += fmt.Sprintf("U%d,seal,%s,%.2f\n", unit, time.Date(2024, time.Month(1+month), 10, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), float64(month)/10)
		}
	}
	for name, c := range map[string]struct {
		lines string
		first string
		times int
		told  string
	}{
		"as it is":   {"", "2024-02-01", 9, ""},
		"too late":   {"U1,seal,2150-01-01,0.5\n", "2024-02-01", 9, "the first of them 2150-01-01 in line 42 of readings.csv"},
		"too early":  {"U1,seal,1924-01-01,0.5\n", "2024-02-01", 9, "the first of them 1924-01-01 in line 42 of readings.csv"},
		"told twice": {"U1,seal,2150-01-01,0.5\nU1,seal,2150-01-01,0.5\n", "2024-02-01", 9, "the first of them 2150-01-01 in line 42 of readings.csv"},
		"a decade":   {"U1,seal,2031-01-15,0.5\n", "2024-02-01", 84, ""},
	} {
		fleet, err := ownCSV{readings: readings + c.lines}.read(evaluate.OwnScale{})
		if err != nil {
			t.Fatal(err)
		}
		times, err := fleet.Times(nil)
		if err != nil || len(times) != c.times || times[0].Format(time.DateOnly) != c.first {
			t.Errorf("%s: asked at %v, %v; want %d times from %s", name, times, err, c.times, c.first)
		}
		isTold := func(note string) bool { return strings.Contains(note, "years off") }
		if told := slices.IndexFunc(fleet.Notes(), isTold); (told >= 0) != (c.told != "") || told >= 0 && !strings.Contains(fleet.Notes()[told], c.told) {
			t.Errorf("%s: notes %q; want %q", name, fleet.Notes(), c.told)
		}
	}
	few := "unit,component,time,value\nU1,seal,2010-01-10,0.1\nU1,seal,2024-01-10,0.6\n"
	fleet, err := ownCSV{readings: few}.read(evaluate.OwnScale{})
	if err != nil {
		t.Fatal(err)
	}
	if times, err := fleet.Times(nil); err != nil || len(times) != 168 {
		t.Errorf("two readings 14 years apart: %d times, %v; want 168", len(times), err)
	}
}

// A service whose year was typed wrongly is no end of a part by which forecasts are scored.
func TestAYearThatIsTypedWronglyIsNoTruth(t *testing.T) {
	t.Parallel()
	fleet := ownFleet("unit", "seal", asWear, 12)
	errorOf := func(services string) float64 {
		fleet.truth, fleet.services = "", services
		for _, r := range fleet.scored(t, evaluate.OwnScale{}, []string{"90d"}, func([]evaluate.OwnAnswer) error { return nil }) {
			if strings.HasPrefix(r.Metric, "MAE") {
				return r.Ours
			}
		}
		t.Fatal("no error was scored")
		return 0
	}
	lines := strings.SplitAfter(fleet.services, "\n")
	last := len(lines) - 2
	right := errorOf(fleet.services)
	lines[last] = strings.Replace(lines[last], ",202", ",205", 1)
	if wrong := errorOf(strings.Join(lines, "")); wrong > 1.5*right {
		t.Errorf("one wrong year makes an error of %.1f days one of %.1f", right, wrong)
	}
}
