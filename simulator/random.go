package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// What a stream of random numbers is for. Each purpose has its own stream, so
// that a change in one part of the simulation leaves the others as they were.
const (
	forFleet uint64 = iota + 1
	forProfile
	forWeather
	forUsage
	forTrips
	forParts
	forNoise
	forWorkshop
	forFaults
	forLink
	forSensors
	forCharging
	forMotion
	forPower
)

// random is SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state, so that
// a stream can be made for every car, day and sample without cost. The standard
// library's sources are not used because their streams may change with the Go
// version, and a seed must give the same fleet for ever.
type random struct{ x uint64 }

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// stream returns the random numbers that belong to the keys.
func stream(a, b, c uint64) random {
	return random{mix(mix(mix(a)^b) ^ c)}
}

func (r *random) next() uint64 {
	z := mix(r.x)
	r.x += 0x9e3779b97f4a7c15
	return z
}

// unit is uniform in [0, 1).
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

func (r *random) between(lo, hi float64) float64 { return lo + (hi-lo)*r.unit() }

func (r *random) below(n int) int { return int(r.unit() * float64(n)) }

func (r *random) chance(p float64) bool { return r.unit() < p }

// normal has mean 0 and standard deviation 1 (Box and Muller).
func (r *random) normal() float64 {
	u := 1 - r.unit()
	_, cos := elementary.Turn(r.unit())
	return math.Sqrt(-2*elementary.Log(u)) * cos
}

// spread is lognormal with mean 1 and the coefficient of variation.
func (r *random) spread(cv float64) float64 {
	v := elementary.Log(1 + cv*cv)
	return elementary.Exp(math.Sqrt(v)*r.normal() - v/2)
}

// gamma has mean 1 and the shape, which must be at least 1 (Marsaglia and Tsang).
func (r *random) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if elementary.Log(1-r.unit()) < x*x/2+d-d*v+d*elementary.Log(v) {
			return d * v / shape
		}
	}
}

// shuffled returns 0..n-1 in random order.
func (r *random) shuffled(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := r.below(i + 1)
		p[i], p[j] = p[j], i
	}
	return p
}
