package influx_test

import (
	"math"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func FuzzException(f *testing.F) {
	f.Add(uint8(2), uint8(0), 255.0, "")
	f.Add(uint8(0), uint8(1), 1.0, "")
	f.Add(uint8(0), uint8(2), 0.0, "two\nlines \"quoted\"")
	f.Add(uint8(1), uint8(2), 0.0, "0t\"x")
	f.Fuzz(func(t *testing.T, quality, kind uint8, number float64, text string) {
		if _, err := influx.DecodeException(vehicle.Speed, text); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		if math.IsNaN(number) || math.IsInf(number, 0) || !utf8.ValidString(text) {
			return // no store takes these
		}
		r := vehicle.Reading{Signal: vehicle.Speed, Quality: vehicle.Quality(quality % 4)}
		switch kind % 3 {
		case 0:
			r.Value = vehicle.Number(number)
		case 1:
			r.Value = vehicle.Bool(number > 0)
		case 2:
			r.Value = vehicle.Text(text)
		}
		got, err := influx.DecodeException(vehicle.Speed, influx.EncodeException(&r))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, got); d != "" {
			t.Error(d)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -0.01, 63.25, 99.99, 1e6, 48213400.07, 1 << 46, 1e300, 5e-324, 0.1 + 0.2, math.MaxFloat64} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return // no store takes these
		}
		text := string(influx.AppendNumber(nil, v))
		got, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(v) {
			t.Errorf("%v is written as %s, which is read as %v: %v", v, text, got, err)
		}
	})
}
