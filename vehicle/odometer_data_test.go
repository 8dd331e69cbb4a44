package vehicle_test

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/vehicle/planted"
)

// dataFolder is $PITCREW_SHARED_DATA, by default the shared folder beside the repository.
// Only outside CI its absence skips the test.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("PITCREW_SHARED_DATA"), filepath.Join("..", "..", "shared", "data"))
	if _, err := os.Stat(dir); err != nil && os.Getenv("CI") == "" {
		t.Skipf("no data: %v; set PITCREW_SHARED_DATA", err)
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

const mile = 1609.344 // m

// ahead is the distance at a time on a line through the last 90 days.
func ahead(target time.Time, points []point) float64 {
	last := points[len(points)-1]
	first := points[slices.IndexFunc(points, func(p point) bool { return last.at.Sub(p.at) <= 90*24*time.Hour })]
	rate := 0.0
	if span := last.at.Sub(first.at); span >= 24*time.Hour {
		rate = (last.metres - first.metres) / span.Seconds()
	}
	return last.metres + rate*target.Sub(last.at).Seconds()
}

type point struct {
	at     time.Time
	metres float64
}

func pointsOf(accepted []vehicle.AcceptedReading) []point {
	var out []point
	for _, a := range accepted {
		out = append(out, point{a.Time, a.Total})
	}
	return out
}

// between interpolates, between readings of at most a month.
func between(at time.Time, points []point) (metres float64, ok bool) {
	k := slices.IndexFunc(points, func(p point) bool { return !p.at.Before(at) })
	if k <= 0 || points[k].at.Sub(points[k-1].at) > 30*24*time.Hour {
		return 0, false
	}
	a, b := points[k-1], points[k]
	return a.metres + (b.metres-a.metres)*float64(at.Sub(a.at))/float64(b.at.Sub(a.at)), true
}

// mae gathers errors in miles.
type mae struct {
	sum float64
	n   int
}

func (m *mae) add(got, want float64) { m.sum, m.n = m.sum+math.Abs(got-want)/mile, m.n+1 }

func (m *mae) miles() float64 { return m.sum / float64(m.n) }

// forecasts are the errors 30 days ahead, by the raw readings, by the ledger as
// it was then, and by a ledger that was told which readings will turn out wrong.
// Each is taken from the last reading of every week, everyReading from all of
// them, in which police cars, filled up daily, outweigh the rest.
type forecasts struct{ raw, ledger, hindsight, everyReading, everyHindsight mae }

// replay looks 30 days ahead of every reading, with what was known then. The truth is what the ledger of the whole year says, so a swap does
// not count against a forecast: the vehicle goes on. The raw readings get the same
// offsets for nothing.
func (f *forecasts) replay(s []vehicle.OdometerReading) {
	whole := vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay)
	truth := pointsOf(whole.Accepted)
	offset := 0.0
	var raw []point
	for i, r := range s {
		for _, g := range whole.Segments {
			if !g.Start.After(r.Time) {
				offset = g.Offset
			}
		}
		raw = append(raw, point{r.Time, r.Metres})
		if i < 2 {
			continue
		}
		target := r.Time.AddDate(0, 0, 30)
		want, ok := between(target, truth)
		known := slices.IndexFunc(truth, func(p point) bool { return p.at.After(r.Time) })
		now := vehicle.LedgerOf(s[:i+1], nil, vehicle.BusKmPerDay)
		if !ok || known < 1 || len(now.Accepted) == 0 {
			continue
		}
		f.everyReading.add(ahead(target, pointsOf(now.Accepted)), want)
		f.everyHindsight.add(ahead(target, truth[:known]), want)
		if i+1 < len(s) && weekOf(s[i+1]) == weekOf(r) {
			continue
		}
		f.raw.add(ahead(target, raw)+offset, want)
		f.ledger.add(ahead(target, pointsOf(now.Accepted)), want)
		f.hindsight.add(ahead(target, truth[:known]), want)
	}
}

func weekOf(r vehicle.OdometerReading) vehicle.Day { return (vehicle.DayOf(r.Time) + 3) / 7 }

func TestFuelCards(t *testing.T) {
	t.Parallel()
	cards := fuelCards(t)
	var odometers, all forecasts
	var dropped, shared tally
	vehicles := 0
	for _, name := range cards.names {
		s := cards.series[name]
		all.replay(s)
		if !planted.HasOdometer(s, 2./3) {
			t.Logf("card %s has no odometer", name)
			continue
		}
		vehicles++
		odometers.replay(s)
		refused := planted.Refused(vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay))
		count := &dropped
		if planted.SeveralVehicles(s) {
			t.Logf("card %s is used for several vehicles", name)
			count = &shared
		}
		for k, r := range s {
			if planted.Good(s, k) {
				kind := refused[r.ID()]
				count.add(kind != "" && kind != vehicle.OdometerDuplicate) // turned back, too: nothing was planted
			}
		}
	}
	for what, f := range map[string]*forecasts{"cards with an odometer": &odometers, "all cards": &all} {
		t.Logf("%s: 30 days ahead, MAE in miles of %d forecasts: raw %.0f, ledger %.0f, knowing what will turn out wrong %.0f; from every reading: ledger %.0f, knowing %.0f",
			what, f.ledger.n, f.raw.miles(), f.ledger.miles(), f.hindsight.miles(), f.everyReading.miles(), f.everyHindsight.miles())
	}
	t.Logf("%d cards with an odometer: good readings dropped: %v; on cards of several vehicles %v", vehicles, dropped, shared)
	if odometers.ledger.miles() > 225 {
		t.Errorf("MAE 30 days ahead %.0f miles, want at most 225", odometers.ledger.miles())
	}
	if float64(dropped.found) > 0.01*float64(dropped.of) {
		t.Errorf("%v good readings dropped, want at most 1 %%", dropped)
	}
}

// tally is how many of how many.
type tally struct{ of, found int }

func (c *tally) add(found bool) {
	c.of++
	if found {
		c.found++
	}
}

func (c tally) String() string {
	return fmt.Sprintf("%d of %d (%.1f %%)", c.found, c.of, 100*float64(c.found)/float64(c.of))
}

// swaps counts what the ledger makes of planted swaps.
type swaps struct {
	fresh, used tally // new clusters, used ones
	hidden      tally // used ones that nobody can tell by the readings
	turnedBack  int   // found, as turned back or a used cluster
	dropped     tally // good readings
	outliers    tally
	total       mae // the newest total, where a segment was opened
}

// plant replaces the cluster of a vehicle once, and counts what the ledger finds.
func (c *swaps) plant(rng *rand.Rand, s []vehicle.OdometerReading) {
	w, ok := planted.NewSwap(rng, s)
	if !ok {
		return
	}
	l := vehicle.LedgerOf(w.Readings, nil, vehicle.BusKmPerDay)
	w.Judge(l, func(k int, good bool, refused vehicle.OdometerKind) {
		switch {
		case w.Spoiled[k]:
			c.outliers.add(refused != "")
		case good:
			c.dropped.add(planted.Dropped(refused))
		}
	})
	kind, found := w.Found(l)
	switch {
	case kind == vehicle.OdometerRollback:
		c.turnedBack++
	case found:
		last, _ := l.Current()
		k := slices.IndexFunc(s, func(r vehicle.OdometerReading) bool { return r.Time.Equal(last.Time) })
		c.total.add(last.Total, s[k].Metres)
	}
	switch {
	case w.New:
		c.fresh.add(found)
	case w.Hidden:
		c.hidden.add(found)
	default:
		c.used.add(found)
	}
}

func TestPlantedSwaps(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1985, 2017))
	var onBuses, onCards swaps
	fleet := buses(t)
	for range 5 {
		for _, name := range fleet.names {
			onBuses.plant(rng, fleet.series[name])
		}
	}
	cards := fuelCards(t)
	for range 5 {
		for _, name := range cards.names {
			// Where the ledger finds real swaps there is no truth to plant in.
			if s := cards.series[name]; planted.HasOdometer(s, 0.9) && len(vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay).Segments) == 1 {
				onCards.plant(rng, s)
			}
		}
	}
	for what, p := range map[string]swaps{"buses": onBuses, "fuel cards": onCards} {
		t.Logf("%s: cluster swaps found: new %v, used %v, used and hidden %v; %d of them as turned back or used; "+
			"total then wrong by %.0f miles; good readings dropped: %v; outliers refused: %v",
			what, p.fresh, p.used, p.hidden, p.turnedBack, p.total.miles(), p.dropped, p.outliers)
		if of, found := p.fresh.of+p.used.of, p.fresh.found+p.used.found; float64(found) < 0.95*float64(of) {
			t.Errorf("%s: %d of %d swaps found, want 95 %%", what, found, of)
		}
		if float64(p.dropped.found) > 0.01*float64(p.dropped.of) {
			t.Errorf("%s: %v good readings dropped, want at most 1 %%", what, p.dropped)
		}
	}
}
