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
		"three shifts a day":         {readings: counted("press", time.RFC3339, 120, 10000, 8*time.Hour)},
		"three of a date":            {readings: counted("press", time.DateOnly, 120, 10000, 8*time.Hour)},
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

// counted are readings of a unit whose instrument goes on by as much each time.
func counted(unit, layout string, n int, step float64, every time.Duration) string {
	file := "unit,component,time,odometer_km,value\n"
	for i := range n {
		file += fmt.Sprintf("%s,seal,%s,%g,%.3f\n", unit, ownEpoch.Add(time.Duration(i)*every).Format(layout), 50000+step*float64(i), float64(i)/float64(n))
	}
	return file
}

// TestSlipsAreRefusedWhateverOthersDo: what is fast for a unit is measured by its own pace, and a
// slip that nothing later confirms is not the new pace.
func TestSlipsAreRefusedWhateverOthersDo(t *testing.T) {
	t.Parallel()
	press := func(name string) string {
		_, lines, _ := strings.Cut(counted(name, time.RFC3339, 60, 30000, 24*time.Hour), "\n")
		return lines
	}
	truck := counted("truck", time.RFC3339, 20, 500, 10*24*time.Hour)
	for name, readings := range map[string]string{
		"alone":                 truck + "truck,seal,2022-09-17T00:00:00Z,98500,0.9\n",
		"beside presses":        truck + "truck,seal,2022-09-17T00:00:00Z,98500,0.9\n" + press("p1") + press("p2") + press("p3"),
		"beside a new one":      counted("new", time.RFC3339, 20, 500, 10*24*time.Hour) + "other,seal,2023-01-01T00:00:00Z,50000,0.1\nother,seal,2023-01-21T00:00:00Z,510000,0.1\n",
		"a ladder of one night": counted("car", time.RFC3339, 30, 50, 24*time.Hour) + "car,seal,2022-03-30T00:01:00Z,53400,0.9\ncar,seal,2022-03-30T00:02:00Z,55300,0.9\n",
	} {
		read, err := (ownCSV{readings: readings}).read(evaluate.OwnScale{})
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(read.Notes(), "\n"); !strings.Contains(notes, "not used: 1, of 1 units") {
			t.Errorf("%s: said %q, want one odometer refused", name, notes)
		}
	}
}

// TestOdometersDoNotDependOnTheOrderOfLines, also where a midnight and a date say the same.
func TestOdometersDoNotDependOnTheOrderOfLines(t *testing.T) {
	t.Parallel()
	notes := func(lines ...string) string {
		read, err := (ownCSV{readings: "unit,component,time,odometer_km,value\n" + strings.Join(lines, "\n") + "\n"}).read(evaluate.OwnScale{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.NewReplacer("line 2", "line", "line 3", "line").Replace(strings.Join(read.Notes(), "\n"))
	}
	date, midnight := "a,seal,2023-01-05,9000000,0.5", "a,seal,2023-01-05T00:00,9000000,0.5"
	others := []string{"a,seal,2023-01-05T20:00,8800000,0.5", "a,seal,2023-01-06T00:00,9100000,0.5", "a,seal,2023-01-09T00:00,9200000,0.5"}
	if a, b := notes(append([]string{date, midnight}, others...)...), notes(append([]string{midnight, date}, others...)...); a != b {
		t.Errorf("said\n%s\nand in another order\n%s", a, b)
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
