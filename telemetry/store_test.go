package telemetry_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestAggregateInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 30).Draw(t, "values")
		order := make([]int, len(v))
		for i := range order {
			order[i] = i
		}
		var inOrder, shuffled telemetry.Aggregate
		for i := range v {
			inOrder.Add(start.Add(time.Duration(i)*time.Second), v[i])
		}
		for _, i := range rapid.Permutation(order).Draw(t, "order") {
			shuffled.Add(start.Add(time.Duration(i)*time.Second), v[i])
		}
		if d := cmp.Diff(inOrder, shuffled, cmpopts.EquateApprox(1e-9, 1e-6)); d != "" {
			t.Errorf("aggregate (-in order +shuffled):\n%s", d)
		}
		if inOrder.First != v[0] || inOrder.Last != v[len(v)-1] || inOrder.Count != len(v) {
			t.Errorf("aggregate %+v of %v", inOrder, v)
		}
	})
}

func TestAggregateMean(t *testing.T) {
	t.Parallel()
	var a telemetry.Aggregate
	if a.Mean() != 0 {
		t.Errorf("mean of nothing is %v", a.Mean())
	}
	a.Add(start, 1)
	a.Add(start, 2)
	if a.Mean() != 1.5 {
		t.Errorf("mean of 1 and 2 is %v", a.Mean())
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	number := vehicle.Reading{Signal: vehicle.Speed, Value: vehicle.Number(63.2)}
	many := make([]vehicle.Reading, telemetry.MaxReadings+1)
	for i := range many {
		many[i] = number
	}
	for _, c := range []struct {
		name string
		edit func(*telemetry.Record)
		want string // part of the reason; empty for a record that is fine
	}{
		{"a sample", func(*telemetry.Record) {}, ""},
		{"no readings", func(r *telemetry.Record) { r.Sample.Readings = nil }, ""},
		{"1970", func(r *telemetry.Record) { r.Sample.Time = time.Unix(0, 0) }, ""},
		{"Chinese", func(r *telemetry.Record) { r.Sample.Readings[0].Signal = "车速" }, ""},
		{"no VIN", func(r *telemetry.Record) { r.VIN = "" }, "VIN"},
		{"no time", func(r *telemetry.Record) { r.Sample.Time = time.Time{} }, "outside 1970 to 2261"},
		{"2262", func(r *telemetry.Record) { r.Sample.Time = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC) }, "outside 1970 to 2261"},
		{"too many readings", func(r *telemetry.Record) { r.Sample.Readings = many }, "readings"},
		{"no signal", func(r *telemetry.Record) { r.Sample.Readings[0].Signal = "" }, "no name"},
		{"a long signal", func(r *telemetry.Record) { r.Sample.Readings[0].Signal = vehicle.Signal(strings.Repeat("x", 257)) }, "257 bytes"},
		{"a line break", func(r *telemetry.Record) { r.Sample.Readings[0].Signal = "a\nb" }, "control"},
		{"a broken name", func(r *telemetry.Record) { r.Sample.Readings[0].Signal = "a\xff" }, "UTF-8"},
		{"not a number", func(r *telemetry.Record) { r.Sample.Readings[0].Value.Num = math.NaN() }, "Vehicle.Speed: the number is not finite"},
		{"infinity", func(r *telemetry.Record) { r.Sample.Readings[0].Value.Num = math.Inf(-1) }, "finite"},
		{"a broken text", func(r *telemetry.Record) { r.Sample.Readings[0].Value = vehicle.Text("a\xff") }, "UTF-8"},
		{"a long text", func(r *telemetry.Record) {
			r.Sample.Readings[0].Value = vehicle.Text(strings.Repeat("x", telemetry.MaxTextLength+1))
		}, "4097 bytes"},
		{"an unknown kind", func(r *telemetry.Record) { r.Sample.Readings[0].Value.Kind = 3 }, "kind 3"},
		{"an unknown quality", func(r *telemetry.Record) { r.Sample.Readings[0].Quality = 4 }, "quality 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := telemetry.Record{VIN: "WPCZZZ00000000001", Sample: vehicle.Sample{Time: start, Readings: []vehicle.Reading{number}}}
			c.edit(&r)
			switch err := r.Validate(); {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

// Wherever in a name a byte is that no name has, it is found.
func TestNamesAreChecked(t *testing.T) {
	t.Parallel()
	for place := range 18 {
		for b := range 256 {
			name := bytes.Repeat([]byte("a"), 18)
			name[place] = byte(b)
			r := telemetry.Record{VIN: "WPC", Sample: vehicle.Sample{
				Readings: []vehicle.Reading{{Signal: vehicle.Signal(name), Value: vehicle.Number(1)}},
			}}
			r.Sample.Time = time.Unix(1, 0)
			if want, err := b >= ' ' && b < 0x7f, r.Validate(); (err == nil) != want {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
}

func roundedSum(values ...float64) float64 {
	var a telemetry.Aggregate
	for _, v := range values {
		a.Add(time.Unix(0, 0), v)
	}
	r := telemetry.DayRollup{Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.Speed: a}}
	return r.Rounded().Signals[vehicle.Speed].Sum
}

// Values in any order: the same rounded sum.
func TestRoundedSumsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		scale := rapid.SampledFrom([]float64{1e-280, 1e-6, 0.1, 0.01, 1, 1e9, 1e290}).Draw(rt, "scale")
		values := rapid.SliceOfN(rapid.Map(rapid.IntRange(-100_000, 100_000), func(n int) float64 { return float64(n) * scale }), 1, 200).Draw(rt, "values")
		want, got := roundedSum(values...), roundedSum(rapid.Permutation(values).Draw(rt, "shuffled")...)
		if got != want {
			rt.Errorf("the sum is %v, and %v in another order", want, got)
		}
		plain := 0.0
		for _, v := range values {
			plain += v
		}
		if math.Abs(want-plain) > 1e-9*scale*100_000*float64(len(values)) {
			rt.Errorf("the sum is %v, rounded %v", plain, want)
		}
	})
}

func TestRoundedSumOfNothingHasNoSign(t *testing.T) {
	t.Parallel()
	if sum := roundedSum(0.3, -0.1, -0.2); sum != 0 || math.Signbit(sum) {
		t.Errorf("the sum is %v", sum)
	}
}
