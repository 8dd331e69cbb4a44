package elementary_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Each function is as package math has it, on and around the borders of its tables and
// between, up to a few units in the last place.
func TestAsPackageMath(t *testing.T) {
	t.Parallel()
	normal := func(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
	for _, f := range []struct {
		name     string
		got, by  func(float64) float64
		from, to float64
		off      float64 // of the result, at most
	}{
		{"Exp", elementary.Exp, math.Exp, -750, 720, 5e-15},
		{"Exp", elementary.Exp, math.Exp, -3, 3, 1e-15},
		{"Log", elementary.Log, math.Log, 0, 4, 5e-15},
		{"Log", elementary.Log, math.Log, 0, 1e6, 5e-15},
		{"Log", elementary.Log, math.Log, 0.9, 1.1, 5e-15},
		{"Log1p", elementary.Log1p, math.Log1p, -1, 30, 5e-15},
		{"Log1p", elementary.Log1p, math.Log1p, -0.1, 0.1, 5e-15},
		{"Log of a large number", elementary.Log, math.Log, 0, math.MaxFloat64, 5e-15},
		{"Normal", elementary.Normal, normal, -9, -3, 2e-11},
		{"Normal", elementary.Normal, normal, -3, 9, 1e-14},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		check := func(x float64) {
			got, want := f.got(x), f.by(x)
			if math.IsNaN(want) && math.IsNaN(got) || got == want || math.Abs(got-want) < math.SmallestNonzeroFloat64*2 {
				return
			}
			if off := math.Abs(got-want) / math.Abs(want); !(off <= f.off) {
				t.Errorf("%s(%v) is %v, want %v: off by %.2g", f.name, x, got, want, off)
			}
		}
		for range 200_000 {
			check(f.from + random.Float64()*(f.to-f.from))
		}
		for i := range 4096 { // the borders of all pieces, and the numbers beside them
			at := f.from + (f.to-f.from)*float64(i)/4096
			edge := float64(i)/128 - 16
			for _, x := range []float64{at, edge, edge * math.Ln2} {
				if x < f.from || x > f.to {
					continue
				}
				check(math.Nextafter(x, math.Inf(-1)))
				check(x)
				check(math.Nextafter(x, math.Inf(1)))
			}
		}
		for _, x := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64, math.MaxFloat64, -1, 1} {
			if x >= f.from && x <= f.to || math.IsNaN(x) || math.IsInf(x, 0) {
				check(x)
			}
		}
	}
}

// Turn is as package math has it, on and around the corners of its table and between.
func TestTurn(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	check := func(turns float64) {
		sin, cos := elementary.Turn(turns)
		whole := math.Mod(turns, 1) // without this package math loses places that Turn keeps
		if s, c := math.Sincos(2 * math.Pi * whole); !(math.Abs(sin-s) <= 2e-15 && math.Abs(cos-c) <= 2e-15) {
			t.Errorf("Turn(%v) is %v, %v, want %v, %v", turns, sin, cos, s, c)
		}
	}
	for range 200_000 {
		check(random.Float64())
		check(200 * (random.Float64() - 0.5))
	}
	for i := -1024; i <= 1024; i++ {
		edge := float64(i) / 256 // corners, and the middles between them
		check(math.Nextafter(edge, math.Inf(-1)))
		check(edge)
		check(math.Nextafter(edge, math.Inf(1)))
	}
	for _, odd := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		if sin, cos := elementary.Turn(odd); !math.IsNaN(sin) || !math.IsNaN(cos) {
			t.Errorf("Turn(%v) is %v, %v", odd, sin, cos)
		}
	}
	if sin, cos := elementary.Turn(1e12 + 0.25); !(sin >= -1 && sin <= 1 && cos >= -1 && cos <= 1) {
		t.Errorf("of many turns: %v, %v", sin, cos)
	}
}

// Normal rises: a search for a quantile must not be led back by a seam of the table.
func TestNormalRises(t *testing.T) {
	t.Parallel()
	before := 0.0
	for z := -9.0; z < 9; z += 1.0 / 4096 {
		at := elementary.Normal(z)
		if at < before-2e-16 {
			t.Fatalf("Normal(%v) is %v, after %v", z, at, before)
		}
		before = at
	}
}

func Benchmark(b *testing.B) {
	for _, f := range []struct {
		name string
		of   func(float64) float64
	}{
		{"Exp", elementary.Exp}, {"Exp/math", math.Exp}, {"Log", elementary.Log}, {"Log/math", math.Log},
		{"Turn", func(x float64) float64 { sin, cos := elementary.Turn(x); return sin + cos }},
		{"Turn/math", func(x float64) float64 { sin, cos := math.Sincos(2 * math.Pi * x); return sin + cos }},
		{"Normal", elementary.Normal}, {"Normal/math", func(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }},
	} {
		b.Run(f.name, func(b *testing.B) {
			x, sum := 0.0, 0.0
			for b.Loop() {
				if x += 0.37; x > 5 {
					x -= 5
				}
				sum += f.of(x)
			}
			if math.IsNaN(sum) {
				b.Error(sum)
			}
		})
	}
}
