package evaluate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// TestHealthTakenForWearIsSaid where nobody said that values fall to a limit, or said it the wrong way round.
func TestHealthTakenForWearIsSaid(t *testing.T) {
	t.Parallel()
	visits, renewals := "unit,component,time,value\n", "unit,component,time,outcome\n"
	for u := range 8 { // each life is looked at three times, the last at the visit that renews it
		for life := range 5 {
			for look, wear := range []float64{0.33, 0.66, 0.95} {
				visits += fmt.Sprintf("u%d,belt,%s,%.2f\n", u, ownEpoch.AddDate(0, 0, 60*life+20*(look+1)).Format(time.RFC3339), wear)
			}
			renewals += fmt.Sprintf("u%d,belt,%s,early\n", u, ownEpoch.AddDate(0, 0, 60*life+60).Format(time.RFC3339))
		}
	}
	health := ownFleet("van", "pads", func(w float64) float64 { return 1 - w }, 8)
	for name, c := range map[string]struct {
		fleet ownCSV
		scale evaluate.OwnScale
		want  string
	}{
		"wear":         {ownFleet("van", "pads", asWear, 8), evaluate.OwnScale{}, ""},
		"health":       {health, evaluate.OwnScale{}, `0 is taken for new and 1 for the limit; of values that fall to a limit say to which, as in --threshold "pads=0"`},
		"its limit":    {health, evaluate.OwnScale{Thresholds: map[string]float64{"pads": 0}}, ""},
		"and new":      {health, evaluate.OwnScale{Thresholds: map[string]float64{"pads": 0}, New: map[string]float64{"pads": 1}}, ""},
		"at the visit": {ownCSV{readings: visits, services: renewals}, evaluate.OwnScale{}, ""},
		"wrong round":  {health, evaluate.OwnScale{Thresholds: map[string]float64{"pads": 1}, New: map[string]float64{"pads": 0}}, "values of pads go from 1, the limit, to 0, which is new, in "},
	} {
		read, err := c.fleet.read(c.scale)
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(read.Notes(), "\n"); !strings.Contains(notes, c.want) || c.want == "" && notes != "" {
			t.Errorf("%s: said %q, want %q", name, notes, c.want)
		}
	}
}

// TestNamesOfOneLookAreOne: of a letter with an accent there are two spellings, and nobody sees which it is.
func TestNamesOfOneLookAreOne(t *testing.T) {
	t.Parallel()
	fleet := ownFleet("Übergröße №", "Öl", asWear, 6)
	want, _ := fleet.run(t, evaluate.OwnScale{}, "2023-06-01")
	other := ownCSV{fleet.readings, norm.NFD.String(fleet.services), norm.NFD.String(fleet.truth)}
	if other.services == fleet.services {
		t.Fatal("there is nothing to tell apart")
	}
	if got, _ := other.run(t, evaluate.OwnScale{}, "2023-06-01"); got != want {
		t.Errorf("services in another spelling give\n%s\nwant\n%s", got, want)
	}
	if _, err := fleet.read(evaluate.OwnScale{Thresholds: map[string]float64{norm.NFD.String("Öl"): 2}}); err != nil {
		t.Errorf("the threshold in another spelling: %v", err)
	}
}
