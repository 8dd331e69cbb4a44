package planner

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Bounds of a comparison: whatever the fleet, it takes minutes at most.
const (
	compareVehicles  = 2000 // vehicles that are looked at, chosen by a hash
	compareQuestions = 2000 // after which it is known well enough
)

// compare replays vehicles whose parts have come to their end since a time, as of days
// before that, under both models. Neither can have seen those ends.
func (p *Planner) compare(ctx context.Context, candidate models.Version, rival predict.Prior, since time.Time) (models.Comparison, error) {
	vins, err := p.fleet(ctx)
	if err != nil {
		return models.Comparison{}, err
	}
	now := p.o.Now()
	var questions []models.Question
	censored := 0
	for _, vin := range sample(vins, candidate.Prior.Version) {
		if len(questions) >= compareQuestions {
			break
		}
		f, err := p.facts(ctx, vin)
		if fault.CodeOf(err) == fault.NotFound {
			continue // it was erased meanwhile
		}
		if err != nil {
			return models.Comparison{}, fmt.Errorf("read the facts of %s: %w", vin, err)
		}
		asked, renewed := questionsOf(inputOf(f, now), since, candidate.Prior, rival)
		questions, censored = append(questions, asked...), censored+renewed
	}
	return models.Compare(cmp.Or(rival.Version, models.Expert), questions, censored), nil
}

// sample chooses vehicles by a hash that changes with the version: the same ones when
// it is asked again, others for another version, and nobody can choose them.
func sample(vins []vehicle.VIN, version string) []vehicle.VIN {
	rank := make(map[vehicle.VIN]uint64, len(vins))
	for _, vin := range vins {
		sum := sha256.Sum256([]byte(version + "/" + string(vin)))
		rank[vin] = binary.BigEndian.Uint64(sum[:])
	}
	out := slices.Clone(vins)
	slices.SortFunc(out, func(a, b vehicle.VIN) int { return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b)) })
	return out[:min(len(out), compareVehicles)]
}

// questionsOf asks both models about each life that ended after since, as of since and
// of the horizons before its end, as far as they lie after since. It also counts the
// parts that were renewed before their end: they tell nothing of it.
func questionsOf(in predict.Input, since time.Time, candidate, rival predict.Prior) (asked []models.Question, censored int) {
	for _, l := range models.LivesOf(in, endedSince(in, since)) {
		if !l.End.After(since) && !l.Passed.After(since) {
			continue
		}
		before := len(asked)
		for _, asOf := range timesToAsk(l, since) {
			if q, ok := ask(in, l, asOf, candidate, rival); ok {
				asked = append(asked, q)
			}
		}
		if before == len(asked) && !l.End.IsZero() && !l.Failed {
			censored++
		}
	}
	return asked, censored
}

// endedSince are the components of which there is news since a time: no other's life
// can have ended.
func endedSince(in predict.Input, since time.Time) []predict.Component {
	var out []predict.Component
	for _, s := range in.Services {
		if !s.Time.After(since) {
			continue
		}
		for r := range in.Table.Renewals(s) {
			if !r.TopUp {
				out = append(out, r.Component)
			}
		}
	}
	for _, r := range in.Readings {
		if r.Time.After(since) && r.Wear >= 1 && !r.Bound {
			out = append(out, r.Component)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// timesToAsk are the horizons before the end of a life, and since itself.
func timesToAsk(l models.Life, since time.Time) []time.Time {
	end := l.End
	if !l.Passed.IsZero() {
		end = l.Passed
	}
	out := []time.Time{since}
	for _, days := range models.Horizons {
		if at := end.AddDate(0, 0, -days); at.After(since) {
			out = append(out, at)
		}
	}
	return slices.DeleteFunc(out, func(at time.Time) bool { return at.Before(l.From) || !at.Before(end) })
}

// ask asks both models as of a time. Where both mean a level of wear by the limit, the
// readings tell the end, otherwise only a failure does.
func ask(in predict.Input, l models.Life, asOf time.Time, candidate, rival predict.Prior) (models.Question, bool) {
	in.Now = asOf
	limit := func(prior predict.Prior) (predict.Forecast, bool) {
		in.Prior = prior
		f, ok := predict.ForecastOf(in, l.Component)
		return f, ok && !f.Limit.P50.IsZero()
	}
	ours, ok := limit(candidate)
	theirs, okToo := limit(rival)
	if !ok || !okToo {
		return models.Question{}, false
	}
	q := models.Question{VIN: in.VIN, Component: l.Component, AsOf: asOf, Candidate: ours.Limit, Rival: theirs.Limit}
	switch {
	case ours.ByLevel && theirs.ByLevel && !l.Passed.IsZero():
		q.Truth = l.Passed
	case l.Failed:
		q.Truth = l.End
	}
	return q, q.Truth.After(asOf)
}
