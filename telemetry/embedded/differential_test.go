package embedded_test

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// pair is the embedded store and the plain table, which are told the same.
type pair struct {
	t      *testing.T
	dir    string
	store  *embedded.Store
	narrow *narrow
	clocks map[sampleKey][]vehicle.TimeSource // whose clocks a sample's parts had
}

type sampleKey struct {
	vin vehicle.VIN
	at  int64
}

// small limits make days seal early and chunks split often.
var small = embedded.Options{HotCells: 40, ChunkCells: 24}

func TestEqualsPlainTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := &pair{t: t, dir: t.TempDir(), narrow: openNarrow(t), clocks: map[sampleKey][]vehicle.TimeSource{}}
		p.reopen(rt)
		defer func() { _ = p.store.Close() }()
		actions := map[string]func(*rapid.T){
			"write": p.write, "trip": p.trip, "seal": p.seal, "reopen": p.reopen, "erase": p.erase, "compare": p.compare,
		}
		names := slices.Sorted(maps.Keys(actions))
		for range rapid.IntRange(1, 12).Draw(rt, "actions") {
			actions[rapid.SampledFrom(names).Draw(rt, "action")](rt)
		}
		p.compare(rt)
	})
}

func (p *pair) reopen(t *rapid.T) {
	if p.store != nil {
		check(t, p.store.Close())
	}
	s, err := embedded.Open(p.dir, small)
	check(t, err)
	p.store = s
}

// write writes scattered samples, many of them on the same few times.
func (p *pair) write(t *rapid.T) {
	var batch []telemetry.Record
	for range rapid.IntRange(1, 12).Draw(t, "samples") {
		second := rapid.IntRange(0, 90).Draw(t, "second")
		batch = append(batch, drawRecord(t, drawVIN(t), drawDay(t).Add(time.Duration(second)*time.Second)))
	}
	p.both(t, batch)
}

// trip writes enough of one day to make a chunk without a hot row.
func (p *pair) trip(t *rapid.T) {
	vin, start := drawVIN(t), drawDay(t).Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "start"))*time.Second)
	var batch []telemetry.Record
	for i := range rapid.IntRange(16, 40).Draw(t, "length") {
		batch = append(batch, drawRecord(t, vin, start.Add(time.Duration(i)*time.Second)))
	}
	p.both(t, batch)
}

func (p *pair) both(t *rapid.T, batch []telemetry.Record) {
	for _, r := range batch {
		k := sampleKey{r.VIN, r.Sample.Time.UnixMilli()}
		p.clocks[k] = append(p.clocks[k], r.Sample.TimeSource)
	}
	check(t, p.narrow.Write(p.t.Context(), batch))
	check(t, p.store.Write(p.t.Context(), batch))
}

func (p *pair) seal(t *rapid.T) { check(t, p.store.Seal(p.t.Context())) }

func (p *pair) erase(t *rapid.T) {
	vin := drawVIN(t)
	check(t, p.narrow.Erase(p.t.Context(), vin))
	check(t, p.store.Erase(p.t.Context(), vin))
}

func (p *pair) compare(t *rapid.T) {
	from := drawDay(t).Add(time.Duration(rapid.IntRange(-10, 100).Draw(t, "from")) * time.Second)
	to := from.Add(time.Duration(rapid.IntRange(0, 200_000).Draw(t, "seconds")) * time.Second)
	every := rapid.SampledFrom([]time.Duration{0, 7 * time.Second, time.Minute, 24 * time.Hour}).Draw(t, "every")
	for _, vin := range vins {
		want, got := answers(p.t, p.narrow, vin, from, to, every), answers(p.t, p.store, vin, from, to, every)
		for i, l := range got.Latest {
			had := p.clocks[sampleKey{vin, l.Time.UnixMilli()}]
			if !slices.Contains(had, l.TimeSource) {
				t.Fatalf("the time of %s is from the clock %s, want one of %v", l.Signal, l.TimeSource, had)
			}
			if i < len(want.Latest) && len(slices.Compact(slices.Sorted(slices.Values(had)))) > 1 {
				got.Latest[i].TimeSource = want.Latest[i].TimeSource // any of them will do
			}
		}
		rounded := cmp.FilterPath(func(path cmp.Path) bool {
			field := path.Last().String()
			return field == ".Sum" || field == ".Mean"
		}, cmpopts.EquateApprox(1e-9, 1e-9))
		if d := cmp.Diff(want, got, rounded, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%s differs (-plain table +embedded):\n%s", vin, d)
		}
	}
}

// answers is everything a store says of a vehicle.
type answerSet struct {
	Latest  []telemetry.Latest
	Days    []vehicle.Day
	Rollups []telemetry.DayRollup
	All     []vehicle.Sample
	Part    []vehicle.Sample
	Series  map[vehicle.Signal][]telemetry.Point
	Daily   map[vehicle.Signal][]telemetry.Point
}

func answers(t *testing.T, s telemetry.Store, vin vehicle.VIN, from, to time.Time, every time.Duration) answerSet {
	t.Helper()
	var a answerSet
	var err error
	ctx := context.WithoutCancel(t.Context()) // also used while the test cleans up
	a.Latest, err = s.Latest(ctx, vin)
	check(t, err)
	a.Days, err = s.Days(ctx, vin)
	check(t, err)
	for _, day := range a.Days {
		rollup, err := s.Day(ctx, vin, day)
		check(t, err)
		a.Rollups = append(a.Rollups, rollup)
	}
	a.All, a.Part = samples(t, s, vin, epoch, ever), samples(t, s, vin, from, to)
	a.Series, a.Daily = map[vehicle.Signal][]telemetry.Point{}, map[vehicle.Signal][]telemetry.Point{}
	for signal := range kinds {
		a.Series[signal], err = s.Series(ctx, telemetry.Query{VIN: vin, Signal: signal, From: from, To: to, Every: every})
		check(t, err)
		q := telemetry.DailyQuery{VINs: []vehicle.VIN{vin}, Signal: signal, From: vehicle.DayOf(from), To: vehicle.DayOf(ever)}
		check(t, s.Daily(ctx, q, func(_ vehicle.VIN, points []telemetry.Point) error {
			a.Daily[signal] = points
			return nil
		}))
	}
	return a
}

func samples(t failer, s telemetry.Store, vin vehicle.VIN, from, to time.Time) []vehicle.Sample {
	t.Helper()
	var out []vehicle.Sample
	check(t, s.Samples(context.Background(), vin, from, to, func(sample vehicle.Sample) error {
		slices.SortFunc(sample.Readings, func(a, b vehicle.Reading) int {
			if a.Signal < b.Signal {
				return -1
			}
			return 1
		})
		out = append(out, sample)
		return nil
	}))
	return out
}

type failer interface {
	Helper()
	Fatal(...any)
}

func check(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var vins = []vehicle.VIN{"WPCZZZ00000000001", "WPCZZZ00000000002"}

func drawVIN(t *rapid.T) vehicle.VIN { return rapid.SampledFrom(vins).Draw(t, "vin") }

func drawDay(t *rapid.T) time.Time {
	return time.Date(2026, 3, rapid.IntRange(1, 3).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
}

// kinds says what each signal may hold; "mixed" holds anything.
var kinds = map[vehicle.Signal][]vehicle.Kind{
	vehicle.Speed:       {vehicle.KindNumber},
	vehicle.EngineSpeed: {vehicle.KindNumber},
	"door":              {vehicle.KindBool},
	"brand":             {vehicle.KindText},
	"mixed":             {vehicle.KindNumber, vehicle.KindBool, vehicle.KindText},
}

func drawRecord(t *rapid.T, vin vehicle.VIN, at time.Time) telemetry.Record {
	s := vehicle.Sample{Time: at, TimeSource: vehicle.TimeSource(rapid.IntRange(0, 2).Draw(t, "source"))}
	signals := slices.Sorted(maps.Keys(kinds))
	for _, signal := range rapid.SliceOfNDistinct(rapid.SampledFrom(signals), 1, len(signals), rapid.ID).Draw(t, "signals") {
		r := vehicle.Reading{Signal: signal}
		switch rapid.SampledFrom(kinds[signal]).Draw(t, "kind") {
		case vehicle.KindNumber:
			r.Value = vehicle.Number(drawNumber(t, signal))
		case vehicle.KindBool:
			r.Value = vehicle.Bool(rapid.Bool().Draw(t, "bool"))
		case vehicle.KindText:
			r.Value = vehicle.Text(rapid.SampledFrom([]string{"", "VW", "比亚迪"}).Draw(t, "text"))
		}
		if rapid.IntRange(0, 5).Draw(t, "bad") == 0 {
			r.Quality = vehicle.Quality(rapid.IntRange(1, 3).Draw(t, "quality"))
		}
		s.Readings = append(s.Readings, r)
	}
	return telemetry.Record{VIN: vin, Received: at, Sample: s}
}

func drawNumber(t *rapid.T, signal vehicle.Signal) float64 {
	tenths := float64(rapid.IntRange(-400, 2500).Draw(t, "tenths")) / 10
	if signal == vehicle.EngineSpeed && rapid.Bool().Draw(t, "exact") {
		return tenths * math.Pi
	}
	return tenths
}
