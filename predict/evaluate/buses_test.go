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

// cityBuses is a set of the form of rust_bus_odometer with other contents: two
// groups, months that are missing, buses that nobody has bought or whose engine
// was not replaced.
func cityBuses(n int) fstest.MapFS {
	random := rand.New(rand.NewPCG(3, 9))
	var odometer, buses bytes.Buffer
	fmt.Fprintln(&odometer, "bus_id,group,month,odometer_miles")
	fmt.Fprintln(&buses, "group,bus_id,purchased,engine_repl1_month,engine_repl1_odometer,engine_repl2_month,engine_repl2_odometer,first_reading_month")
	for i := range n {
		group, pace := "fast", 3500.0
		if i%3 == 0 {
			group, pace = "slow", 1200
		}
		pace *= math.Exp(0.15 * random.NormFloat64())
		bought := time.Date(1990, time.Month(1+i%12), 1, 0, 0, 0, 0, time.UTC)
		life := 100000 * math.Exp(0.2*random.NormFloat64())
		miles, replaced, second := 50.0, ",", ""
		for m := 1; m < 46; m++ {
			was := miles
			miles += pace * (0.6 + 0.8*random.Float64()) * math.Exp(-0.01*float64(m))
			at := bought.AddDate(0, m, 0).Format("2006-01")
			if was < life && miles >= life {
				replaced = fmt.Sprintf("%s,%.0f", at, miles)
			}
			if random.IntN(30) > 0 {
				fmt.Fprintf(&odometer, "%d,%s,%s,%.0f\n", 100+i, group, at, miles)
			}
		}
		if i%7 != 1 {
			fmt.Fprintf(&buses, "%s,%d,%s,%s,%s,,%s\n", group, 100+i, bought.Format("2006-01"), replaced, second, bought.AddDate(0, 1, 0).Format("2006-01"))
		}
	}
	fmt.Fprintln(&odometer, "999,fast,1991-05,12345") // a single reading asks nothing
	return fstest.MapFS{
		"rust_bus_odometer/odometer.csv": {Data: odometer.Bytes()},
		"rust_bus_odometer/buses.csv":    {Data: buses.Bytes()},
	}
}

func TestBusesOfOtherContents(t *testing.T) {
	t.Parallel()
	data := cityBuses(18)
	rows := evaluated(t, data)
	if len(rows) < 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		if math.IsNaN(r.Ours) || !(r.Sure.Low <= r.Ours && r.Ours <= r.Sure.High) {
			t.Errorf("%s, %s: %v, 90 %% interval %v", r.Task, r.Metric, r.Ours, r.Sure)
		}
		if strings.HasPrefix(r.Metric, "coverage") && (r.Ours < 0.7 || r.Ours > 0.9) {
			t.Errorf("%s: the 80 %% interval holds %.2f", r.Task, r.Ours)
		}
		for _, b := range r.Baselines {
			if r.Metric == "MAE" && b.Value < r.Ours {
				t.Errorf("%s: %s has MAE %.1f, ours is %.1f", r.Task, b.Name, b.Value, r.Ours)
			}
		}
	}
	if again := evaluated(t, data); fmt.Sprint(again) != fmt.Sprint(rows) {
		t.Error("a second run gave other figures")
	}
}

// Few buses and none are no reason to fail; figures are then not numbers, or rough.
func TestFewBuses(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 5} {
		for _, r := range evaluated(t, cityBuses(n)) {
			if n == 5 && math.IsNaN(r.Ours) && r.Metric == "MAE" {
				t.Errorf("%d buses: %s is not a number", n, r.Task)
			}
		}
	}
}

func TestBusesNameFileAndLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, old, new, want string }{
		"month":  {"odometer.csv", "1990-02", "Feb 90", "odometer.csv, line 2, month"},
		"miles":  {"odometer.csv", "12345", "many", "odometer_miles: \"many\" is not a number"},
		"column": {"odometer.csv", "odometer_miles", "odometer", "no column \"odometer_miles\""},
		"bought": {"buses.csv", "1990-01", "1990/01", "buses.csv, line 2, purchased"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := cityBuses(3)
			file := data["rust_bus_odometer/"+c.file]
			file.Data = bytes.Replace(file.Data, []byte(c.old), []byte(c.new), 1)
			found, _ := evaluate.Found(data)
			if _, err := found[0].Evaluate(context.Background(), data); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
