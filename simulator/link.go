package simulator

import (
	"fmt"
	"time"
)

// Link is how bad the way from a car to the broker is. The zero value is a
// perfect one. Nothing is lost for good, whatever it says: a car sends again
// what was not acknowledged.
type Link struct {
	Loss    float64 // probability that the link breaks after a message
	Repeat  float64 // probability that a message is sent twice
	Reorder float64 // probability that a message is sent after up to five later ones
	Delay   float64 // probability that a message waits up to MaxDelay
	// MaxDelay bounds the wait of a delayed message; 0 is one second.
	MaxDelay time.Duration
	// MaxSkew bounds how far a car's clock is off; each car has its own offset.
	MaxSkew time.Duration
}

func (l Link) check() error {
	for _, p := range []float64{l.Loss, l.Repeat, l.Reorder, l.Delay} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("link fault probability %v is not between 0 and 1", p)
		}
	}
	if l.Loss > 0.9 {
		return fmt.Errorf("link loss %v leaves no way through, want at most 0.9", l.Loss)
	}
	return nil
}

// skewOf is the offset of a car's clock.
func (l Link) skewOf(c *car) time.Duration {
	if l.MaxSkew <= 0 {
		return 0
	}
	r := stream(c.seed, forLink, 0)
	return time.Duration(r.between(-1, 1) * float64(l.MaxSkew)).Truncate(time.Millisecond)
}

// fate is what the link does to one message.
type fate struct {
	lose, repeat bool
	behind       int // sent after so many later messages
	delay        time.Duration
}

// fates deals out what happens on a car's sessions.
type fates struct {
	link Link
	r    random
}

func (l Link) fatesOf(c *car, session uint64) *fates {
	return &fates{l, stream(c.seed, forLink, session+1)}
}

func (f *fates) next() fate {
	if f.link == (Link{MaxSkew: f.link.MaxSkew, MaxDelay: f.link.MaxDelay}) {
		return fate{}
	}
	var x fate
	x.lose = f.r.chance(f.link.Loss)
	x.repeat = f.r.chance(f.link.Repeat)
	if f.r.chance(f.link.Reorder) {
		x.behind = 1 + f.r.below(5)
	}
	if f.r.chance(f.link.Delay) {
		limit := f.link.MaxDelay
		if limit == 0 {
			limit = time.Second
		}
		x.delay = time.Duration(f.r.unit() * float64(limit))
	}
	return x
}
