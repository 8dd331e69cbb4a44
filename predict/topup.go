package predict

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// topUp is the newest top-up of a fill since its path began.
type topUp struct {
	at     time.Time
	litres float64 // 0: not told
	number int     // of top-ups since the path began
	seen   bool    // without a record: the readings show it
}

// What is topped up where nobody says how much: a litre or two of most fills.
const (
	usualShare   = 0.25
	usualShareSD = 0.12
)

// share of a fill that so many litres renew, with its standard deviation; 0 of what is no
// fill. Litres are read off bottles, and makes of one kind hold a fifth more or less.
func (s *Spec) share(litres float64) (share, sd float64) {
	switch {
	case s.FillLitres == 0:
		return 0, 0
	case !(litres > 0):
		return usualShare, usualShareSD
	case litres >= s.FillLitres:
		return 1, 0
	}
	share = litres / s.FillLitres
	return share, 0.2 * share
}

// topUp is a partial renewal: of the wear, and of the age of a part that nobody looks at,
// the share stays that was not filled up.
func (p *wearPath) topUp(t *timeline, s Service) {
	km := s.OdometerKm
	if km == 0 {
		km = t.odometer(s.Time)
	}
	share, sd := p.spec.share(s.Litres)
	tau := p.tau(s.Time, km)
	p.state = p.model.TopUp(p.model.At(p.state, tau-p.begun), share, sd)
	if p.known() {
		p.gained += share * max(tau-p.tau(p.at, p.km)-p.gained, 0)
	}
	p.filled = topUp{at: s.Time, litres: s.Litres, number: p.filled.number + 1}
	p.doubt = nil
}

// sayTopUp: what was filled up, and what it counts for.
func (p *wearPath) sayTopUp(r *sentences) {
	if p.filled.number == 0 {
		return
	}
	f := &p.filled
	if f.number > 1 {
		r.say("{0} since then.", "此后共补加 {0} 次。", count(f.number, "top-up"))
	}
	if f.seen {
		r.say("The readings around {0} show a top-up that nobody recorded: a part of the wear is gone.",
			"{0}前后的读数显示有一次未登记的补加：磨损部分减少。", date(f.at))
		return
	}
	share, _ := p.spec.share(f.litres)
	amount := phrase("an amount that nobody told", "补加量未知")
	if litres := strconv.FormatFloat(f.litres, 'g', 3, 64); f.litres > 0 {
		amount = name(litres+" l", litres+" 升")
	}
	r.say("The top-up of {0} on {1} counts for about {2} of the fill.", "{1}的补加（{0}）约相当于更新 {2}。", amount, date(f.at), percent(share))
}

// sortTopUps sorts the top-ups of each component by time, each once. One on the day of a
// renewal belongs to it.
func (t *timeline) sortTopUps() {
	compare := func(a, b Service) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.OdometerKm, b.OdometerKm), cmp.Compare(a.Litres, b.Litres), cmp.Compare(a.RecordID, b.RecordID))
	}
	for i, ss := range t.topUps {
		slices.SortFunc(ss, compare)
		ss = slices.CompactFunc(ss, func(a, b Service) bool { return compare(a, b) == 0 })
		t.topUps[i] = slices.DeleteFunc(ss, func(s Service) bool {
			return slices.ContainsFunc(t.services[i], func(renewal Service) bool { return sameDay(renewal.Time, s.Time) })
		})
	}
}

// visits are the services of a row and its top-ups together, by time.
func (t *timeline) visits(row int) []Service {
	if len(t.topUps[row]) == 0 {
		return t.services[row]
	}
	out := slices.Concat(t.services[row], t.topUps[row])
	slices.SortStableFunc(out, func(a, b Service) int { return a.Time.Compare(b.Time) })
	return out
}

// toppedUp is the time of the first top-up after one and until another; zero when there is
// none.
func (t *timeline) toppedUp(row int, after, until time.Time) time.Time {
	for _, s := range t.topUps[row] {
		if s.Time.After(after) && (until.IsZero() || s.Time.Before(until)) {
			return s.Time
		}
	}
	return time.Time{}
}
