package predict

import "sync"

// slab is the memory that forecasts of one vehicle are computed in, and used again for the
// next: fresh memory of a hundred kilobytes a vehicle is cold, and costs as much as what
// is computed in it. Nothing of it stays in a forecast. From a nil slab all is fresh.
type slab struct {
	chunk, left []float64 // left is what columns have not taken of the chunk
	readings    []Reading
	rowsOf      []int
	ofRow       struct {
		readings         [][]Reading
		services, topUps [][]Service
		believed         []bool
	}
	fewServices []Service
	paces       [mostPaces]pace
	taken       int // of the paces
	works       [mostPaces]clockwork
	said        sentences
}

// slabs that nobody computes in.
var slabs = sync.Pool{New: func() any { return new(slab) }}

const (
	mostPaces     = 12 // clocks that one vehicle has, about
	usualServices = 4  // of a component, of which most vehicles have no more
)

// leastChunk is about what a vehicle with two years behind it takes.
const leastChunk = 8192

// column is an empty slice with room for so many numbers.
func (s *slab) column(most int) []float64 {
	if s == nil {
		return make([]float64, 0, most)
	}
	if most > len(s.left) {
		s.chunk = make([]float64, max(leastChunk, 2*len(s.chunk), most))
		s.left = s.chunk
	}
	c := s.left[:0:most]
	s.left = s.left[most:]
	return c
}

// looks is room for so many readings, asked for once a vehicle.
func (s *slab) looks(n int) []Reading {
	if s == nil {
		return make([]Reading, n)
	}
	return again(&s.readings, n)
}

// rows is room for the row of so many readings, asked for once a vehicle.
func (s *slab) rows(n int) []int {
	if s == nil {
		return make([]int, n)
	}
	return again(&s.rowsOf, n)
}

// byRow is room for what is known of each row of a table, and empty.
func (s *slab) byRow(n int) (readings [][]Reading, services, topUps [][]Service, believed []bool) {
	if s == nil {
		return make([][]Reading, n), make([][]Service, n), make([][]Service, n), make([]bool, n)
	}
	of := &s.ofRow
	services = empty(&of.services, n)
	for i, few := 0, again(&s.fewServices, usualServices*n); i < n; i++ {
		services[i], few = few[:0:usualServices], few[usualServices:]
	}
	return empty(&of.readings, n), services, empty(&of.topUps, n), empty(&of.believed, n)
}

// pace is a new one.
func (s *slab) pace(of pace) *pace {
	if s == nil || s.taken == len(s.paces) {
		fresh := of // else of itself would always be
		return &fresh
	}
	p := &s.paces[s.taken]
	s.taken++
	*p = of
	return p
}

// empty is so many of what is kept, without what was there before.
func empty[T any](kept *[]T, n int) []T {
	all := again(kept, n)
	clear(all)
	return all
}

// again is so many of what is kept, which holds what was there before; more are kept where
// these are too few.
func again[T any](kept *[]T, n int) []T {
	if n > cap(*kept) {
		*kept = make([]T, n)
	}
	return (*kept)[:n]
}

// words is where the next reason is said.
func (s *slab) words() *sentences {
	if s == nil {
		return new(sentences)
	}
	s.said.en, s.said.zh, s.said.within = s.said.en[:0], s.said.zh[:0], s.said.within[:0]
	return &s.said
}

// free gives the slab back.
func (s *slab) free() {
	s.left, s.taken = s.chunk, 0
	slabs.Put(s)
}
