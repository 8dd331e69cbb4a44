package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

const (
	// Experts expect that of fifty renewals one leaves no record.
	expertUnrecorded, expertRenewals = 1.0, 50.0
	// mostUnrecorded is the share that is believed at the most.
	mostUnrecorded = 0.5
	// worthFollowing is the chance of a renewal without a record that forecasts follow.
	worthFollowing = 0.005
	// worthAgain is the share from which the law of lives is fitted again, without those
	// that were two.
	worthAgain = 0.03

	unrecordedTurns = 20
	lifeStep        = 0.02 // of the log of a life, to take slopes by
)

// unrecorded learns which share of renewals leave no record, from lives that are too long for
// one part: each may be one or, with a renewal between them that nobody wrote down, two. The
// share is what makes them likely (expectation and maximisation).
func (l *LifeLaw) unrecorded(laws [2]survival.Shared, families []survival.Family) float64 {
	var ended, goes []float64 // by how much two are likelier than one, were the share 1
	for i := range families {
		f := &families[i]
		own := l.unit(laws, f.X)
		for _, life := range f.Lives {
			if life.Entry == 0 { // else a renewal before it was watched has no record anyway
				ratio := own.twice(life)
				if life.Failed {
					ended = append(ended, ratio)
				} else {
					goes = append(goes, ratio)
				}
			}
			own.lived(life.Exit, life.Failed)
		}
	}
	share := expertUnrecorded / expertRenewals
	for range unrecordedTurns {
		without := expertUnrecorded
		for _, ratio := range ended {
			without += share * ratio / (1 + share*ratio)
		}
		renewals := expertRenewals - expertUnrecorded + float64(len(ended))
		for _, ratio := range goes {
			without += share * ratio / (1 + share*ratio)
		}
		share = min(without/(renewals+without), mostUnrecorded)
	}
	return share
}

// single are families without the lives that are likelier two.
func (l *LifeLaw) single(laws [2]survival.Shared, families []survival.Family) []survival.Family {
	out := make([]survival.Family, 0, len(families))
	for _, f := range families {
		own, kept := l.unit(laws, f.X), f
		kept.Lives = nil
		for _, life := range f.Lives {
			if life.Entry == 0 && l.Unrecorded*own.twice(life) > 1 {
				continue
			}
			own.lived(life.Exit, life.Failed)
			kept.Lives = append(kept.Lives, life)
		}
		out = append(out, kept)
	}
	return out
}

// unit is the law in a vehicle of these covariates.
func (l *LifeLaw) unit(laws [2]survival.Shared, x []float64) lives {
	own := lives{law: l, share: [2]float64{l.Share, 1 - l.Share}}
	for i := range own.forms {
		if own.share[i] > 0 {
			own.forms[i] = laws[i].Unit(x)
		}
	}
	return own
}

// twice is by how much likelier a life is when it is two parts', one after the other, than
// when it is one's.
func (l *lives) twice(life survival.Life) float64 {
	one := l.fromNew()
	two := one
	two.orAnother(life.Exit, 1)
	of := func(p *passage) float64 {
		log := math.Log(life.Exit)
		if life.Failed {
			return p.still(log-lifeStep, 0) - p.still(log+lifeStep, 0)
		}
		return p.still(log, 0)
	}
	return max(of(&two)/max(of(&one), 1e-12)-1, 0)
}

// fromNew is the law of the life of a new part.
func (l *lives) fromNew() passage {
	p := passage{low: -z90, high: z90}
	for i := range l.forms {
		if u := &l.forms[i]; l.share[i] > 0 {
			scale, variance := u.Scale()
			p.lasts[i] = lasting{u.Form, l.share[i], u.Shape, -scale, variance, 0}
		}
	}
	return p
}

// isTwo reports whether a life of this vehicle was rather two, with a renewal between them
// that has no record.
func (l *lives) isTwo(clock float64, failed bool) bool {
	if l.law.Unrecorded < worthFollowing || !(clock > 0) {
		return false
	}
	return l.law.Unrecorded*l.twice(survival.Life{Exit: clock, Failed: failed}) > 1
}
