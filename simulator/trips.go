package simulator

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// moments is of how many moments of each trip messages tell: more on days with few
// trips, so that a day has 12 to 20 samples.
func (it *itinerary) moments() int { return max(2, (20-3*it.n)/it.n) }

// moment is the k-th of n, in seconds from the start of the trip.
func (d drive) moment(k, n int) float64 { return d.length * (float64(k) + 0.5) / float64(n) }

// maxTrips bounds the drives of a day.
const maxTrips = 12

// drive is one trip of a day.
type drive struct {
	start, length float64 // seconds since local midnight, seconds
	km            float64
	stops         float64 // slow moments on the way: the shape of the speed
}

func (d drive) end() float64   { return d.start + d.length }
func (d drive) hours() float64 { return d.length / 3600 }
func (d drive) speed() float64 { return d.km / d.hours() } // mean, km/h

// itinerary is the trips of a day, in order and apart by at least five minutes.
type itinerary struct {
	trips [maxTrips]drive
	n     int
}

// plan cuts a day's distance into trips. With spread the car makes about eight
// short trips over the whole clock instead of a few at its usual hours: after
// the end of the history, so that in every hour a third of the fleet drives.
func (c *car) plan(day vehicle.Day, km float64, spread bool) itinerary {
	var it itinerary
	if km == 0 {
		return it
	}
	r := stream(c.seed, forTrips, uint64(day))
	from, to, shortest := c.use.from*3600, c.use.to*3600, 240.0
	it.n = min(max(int(km/(c.use.tripKm*r.spread(0.3))+0.5), 1), 5)
	if it.n == 1 && km > 4 && c.Usage != Weekend {
		it.n = 2 // there and back
	}
	if spread {
		from, to, shortest = 0, 86_000, 14*60
		it.n = 7 + r.below(3)
	}
	var weights, driving float64
	for i := range it.n {
		it.trips[i].km = r.between(0.6, 1.4)
		weights += it.trips[i].km
	}
	for i := range it.n {
		d := &it.trips[i]
		d.km *= km / weights
		speed := c.use.speed * r.spread(0.22) * (0.75 + 0.5*min(d.km/30, 1))
		d.length = max(d.km/min(speed, 95)*3600, shortest)
		d.stops = max(float64(int(d.length/420)), 1)
		driving += d.length
	}
	it.spread(&r, from, to, driving)
	return it
}

// spread puts the trips on the clock with random pauses between them.
func (it *itinerary) spread(r *random, from, to, driving float64) {
	free := to - from - driving
	const pause = 300
	if need := float64(it.n) * pause; free < need {
		from, to = 0, 86_000
		free = max(to-driving, need)
	}
	free -= float64(it.n) * pause
	var cuts [maxTrips + 1]float64
	sum := 0.0
	for i := range it.n + 1 {
		cuts[i] = r.between(0.3, 1.7)
		sum += cuts[i]
	}
	at := from
	for i := range it.n {
		at += pause + free*cuts[i]/sum
		it.trips[i].start = float64(int(at)) + 60*r.unit()
		at += it.trips[i].length
	}
}
