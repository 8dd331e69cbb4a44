package history_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		"items[0].part":         func(r *history.Record) { r.Items[0].Part = strings.Repeat("x", 101) },
		"items[0].litres":       func(r *history.Record) { r.Items[0].Litres = 1 }, // of what was not topped up
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
		Items:        []history.Item{{Component: "engine_oil", Outcome: history.OutcomeReplacedEarly, Part: " 5w30  longlife "}, {Component: "coolant", Outcome: history.OutcomeToppedUp, Litres: 1}},
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
		{Component: predict.EngineOil, Time: now, OdometerKm: 40000, Early: true, Part: "5W30 LONGLIFE", RecordID: "b"},
		{Component: predict.Coolant, Time: now, OdometerKm: 40000, TopUp: true, Litres: 1, RecordID: "b"},
	}
	if diff := cmp.Diff(wantServices, history.ServicesOf(nil, records)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	wantReadings := []history.Reading{
		{Measurement: history.Measurement{Component: "tyres", Value: 4.1, Unit: "mm"}, Time: now, OdometerKm: 40000, RecordID: "b"},
	}
	if diff := cmp.Diff(wantReadings, slices.Collect(history.ReadingsOf(records))); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

// That nothing was done is no work and no visit, but the answer to what readings leave open.
func TestWhatWasKeptIsNoWork(t *testing.T) {
	t.Parallel()
	said := history.Record{
		ID: "k", Visited: now, Source: history.FromOwner, Status: history.Final,
		Items: []history.Item{{Component: "engine_oil", Outcome: history.OutcomeKept}},
	}
	records := append(history3(), said)
	if diff := cmp.Diff(history.ServicesOf(nil, history3()), history.ServicesOf(nil, records)); diff != "" {
		t.Errorf("it counts as work (-without +with):\n%s", diff)
	}
	if diff := cmp.Diff(history.TotalsOf(history3()), history.TotalsOf(records)); diff != "" {
		t.Errorf("it counts in the totals (-without +with):\n%s", diff)
	}
	if diff := cmp.Diff([]predict.Kept{{Component: predict.EngineOil, Time: now}}, history.KeptOf(nil, records)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if got := history.KeptOf(nil, history3()); got != nil {
		t.Errorf("kept, where nobody said so: %v", got)
	}
	paid := said
	paid.Hours, paid.Cost = 1, history.Money{Minor: 3000, Currency: "EUR"}
	if got := history.TotalsOf([]history.Record{said, paid}); got.Visits != 1 || got.Hours != 1 || len(got.Costs) != 1 {
		t.Errorf("a look that took an hour and was paid for: %+v", got)
	}
	nothing := history.Record{VIN: "LSVAA4182E2123456", Visited: now, Source: history.FromWorkshop, Items: []history.Item{{Text: "looked at it", Outcome: history.OutcomeKept}}}
	if _, err := history.NewRecord(nothing, now); err == nil || !strings.Contains(err.Error(), "must name what was kept") {
		t.Errorf("kept, but what: %v", err)
	}
	said.Status = history.EnteredInError
	if got := history.KeptOf(nil, []history.Record{said}); got != nil {
		t.Errorf("kept by a record entered in error: %v", got)
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
		if diff := cmp.Diff(history.ServicesOf(nil, records), history.ServicesOf(nil, mixed)); diff != "" {
			t.Fatalf("services:\n%s", diff)
		}
	}
}
