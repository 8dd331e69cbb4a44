package predict

// lastPlaces is how many readings tell which axle is worn the more.
const lastPlaces = 8

// followPlaces gives the readings of each part that sensors follow at both axles the wear of
// the axle that is worn the more by the newest of them. The worse of two by each reading
// alone would be now the one and now the other while they are about the same, and always
// look worse than either.
func (t *timeline) followPlaces(row int) {
	rest := t.readings[row]
	for _, s := range t.services[row] {
		n := 0
		for n < len(rest) && rest[n].Time.Before(s.Time) {
			n++
		}
		followPlace(rest[:n])
		rest = rest[n:]
	}
	followPlace(rest)
}

func followPlace(readings []Reading) {
	ahead, n := 0.0, 0
	for i := len(readings) - 1; i >= 0 && n < lastPlaces; i-- {
		if p := readings[i].Places; p != [2]float64{} {
			ahead, n = ahead+p[0]-p[1], n+1
		}
	}
	if n == 0 {
		return
	}
	place := 0
	if ahead < 0 {
		place = 1
	}
	for i := range readings {
		if p := readings[i].Places; p != [2]float64{} {
			readings[i].Wear = p[place]
		}
	}
}
