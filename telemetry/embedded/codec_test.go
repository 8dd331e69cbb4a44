package embedded

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestIntColumnsRoundTrip(t *testing.T) {
	t.Parallel()
	for name, v := range map[string][]int64{
		"one":        {-7},
		"constant":   {5, 5, 5, 5},
		"pair":       {1, -1 << 44},
		"steady":     {0, 1000, 2000, 3000, 4001, 5000, 6000},
		"gap":        {0, 1000, 2000, 1 << 43, 1<<43 + 1000, 1<<43 + 2000},
		"alternates": {0, 1, 0, 1, 0, 1, 1, 0},
		"extremes":   {-1 << 44, 1 << 44, -1 << 44, 0, 1 << 44},
	} {
		checkInts(t, name, v)
	}
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.Int64Range(1, 44).Draw(t, "width")
		limit := int64(1) << width
		checkInts(t, "random", rapid.SliceOfN(rapid.Int64Range(-limit, limit), 1, 200).Draw(t, "values"))
	})
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func checkInts(t failer, name string, v []int64) {
	t.Helper()
	got, err := readInts(nil, appendInts(nil, v), len(v))
	if d := cmp.Diff(v, got); err != nil || d != "" {
		t.Fatalf("%s: %v (-want +got):\n%s", name, err, d)
	}
}

func TestNumbersRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		v     []float64
		scale int
	}{
		{"whole", []float64{0, 1, -40, 48_213_400}, 0},
		{"a decimal place", []float64{63.2, 63.1, -0.1, 14}, 1},
		{"places grow", []float64{1, 1.5, 1.25, 1.125}, 3},
		{"microdegrees", []float64{52.520008, 13.404954}, 6},
		{"too large to sum", []float64{1 << 43, 0.5}, scaleXOR},
		{"large beside small", []float64{8e12, 0.5}, scaleXOR},
		{"full precision", []float64{math.Pi, math.E, 0.1 + 0.2, math.MaxFloat64, math.SmallestNonzeroFloat64, -0.5}, scaleXOR},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := checkNumbers(t, c.v); got != c.scale {
				t.Errorf("scale %d, want %d", got, c.scale)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64(), rapid.Map(rapid.IntRange(-1000, 1000), func(i int) float64 { return float64(i) / 10 }))
		checkNumbers(t, rapid.SliceOfN(number, 1, 100).Draw(t, "values"))
	})
}

// checkNumbers encodes as a chunk does, and returns the scale.
func checkNumbers(t failer, v []float64) int {
	t.Helper()
	ints, scale, ok := decimals(nil, v)
	var got []float64
	var err error
	if ok {
		for _, m := range ints {
			got = append(got, fromDecimal(m, powersOf10[scale]))
		}
	} else {
		scale = scaleXOR
		got, err = readFloats(nil, appendFloats(nil, v), len(v))
	}
	if d := cmp.Diff(v, got); err != nil || d != "" {
		t.Fatalf("%v (-want +got):\n%s", err, d)
	}
	return scale
}

func TestTextsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.StringN(0, 5, 20), 1, 50).Draw(t, "texts")
		got, err := readTexts(appendTexts(nil, v), len(v))
		if d := cmp.Diff(v, got); err != nil || d != "" {
			t.Fatalf("%v (-want +got):\n%s", err, d)
		}
	})
}

// What a sensor sends must stay small: these are the sizes the format promises.
func TestColumnsAreSmall(t *testing.T) {
	t.Parallel()
	steady := make([]int64, 100)
	parked := make([]int64, 100)
	noisy := make([]int64, 100)
	for i := range steady {
		steady[i] = 1_772_000_000_000 + int64(i)*1000
		parked[i] = 48_213_400
		noisy[i] = int64(900 + (i*7919)%16)
	}
	gap := append(steady[:50:50], steady[50]+3_600_000)
	for _, c := range []struct {
		name string
		v    []int64
		max  int // bytes
	}{
		{"times every second", steady, 1 + 6 + 2 + 13},
		{"times with a gap", gap, 1 + 6 + 2 + 13},
		{"constant", parked, 1 + 4},
		{"4 bits of noise", noisy, 1 + 2 + 66},
	} {
		if got := len(appendInts(nil, c.v)); got > c.max {
			t.Errorf("%s: %d values in %d bytes, want at most %d", c.name, len(c.v), got, c.max)
		}
	}
}
