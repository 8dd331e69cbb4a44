package predict

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// levels of the groups that a vehicle belongs to, the widest first (groupsOf).
var levels = []string{byPowertrain, byZone, byClimate, byModel}

const (
	byPowertrain = "powertrain "
	byZone       = "zone "
	byClimate    = "climate "
	byModel      = "model "

	// climateBand is how far apart climates of a time zone are, K of the year's mean air temperature:
	// what it says beside its own effect is of the places that have it, as dust, moisture and hills.
	climateBand = 4.0
	mostOfYear  = 330 // days whose mean is that of a year
)

// groupsOf are the groups that a vehicle belongs to, as far as it is known: what is empty is not. A
// zone is what was registered, by its name.
func groupsOf(vin vehicle.VIN, p vehicle.Powertrain, zone, climate string) []string {
	var out []string
	if p != "" {
		out = append(out, byPowertrain+string(p))
	}
	if zone != "" {
		out = append(out, byZone+zone)
		if climate != "" {
			out = append(out, byClimate+zone+" "+climate)
		}
	}
	if len(vin) == 17 {
		out = append(out, byModel+string(vin[:8])) // maker and descriptor, ISO 3779
	}
	return out
}

// climate is the step that the mean air of a vehicle's year is on. Empty where less than most of a year
// is known: to learn from its summer would put it among warmer places.
func (t *timeline) climate() string {
	known := t.air.seasonal || len(t.days) > 0 && t.days[len(t.days)-1].Day-t.days[0].Day >= mostOfYear
	if !known || math.IsNaN(t.air.meanC) {
		return ""
	}
	return strconv.Itoa(int(climateBand*math.Round(t.air.meanC/climateBand))) + " °C"
}

// mostOfGroup is the most that a group is believed to differ by, of the log of a rate.
const mostOfGroup = 1.0

// learnGroups learns by how much parts wear faster in a group of vehicles than in what holds it: in
// a powertrain than in the fleet, in a time zone than in these, and so on. It is of what is not
// explained yet of the log-rates, and is added to that. A vehicle counts once, whatever it has had.
func (l *LifePrior) learnGroups(own []FleetPath, explained []float64) {
	for _, level := range levels {
		by := map[string][]float64{}
		of := make([]string, len(own))
		for i := 0; i < len(own); {
			first, vin, sum := i, own[i].VIN, 0.0
			for ; i < len(own) && own[i].VIN == vin; i++ {
				sum += own[i].LogRate - explained[i]
			}
			groups := own[first].groups()
			at := slices.IndexFunc(groups, func(g string) bool { return strings.HasPrefix(g, level) })
			if at < 0 {
				continue
			}
			by[groups[at]] = append(by[groups[at]], sum/float64(i-first))
			for k := first; k < i; k++ {
				of[k] = groups[at]
			}
		}
		for g, off := range drawn(by, minComplete) {
			if l.Groups == nil {
				l.Groups = map[string]float64{}
			}
			l.Groups[g] = min(max(off, -mostOfGroup), mostOfGroup)
		}
		for i, g := range of {
			explained[i] += l.Groups[g]
		}
	}
}

// ofGroups is what the groups of a vehicle add to its log-rate.
func (l *LifePrior) ofGroups(groups []string) float64 {
	off := 0.0
	for _, g := range groups {
		off += l.Groups[g]
	}
	return off
}

// drawn are by how much the means of groups lie off that of all, each drawn to it by as much as
// groups are alike (one-way analysis of variance). Nil where they do not differ by more than chance,
// or fewer than two have so many values, of at least 2.
func drawn(by map[string][]float64, least int) map[string]float64 {
	var names []string
	for name, values := range by {
		if len(values) >= least {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return nil
	}
	slices.Sort(names)
	var means, counts []float64
	within, free := 0.0, 0.0
	for _, name := range names {
		n := float64(len(by[name]))
		mean, variance := stat.MeanVariance(by[name], nil)
		means, counts = append(means, mean), append(counts, n)
		within, free = within+variance*(n-1), free+n-1
	}
	within /= free
	centre := stat.Mean(means, counts)
	between := -within * stat.Mean(inverse(counts), nil)
	for i := range means {
		between += (means[i] - centre) * (means[i] - centre) / float64(len(means)-1)
	}
	if between <= 0 {
		return nil
	}
	off := map[string]float64{}
	for i, name := range names {
		off[name] = between / (between + within/counts[i]) * (means[i] - centre)
	}
	return off
}

func inverse(of []float64) []float64 {
	out := make([]float64, len(of))
	for i, v := range of {
		out[i] = 1 / v
	}
	return out
}
