package evaluate_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// pumps is a set of the form of urbana_fleet_fuelcards with other contents:
// columns in another order, lines of all vehicles mixed, mistyped entries, an
// empty one, and a jerry can.
func pumps(vehicles int) fstest.MapFS {
	random := rand.New(rand.NewPCG(6, 6))
	var out bytes.Buffer
	fmt.Fprintln(&out, "date,time,vehicle_id,odometer_entered,department,units")
	miles := make([]float64, vehicles)
	for day := range 260 {
		at := time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		for v := range miles {
			if day == 0 {
				miles[v] = 5000 + 40000*random.Float64()
			}
			pace := 15 + 5*float64(v%7)
			if at.Weekday() != time.Sunday {
				miles[v] += pace * (0.3 + 1.4*random.Float64())
			}
			if (day+v)%5 != 0 {
				continue
			}
			entered := fmt.Sprintf("%.0f", miles[v])
			switch random.IntN(60) {
			case 0:
				entered += "0"
			case 1:
				entered = ""
			}
			fmt.Fprintf(&out, "%s,%02d:%02d:00,%d,%s,%s,10\n", at.Format(time.DateOnly), 6+v%12, v%60, v, entered, []string{"PD", "PW", ""}[v%3])
		}
		if day%9 == 0 {
			fmt.Fprintf(&out, "%s,12:00:00,can,%d,PW,2\n", at.Format(time.DateOnly), random.IntN(3000))
		}
	}
	return fstest.MapFS{"urbana_fleet_fuelcards/fuel_odometer.csv": {Data: out.Bytes()}}
}

func TestFuelCardsOfOtherContents(t *testing.T) {
	t.Parallel()
	data := pumps(12)
	rows := evaluated(t, data)
	if len(rows) != 6 {
		t.Fatalf("%d rows, want 6", len(rows))
	}
	for _, r := range rows {
		if math.IsNaN(r.Ours) || !(r.Sure.Low <= r.Ours && r.Ours <= r.Sure.High) {
			t.Errorf("%s, %s: %v, 90 %% interval %v", r.Task, r.Metric, r.Ours, r.Sure)
		}
		if r.Units > 12 {
			t.Errorf("%s: %d vehicles, the jerry can is none", r.Task, r.Units)
		}
		if r.Verdict() == evaluate.Missed {
			t.Errorf("%s, %s: %v is outside %v", r.Task, r.Metric, r.Ours, r.Must)
		}
		if r.Metric == "MAE" && r.Baselines[0].Value < 2*r.Ours {
			t.Errorf("%s: %v with mistyped entries, ours is %v", r.Task, r.Baselines[0], r.Ours)
		}
	}
	if again := evaluated(t, data); fmt.Sprint(again) != fmt.Sprint(rows) {
		t.Error("a second run gave other figures")
	}
}

func TestFewFuelCards(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3} {
		if rows := evaluated(t, pumps(n)); len(rows) != 6 {
			t.Errorf("%d cards: %d rows", n, len(rows))
		}
	}
}

func TestFuelCardsNameFileAndLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"date":     {"2020-03-01", "03/01/2020", "fuel_odometer.csv, line 2, date"},
		"time":     {"12:00:00", "noon", "time: \"noon\" is not a time"},
		"column":   {"odometer_entered", "odometer", "no column \"odometer_entered\""},
		"odometer": {",can,", ",can,about ", "odometer_entered: \"about "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := pumps(2)
			file := data["urbana_fleet_fuelcards/fuel_odometer.csv"]
			file.Data = bytes.Replace(file.Data, []byte(c.old), []byte(c.new), 1)
			found, _ := evaluate.Found(data)
			if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
