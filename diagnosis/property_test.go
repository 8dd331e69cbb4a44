package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// anyInput draws what a vehicle may bring: folded reports, values, wear, service.
func anyInput() *rapid.Generator[diagnosis.Input] {
	return rapid.Custom(func(t *rapid.T) diagnosis.Input {
		in := diagnosis.Input{
			VIN: vin, Now: hour(4),
			Powertrain: rapid.SampledFrom([]vehicle.Powertrain{"", vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric}).Draw(t, "powertrain"),
			Codes:      diagnosis.FoldCodes(rapid.SliceOfN(anyReport(), 0, 12).Draw(t, "reports")),
			Signals:    map[vehicle.Signal]diagnosis.Reading{},
		}
		for _, s := range []vehicle.Signal{
			vehicle.LowVoltage, vehicle.EngineSpeed, vehicle.LongTermTrim1, vehicle.LongTermTrim2, vehicle.CoolantTemperature,
			vehicle.FuelLevel, vehicle.TractionSoC, vehicle.TractionTemperature, vehicle.TraveledDistance,
		} {
			if rapid.Bool().Draw(t, string(s)) {
				in.Signals[s] = diagnosis.Reading{Value: rapid.Float64Range(-50, 200).Draw(t, "value"), At: hour(rapid.IntRange(-40, 5).Draw(t, "at"))}
			}
		}
		for _, c := range []predict.Component{predict.EngineOil, predict.SparkPlugs, predict.Battery12V, predict.BrakePadsFront} {
			if rapid.Bool().Draw(t, string(c)) {
				days := rapid.IntRange(0, 100).Draw(t, "days")
				in.Forecasts = append(in.Forecasts, forecast(c, rapid.Float64Range(0, 1.5).Draw(t, "wear"), days/2, days, days*2))
			}
			if rapid.Bool().Draw(t, "serviced") {
				in.Services = append(in.Services, predict.Service{Component: c, Time: hour(-rapid.IntRange(0, 500).Draw(t, "hours ago")), RecordID: "a"})
				twin := in.Services[len(in.Services)-1]
				twin.RecordID = "b"
				in.Services = append(in.Services, twin)
			}
		}
		return in
	})
}

// Every active code is in one finding or observed, and in one only.
func TestEveryActiveCodeIsAccountedForOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput().Draw(t, "input")
		got := map[string]int{}
		a := diagnosis.Assess(in)
		for _, f := range a.Findings {
			for _, e := range f.Evidence {
				if e.Kind == "code" {
					got[e.Ref]++
				}
			}
		}
		for _, o := range a.Observed {
			got[string(o.Code)]++
		}
		want := map[string]int{}
		for _, s := range in.Codes {
			if s.Active {
				want[string(s.Code)]++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("codes (-active +accounted for):\n%s", diff)
		}
	})
}

// The order of the input does not matter, and what is found is well formed.
func TestEvaluateIsDeterministicAndWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput().Draw(t, "input")
		shuffled := in
		shuffled.Codes = rapid.Permutation(in.Codes).Draw(t, "codes")
		shuffled.Forecasts = rapid.Permutation(in.Forecasts).Draw(t, "forecasts")
		shuffled.Services = rapid.Permutation(in.Services).Draw(t, "services")
		found := diagnosis.Evaluate(in)
		if diff := cmp.Diff(found, diagnosis.Evaluate(shuffled)); diff != "" {
			t.Fatalf("order changed the findings (-in order +shuffled):\n%s", diff)
		}
		var ids []string
		for _, f := range found {
			wellFormed(t, f)
			ids = append(ids, f.ID)
		}
		if slices.Sort(ids); len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Fatalf("two findings share an id: %v", ids)
		}
	})
}

func wellFormed(t *rapid.T, f diagnosis.Finding) {
	if len(f.ID) != 32 || f.Cycle == "" || f.Knowledge == "" || f.FirstSeen.IsZero() || f.LastSeen.Before(f.FirstSeen) {
		t.Fatalf("%s: id %q, cycle %q, knowledge %q, seen %v to %v", f.Family, f.ID, f.Cycle, f.Knowledge, f.FirstSeen, f.LastSeen)
	}
	for _, text := range []string{f.Title.EN, f.Title.ZH, f.Detail.EN, f.Detail.ZH, f.Why.EN, f.Why.ZH, f.FirstCheck.EN, f.FirstCheck.ZH} {
		if text == "" {
			t.Fatalf("%s lacks a text: %+v", f.Family, f)
		}
	}
	if f.Confidence <= 0 || f.Confidence >= 1 || len(f.Operations) == 0 || len(f.Evidence) == 0 {
		t.Fatalf("%s: confidence %v, %d operations, %d evidence", f.Family, f.Confidence, len(f.Operations), len(f.Evidence))
	}
	sum, last := 0.0, 1.0
	for _, c := range f.Causes {
		if c.Share > last {
			t.Fatalf("%s: causes are not ranked: %+v", f.Family, f.Causes)
		}
		sum, last = sum+c.Share, c.Share
	}
	if sum < 0.99 || sum > 1.01 {
		t.Fatalf("%s: shares sum to %v", f.Family, sum)
	}
}

// Later or repeated reports of the same trouble do not rename it.
func TestFindingsKeepTheirIDsWhileTheTroubleLasts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := anyReport().Draw(t, "first")
		first.Covers = nil
		later := first
		later.Time = first.Time.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "minutes")) * time.Minute)
		ids := func(reports ...vehicle.CodeReport) []string {
			var all []string
			in := diagnosis.Input{VIN: vin, Now: hour(1000), Codes: diagnosis.FoldCodes(reports)}
			for _, f := range diagnosis.Evaluate(in) {
				all = append(all, f.ID)
			}
			slices.Sort(all)
			return all
		}
		after := ids(first, later)
		for _, id := range ids(first) {
			if !slices.Contains(after, id) && len(after) > 0 && !joins(first) {
				t.Fatalf("finding %s became %v", id, after)
			}
		}
	})
}

// joins reports whether a second look at the same codes may join findings: one
// that was pending has then been there twice.
func joins(r vehicle.CodeReport) bool {
	return slices.ContainsFunc(r.Codes, func(e vehicle.CodeEntry) bool { return e.Status != confirmed && e.Status != permanent })
}
