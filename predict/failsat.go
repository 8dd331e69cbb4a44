package predict

import "math"

// reaction is how far past its limit a part may be by the time that somebody has come
// to the workshop: parts renewed this little past it failed at it.
const reaction = 0.05

// failing is a part that failed at a wear, which its readings tell with an error.
type failing struct{ wear, noise float64 } // noise as a variance

// failuresTurns is how often weights and spread of failures are made to fit each other.
const failuresTurns = 20

// early are paths with the wear at which they failed as it was before somebody came to the
// workshop, so many days later.
func early(paths []FleetPath, late float64) []FleetPath {
	for i := range paths {
		if f := &paths[i]; f.FailedAt > 0 {
			f.FailedAt = max(f.FailedAt-late*f.FailedPerDay, 0)
		}
	}
	return paths
}

// learnFailures learns at which wear parts fail in fact, with the expert's limit as
// failures beside those that were seen, and by how much vehicles differ in it (one-way
// analysis of variance of those with several failures). A failure that readings tell well
// counts for more. late is how many days owners take to the workshop, 0 when that is not
// known: then what is a little past the limit failed at it.
func learnFailures(l *LifePrior, own []FleetPath, late float64) {
	var all []failing
	for range int(expertUnits) {
		all = append(all, failing{wear: 1})
	}
	within, free := 0.0, 0.0
	for i := 0; i < len(own); {
		vin, first := own[i].VIN, len(all)
		for ; i < len(own) && own[i].VIN == vin; i++ {
			if v := own[i].FailedAt; v > 0 {
				se := own[i].FailedAtSE * trusted(l.Trust, own[i].lastSource())
				all = append(all, failing{v, se * se})
			}
		}
		if its := all[first:]; len(its) > 1 {
			_, spread := failures(its)
			within, free = within+spread*float64(len(its)-1), free+float64(len(its)-1)
		}
	}
	if len(all) < minComplete+expertUnits {
		return
	}
	mean, variance := failures(all)
	l.FailsAt, l.FailsAtSD = mean, math.Sqrt(max(variance, 0))
	if math.Abs(mean-1) < reaction && (late == 0 || l.FailsAtSD < exactly) {
		l.FailsAt = 1
	}
	if free >= minComplete {
		l.FailsAtOwn = min(math.Sqrt(max(variance-within/free, 0)), l.FailsAtSD)
	}
}

// failures are the mean of the wear at which parts failed, and its variance from part to
// part with the errors of the readings taken out: below 0 by chance, where these are all
// there is. Each counts by how exactly it is known (iterated moments).
func failures(all []failing) (mean, variance float64) {
	for turn := range failuresTurns {
		var weights, sum, squares, noises, degrees float64
		weight := func(f *failing) float64 {
			if turn == 0 {
				return 1
			}
			return 1 / (max(variance, 0) + f.noise + leastFailing)
		}
		for i := range all {
			w := weight(&all[i])
			weights, sum = weights+w, sum+w*all[i].wear
		}
		mean = sum / weights
		for i := range all {
			w, off := weight(&all[i])/weights, all[i].wear-mean
			squares, noises, degrees = squares+w*w*off*off, noises+w*w*(1-w)*all[i].noise, degrees+w*w*(1-w)
		}
		variance = (squares - noises) / degrees
	}
	return mean, variance
}

// leastFailing is a variance below which wear at failure is not told apart.
const leastFailing = 1e-6
