package models

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Life is the time of one part on a vehicle, as the facts show it.
type Life struct {
	Component predict.Component
	From      time.Time // when it was put on; zero: not known
	Seen      bool      // it was put on without a record, which its readings show
	End       time.Time // when it was taken off; zero: it is on
	Failed    bool      // it was taken off because it had failed
	Passed    time.Time // when its readings went past the limit; zero: they did not
	Looked    time.Time // newest reading; zero: there is none
}

// renewedBy is a drop of wear that only another part explains, when it is seen twice.
const renewedBy = 0.3

// LivesOf cuts the time of each of the components at its renewals, oldest first: those
// with a record, and those that readings show. What lies after in.Now is not used, and
// the order of the input does not matter.
func LivesOf(in predict.Input, of []predict.Component) []Life {
	services := map[predict.Component][]predict.Service{}
	readings := map[predict.Component][]predict.Reading{}
	for _, s := range in.Services {
		if s.Time.IsZero() || s.Time.After(in.Now) {
			continue
		}
		for r := range in.Table.Renewals(s) {
			if !r.TopUp {
				services[r.Component] = append(services[r.Component], r)
			}
		}
	}
	for _, r := range in.Readings {
		if !r.Time.After(in.Now) && !math.IsNaN(r.Wear) && !r.Bound {
			readings[r.Component] = append(readings[r.Component], r)
		}
	}
	var out []Life
	for _, c := range of {
		out = append(out, livesOf(c, services[c], readings[c])...)
	}
	return out
}

func livesOf(c predict.Component, services []predict.Service, readings []predict.Reading) []Life {
	slices.SortFunc(services, func(a, b predict.Service) int { return a.Time.Compare(b.Time) })
	slices.SortStableFunc(readings, func(a, b predict.Reading) int { return a.Time.Compare(b.Time) })
	var out []Life
	life := Life{Component: c}
	for _, s := range services {
		if n := len(out); n > 0 && day(s.Time) == day(life.From) { // another line of the same visit
			out[n-1].Failed = out[n-1].Failed || s.Failed
			continue
		}
		n := 0
		for n < len(readings) && readings[n].Time.Before(s.Time) {
			n++
		}
		life.End, life.Failed = s.Time, s.Failed
		out = append(out, life.split(readings[:n])...)
		readings = readings[n:]
		for len(readings) > 0 && day(readings[0].Time) == day(s.Time) { // of either part
			readings = readings[1:]
		}
		life = Life{Component: c, From: s.Time}
	}
	return append(out, life.split(readings)...)
}

// split cuts a life, whose readings are given in order of time, at renewals that
// nobody recorded, and says when the limit was passed.
func (l Life) split(readings []predict.Reading) []Life {
	var out []Life
	first, most := 0, math.Inf(-1)
	for i, r := range readings {
		if i > first && i+1 < len(readings) && r.Wear < most-renewedBy && readings[i+1].Wear < most-renewedBy && sure(readings[first:i], most) {
			old := l
			old.End, old.Failed = r.Time, false
			out = append(out, old.passed(readings[first:i]))
			l.From, l.Seen = r.Time, true
			first, most = i, math.Inf(-1)
		}
		most = math.Max(most, r.Wear)
	}
	return append(out, l.passed(readings[first:]))
}

// sure reports whether a wear was seen at least twice: a single high reading is
// an outlier, and what comes after it is no drop.
func sure(readings []predict.Reading, most float64) bool {
	near := 0
	for _, r := range readings {
		if r.Wear > most-renewedBy/2 {
			near++
		}
	}
	return near >= 2
}

// passed finds when the limit was passed: two readings in a row at or above it, or the
// last one of a part that was then taken off. It lies between the first of them and
// the reading before; without one before nobody knows.
func (l Life) passed(readings []predict.Reading) Life {
	n := len(readings)
	if n > 0 {
		l.Looked = readings[n-1].Time
	}
	for i, r := range readings {
		last := i+1 == n
		if r.Wear < 1 || !last && readings[i+1].Wear < 1 || last && l.End.IsZero() {
			continue
		}
		if i > 0 && readings[i-1].Wear < 1 {
			before := readings[i-1]
			share := (1 - before.Wear) / (r.Wear - before.Wear)
			l.Passed = before.Time.Add(time.Duration(share * float64(r.Time.Sub(before.Time))))
		}
		break
	}
	return l
}

// began reports whether a forecast's cycle is that of this life: the records may have
// changed since it was made.
func (l *Life) began(cycle string) bool {
	switch {
	case strings.HasPrefix(cycle, "serviced-"):
		return !l.Seen && "serviced-"+day(l.From) == cycle
	case strings.HasPrefix(cycle, "seen-"):
		return l.Seen
	}
	return l.From.IsZero()
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
