package console

import (
	"slices"
	"strconv"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// healthCard is the forecast of one component as it is shown.
type healthCard struct {
	*pitcrewv1.Forecast
	Tone string // of the badge
	Word string // health.Word says how it stands
	Fan  *fan
}

// When a component is called due soon: its P10 date lies within this.
const dueSoon = 30 * oneDay

// farAhead is from where a date says nothing: the forecast only knows "later".
const farAhead = 10 * oneYear

// quietFor is how far ahead the earliest likely date of a part lies that nobody need
// look at now.
const quietFor = oneYear

// healthOf orders forecasts by due date, those that are too early to tell last. Apart
// stand those that say little and ask for nothing: parts that nobody has measured, and
// that are not due within a year or too early to tell of.
func healthOf(forecasts []*pitcrewv1.Forecast, now time.Time) (cards, quiet []healthCard) {
	all := healthCards(forecasts, now)
	for _, c := range all {
		calm := c.Word == "too_early" || c.Word == "good" && at(c.GetDue().GetP10()).After(now.Add(quietFor))
		if calm && c.GetReadings() == 0 && c.GetQuestion() == nil {
			quiet = append(quiet, c)
		} else {
			cards = append(cards, c)
		}
	}
	return cards, quiet
}

func healthCards(forecasts []*pitcrewv1.Forecast, now time.Time) []healthCard {
	cards := make([]healthCard, len(forecasts))
	for i, f := range forecasts {
		cards[i] = healthCard{Forecast: f, Fan: fanOf(f)}
		cards[i].Tone, cards[i].Word = standing(f, now)
	}
	slices.SortStableFunc(cards, func(a, b healthCard) int {
		x, y := at(a.GetDue().GetP50()), at(b.GetDue().GetP50())
		switch {
		case x.IsZero() && y.IsZero():
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		}
		return x.Compare(y)
	})
	return cards
}

// standing is the tone and the word for how a component stands.
func standing(f *pitcrewv1.Forecast, now time.Time) (tone, word string) {
	due := f.GetDue()
	switch {
	case f.GetState() == "too_early" || due == nil:
		return "wait", "too_early"
	case !at(due.GetP50()).After(now):
		return "stop", "due"
	case at(due.GetP10()).Before(now.Add(dueSoon)):
		return "soon", "soon"
	case f.GetState() == "stale":
		return "wait", "stale"
	}
	return "good", "good"
}

// barX is where a wear lies on a bar of width 100 whose limit is at 80.
func barX(wear float64) float64 { return min(max(wear, 0)*80, 100) }

// DueDay writes a due date; one that lies too far ahead only as the year from
// which on it may be.
func (p *page) DueDay(t time.Time, zone *time.Location) string {
	if t.Sub(p.Now) > farAhead {
		return p.T("health.far", "Year", strconv.Itoa(p.Now.Add(farAhead).In(zone).Year()))
	}
	return p.Day(t, zone)
}
