package simulator

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Tread in millimetres; 1.6 mm is the law in Europe and China.
const (
	tyreNew   = 8.0
	tyreLimit = 1.6
)

// wearTyres takes off tread by slip energy, which goes with the square of the
// lateral acceleration and so with the fourth power of cornering speed and a
// bit: ten percent faster is half as much again. A driven front axle loses
// 0.13 mm per 1,000 km at 1.5 t, the rear 0.06.
func (r *run) wearTyres(d drive, airC float64) {
	c := r.car
	cornering := elementary.Exp(4.25 * elementary.Log(c.cornering()))
	heat := min(max(math.Exp2((airC-12)/30), 0.72), 1.45)
	base := d.km / 1000 * c.massT / 1.5 * cornering * heat * c.region.curviness
	if c.packKWh > 0 && c.Cylinders == 0 {
		base *= 1.15 // torque from standstill
	}
	front, rear := 0.13, 0.06
	if !c.frontDrive {
		front, rear = 0.075, 0.115
	}
	r.abrade(tyresFront, base*front)
	r.abrade(tyresRear, base*rear)
}

// cornering is how fast the car is driven through bends, against the fleet.
func (c *car) cornering() float64 { return 0.9 + 0.25*c.aggression }

// accelerations is what an inertial sensor says at a moment on the way, m/s²: most of a
// road is straight, and in bends it goes with the square of the speed. Root mean squares
// are 0.75 across and 0.6 along the road, of an ordinary driver on an ordinary road.
func (c *car) accelerations(at time.Time) (along, across float64) {
	noise := stream(c.seed, forMotion, uint64(at.UnixMilli()))
	const bends = 0.3 // of the way
	across = 0.05 * noise.normal()
	if noise.chance(bends) {
		fast := c.cornering()
		across += 0.75 / math.Sqrt(bends) * fast * fast * math.Sqrt(c.region.curviness) * noise.normal()
	}
	return 0.6 * (0.84 + 0.4*c.aggression) * noise.normal(), across
}

func (r *run) abrade(k component, mm float64) {
	p := &r.parts[k]
	if p.use < 0.25 {
		mm *= 1.35 // a tall new tread block squirms: the first quarter millimetre goes faster
	}
	p.use += p.factor * mm
}

// treadMM is the tread left; use of tyres is counted in millimetres.
func (r *run) treadMM(k component) float64 { return max(tyreNew-r.parts[k].use, 0.2) }
