package history_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func record() history.Record {
	return history.Record{
		VIN: "WVWZZZ1KZAW000001", Visited: now.Add(-48 * time.Hour), OdometerKm: 52300,
		Source: history.FromDealer, SourceID: "DLR-0017", Shop: "Main Street Garage", Hours: 1.5,
		Items:        []history.Item{{Component: "engine_oil", Operation: "OIL-10", Text: "Oil and filter"}},
		Measurements: []history.Measurement{{Component: "brake_pads_front", Value: 6.5, Unit: "mm"}},
		Cost:         history.Money{Minor: 18900, Currency: "EUR"},
	}
}

func TestNewRecord(t *testing.T) {
	t.Parallel()
	r := record()
	r.SourceID, r.Cost.Currency, r.Items[0].Component = " DLR-0017 ", "eur", "Oil change"
	got, err := history.NewRecord(r, now)
	if err != nil {
		t.Fatal(err)
	}
	want := record()
	want.ID, want.Status, want.Recorded = history.RecordID(history.FromDealer, "DLR-0017"), history.Final, now
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if r.Items[0].Component != "Oil change" {
		t.Error("the record it was given changed")
	}
}

func TestImportingTwiceIsOneRecord(t *testing.T) {
	t.Parallel()
	id := func(change func(*history.Record)) string {
		r := record()
		change(&r)
		got, err := history.NewRecord(r, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return got.ID
	}
	same := id(func(*history.Record) {})
	if got := id(func(r *history.Record) { r.Note = "typed again" }); got != same {
		t.Error("the same document has two ids")
	}
	if got := id(func(r *history.Record) { r.SourceID = "DLR-0018" }); got == same {
		t.Error("two documents have one id")
	}
	if got := id(func(r *history.Record) { r.Source = history.FromOwner }); got == same {
		t.Error("the same number of two sources is one id")
	}
	bare := id(func(r *history.Record) { r.SourceID = "" })
	if got := id(func(r *history.Record) { r.SourceID = "" }); got != bare {
		t.Error("the same content without a number has two ids")
	}
	if got := id(func(r *history.Record) { r.SourceID, r.Items[0].Text = "", "Oil only" }); got == bare {
		t.Error("other content without a number has the same id")
	}
}

func TestValidateNamesTheField(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*history.Record){
		"vin":                   func(r *history.Record) { r.VIN = "" },
		"visited":               func(r *history.Record) { r.Visited = now.Add(25 * time.Hour) },
		"odometerKm":            func(r *history.Record) { r.OdometerKm = -1 },
		"hours":                 func(r *history.Record) { r.Hours = 201 },
		"source":                func(r *history.Record) { r.Source = "rumour" },
		"status":                func(r *history.Record) { r.Status = "maybe" },
		"cost.minor":            func(r *history.Record) { r.Cost.Minor = -5 },
		"cost.currency":         func(r *history.Record) { r.Cost.Currency = "EURO" },
		"items[0]":              func(r *history.Record) { r.Items[0] = history.Item{Text: " "} },
		"items[0].outcome":      func(r *history.Record) { r.Items[0].Outcome = "burnt" },
		"items[1]":              func(r *history.Record) { r.Items = append(r.Items, r.Items[0]) },
		"measurements[0].value": func(r *history.Record) { r.Measurements[0].Value = math.NaN() },
		"parts[0].quantity":     func(r *history.Record) { r.Parts = []history.Part{{Name: "Filter", Quantity: -1}} },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r := record()
			change(&r)
			_, err := history.NewRecord(r, now)
			if fault.CodeOf(err) != fault.Invalid || fault.FieldOf(err) != field {
				t.Errorf("error is %v, want one about %s", err, field)
			}
		})
	}
}

func TestValidateTellsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	r := record()
	r.Hours, r.OdometerKm = -1, math.NaN()
	_, err := history.NewRecord(r, now)
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 2 {
		t.Errorf("error is %v, want two faults", err)
	}
}

func history3() []history.Record {
	wrong := history.Record{ID: "c", Visited: now.AddDate(-1, 0, 0), Hours: 90, Status: history.EnteredInError,
		Items: []history.Item{{Component: "tyres"}}, Measurements: []history.Measurement{{Component: "tyres", Value: 3}}}
	old := history.Record{ID: "a", Visited: now.AddDate(-2, 0, 0), OdometerKm: 20000, Hours: 1, Status: history.Final,
		Cost:  history.Money{Minor: 10000, Currency: "EUR"},
		Items: []history.Item{{Component: "front brake pads", Outcome: history.OutcomeFailed}, {Text: "Wash"}}}
	young := history.Record{ID: "b", Visited: now, OdometerKm: 40000, Hours: 0.5, Status: history.Final,
		Cost:         history.Money{Minor: 8000, Currency: "CHF"},
		Items:        []history.Item{{Component: "engine_oil", Outcome: history.OutcomeReplacedEarly}},
		Measurements: []history.Measurement{{Component: "tyres", Value: 4.1, Unit: "mm"}}}
	return []history.Record{old, young, wrong}
}

func TestViews(t *testing.T) {
	t.Parallel()
	records := history3()
	var ids []string
	for _, r := range history.Timeline(records) {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]string{"b", "c", "a"}, ids); diff != "" {
		t.Errorf("timeline, newest first, errors marked (-want +got):\n%s", diff)
	}
	wantTotals := history.Totals{
		Visits: 2, Hours: 1.5, FirstVisit: now.AddDate(-2, 0, 0), LastVisit: now,
		Costs: []history.Money{{Minor: 8000, Currency: "CHF"}, {Minor: 10000, Currency: "EUR"}},
	}
	if diff := cmp.Diff(wantTotals, history.TotalsOf(records)); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	wantServices := []predict.Service{
		{Component: predict.BrakePadsFront, Time: now.AddDate(-2, 0, 0), OdometerKm: 20000, Failed: true, RecordID: "a"},
		{Component: predict.EngineOil, Time: now, OdometerKm: 40000, Early: true, RecordID: "b"},
	}
	if diff := cmp.Diff(wantServices, history.ServicesOf(records)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	wantReadings := []history.Reading{
		{Measurement: history.Measurement{Component: "tyres", Value: 4.1, Unit: "mm"}, Time: now, OdometerKm: 40000, RecordID: "b"},
	}
	if diff := cmp.Diff(wantReadings, history.ReadingsOf(records)); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

func TestViewsDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	records := history3()
	for seed := range uint64(20) {
		mixed := slices.Clone(records)
		rng := rand.New(rand.NewPCG(seed, 0))
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(history.Timeline(records), history.Timeline(mixed)); diff != "" {
			t.Fatalf("timeline:\n%s", diff)
		}
		if diff := cmp.Diff(history.ServicesOf(records), history.ServicesOf(mixed)); diff != "" {
			t.Fatalf("services:\n%s", diff)
		}
	}
}

// visits makes readings a year apart.
func visits(km ...float64) []history.OdometerReading {
	var out []history.OdometerReading
	for i, v := range km {
		out = append(out, history.OdometerReading{Ref: string(rune('a' + i)), Time: now.AddDate(i, 0, 0), Km: v})
	}
	return out
}

func TestSuspectOdometers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		readings []history.OdometerReading
		want     []history.Suspicion
	}{
		"nothing":                   {nil, nil},
		"a car's life":              {visits(12000, 25000, 38000, 52000), nil},
		"not read once":             {visits(12000, 0, 38000), nil},
		"rounded down":              {visits(12000, 11970, 25000), nil},
		"miles for kilometres":      {visits(52000, 62000, 45360, 84000), []history.Suspicion{{Ref: "c", Reason: history.SuspectUnit}}},
		"a digit too many":          {visits(12000, 250000, 38000, 52000), []history.Suspicion{{Ref: "b", Reason: history.SuspectTypo}}},
		"two digits swapped":        {visits(112000, 125000, 183000, 152000, 161000), []history.Suspicion{{Ref: "c", Reason: history.SuspectTypo}}},
		"turned back at the end":    {visits(112000, 125000, 138000, 70000), []history.Suspicion{{Ref: "d", Reason: history.SuspectDecrease}}},
		"a million at the end":      {visits(12000, 25000, 38000, 990000), []history.Suspicion{{Ref: "d", Reason: history.SuspectJump}}},
		"too high at the beginning": {visits(900000, 25000, 38000), []history.Suspicion{{Ref: "a", Reason: history.SuspectJump}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, history.SuspectOdometers(tc.readings)); diff != "" {
				t.Errorf("suspicions (-want +got):\n%s", diff)
			}
		})
	}
}

// A plausible life is never suspected, and a planted wrong reading always is,
// alone, in any order of the readings.
func TestSuspectOdometersFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		at, km := now, 1000.0
		var rs []history.OdometerReading
		for i := range rapid.IntRange(3, 12).Draw(rt, "visits") {
			days := rapid.IntRange(10, 400).Draw(rt, "days")
			at, km = at.AddDate(0, 0, days), km+float64(days)*rapid.Float64Range(10, 300).Draw(rt, "km/day")
			rs = append(rs, history.OdometerReading{Ref: string(rune('a' + i)), Time: at, Km: km})
		}
		if got := history.SuspectOdometers(rs); len(got) > 0 {
			rt.Fatalf("a plausible life is suspected: %v", got)
		}
		i := rapid.IntRange(1, len(rs)-2).Draw(rt, "wrong")
		rs[i].Km += 3e6
		mixed := rapid.Permutation(rs).Draw(rt, "order")
		if got := history.SuspectOdometers(mixed); len(got) != 1 || got[0].Ref != rs[i].Ref {
			rt.Fatalf("planted %s, suspected %v", rs[i].Ref, got)
		}
	})
}
