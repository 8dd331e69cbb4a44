package evaluate_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
)

// ownCSV is a fleet as a user writes it.
type ownCSV struct{ readings, services, truth string }

func (f ownCSV) read(scale evaluate.OwnScale) (*evaluate.Own, error) {
	files := evaluate.OwnFiles{Readings: evaluate.OwnFile{Name: "readings.csv", From: strings.NewReader(f.readings)}}
	if f.services != "" {
		files.Services = evaluate.OwnFile{Name: "services.csv", From: strings.NewReader(f.services)}
	}
	if f.truth != "" {
		files.Truth = evaluate.OwnFile{Name: "truth.csv", From: strings.NewReader(f.truth)}
	}
	return evaluate.ReadOwn(files, scale, nil)
}

// run is everything that a run prints: forecasts and score.
func (f ownCSV) run(t testing.TB, scale evaluate.OwnScale, asOf ...string) (forecasts, score string) {
	t.Helper()
	var out, table bytes.Buffer
	w := evaluate.NewOwnWriter(&out, false)
	rows := f.scored(t, scale, asOf, w.Write)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := evaluate.Print(&table, rows); err != nil {
		t.Fatal(err)
	}
	return out.String(), table.String()
}

// scored asks the fleet at times, hands on the answers of each, and returns their score.
func (f ownCSV) scored(t testing.TB, scale evaluate.OwnScale, asOf []string, each func([]evaluate.OwnAnswer) error) []evaluate.Row {
	t.Helper()
	fleet, err := f.read(scale)
	if err != nil {
		t.Fatal(err)
	}
	times, err := fleet.Times(asOf)
	if err != nil {
		t.Fatal(err)
	}
	tally := fleet.Tally()
	for _, at := range times {
		answers, err := fleet.Ask(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		if err := each(answers); err != nil {
			t.Fatalf("as of %s: %v", at, err)
		}
		tally.Add(answers)
	}
	return tally.Rows()
}

var ownEpoch = time.Date(2022, time.March, 1, 0, 0, 0, 0, time.UTC)

// ownFleet is a fleet whose pads wear evenly, each unit at its own pace, read every 25 days
// and replaced some days after they reach the limit. Wear is written by the function.
func ownFleet(units, component string, write func(wear float64) float64, n int) ownCSV {
	return ownFleetDriven(units, component, write, n, func(int) float64 { return 1 })
}

// ownFleetDriven drives on each day so many times as far as a unit does on average.
func ownFleetDriven(units, component string, write func(wear float64) float64, n int, times func(day int) float64) ownCSV {
	random := rand.New(rand.NewPCG(3, uint64(n)))
	var readings, services, truth strings.Builder
	readings.WriteString("unit,component,time,odometer_km,value\n")
	services.WriteString("unit,component,time,odometer_km,outcome\n")
	truth.WriteString("unit,component,time,odometer_km\n")
	for u := range n {
		name := fmt.Sprintf("%s %d", units, u)
		km, pace := 20000+30000*random.Float64(), 25+40*random.Float64()
		rate, wear, renew := 0.02+0.02*random.Float64(), 0.4*random.Float64(), -1
		for day := range 900 {
			km += pace * 2 * random.Float64() * times(day)
			before := wear
			wear += rate / 1000 * pace * times(day)
			at := ownEpoch.AddDate(0, 0, day).Add(17 * time.Hour).Format(time.RFC3339)
			if before < 1 && wear >= 1 {
				fmt.Fprintf(&truth, "%s,%s,%s,%.0f\n", name, component, at, km)
				renew = day + 1 + random.IntN(10)
			}
			if day%25 == u%25 {
				fmt.Fprintf(&readings, "%s,%s,%s,%.0f,%.4f\n", name, component, at, km, write(wear+0.01*random.NormFloat64()))
			}
			if day == renew {
				fmt.Fprintf(&services, "%s,%s,%s,%.0f,failed\n", name, component, at, km)
				wear = 0
			}
		}
	}
	return ownCSV{readings.String(), services.String(), truth.String()}
}

func asWear(w float64) float64 { return w }

// ownRow is a line of forecasts, as a user would read it.
type ownRow struct {
	unit, component     string
	asOf, p10, p50, p90 time.Time
	km                  [3]float64
}

func parseOwn(t testing.TB, forecasts string) []ownRow {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(forecasts)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"unit", "component", "asof", "p10_date", "p50_date", "p90_date", "p10_km", "p50_km", "p90_km", "state", "readings", "data_until", "model"}
	if diff := cmp.Diff(want, lines[0]); diff != "" {
		t.Fatalf("header (-want +got):\n%s", diff)
	}
	var rows []ownRow
	for _, l := range lines[1:] {
		r := ownRow{unit: l[0], component: l[1]}
		for i, into := range []*time.Time{&r.asOf, &r.p10, &r.p50, &r.p90} {
			if *into, err = time.Parse(time.RFC3339, l[2+i]); err != nil {
				t.Fatalf("%v: %v", l, err)
			}
		}
		for i := range r.km {
			if l[6]+l[7]+l[8] == "" { // no odometer
				break
			}
			if r.km[i], err = strconv.ParseFloat(l[6+i], 64); err != nil {
				t.Fatalf("%v: %v", l, err)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// TestOwnFleetsAreForecast computes the score from the rows alone, as a user would.
func TestOwnFleetsAreForecast(t *testing.T) {
	t.Parallel()
	mm := func(w float64) float64 { return 12 - 9*w }
	for name, c := range map[string]struct {
		fleet ownCSV
		scale evaluate.OwnScale
		off   float64 // days
	}{
		"a row of the table":   {ownFleet("van", "brake_pads_front", asWear, 20), evaluate.OwnScale{}, 30},
		"no row of the table":  {ownFleet("press", "Seal B", asWear, 20), evaluate.OwnScale{}, 30},
		"falling raw values":   {ownFleet("van", "lining", mm, 20), evaluate.OwnScale{Thresholds: map[string]float64{"": 3}}, 30},
		"new is told":          {ownFleet("van", "lining", mm, 20), evaluate.OwnScale{Thresholds: map[string]float64{"lining": 3}, New: map[string]float64{"": 12}}, 30},
		"rising raw values":    {ownFleet("van", "iron", func(w float64) float64 { return 20 + 180*w }, 20), evaluate.OwnScale{Thresholds: map[string]float64{"iron": 200}}, 30},
		"hours for kilometres": {inHours(t, ownFleet("press", "seal", asWear, 20)), evaluate.OwnScale{}, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forecasts, table := c.fleet.run(t, c.scale, "2023-06-01", "2023-10-01", "2024-02-01")
			sum, held, n := 0.0, 0.0, 0.0
			for _, r := range parseOwn(t, forecasts) {
				limit, ok := nextOf(t, c.fleet, r)
				if !ok || limit.Sub(r.asOf) > 180*24*time.Hour {
					continue
				}
				n++
				sum += math.Abs(r.p50.Sub(limit).Hours() / 24)
				if !limit.Before(r.p10) && !limit.After(r.p90) {
					held++
				}
			}
			if n < 15 || sum/n > c.off || held/n < 0.6 {
				t.Errorf("%.0f forecasts off by %.1f days, %.2f within the interval; want at least 15, at most %g, at least 0.6\n%s", n, sum/n, held/n, c.off, table)
			}
		})
	}
}

// nextOf is the first truth after a row's time, unless the part was renewed before.
func nextOf(t *testing.T, f ownCSV, r ownRow) (time.Time, bool) {
	t.Helper()
	first := func(file string) time.Time {
		lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines[1:] {
			at, err := time.Parse(time.RFC3339, l[2])
			if err != nil {
				t.Fatal(err)
			}
			if l[0] == r.unit && l[1] == r.component && at.After(r.asOf) {
				return at
			}
		}
		return time.Time{}
	}
	limit, renewed := first(f.truth), first(f.services)
	return limit, !limit.IsZero() && (renewed.IsZero() || limit.Before(renewed))
}

// inHours writes odometers as hours of work.
func inHours(t *testing.T, f ownCSV) ownCSV {
	t.Helper()
	turn := func(file string) string {
		lines := strings.Split(strings.TrimSpace(file), "\n")
		for i, l := range lines[1:] {
			fields := strings.Split(l, ",")
			km, err := strconv.ParseFloat(fields[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			fields[3] = strconv.FormatFloat(km/60, 'f', 2, 64)
			lines[i+1] = strings.Join(fields, ",")
		}
		return strings.Join(lines, "\n") + "\n"
	}
	return ownCSV{turn(f.readings), turn(f.services), turn(f.truth)}
}

// TestOwnForecastsKnowNothingLater leaves out what came after a time, and asks at another time
// before, of a fleet that some of the units join in between: the rows of the time are the same to the byte.
func TestOwnForecastsKnowNothingLater(t *testing.T) {
	t.Parallel()
	whole := ownFleet("van", "brake_pads_front", asWear, 28) // enough to teach how they are used
	const before, joined, asOf = "2023-05-10", "2023-05-15", "2023-05-20"
	without := func(file string, leave func(unit, at string) bool) string {
		lines := strings.Split(strings.TrimSpace(file), "\n")
		kept := slices.DeleteFunc(lines[1:], func(l string) bool {
			fields := strings.Split(l, ",")
			return leave(fields[0], fields[2])
		})
		return strings.Join(append(lines[:1], kept...), "\n") + "\n"
	}
	whole.readings = without(whole.readings, func(unit, at string) bool { return strings.HasSuffix(unit, "3") && at < joined })
	later := func(_, at string) bool { return at > asOf }
	known := ownCSV{readings: without(whole.readings, later), services: without(whole.services, later)}
	rows, _ := known.run(t, evaluate.OwnScale{}, asOf)
	more, _ := whole.run(t, evaluate.OwnScale{}, before, asOf)
	want, got := strings.Split(rows, "\n")[1:], strings.Split(more, "\n")[1:]
	if len(want) < 20 || len(got) < len(want)+20 {
		t.Fatalf("%d and %d lines: too little to compare", len(want), len(got))
	}
	if diff := cmp.Diff(want, got[len(got)-len(want):]); diff != "" {
		t.Errorf("with what came later, and another time before (-without +with):\n%s", diff)
	}
}

// TestOwnUseIsLearned has units that drive three times as far in summer as in winter: who has seen one
// year knows when the parts of the next are due.
func TestOwnUseIsLearned(t *testing.T) {
	t.Parallel()
	fleet := ownFleetDriven("van", "brake_pads_front", asWear, 30, func(day int) float64 {
		return 1 - 0.5*math.Cos(2*math.Pi*float64(day+45)/365.25) // the least in the middle of January
	})
	fleet.readings += "van 1,brake_pads_front,1900-01-01,1,0.1\n" // a spreadsheet's date of nothing
	forecasts, table := fleet.run(t, evaluate.OwnScale{}, "2023-11-01", "2024-01-01", "2024-02-15")
	sum, n := 0.0, 0.0
	for _, r := range parseOwn(t, forecasts) {
		limit, ok := nextOf(t, fleet, r)
		if left := limit.Sub(r.asOf).Hours() / 24; ok && left > 60 && left < 200 {
			n++
			sum += math.Abs(r.p50.Sub(limit).Hours() / 24)
		}
	}
	if n < 15 || sum/n > 30 {
		t.Errorf("%.0f forecasts of 60 to 200 days off by %.1f; want at least 15, at most 30\n%s", n, sum/n, table)
	}
}

// TestANewFleetDoesNotKnowHowWearGoesOn has parts that wear by the square of the way, and nobody has
// seen one beyond its beginning: what looks straight must not be taken for sure.
func TestANewFleetDoesNotKnowHowWearGoesOn(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 1))
	var readings, services strings.Builder
	readings.WriteString("unit,component,time,odometer_km,value\n")
	services.WriteString("unit,component,time,odometer_km,outcome\n")
	const asOf = 90
	limits := map[string]time.Time{}
	for u := range 60 {
		name, life := fmt.Sprintf("press %d", u), 300+200*random.Float64()
		limits[name] = ownEpoch.Add(time.Duration(life * 24 * float64(time.Hour)))
		fmt.Fprintf(&services, "%s,seal,%s,0,unknown\n", name, ownEpoch.Format(time.RFC3339))
		for day := 5; day < asOf; day += 5 {
			share := float64(day) / life
			fmt.Fprintf(&readings, "%s,seal,%s,%d,%.4f\n", name, ownEpoch.AddDate(0, 0, day).Format(time.RFC3339), 40*day, share*share+0.01*random.NormFloat64())
		}
	}
	fleet := ownCSV{readings.String(), services.String(), ""}
	forecasts, _ := fleet.run(t, evaluate.OwnScale{}, ownEpoch.AddDate(0, 0, asOf).Format(time.DateOnly))
	held, n := 0.0, 0.0
	for _, r := range parseOwn(t, forecasts) {
		n++
		if limit := limits[r.unit]; !limit.Before(r.p10) && !limit.After(r.p90) {
			held++
		}
	}
	if n != 60 || held/n < 0.6 {
		t.Errorf("%.0f forecasts, %.2f within the interval; want 60, at least 0.6", n, held/n)
	}
}

// TestOwnFilesMayBeWrittenInAnyWay permutes lines and columns, repeats lines, adds a
// column and writes as a spreadsheet does.
func TestOwnFilesMayBeWrittenInAnyWay(t *testing.T) {
	t.Parallel()
	fleet := ownFleet("van", "brake_pads_front", asWear, 8)
	forecasts, score := fleet.run(t, evaluate.OwnScale{}, "91d")
	random := rand.New(rand.NewPCG(5, 5))
	shuffle := func(file string) string {
		lines := strings.Split(strings.TrimSpace(file), "\n")
		rows := append(slices.Clone(lines[1:]), lines[1], lines[len(lines)-1])
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		out := "\ufeff"
		for _, l := range append(lines[:1], rows...) {
			f := strings.Split(l, ",")
			slices.Reverse(f)
			out += strings.Join(f, " , ") + ",\"a, note\"\r\n"
		}
		return strings.Replace(out, "a, note", "notes", 1)
	}
	other := ownCSV{shuffle(fleet.readings), shuffle(fleet.services), shuffle(fleet.truth)}
	gotForecasts, gotScore := other.run(t, evaluate.OwnScale{}, "91d")
	if gotForecasts != forecasts || gotScore != score {
		t.Errorf("written otherwise: %s", cmp.Diff(forecasts+score, gotForecasts+gotScore))
	}
	read, err := other.read(evaluate.OwnScale{})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(read.Notes(), "\n"); !strings.Contains(notes, "counted once: 6") {
		t.Errorf("notes %q do not tell of 6 lines that are there twice", notes)
	}
}

func TestOwnOdometersThatRunBackwardsAreSaid(t *testing.T) {
	t.Parallel()
	fleet := ownFleet("van", "brake_pads_front", asWear, 6)
	lines := strings.Split(fleet.readings, "\n")
	fields := strings.Split(lines[9], ",")
	fields[3] = "17"
	lines[9] = strings.Join(fields, ",")
	fleet.readings = strings.Join(lines, "\n")
	read, err := fleet.read(evaluate.OwnScale{})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(read.Notes(), "\n"); !strings.Contains(notes, "not used: 1, of 1 units") || !strings.Contains(notes, "17 km") {
		t.Errorf("notes %q do not tell of the odometer", notes)
	}
}

func TestBadOwnFilesAreRefusedByLine(t *testing.T) {
	t.Parallel()
	const head, services = "unit,component,time,odometer_km,value\n", "unit,component,time,odometer_km,outcome\n"
	const line = "a,pads,2024-01-01,100,0.5\n"
	for name, c := range map[string]struct {
		files ownCSV
		scale evaluate.OwnScale
		want  string
	}{
		"empty":           {ownCSV{}, evaluate.OwnScale{}, "readings.csv is empty; want a header with the columns unit, component, time, value"},
		"only a header":   {ownCSV{readings: head}, evaluate.OwnScale{}, "readings.csv has no lines below its header"},
		"no column":       {ownCSV{readings: "unit,part,time,value\n"}, evaluate.OwnScale{}, `readings.csv: no column "component"; it has unit, part, time, value`},
		"semicolons":      {ownCSV{readings: "unit;component;time;value\n"}, evaluate.OwnScale{}, "columns must be separated by commas"},
		"too few fields":  {ownCSV{readings: head + line + "a,pads\n"}, evaluate.OwnScale{}, "readings.csv, line 3: wrong number of fields, the header has 5 columns"},
		"word for number": {ownCSV{readings: head + "a,pads,2024-01-01,100,half\n"}, evaluate.OwnScale{}, `readings.csv, line 2, value: "half" is not a number`},
		"NaN":             {ownCSV{readings: head + "a,pads,2024-01-01,100,NaN\n"}, evaluate.OwnScale{}, `line 2, value: "NaN" is not a number; leave out lines without a value`},
		"infinite":        {ownCSV{readings: head + "a,pads,2024-01-01,100,-Inf\n"}, evaluate.OwnScale{}, `line 2, value: "-Inf" is not a number`},
		"percent":         {ownCSV{readings: head + "a,pads,2024-01-01,100,55\n"}, evaluate.OwnScale{}, "line 2, value: 55 is not a share of the limit, 0 new and 1 at the limit; for raw values give the value at the limit, as in --threshold"},
		"odometer below":  {ownCSV{readings: head + "a,pads,2024-01-01,-3,0.5\n"}, evaluate.OwnScale{}, "line 2, odometer_km: -3 is not an odometer; want km from 0 on"},
		"odometer NaN":    {ownCSV{readings: head + "a,pads,2024-01-01,nan,0.5\n"}, evaluate.OwnScale{}, "line 2, odometer_km: nan is not an odometer"},
		"no unit":         {ownCSV{readings: head + " ,pads,2024-01-01,3,0.5\n"}, evaluate.OwnScale{}, "line 2, unit: is empty"},
		"no component":    {ownCSV{readings: head + "a,,2024-01-01,3,0.5\n"}, evaluate.OwnScale{}, "line 2, component: is empty"},
		"day and month":   {ownCSV{readings: head + "a,pads,31.12.2024,3,0.5\n"}, evaluate.OwnScale{}, `line 2, time: "31.12.2024" is not a time; want one like 2026-11-22T13:05:00+01:00, or a date like 2026-11-22`},
		"year 20":         {ownCSV{readings: head + "a,pads,0020-12-01,3,0.5\n"}, evaluate.OwnScale{}, "line 2, time"},
		"outcome":         {ownCSV{readings: head + line, services: services + "a,pads,2024-01-01,3,exploded\n"}, evaluate.OwnScale{}, `services.csv, line 2, outcome: "exploded" is not an outcome; want failed, early (renewed while still good), or unknown`},
		"a column twice":  {ownCSV{readings: "unit,component,time,value,value\n"}, evaluate.OwnScale{}, `readings.csv: the column "value" is there twice`},
		"not UTF-8":       {ownCSV{readings: head + "F\xe4,pads,2024-01-01,3,0.5\n"}, evaluate.OwnScale{}, `line 2, unit: "F\xe4" is not in UTF-8; save the file as UTF-8`},
		"several":         {ownCSV{readings: head + "a,pads,2024-01-01,3,x\n" + line + "a,pads,now,3,1\n"}, evaluate.OwnScale{}, "line 4, time"},
		"open quote":      {ownCSV{readings: head + "a,\"pads,2024-01-01,3,1\n"}, evaluate.OwnScale{}, "readings.csv, line"},
		"no such part":    {ownCSV{readings: head + line}, evaluate.OwnScale{Thresholds: map[string]float64{"tyre": 2}}, "--threshold tyre: there is no such component; there are pads"},
		"new without":     {ownCSV{readings: head + line}, evaluate.OwnScale{New: map[string]float64{"": 2}}, "without --threshold values are wear already"},
		"no length":       {ownCSV{readings: head + line}, evaluate.OwnScale{New: map[string]float64{"": 2}, Thresholds: map[string]float64{"": 2}}, "they must differ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := c.files.read(c.scale); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestTimesOfAnOwnFleet(t *testing.T) {
	t.Parallel()
	fleet, err := ownCSV{readings: "unit,component,time,value\na,pads,2024-01-15,0.1\na,pads,2024-04-02T10:00:00+02:00,0.5\n"}.read(evaluate.OwnScale{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asOf []string
		want string
	}{
		{nil, "2024-02-01T00:00:00Z 2024-03-01T00:00:00Z 2024-04-01T00:00:00Z"},
		{[]string{"30d"}, "2024-02-14T00:00:00Z 2024-03-15T00:00:00Z"},
		{[]string{"6w"}, "2024-02-26T00:00:00Z"},
		{[]string{"900h"}, "2024-02-21T12:00:00Z 2024-03-30T00:00:00Z"},
		{[]string{"400d"}, "2024-04-02T08:00:00Z"},
		{[]string{"2024-03-01T01:00:00+01:00", "2024-02-01", "2024-03-01"}, "2024-02-01T00:00:00Z 2024-03-01T00:00:00Z"},
		{[]string{"2031-01-01"}, "2031-01-01T00:00:00Z"},
		{[]string{"soon"}, "want a time like"},
		{[]string{"-3d"}, "want a time like"},
		{[]string{"3d", "2024-01-01"}, "a step stands alone"},
		{[]string{"1m"}, "give a longer step"},
	} {
		times, err := fleet.Times(c.asOf)
		var got []string
		for _, at := range times {
			got = append(got, at.Format(time.RFC3339))
		}
		if said := strings.Join(got, " "); said != c.want && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("--asof %v: %s, %v; want %s", c.asOf, said, err, c.want)
		}
	}
}
