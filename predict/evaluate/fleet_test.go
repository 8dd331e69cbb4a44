package evaluate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var begin = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// steady are vehicles that drive the same distance every day, with front pads that
// wear evenly, are read every week, and are renewed at their limit.
type steady struct {
	numbers []int                                   // of the vehicles, in the order in which they are listed
	use     func(day int) float64                   // km of a day; nil: 40
	faulty  func(in predict.Input, i int) []float64 // odd readings; nil: no history with faults
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func (s steady) VINs() []vehicle.VIN {
	var out []vehicle.VIN
	for _, i := range s.numbers {
		out = append(out, vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", i)))
	}
	return out
}

func (s steady) History(n int) (evaluate.Vehicle, error) {
	i := s.numbers[n]
	lastsKm := 40 * float64(300+11*(i%9))
	v := evaluate.Vehicle{
		Until: begin.AddDate(0, 0, 1000), Damage: map[predict.Component][]evaluate.Damage{},
		Input: predict.Input{VIN: s.VINs()[n], Powertrain: vehicle.Petrol, InService: begin},
	}
	worn, odometer := 0.0, 0.0
	v.Lives = []evaluate.Life{{Component: predict.BrakePadsFront, From: begin}}
	for day := range 1365 {
		at, km := begin.AddDate(0, 0, day), 40.0
		if s.use != nil {
			km = s.use(day)
		}
		life := &v.Lives[len(v.Lives)-1]
		odometer, worn = odometer+km, worn+km/lastsKm
		if worn >= 1 && life.Limit.IsZero() {
			life.Limit = at
		}
		if day >= 1000 {
			continue
		}
		v.Input.Days = append(v.Input.Days, predict.Day{Day: vehicle.DayOf(at), OdometerKm: odometer, DistanceKm: km, AirTempC: 15})
		v.Damage[predict.BrakePadsFront] = append(v.Damage[predict.BrakePadsFront], evaluate.Damage{Day: vehicle.DayOf(at), Used: worn})
		switch {
		case worn >= 1:
			worn = 0
			v.Lives = append(v.Lives, evaluate.Life{Component: predict.BrakePadsFront, From: at})
			v.Input.Services = append(v.Input.Services, predict.Service{Component: predict.BrakePadsFront, Time: at, Failed: true})
		case day%7 == 0:
			v.Input.Readings = append(v.Input.Readings, predict.Reading{
				Component: predict.BrakePadsFront, Time: at.Add(20 * time.Hour), OdometerKm: odometer, Wear: worn, Noise: 0.01, Source: predict.FromPadSensor,
			})
		}
	}
	if s.faulty != nil {
		v.Faulty = v.Input
		v.Faulty.Readings = slices.Clone(v.Input.Readings)
		for k, wear := range s.faulty(v.Input, i) {
			if !math.IsNaN(wear) {
				v.Faulty.Readings[k].Wear = wear
			}
		}
	}
	return v, nil
}

func rowsOf(t *testing.T, fleet evaluate.Histories, turned ...evaluate.Turned) (map[string]evaluate.Row, string) {
	t.Helper()
	rows, err := evaluate.Fleet(context.Background(), fleet, turned...)
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]evaluate.Row{}
	for _, r := range rows {
		figures[r.Task+": "+r.Metric] = r
		if math.IsNaN(r.Ours) || r.Ours < 0 {
			t.Errorf("%s: %s is %v", r.Task, r.Metric, r.Ours)
		}
	}
	var printed bytes.Buffer
	if err := evaluate.Print(&printed, rows); err != nil {
		t.Fatal(err)
	}
	if err := evaluate.PrintJSON(&printed, rows); err != nil {
		t.Fatal(err)
	}
	return figures, printed.String()
}

const pads = "front brake pads, measured, "

func TestFleetThatWearsEvenly(t *testing.T) {
	figures, _ := rowsOf(t, steady{numbers: upTo(40)})
	for figure, most := range map[string]float64{
		"90 days before the limit: MAE": 15, "30 days before the limit: MAE": 5,
		"orders two weeks ahead: late or missed":                       0,
		"after the first reading of the part: MAE by the life table's": 1,
		"after 10 readings of the part: MAE by the life table's":       0.4,
		"due in 30 to 90 days: coverage of 80 %":                       1,
		"a chance day: a date is given":                                1,
		"after 3 readings of the part: MAE by the life table's":        1,
		"14 days before the limit: MAE":                                4,
		"60 days before the limit: MAE":                                10,
		"due in 90 to 180 days: coverage of 80 %":                      1,
	} {
		if r, ok := figures[pads+figure]; !ok || r.Ours > most {
			t.Errorf("%s is %v (there: %v), want at most %v", figure, r.Ours, ok, most)
		}
	}
	for _, b := range figures[pads+"90 days before the limit: MAE"].Baselines {
		if b.Name == "oracle" && b.Value > 1 || b.Name == "life table" && b.Value < 20 || b.Name == "per-unit line" && b.Value > 10 {
			t.Errorf("%s has MAE %v days", b.Name, b.Value)
		}
	}
	for _, figure := range []string{"recall", "precision"} {
		if r := figures[pads+"orders two weeks ahead: "+figure]; r.Ours < 0.95 {
			t.Errorf("%s of orders is %v", figure, r.Ours)
		}
	}
}

// Half of the fleet teaches: which half must not depend on how the fleet is listed.
func TestFleetInAnyOrderGivesTheSameBytes(t *testing.T) {
	fleet := steady{numbers: upTo(24)}
	_, first := rowsOf(t, fleet)
	_, again := rowsOf(t, fleet)
	slices.Reverse(fleet.numbers)
	fleet.numbers[3], fleet.numbers[17] = fleet.numbers[17], fleet.numbers[3]
	_, shuffled := rowsOf(t, fleet)
	if first != again {
		t.Error("two runs differ")
	}
	if first != shuffled {
		t.Error("the order of the vehicles changes what is printed")
	}
}

func TestFleetWithFaultsPlanted(t *testing.T) {
	spoiled := func(every int) func(in predict.Input, i int) []float64 {
		return func(in predict.Input, i int) []float64 {
			wears := make([]float64, len(in.Readings))
			for k := range wears {
				wears[k] = math.NaN()
				if (k+i+1)%every == 0 {
					wears[k] = 0.1
				}
			}
			return wears
		}
	}
	figure := pads + "with faults planted: MAE by that without"
	none, _ := rowsOf(t, steady{numbers: upTo(24), faulty: spoiled(1e9)})
	many, _ := rowsOf(t, steady{numbers: upTo(24), faulty: spoiled(3)})
	if r := none[figure]; r.Ours != 1 {
		t.Errorf("without a fault the ratio is %v", r.Ours)
	}
	if r := many[figure]; r.Ours < 1.1 || r.Verdict() != evaluate.Missed {
		t.Errorf("with every third reading spoiled the ratio is %v: %s", r.Ours, r.Verdict())
	}
}

func TestFleetWhoseUseChanges(t *testing.T) {
	at := 500
	turn := func(factor float64) evaluate.Turned {
		use := func(day int) float64 {
			if day >= at {
				return 40 * factor
			}
			return 40
		}
		return evaluate.Turned{Histories: steady{numbers: upTo(20), use: use}, At: begin.AddDate(0, 0, at), Factor: factor}
	}
	figures, _ := rowsOf(t, steady{numbers: upTo(40)}, turn(1), turn(0.4))
	if r := figures["use changes by ×1: until the intervals cover again"]; r.Units == 0 || r.Ours != 0 {
		t.Errorf("without a change the intervals cover after %v days (%d vehicles)", r.Ours, r.Units)
	}
	if r := figures["use changes by ×0.4: until the intervals cover again"]; r.Units == 0 || r.Ours == 0 {
		t.Errorf("after a change the intervals cover after %v days (%d vehicles)", r.Ours, r.Units)
	}
}

// lost is a fleet whose histories cannot be told.
type lost struct{ steady }

var errNoCar = errors.New("no such car")

func (lost) History(int) (evaluate.Vehicle, error) { return evaluate.Vehicle{}, errNoCar }

func TestFleetPassesErrorsOn(t *testing.T) {
	if _, err := evaluate.Fleet(context.Background(), lost{steady{numbers: upTo(24)}}); !errors.Is(err, errNoCar) {
		t.Errorf("error %v", err)
	}
	if _, err := evaluate.Fleet(context.Background(), steady{numbers: upTo(19)}); err == nil || !strings.Contains(err.Error(), "at least 20") {
		t.Errorf("a small fleet: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := evaluate.Fleet(ctx, steady{numbers: upTo(24)}); !errors.Is(err, context.Canceled) {
		t.Errorf("a fleet that nobody waits for: %v", err)
	}
}
