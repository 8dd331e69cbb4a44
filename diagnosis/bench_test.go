package diagnosis_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BenchmarkRound folds a year and a half of four trips a day with two codes and
// evaluates them: what one planning round of one vehicle costs.
func BenchmarkRound(b *testing.B) {
	var reports []vehicle.CodeReport
	for trip := range 550 * 4 {
		reports = append(reports, full(hour(trip*6), code("P0171", confirmed), code("P0300", confirmed)))
	}
	in := petrol()
	in.Now = hour(550 * 24)
	b.ReportAllocs()
	for b.Loop() {
		in.Codes = diagnosis.FoldCodes(reports)
		if len(diagnosis.Evaluate(in)) != 1 {
			b.Fatal("want one finding")
		}
	}
}
