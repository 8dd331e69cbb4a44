package predict_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// driven are vehicles whose days follow the monthly odometers of monthlyFleet, school
// buses that stand in summer only.
func driven(vehicles int, seed uint64) []predict.Input {
	var out []predict.Input
	for _, h := range monthlyFleet(2*vehicles, seed) {
		if h.Kind != "school" {
			continue
		}
		in := predict.Input{InService: h.InService, Now: h.Readings[len(h.Readings)-1].Time}
		for i := 1; i < len(h.Readings); i++ {
			from, to := h.Readings[i-1], h.Readings[i]
			first, last := vehicle.DayOf(from.Time), vehicle.DayOf(to.Time)
			each := (to.Km - from.Km) / float64(last-first)
			for d := first; d < last; d++ {
				in.Days = append(in.Days, predict.Day{Day: d, OdometerKm: from.Km + each*float64(d-first+1), DistanceKm: each})
			}
		}
		out = append(out, in)
	}
	return out
}

// What a fleet teaches of its use answers better for vehicles that it has not seen,
// and is in the version.
func TestLearnUseAnswersBetterForOthers(t *testing.T) {
	t.Parallel()
	fleet := driven(24, 3)
	plain := predict.Prior{Version: "fleet-x", Usage: predict.UsagePrior{KmPerDay: 35, CV: 0.3}}
	learned := predict.LearnUse(plain, slices.Values(fleet))
	if learned.Usage.Law == nil || learned.Version == plain.Version || learned.Version == "" {
		t.Fatalf("learned %+v", learned)
	}
	if diff := cmp.Diff(learned, predict.LearnUse(plain, slices.Values(fleet))); diff != "" {
		t.Errorf("learned again:\n%s", diff)
	}
	miss := func(prior predict.Prior) (sum float64) {
		for _, in := range driven(12, 4) {
			whole := in
			for month := 13; month < 57; month += 4 {
				in.Prior, in.Now = prior, day(0).AddDate(0, month, 0)
				u := predict.UsageOf(in)
				from := odometerOn(whole, in.Now.Unix()/86400)
				to := odometerOn(whole, in.Now.AddDate(0, 0, 91).Unix()/86400)
				said := u.Odometer(in.Now.AddDate(0, 0, 91))
				sum += math.Abs(math.Log((said.P50 - from) / (to - from)))
			}
		}
		return sum
	}
	if before, after := miss(plain), miss(learned); after > 0.9*before {
		t.Errorf("misses add up to %.1f with the law of the fleet, to %.1f without", after, before)
	}
	few := predict.LearnUse(plain, slices.Values(fleet[:19]))
	if few.Usage.Law != nil || few.Version != plain.Version {
		t.Errorf("nineteen vehicles taught a law: %+v", few)
	}
}

// odometerOn is the odometer at the beginning of a day.
func odometerOn(in predict.Input, n int64) float64 {
	i, _ := slices.BinarySearchFunc(in.Days, vehicle.Day(n), func(d predict.Day, day vehicle.Day) int { return int(d.Day - day) })
	return in.Days[i].OdometerKm - in.Days[i].DistanceKm
}

// A stored law may come from anywhere: one that cannot be run is not used.
func TestALawThatCannotBeRunIsNotUsed(t *testing.T) {
	t.Parallel()
	in := driven(1, 5)[0]
	want := predict.UsageOf(in).KmPerDay
	runs := predict.ExpertUsageLaw(90, 0.3)
	share, above, below := runs, runs, runs
	share.Lasting, above.Lasting, below.Change = math.NaN(), 1.5, -1
	for _, law := range []predict.UsageLaw{{}, {LogKmPerDay: math.NaN()}, {LogKmPerDay: 3, Between: 1, Wander: 1, WanderDays: 0, Scatter: 1}, share, above, below} {
		in.Prior.Usage.Law = &law
		if got := predict.UsageOf(in).KmPerDay; got != want {
			t.Errorf("%+v gave %v km a day, want %v", law, got, want)
		}
	}
}

// What all of a fleet do in one season may be its, not a change of habits that lasts: that is learned from vehicles that
// were watched for a year.
func TestASeasonIsNoLastingChange(t *testing.T) {
	t.Parallel()
	fleet := driven(24, 3)
	learned := func(months int) *predict.UsageLaw {
		now := day(0).AddDate(0, months, 0)
		return predict.LearnUse(predict.Prior{}, func(yield func(predict.Input) bool) {
			for _, in := range fleet {
				if in.Now = now; !yield(in) {
					return
				}
			}
		}).Usage.Law
	}
	if law := learned(9); law == nil || law.Lasting != 0 {
		t.Errorf("after nine months: %+v, want a law by which changes pass", law)
	}
	if law := learned(30); law == nil || law.Lasting != 1 {
		t.Errorf("after thirty months: %+v, want a law by which changes last", law)
	}
}
