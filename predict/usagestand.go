package predict

import "github.com/pitcrew-telematics/pitcrew/internal/elementary"

// standOrGo finds out whether the vehicle stood in a span, of which so many km are usual, or is back from that: then
// either what was known of its pace before goes on, or what standing has taught. It returns what is usual by that pace,
// the noise that the span counts with, and whether the pace is one that standing has taught.
func (l *UsageLaw) standOrGo(s *UsageState, span, km, usual float64) (usualNow, noise float64, back bool) {
	noise = s.scatter / span
	before, driven := s.parked, usual
	back, asked := before >= longestLayoff, s.row.asked
	if before > 0 || asked {
		driven *= s.row.before.times(&s.ownPace)
	}
	least := driven
	if back || asked { // who is hardly driven any more does not stand
		least = min(usual, driven)
	}
	if s.park(span, km < layoffFactor*least); before == 0 && s.parked > 0 {
		s.standsSince()
	}
	if before >= weekDays || s.parked > 0 { // it stood for some of it
		noise = layoffScatter * max(s.scatter, l.Scatter) / span
	}
	if s.parked > 0 || !back && !asked {
		return usual, noise, back
	}
	if s.row.before.likelihood(km/driven, noise) > s.likelihood(km/usual, noise) {
		s.ownPace, s.row = s.row.before, row{}
		return driven, noise, false
	}
	s.row.asked = back // of the first span back it may have stood for most
	return usual, noise, back
}

// park counts a span in which the vehicle stood, or was driven again. A layoff that has become
// too long for one is no share of its days: it was learned as how the vehicle is driven.
func (s *UsageState) park(span float64, stood bool) {
	s.watched += span
	if stood {
		s.parked += span
		return
	}
	if s.parked >= weekDays && s.parked < longestLayoff {
		s.stood += s.parked
	}
	s.parked = 0
	if s.stood == 0 {
		return
	}
	s.standing = elementary.Log1p(-s.stood / (s.watched + layoffDays))
}

// standsSince keeps what was known of the pace, or, within days of a stand, what was before that.
func (s *UsageState) standsSince() {
	before := s.ownPace
	if s.row.asked {
		before = s.row.before
	}
	s.row = row{before: before}
}

// likelihood is how well it tells a distance of so many times the expected one, as a log and up to a constant.
func (p *ownPace) likelihood(ratio, noise float64) float64 {
	v := p.variance() + noise
	off := elementary.Log(max(ratio, 1e-3))
	return -(off*off/v + elementary.Log(v)) / 2
}
