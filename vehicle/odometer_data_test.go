package vehicle_test

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// dataFolder is $PITCREW_DATA, by default the shared folder beside the repository.
// Only outside CI its absence skips the test.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("PITCREW_DATA"), filepath.Join("..", "..", "shared", "data"))
	if _, err := os.Stat(dir); err != nil && os.Getenv("CI") == "" {
		t.Skipf("no data: %v; set PITCREW_DATA", err)
	}
	return dir
}

// column reads a CSV file as rows by the name of the column.
func csvRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, fields := range all[1:] {
		row := make(map[string]string, len(fields))
		for i, name := range all[0] {
			row[name] = fields[i]
		}
		out = append(out, row)
	}
	return out
}

type fleet struct {
	names  []string
	series map[string][]vehicle.OdometerReading
}

func (f *fleet) add(t *testing.T, name, layout, at, miles string, source vehicle.OdometerSource) {
	t.Helper()
	when, err := time.Parse(layout, at)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := strconv.ParseFloat(miles, 64)
	if err != nil {
		t.Fatal(err)
	}
	if f.series == nil {
		f.series = map[string][]vehicle.OdometerReading{}
	}
	if _, ok := f.series[name]; !ok {
		f.names = append(f.names, name)
	}
	f.series[name] = append(f.series[name], vehicle.ReadOdometer(when, source, raw, vehicle.Miles))
}

func fuelCards(t *testing.T) fleet {
	t.Helper()
	var f fleet
	for _, row := range csvRows(t, filepath.Join(dataFolder(t), "urbana_fleet_fuelcards", "fuel_odometer.csv")) {
		f.add(t, row["vehicle_id"], "2006-01-02 15:04:05", row["date"]+" "+row["time"], row["odometer_entered"], vehicle.OdometerFuelCard)
	}
	for _, s := range f.series {
		slices.SortStableFunc(s, func(a, b vehicle.OdometerReading) int { return a.Time.Compare(b.Time) })
	}
	return f
}

func buses(t *testing.T) fleet {
	t.Helper()
	var f fleet
	for _, row := range csvRows(t, filepath.Join(dataFolder(t), "rust_bus_odometer", "odometer.csv")) {
		f.add(t, row["bus_id"], "2006-01", row["month"], row["odometer_miles"], vehicle.OdometerTelemetry)
	}
	return f
}

const mile = 1609.344

func TestScratch(t *testing.T) {
	f := fuelCards(t)
	type acc struct {
		raw, led float64
		n        int
	}
	var A, B acc
	perVeh := map[string]*acc{}
	var errs []float64
	nv := 0
	for _, name := range f.names {
		s := f.series[name]
		whole := vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay)
		okTotal := map[time.Time]vehicle.AcceptedReading{}
		for _, a := range whole.Accepted {
			okTotal[a.Time] = a
		}
		offAt := func(tm time.Time) float64 {
			o := math.NaN()
			for _, g := range whole.Segments {
				if !g.Start.After(tm) {
					o = g.Offset
				}
			}
			return o
		}
		if os.Getenv("SHOW") == "1" {
			fmt.Printf("%s: %d readings, %d refused, segments %d\n", name, len(s), len(whole.Refused), len(whole.Segments))
			for _, g := range whole.Segments[1:] {
				fmt.Println("    ", g.Start.Format("01-02"), g.Kind, g.Why)
			}
			for _, r := range whole.Refused {
				fmt.Printf("    %s %.0f %s %s\n", r.Reading.Time.Format("01-02"), r.Reading.Raw, r.Kind, r.Reason)
			}
		}
		used := false
		for i := 2; i < len(s); i++ {
			at := s[i].Time
			j, bestd := -1, 5*24*time.Hour
			for k := i + 1; k < len(s); k++ {
				d := s[k].Time.Sub(at.AddDate(0, 0, 30)).Abs()
				if d <= bestd {
					j, bestd = k, d
				}
			}
			if j < 0 {
				continue
			}
			dt := s[j].Time.Sub(at)
			l := vehicle.LedgerOf(s[:i+1], nil, vehicle.BusKmPerDay)
			last, ok := l.Current()
			if !ok {
				continue
			}
			rate := func(n int, get func(k int) (time.Time, float64)) float64 {
				t1, m1 := get(n - 1)
				for k := 0; k < n; k++ {
					t0, m0 := get(k)
					if t1.Sub(t0) <= 90*24*time.Hour {
						if t1.Sub(t0) < 24*time.Hour {
							return 0
						}
						return (m1 - m0) / t1.Sub(t0).Seconds()
					}
				}
				return 0
			}
			rl := rate(len(l.Accepted), func(k int) (time.Time, float64) { return l.Accepted[k].Time, l.Accepted[k].Total })
			rr := rate(i+1, func(k int) (time.Time, float64) { return s[k].Time, s[k].Metres })
			pl := last.Metres + rl*(dt+at.Sub(last.Time)).Seconds()
			pr := s[i].Metres + rr*dt.Seconds()
			_ = dt
			// truth A: locally good
			good := func(k int) bool {
				if k == 0 || k+1 >= len(s) {
					return false
				}
				for _, p := range [][2]int{{k - 1, k}, {k, k + 1}} {
					g := (s[p[1]].Metres - s[p[0]].Metres) / mile
					days := s[p[1]].Time.Sub(s[p[0]].Time).Hours() / 24
					if g <= 0 || g > 500*(days+1) {
						return false
					}
				}
				return true
			}
			if good(j) {
				A.n++
				A.raw += math.Abs(pr-s[j].Metres) / mile
				A.led += math.Abs(pl-s[j].Metres) / mile
				if perVeh[name] == nil {
					perVeh[name] = &acc{}
				}
				perVeh[name].n++
				perVeh[name].led += math.Abs(pl-s[j].Metres) / mile
				perVeh[name].raw += math.Abs(pr-s[j].Metres) / mile
			}
			if a, ok := okTotal[s[j].Time]; ok {
				_ = a
				truth := a.Total - offAt(at)
				B.n++
				used = true
				B.raw += math.Abs(pr-truth) / mile
				e := math.Abs(pl-truth) / mile
				B.led += e
				errs = append(errs, e)
			}
		}
		if used {
			nv++
		}
	}
	fmt.Printf("A n %d raw %.0f ledger %.0f\n", A.n, A.raw/float64(A.n), A.led/float64(A.n))
	fmt.Printf("B n %d vehicles %d raw %.0f ledger %.0f\n", B.n, nv, B.raw/float64(B.n), B.led/float64(B.n))
	slices.Sort(errs)
	for _, q := range []float64{.5, .8, .9, .95, .99} {
		fmt.Printf("q%.2f %.0f ", q, errs[int(q*float64(len(errs)))])
	}
	fmt.Println()
	type kv struct {
		n string
		a *acc
	}
	var kvs []kv
	for n, a := range perVeh {
		kvs = append(kvs, kv{n, a})
	}
	slices.SortFunc(kvs, func(a, b kv) int { return cmp.Compare(b.a.led, a.a.led) })
	for _, k := range kvs[:min(25, len(kvs))] {
		fmt.Printf("%s n %d raw %.0f led %.0f share %.0f\n", k.n, k.a.n, k.a.raw/float64(k.a.n), k.a.led/float64(k.a.n), k.a.led/float64(A.n))
	}
}
