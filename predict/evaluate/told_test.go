package evaluate

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle/planted"
)

// TestAToldOdometerAnswersForTheSilence lets fuel cards tell of two months and then of one odometer,
// months later: how far they go in the two months after that is known better with it than by the
// pace of before, and as surely as it is said to be.
func TestAToldOdometerAnswersForTheSilence(t *testing.T) {
	t.Parallel()
	cards, err := readFuelCards(os.DirFS(SharedData(t, fuelCards.Name)))
	if err != nil {
		t.Fatal(err)
	}
	var tracks []track
	for _, c := range cards {
		if planted.HasOdometer(c.readings, 2./3) {
			tracks = append(tracks, trackOf(ledgerOf(c.readings).Accepted))
		}
	}
	for _, months := range []int{1, 2, 4, 6} {
		var without, with silence
		for _, t := range tracks {
			without.add(t, months, false)
			with.add(t, months, true)
		}
		n := float64(with.n)
		t.Logf("%d months: log error %.3f, without %.3f; covered %.3f, without %.3f; %.0f forecasts",
			months, with.off/n, without.off/n, with.held/n, without.held/n, n)
		if with.off > 0.9*without.off || with.held < 0.7*n || with.held > 0.9*n {
			t.Errorf("%d months: log error %.3f, without %.3f; covered %.3f", months, with.off/n, without.off/n, with.held/n)
		}
	}
}

// silence adds up how right forecasts after one are.
type silence struct {
	n         int
	off, held float64
}

func (s *silence) add(t track, months int, told bool) {
	law := predict.ExpertUsageLaw(20, 0.7)
	for start := t[0].Time.AddDate(0, 0, 1); start.Before(t[len(t)-1].Time); start = start.AddDate(0, 1, 0) {
		state := law.Start(time.Time{}, start)
		before, ok := t.at(start)
		for week := 1; week <= 8 && ok; week++ {
			at := start.AddDate(0, 0, 7*week)
			km, known := t.at(at)
			law.Drove(&state, at, km-before)
			before, ok = km, known
		}
		end := start.AddDate(0, months, 56)
		later := end.AddDate(0, 2, 0)
		seen, okSeen := t.at(end)
		next, okNext := t.at(later)
		if !ok || !okSeen || !okNext || next-seen < 20 {
			continue
		}
		if told {
			law.Told(&state, end, seen-before)
		}
		ahead, truth := law.KmIn(&state, daysBetween(end, later)), next-seen
		s.n++
		s.off += math.Abs(math.Log(ahead.P50 / truth))
		if truth >= ahead.P10 && truth <= ahead.P90 {
			s.held++
		}
	}
}
