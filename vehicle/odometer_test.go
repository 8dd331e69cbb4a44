package vehicle_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var firstDay = time.Date(2025, 1, 1, 18, 0, 0, 0, time.UTC)

func at(day int, km float64) vehicle.OdometerReading {
	return vehicle.ReadOdometer(firstDay.AddDate(0, 0, day), vehicle.OdometerTelemetry, km, vehicle.Kilometres)
}

// visit is the reading of a service record that is dated an hour after the day's last
// telemetry.
func visit(day int, km float64) vehicle.OdometerReading {
	return vehicle.ReadOdometer(firstDay.AddDate(0, 0, day).Add(time.Hour), vehicle.OdometerRecord, km, vehicle.Kilometres)
}

// series is one reading a day from a day on.
func series(day int, kms ...float64) []vehicle.OdometerReading {
	var out []vehicle.OdometerReading
	for i, km := range kms {
		out = append(out, at(day+i, km))
	}
	return out
}

// steady is one reading a day of a vehicle that goes 100 km a day.
func steady(day, days int, km float64) []vehicle.OdometerReading {
	var out []vehicle.OdometerReading
	for i := range days {
		out = append(out, at(day+i, km+100*float64(i)))
	}
	return out
}

func join(parts ...[]vehicle.OdometerReading) []vehicle.OdometerReading {
	return slices.Concat(parts...)
}

// outcome is a ledger in short.
type outcome struct {
	refused  []string // day km kind
	segments []string // day kind
	total    float64  // km, the current one
}

func outcomeOf(l vehicle.OdometerLedger) outcome {
	var o outcome
	day := func(t time.Time) int { return int(t.Sub(firstDay).Hours() / 24) }
	for _, r := range l.Refused {
		o.refused = append(o.refused, fmt.Sprintf("%d %.0f %s", day(r.Reading.Time), r.Reading.Metres/1000, r.Kind))
	}
	for i, s := range l.Segments {
		if i > 0 {
			o.segments = append(o.segments, fmt.Sprintf("%d %s", day(s.Start), s.Kind))
		}
	}
	if last, ok := l.Current(); ok {
		o.total = math.Round(last.Total / 1000)
	}
	return o
}

func TestLedgerOf(t *testing.T) {
	t.Parallel()
	counter24 := float64(1<<24) / 1000 // km
	tests := map[string]struct {
		give []vehicle.OdometerReading
		want outcome
	}{
		"nothing":                 {},
		"one":                     {give: series(0, 10), want: outcome{total: 10}},
		"same reading twice":      {give: join(series(0, 10), series(0, 10, 20)), want: outcome{total: 20}},
		"parked car":              {give: series(0, 10, 10, 10), want: outcome{total: 10}},
		"a long drive in one day": {give: series(0, 100, 1500), want: outcome{total: 1500}},
		"months without a reading": {
			give: join(series(0, 100), series(300, 40000)), want: outcome{total: 40000},
		},
		"a digit too many":        {give: series(0, 48000, 480500, 48100), want: outcome{refused: []string{"1 480500 typo"}, total: 48100}},
		"a digit lost at the end": {give: series(0, 48000, 48050, 4805), want: outcome{refused: []string{"2 4805 typo"}, total: 48050}},
		"two digits swapped":      {give: series(0, 48100, 84200, 48300), want: outcome{refused: []string{"1 84200 typo"}, total: 48300}},
		"one digit wrong":         {give: series(0, 48100, 98200, 48300), want: outcome{refused: []string{"1 98200 typo"}, total: 48300}},
		"the first one is wrong":  {give: series(0, 99777, 48000, 48100), want: outcome{refused: []string{"0 99777 spike"}, total: 48100}},
		"miles taken for kilometres": {
			give: series(0, 50000, 50400, 31565, 51200), want: outcome{refused: []string{"2 31565 unit"}, total: 51200},
		},
		"kilometres taken for miles": {
			give: series(0, 50000, 50400, 81755, 51200), want: outcome{refused: []string{"2 81755 unit"}, total: 51200},
		},
		"miles for good": {
			give: join(steady(0, 20, 50000), series(20, 32311, 32373, 32435, 32498, 32560)),
			want: outcome{refused: []string{"20 32311 unit", "21 32373 unit", "22 32435 unit", "23 32498 unit", "24 32560 unit"}, total: 51900},
		},
		"two spikes side by side": {
			give: series(0, 100, 9000, 9100, 130, 150), want: outcome{refused: []string{"1 9000 spike", "2 9100 spike"}, total: 150},
		},
		"not a number": {give: series(0, 100, math.NaN()), want: outcome{refused: []string{"1 NaN not a distance"}, total: 100}},
		"below zero":   {give: series(0, 100, -1), want: outcome{refused: []string{"1 -1 not a distance"}, total: 100}},
		"a unit that nobody knows": {
			give: []vehicle.OdometerReading{at(0, 100), vehicle.ReadOdometer(firstDay, "telemetry", 5, "furlong")},
			want: outcome{refused: []string{"0 NaN not a distance"}, total: 100},
		},
		"two values at one time": {
			give: join(series(0, 100, 120), series(1, 190, 140)), want: outcome{refused: []string{"1 190 spike"}, total: 140},
		},
		"said twice": {
			give: join(series(0, 100), []vehicle.OdometerReading{vehicle.ReadOdometer(firstDay, vehicle.OdometerWorkOrder, 100, vehicle.Kilometres)}),
			want: outcome{refused: []string{"0 100 duplicate"}, total: 100},
		},
		"a work order without decimals": {
			give: []vehicle.OdometerReading{at(0, 100.7), vehicle.ReadOdometer(firstDay.Add(time.Hour), vehicle.OdometerWorkOrder, 100, vehicle.Kilometres)},
			want: outcome{total: 101},
		},
		"a service record of the day, driven on after it was read": {
			give: join(steady(0, 5, 80000), []vehicle.OdometerReading{visit(2, 80150), visit(4, 80320)}), want: outcome{total: 80400},
		},
		"a service record with a digit too few, not a counter that begins again": {
			give: []vehicle.OdometerReading{visit(0, 24000), visit(300, 48000), visit(600, 7200), visit(900, 96000)},
			want: outcome{refused: []string{"600 7200 typo"}, total: 96000},
		},
		"a counter that begins again, on service records": {
			give: []vehicle.OdometerReading{visit(600, 80000), visit(900, 99000), visit(1200, 18000), visit(1500, 38000), visit(1800, 58000)},
			want: outcome{segments: []string{"1200 wrap"}, total: 158000},
		},
		"a service record with a digit too many": {
			give: join(steady(0, 5, 80000), []vehicle.OdometerReading{visit(4, 803200)}),
			want: outcome{refused: []string{"4 803200 typo"}, total: 80400},
		},
		"a service record of the week before": {
			give: join(steady(0, 8, 80000), []vehicle.OdometerReading{visit(7, 79950)}),
			want: outcome{refused: []string{"7 79950 rollback"}, total: 80700},
		},
		"a counter of 24 bits": {
			give: join(steady(0, 9, counter24-850), series(9, 50, 150)), want: outcome{segments: []string{"9 wrap"}, total: math.Round(counter24 + 150)},
		},
		"no wrap, as the next one shows": {
			give: join(steady(0, 9, counter24-850), series(9, 50, counter24+150)),
			want: outcome{refused: []string{"9 50 wrap"}, total: math.Round(counter24 + 150)},
		},
		"a new cluster": {
			give: join(steady(0, 20, 80000), steady(20, 5, 7)), want: outcome{segments: []string{"20 swap"}, total: 82400},
		},
		"a new cluster, too early to say": {
			give: join(steady(0, 20, 80000), steady(20, 2, 7)),
			want: outcome{refused: []string{"20 7 swap", "21 107 swap"}, total: 81900},
		},
		"a used cluster that shows more": {
			give: join(steady(0, 20, 80000), steady(20, 5, 171000)), want: outcome{segments: []string{"20 swap"}, total: 82400},
		},
		"turned back": {
			give: join(steady(0, 20, 80000), steady(20, 6, 41000)),
			want: outcome{refused: []string{"20 41000 rollback", "21 41100 rollback", "22 41200 rollback", "23 41300 rollback", "24 41400 rollback", "25 41500 rollback"}, total: 81900},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := vehicle.LedgerOf(tt.give, nil, vehicle.CarKmPerDay)
			if diff := cmp.Diff(tt.want, outcomeOf(l), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, l)
			}
			for _, r := range l.Refused {
				t.Logf("%.0f km %s: %s", r.Reading.Metres/1000, r.Kind, r.Reason)
				if r.Reason.EN == "" || r.Reason.ZH == "" {
					t.Errorf("%v refused without a reason", r.Reading)
				}
			}
		})
	}
}

// A rollback outlasts what was before it, and the dial comes back.
func TestLedgerRollbackNeverWins(t *testing.T) {
	t.Parallel()
	give := join(steady(0, 20, 80000), steady(20, 100, 41000), steady(120, 3, 92000))
	got := outcomeOf(vehicle.LedgerOf(give, nil, vehicle.CarKmPerDay))
	if got.total != 92200 || len(got.refused) != 100 || len(got.segments) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestLedgerDecisions(t *testing.T) {
	t.Parallel()
	decide := func(v vehicle.OdometerVerdict, r vehicle.OdometerReading, km float64) vehicle.OdometerDecision {
		return vehicle.OdometerDecision{Verdict: v, Reading: r, Metres: km * 1000, At: firstDay.AddDate(1, 0, 0), By: "ana"}
	}
	later := func(d vehicle.OdometerDecision) vehicle.OdometerDecision {
		d.At = d.At.Add(time.Hour)
		return d
	}
	long := join(steady(0, 20, 80000), steady(20, 60, 41000)) // turned back on day 20
	tests := map[string]struct {
		give   []vehicle.OdometerReading
		decide []vehicle.OdometerDecision
		want   outcome
	}{
		"void the newest": {
			give: steady(0, 5, 100), decide: []vehicle.OdometerDecision{decide(vehicle.VoidReading, at(4, 500), 0)},
			want: outcome{refused: []string{"4 500 voided"}, total: 400},
		},
		"void and accept again": {
			give: steady(0, 5, 100), decide: []vehicle.OdometerDecision{later(decide(vehicle.AcceptReading, at(4, 500), 0)), decide(vehicle.VoidReading, at(4, 500), 0)},
			want: outcome{total: 500},
		},
		"accept a drive that is too long": {
			give: series(0, 100, 4100, 4200), decide: []vehicle.OdometerDecision{decide(vehicle.AcceptReading, at(1, 4100), 0)},
			want: outcome{total: 4200},
		},
		"accept one of a used cluster": {
			give: long, decide: []vehicle.OdometerDecision{decide(vehicle.AcceptReading, at(22, 41200), 0)},
			want: outcome{segments: []string{"20 rollback"}, total: 87900},
		},
		"correct the total, and telemetry goes on as before": {
			give: steady(0, 50, 80000), decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(10, 81000), 121000)},
			want: outcome{refused: []string{"10 81000 correction"}, segments: []string{"11 correction"}, total: 124900},
		},
		"correct a typing error": {
			give:   join(steady(0, 5, 80000), series(5, 85050), steady(6, 5, 80600)),
			decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(5, 85050), 80505)},
			want:   outcome{refused: []string{"5 85050 correction"}, total: 81000},
		},
		"correct downwards, against a year of telemetry": {
			give: steady(0, 300, 80000), decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(2, 0), 79000)},
			want: outcome{
				refused: []string{"0 80000 spike", "1 80100 spike", "2 80200 spike"}, segments: []string{},
				total: 109900,
			},
		},
		"the total of a vehicle that was turned back": {
			give: long, decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(40, 0), 84000)},
			want: outcome{segments: []string{"20 rollback"}, total: 87900},
		},
		"accept a reading that telemetry does not remember": {
			give:   steady(0, 5, 80000),
			decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(2, 0), 90000), decide(vehicle.AcceptReading, at(9, 1), 0)},
			want:   outcome{segments: []string{"3 correction", "9 swap"}, total: 90700},
		},
		"correct a reading that telemetry does not remember": {
			give:   join(steady(0, 20, 80000), steady(21, 6, 41100)),
			decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(20, 41000), 82000)},
			want:   outcome{segments: []string{"21 correction"}, total: 82600},
		},
		"withdraw a void": {
			give: steady(0, 5, 100), decide: []vehicle.OdometerDecision{decide(vehicle.VoidReading, at(4, 500), 0), later(decide(vehicle.WithdrawDecision, at(4, 500), 0))},
			want: outcome{total: 500},
		},
		"withdraw an acceptance": {
			give: long, decide: []vehicle.OdometerDecision{decide(vehicle.AcceptReading, at(22, 41200), 0), later(decide(vehicle.WithdrawDecision, at(22, 41200), 0))},
			want: outcomeOf(vehicle.LedgerOf(long, nil, vehicle.CarKmPerDay)),
		},
		"withdraw a correction without a reading": {
			give: steady(0, 5, 80000), decide: []vehicle.OdometerDecision{decide(vehicle.CorrectReading, at(2, 0), 90000), later(decide(vehicle.WithdrawDecision, at(2, 0), 0))},
			want: outcome{total: 80400},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := vehicle.LedgerOf(tt.give, tt.decide, vehicle.CarKmPerDay)
			if diff := cmp.Diff(tt.want, outcomeOf(l), cmp.AllowUnexported(outcome{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, l.Segments)
			}
			for _, s := range l.Segments {
				t.Logf("%s %s: %s", s.Start, s.Kind, s.Why)
			}
		})
	}
}

func TestLedgerSecondBySecond(t *testing.T) {
	t.Parallel()
	// An odometer of whole kilometres jumps by 1000 m between two samples, and a
	// fault of ten seconds is no new cluster.
	var give []vehicle.OdometerReading
	for s := range 5000 {
		km := 700 + math.Floor(float64(s)*36/1000) // 130 km/h
		if s > 200 && s <= 210 {
			km = 3
		}
		give = append(give, vehicle.ReadOdometer(firstDay.Add(time.Duration(s)*time.Second), vehicle.OdometerTelemetry, km, vehicle.Kilometres))
	}
	if l := vehicle.LedgerOf(give, nil, vehicle.CarKmPerDay); len(l.Refused) != 10 || len(l.Segments) != 1 {
		t.Errorf("refused %v, segments %v", l.Refused, l.Segments)
	}
}

// drawFacts drives a car with a known odometer and spoils some readings; single
// ones, as a hand does.
func drawFacts(t *rapid.T) (give, truth []vehicle.OdometerReading) {
	km := rapid.Float64Range(0, 200_000).Draw(t, "start")
	spoiled := false
	for day := range rapid.IntRange(5, 60).Draw(t, "days") {
		km += rapid.Float64Range(0, 600).Draw(t, "driven")
		if spoiled = day > 1 && !spoiled && rapid.IntRange(0, 9).Draw(t, "spoil") == 0; spoiled {
			give = append(give, at(day, km*rapid.SampledFrom([]float64{0.01, 0.1, 10, 100}).Draw(t, "factor")+50_000))
			continue
		}
		truth = append(truth, at(day, km))
		give = append(give, at(day, km))
	}
	return give, truth
}

// drawAnything draws readings that have nothing to do with each other.
func drawAnything(t *rapid.T) []vehicle.OdometerReading {
	var out []vehicle.OdometerReading
	for range rapid.IntRange(1, 120).Draw(t, "readings") {
		out = append(out, vehicle.ReadOdometer(
			firstDay.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "hour"))*time.Hour),
			rapid.SampledFrom([]vehicle.OdometerSource{vehicle.OdometerTelemetry, vehicle.OdometerRecord, vehicle.OdometerPerson}).Draw(t, "source"),
			rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 300_000), rapid.Map(rapid.IntRange(0, 5), func(i int) float64 { return float64(i) * 10_000 })).Draw(t, "raw"),
			rapid.SampledFrom([]vehicle.OdometerUnit{vehicle.Metres, vehicle.Kilometres, vehicle.Miles, "", "li"}).Draw(t, "unit")))
	}
	return out
}

func drawDecisions(t *rapid.T, give []vehicle.OdometerReading) []vehicle.OdometerDecision {
	var out []vehicle.OdometerDecision
	for i := range rapid.IntRange(0, 4).Draw(t, "decisions") {
		out = append(out, vehicle.OdometerDecision{
			Verdict: rapid.SampledFrom([]vehicle.OdometerVerdict{vehicle.AcceptReading, vehicle.VoidReading, vehicle.CorrectReading, vehicle.WithdrawDecision}).Draw(t, "verdict"),
			Reading: rapid.SampledFrom(give).Draw(t, "about"),
			Metres:  rapid.Float64Range(0, 3e8).Draw(t, "correction"),
			At:      firstDay.AddDate(1, 0, i/2), By: rapid.SampledFrom([]string{"ana", "bo"}).Draw(t, "by"),
		})
	}
	return out
}

func shuffle[T any](t *rapid.T, in []T) []T {
	out := slices.Clone(in)
	rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestLedgerProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		give, truth := drawFacts(t)
		wild := rapid.Bool().Draw(t, "wild")
		if wild {
			give = drawAnything(t)
		}
		decisions := drawDecisions(t, give)
		l := vehicle.LedgerOf(give, decisions, vehicle.CarKmPerDay)

		// Any order, and facts twice, make no difference.
		again := vehicle.LedgerOf(shuffle(t, join(give, give)), shuffle(t, slices.Concat(decisions, decisions)), vehicle.CarKmPerDay)
		if diff := cmp.Diff(l, again, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("order or repetition matters:\n%s", diff)
		}
		// Monotone, and every total is the reading and the offset of its segment.
		for i, a := range l.Accepted {
			if i > 0 && a.Total < l.Accepted[i-1].Total {
				t.Fatalf("%v after %v", a, l.Accepted[i-1])
			}
		}
		// Nothing gets lost, and a correction holds or is refused for another one.
		corrections := 0
		for _, d := range decisions {
			if d.Verdict == vehicle.CorrectReading {
				corrections++
			}
		}
		if n := len(l.Accepted) + len(l.Refused); n > len(give)+corrections || !wild && n < len(give) {
			t.Fatalf("%d readings and %d corrections became %d", len(give), corrections, n)
		}
		if wild || len(decisions) > 0 {
			return
		}
		if len(l.Accepted) < len(truth) {
			t.Fatalf("kept %d, though %d fit together", len(l.Accepted), len(truth))
		}
		if len(truth) == len(give) && (len(l.Refused) > 0 || len(l.Segments) != 1) {
			t.Fatalf("lost %v of a clean series", l.Refused)
		}
	})
}

// Where nothing is to choose the ledger does not look for the best series, and comes to
// the same.
func TestPlainLedger(t *testing.T) {
	t.Parallel()
	usual := join(steady(0, 400, 1000), []vehicle.OdometerReading{visit(50, 6010), visit(200, 20_990), visit(200, 20_990)})
	if !vehicle.IsPlain(usual, vehicle.CarKmPerDay) || vehicle.IsPlain(join(usual, series(400, 5)), vehicle.CarKmPerDay) {
		t.Error("a usual history leaves nothing to choose, a new cluster does")
	}
	rapid.Check(t, func(t *rapid.T) {
		give, truth := drawFacts(t)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			give = drawAnything(t)
		case 1:
			give = slices.Clone(truth)
			for range rapid.IntRange(0, 3).Draw(t, "visits") {
				day := rapid.IntRange(0, len(truth)-1).Draw(t, "visit")
				r := visit(day, math.Round(truth[day].Raw+rapid.Float64Range(-60, 60).Draw(t, "off")))
				give = append(give, r)
			}
		}
		got, want := vehicle.LedgerOf(give, nil, vehicle.CarKmPerDay), vehicle.ChosenLedger(give, nil, vehicle.CarKmPerDay)
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("plain %v (-chosen +ledger):\n%s", vehicle.IsPlain(give, vehicle.CarKmPerDay), diff)
		}
	})
}

func TestLedgerRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		give, _ := drawFacts(t)
		l := vehicle.LedgerOf(give, nil, vehicle.CarKmPerDay)
		for i, a := range l.Accepted {
			for _, b := range l.Accepted[i+1:] {
				allowed := (b.Time.Sub(a.Time).Hours()/24 + 1) * vehicle.CarKmPerDay * 1000
				if b.Total-a.Total > allowed+1e-3 {
					t.Fatalf("%v and %v cannot both be true", a, b)
				}
			}
		}
	})
}

func BenchmarkLedgerOf(b *testing.B) {
	for _, days := range []int{100, 1000, 10000} {
		give := steady(0, days, 1000)
		b.Run(fmt.Sprint(days), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vehicle.LedgerOf(give, nil, vehicle.CarKmPerDay)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*days), "ns/reading")
		})
	}
}

func ExampleLedgerOf() {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	readings := []vehicle.OdometerReading{
		vehicle.ReadOdometer(day(1), vehicle.OdometerTelemetry, 48000, vehicle.Kilometres),
		vehicle.ReadOdometer(day(2), vehicle.OdometerFuelCard, 84100, vehicle.Kilometres),
		vehicle.ReadOdometer(day(3), vehicle.OdometerTelemetry, 48200, vehicle.Kilometres),
	}
	ledger := vehicle.LedgerOf(readings, nil, vehicle.CarKmPerDay)
	for _, r := range ledger.Refused {
		fmt.Printf("%.0f %s from a %s: %s: %s\n", r.Reading.Raw, r.Reading.Unit, r.Reading.Source, r.Kind, r.Reason.EN)
	}
	now, _ := ledger.Current()
	fmt.Printf("%.0f km\n", now.Total/1000)
	// Output:
	// 84100 km from a fuel card: typo: two digits swapped: digits 1 and 2, beside 48,200 km on 2026-03-03
	// 48200 km
}
