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

// plausible says whether one reading can follow another: up, and by no more than
// 500 miles a day. It is all that this file knows of odometers, and knows nothing of the ledger.
func plausible(a, b vehicle.OdometerReading) bool {
	days := b.Time.Sub(a.Time).Hours() / 24
	gain := (b.Metres - a.Metres) / mile
	return gain >= 0 && gain <= 500*(days+1)
}

// good says whether the k-th reading fits both of its neighbours.
func good(s []vehicle.OdometerReading, k int) bool {
	return k > 0 && k+1 < len(s) && plausible(s[k-1], s[k]) && plausible(s[k], s[k+1])
}

// hasOdometer tells cards of vehicles from those of jerry cans, and from those on which
// drivers type one thing and another: that share of the entries follows the one before.
func hasOdometer(s []vehicle.OdometerReading, share float64) bool {
	n := 0
	for k := 1; k < len(s); k++ {
		if plausible(s[k-1], s[k]) && s[k].Metres > s[k-1].Metres {
			n++
		}
	}
	return len(s) >= 5 && float64(n) >= share*float64(len(s)-1)
}

// severalVehicles says whether a card goes more than once from three readings that
// follow each other to three others that do but do not follow those: no cluster is
// replaced that often.
func severalVehicles(s []vehicle.OdometerReading) bool {
	breaks := 0
	for k := 3; k+2 < len(s); k++ {
		follows := !good(s, k-2) || !good(s, k+1)
		for _, a := range s[k-3 : k] {
			for _, b := range s[k : k+3] {
				follows = follows || plausible(a, b)
			}
		}
		if !follows {
			breaks++
		}
	}
	return breaks > 1
}

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
		if !hasOdometer(s, 2./3) {
			t.Logf("card %s has no odometer", name)
			continue
		}
		vehicles++
		odometers.replay(s)
		refused := map[vehicle.OdometerReading]bool{}
		for _, r := range vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay).Refused {
			refused[r.Reading] = r.Kind != vehicle.OdometerDuplicate
		}
		count := &dropped
		if severalVehicles(s) {
			t.Logf("card %s is used for several vehicles", name)
			count = &shared
		}
		for k, r := range s {
			if good(s, k) {
				count.add(refused[r])
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

// planted are series with faults of a known kind.
type planted struct {
	fresh, used tally // new clusters, used ones
	hidden      tally // used ones that nobody can tell by the readings
	turnedBack  int   // found, as turned back or a used cluster
	dropped     tally // good readings
	outliers    tally
	total       mae // the newest total, where a segment was opened
}

// hidden says whether the readings after a swap are what an instrument that was not
// swapped may show, too: no more than could have been driven, so little less that
// four readings later it is forgotten, or about what it would be in the other unit.
func hidden(s []vehicle.OdometerReading, at int, dial float64) bool {
	days := s[at].Time.Sub(s[at-1].Time).Hours()/24 + 1
	drop := s[at-1].Metres - dial
	if drop <= s[at+5].Metres-s[at].Metres && -drop <= days*vehicle.BusKmPerDay*1000 {
		return true
	}
	ratio := dial / s[at].Metres * 1000
	return math.Abs(ratio/mile-1) < 0.05 || math.Abs(ratio*mile/1e6-1) < 0.05
}

// plant replaces the cluster of a vehicle once, six readings or more from either
// end: about every second time by a new one that shows up to 50 miles, else by a
// used one that shows anything up to twice the present distance. One reading in a
// hundred becomes an outlier: ten times, a tenth, in kilometres, two digits swapped.
func (p *planted) plant(rng *rand.Rand, s []vehicle.OdometerReading) {
	if len(s) < 13 {
		return
	}
	give := slices.Clone(s)
	at := 6 + rng.IntN(len(s)-12)
	for !good(s, at) { // not where a driver mistyped: the new dial starts from there
		if at++; at+6 > len(s) {
			return
		}
	}
	dial, kind := rng.Float64()*50*mile, &p.fresh
	if rng.IntN(2) == 0 {
		dial, kind = rng.Float64()*2*s[at].Metres, &p.used
		if hidden(s, at, dial) {
			kind = &p.hidden
		}
	}
	spoiled := map[vehicle.OdometerReading]bool{}
	for k := range give {
		raw := give[k].Raw
		if k >= at {
			raw = math.Floor((s[k].Metres - s[at].Metres + dial) / mile)
		}
		was := raw
		if rng.IntN(100) == 0 {
			raw = spoil(rng, raw)
		}
		give[k] = vehicle.ReadOdometer(s[k].Time, s[k].Source, raw, vehicle.Miles)
		spoiled[give[k]] = raw != was
	}
	l := vehicle.LedgerOf(give, nil, vehicle.BusKmPerDay)
	p.count(l, s, give, spoiled)
	kind.add(p.findSwap(l, s, at))
}

// spoil makes a reading what a hand or a wrong setting makes of it.
func spoil(rng *rand.Rand, raw float64) float64 {
	switch rng.IntN(4) {
	case 0:
		return raw * 10
	case 1:
		return math.Floor(raw / 10)
	case 2:
		return math.Floor(raw * mile / 1000)
	}
	digits := []byte(strconv.FormatFloat(raw, 'f', 0, 64))
	if len(digits) > 1 {
		digits[0], digits[1] = digits[1], digits[0]
	}
	out, _ := strconv.ParseFloat(string(digits), 64)
	return out
}

// count counts the good readings that were dropped and the bad ones that were not.
// Those of a dial that a person has to look at are not dropped.
func (p *planted) count(l vehicle.OdometerLedger, s, give []vehicle.OdometerReading, spoiled map[vehicle.OdometerReading]bool) {
	refused := map[vehicle.OdometerReading]vehicle.OdometerKind{}
	for _, r := range l.Refused {
		refused[r.Reading] = r.Kind
	}
	for k, r := range give {
		kind, no := refused[r]
		switch {
		case spoiled[r]:
			p.outliers.add(no)
		case good(s, k):
			p.dropped.add(no && kind != vehicle.OdometerRollback)
		}
	}
}

// findSwap looks for a segment that begins with one of the two readings from the
// planted swap on, or for the word rollback, which a used cluster that shows less
// deserves as well.
func (p *planted) findSwap(l vehicle.OdometerLedger, s []vehicle.OdometerReading, at int) bool {
	for _, g := range l.Segments[1:] {
		if !g.Start.Before(s[at].Time) && !g.Start.After(s[at+1].Time) {
			last, _ := l.Current()
			k := slices.IndexFunc(s, func(r vehicle.OdometerReading) bool { return r.Time.Equal(last.Time) })
			p.total.add(last.Total, s[k].Metres)
			return true
		}
	}
	for _, r := range l.Refused {
		if r.Kind == vehicle.OdometerRollback && !r.Reading.Time.Before(s[at].Time) && !r.Reading.Time.After(s[at+1].Time) {
			p.turnedBack++
			return true
		}
	}
	return false
}

func TestPlantedSwaps(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1985, 2017))
	var onBuses, onCards planted
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
			if s := cards.series[name]; hasOdometer(s, 0.9) && len(vehicle.LedgerOf(s, nil, vehicle.BusKmPerDay).Segments) == 1 {
				onCards.plant(rng, s)
			}
		}
	}
	for what, p := range map[string]planted{"buses": onBuses, "fuel cards": onCards} {
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
