package evaluate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// odometersOf writes what an instrument shows of a dozen units, none of it wrong: read every 5 to 30 days, and renewed
// on the day of every twelfth reading.
func odometersOf(pace func(unit int, random *rand.Rand) float64, burst float64, read, served string) ownCSV {
	random := rand.New(rand.NewPCG(17, 4))
	f := ownCSV{readings: "unit,component,time,odometer_km,value\n", services: "unit,component,time,odometer_km,outcome\n"}
	for u := range 12 {
		own := pace(u, random)
		start := own * 500
		var km [900]float64
		for d := range km[1:] {
			km[d+1] = km[d] + own*math.Exp(random.NormFloat64()*burst-burst*burst/2)
		}
		show := func(t float64) float64 { return start + km[int(t)] + (t-math.Floor(t))*(km[int(t)+1]-km[int(t)]) }
		at := func(t float64, layout string) string {
			return ownEpoch.Add(time.Duration(t * 24 * float64(time.Hour))).Format(layout)
		}
		for day, n := 3, 0; day < 800; n++ {
			t := float64(day) + 0.95*random.Float64()
			f.readings += fmt.Sprintf("u%d,seal,%s,%.1f,%.2f\n", u, at(t, read), show(t), float64(n%12)/12)
			if n%12 == 11 {
				t = float64(day) + 0.95*random.Float64()
				f.services += fmt.Sprintf("u%d,seal,%s,%.1f,failed\n", u, at(t, served), show(t))
			}
			day += 5 + random.IntN(25)
		}
	}
	return f
}

// TestRightOdometersAreBelieved of whatever counts, at whatever pace, and with dates for times.
func TestRightOdometersAreBelieved(t *testing.T) {
	t.Parallel()
	about := func(usual float64) func(int, *rand.Rand) float64 {
		return func(_ int, random *rand.Rand) float64 { return usual * (0.5 + 1.5*random.Float64()) }
	}
	decades := func(u int, _ *rand.Rand) float64 { return 10 * math.Pow(10, float64(u)/5) }
	for name, fleet := range map[string]ownCSV{
		"trucks":                     odometersOf(about(700), 0.6, time.RFC3339, time.RFC3339),
		"aircraft":                   odometersOf(about(4000), 0.6, time.RFC3339, time.RFC3339),
		"cycles":                     odometersOf(about(200000), 0.6, time.RFC3339, time.RFC3339),
		"paces over two decades":     odometersOf(decades, 1, time.RFC3339, time.RFC3339),
		"now much, now little":       odometersOf(about(80), 1.3, time.RFC3339, time.RFC3339),
		"dates alone":                odometersOf(about(300), 0.6, time.DateOnly, time.DateOnly),
		"dates beside times":         odometersOf(about(300), 0.6, time.DateOnly, time.RFC3339),
		"times beside dates, trucks": odometersOf(about(900), 0.6, time.RFC3339, time.DateOnly),
	} {
		read, err := fleet.read(evaluate.OwnScale{})
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(read.Notes(), "\n"); strings.Contains(notes, "contradict") || strings.Contains(notes, "replaced") {
			t.Errorf("%s: right odometers are not believed:\n%s", name, notes)
		}
	}
}

// TestWrongOdometersAreNamed by file and line, with the reason, also where the instrument counts cycles.
func TestWrongOdometersAreNamed(t *testing.T) {
	t.Parallel()
	for _, pace := range []float64{60, 20000} {
		fleet := odometersOf(func(int, *rand.Rand) float64 { return pace }, 0.4, time.RFC3339, time.RFC3339)
		fleet.readings = multiply(fleet.readings, 20, 10)
		fleet.services = multiply(fleet.services, 3, 0.1)
		read, err := fleet.read(evaluate.OwnScale{})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(read.Notes(), "\n")
		for _, want := range []string{"not used: 2, of 1 units", "readings.csv, line 20, odometer_km: u0 on ", "km: a digit too many", "services.csv, line 3, odometer_km: u0 on ", "km: a digit too few"} {
			if !strings.Contains(notes, want) {
				t.Errorf("at %g a day notes %q do not say %q", pace, notes, want)
			}
		}
	}
}

// multiply writes the odometer in a line of a file wrongly.
func multiply(file string, line int, by float64) string {
	lines := strings.Split(file, "\n")
	fields := strings.Split(lines[line-1], ",")
	var km float64
	_, _ = fmt.Sscan(fields[3], &km) // as it was just written
	fields[3] = fmt.Sprintf("%.1f", km*by)
	lines[line-1] = strings.Join(fields, ",")
	return strings.Join(lines, "\n")
}
