package predict_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// A reading that sums up the looks of a week in which the part was renewed is of neither
// part, whichever end of the week the work was at.
func TestAReadingAstrideARenewalIsOfNeitherPart(t *testing.T) {
	t.Parallel()
	for _, worked := range []int{1399, 1396, 1394} {
		in, _ := knee(7, 0.5)
		in.Now = day(1403)
		in.Services = []predict.Service{{Component: predict.Battery12V, Time: day(worked).Add(9 * time.Hour)}}
		fresh := predict.Reading{Component: predict.Battery12V, Time: day(1402), Wear: 0.02, Noise: 0.05, Source: predict.FromCranking}
		in.Readings = append(in.Readings, fresh)
		want, _ := predict.ForecastOf(in, predict.Battery12V)
		in.Readings = append(in.Readings, predict.Reading{
			Component: predict.Battery12V, Time: day(1400), Span: 6 * 24 * time.Hour, Wear: 0.6, Noise: 0.05, Source: predict.FromCranking,
		})
		if got, _ := predict.ForecastOf(in, predict.Battery12V); got.Limit != want.Limit || got.Wear != want.Wear || got.Readings != want.Readings {
			t.Errorf("work on day %d: a week that holds it made of %+v, wear %+v: %+v, wear %+v", worked, want.Limit, want.Wear, got.Limit, got.Wear)
		}
	}
}
