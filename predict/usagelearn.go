package predict

import (
	"maps"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/optimize"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// UsageHistory is one vehicle's odometer over time.
type UsageHistory struct {
	Kind      string    // vehicles of one kind are used alike: model, duty; may be empty
	InService time.Time // zero when unknown
	Readings  []OdometerAt
}

// OdometerAt is an odometer that is believed, at a time.
type OdometerAt struct {
	Time time.Time
	Km   float64
}

// UsageLaws are what a fleet teaches: a law for each kind that it knows, and one
// for the others.
type UsageLaws struct {
	kinds  map[string]UsageLaw
	others UsageLaw
	apart  float64 // variance of the log pace between kinds, which others have more
}

// Of is the law of a kind.
func (l UsageLaws) Of(kind string) UsageLaw {
	if law, ok := l.kinds[kind]; ok {
		return law
	}
	return l.others
}

// UsageQuestions are what a law should answer well: the days to distances in km,
// or the km of spans in days.
type UsageQuestions struct {
	Km, Days []float64

	// LeastChange is the least variance of the log pace that a change of habits is put at, which then
	// lasts: where hardly anybody has changed his, nothing was seen of how large one is. 0: what was
	// found, which passes.
	LeastChange float64
}

// LearnUsage learns the laws from a fleet. Readings are in order of time and do
// not go down. The laws are those by which the questions would have been answered
// best: each vehicle is replayed with what was known at each reading, and the loss
// is that of P10, P50 and P90. Little data leaves the expert's law. The same
// histories give the same laws, bit by bit.
func LearnUsage(histories []UsageHistory, questions UsageQuestions) UsageLaws {
	var fleet []usagePath
	for _, h := range histories {
		if p := newUsagePath(h, questions); len(p.at) > 1 {
			fleet = append(fleet, p)
		}
	}
	laws := UsageLaws{kinds: map[string]UsageLaw{}, others: ExpertUsageLaw(priorKmPerD, priorUseCV)}
	for _, p := range fleet {
		if p.at[len(p.at)-1]-p.at[0] >= trendDays {
			laws.kinds[p.kind] = laws.others // a kind seen for less is not known
		}
	}
	if len(laws.kinds) == 0 {
		return laws
	}
	kinds := slices.Sorted(maps.Keys(laws.kinds))
	laws.learnTrend(fleet, kinds)
	laws.learnSeason(fleet, kinds)
	laws.learnNoise(fleet, kinds, questions.LeastChange)
	return laws
}

// usagePath is a history in numbers, with the answers to what will be asked.
type usagePath struct {
	kind    string
	born    float64
	at, km  []float64
	answers []usageAnswer
}

// usageAnswer says that from a reading on it took some days to drive a distance.
// Weight is what a miss of one in the log costs. Days to a distance count by the
// days, though less for far distances, which are worse by nature and should not
// decide alone; distances count alike, so that those who drive most do not decide
// for all.
type usageAnswer struct {
	reading          int
	km, days, weight float64
}

// askEach is how many readings lie between those that questions are asked from:
// neighbours have nearly the same answer.
const askEach = 3

func newUsagePath(h UsageHistory, questions UsageQuestions) usagePath {
	p := usagePath{kind: h.Kind, born: math.NaN()}
	if !h.InService.IsZero() {
		p.born = dayNumber(h.InService)
	}
	for _, r := range h.Readings {
		at := dayNumber(r.Time)
		if n := len(p.at); n == 0 || at > p.at[n-1] && r.Km >= p.km[n-1] {
			p.at, p.km = append(p.at, at), append(p.km, r.Km)
		}
	}
	for i := 1; i < len(p.at); i += askEach {
		for _, km := range questions.Km {
			if days := p.reached(p.km[i]+km) - p.at[i]; days > 0 {
				p.answers = append(p.answers, usageAnswer{i, km, days, days / math.Sqrt(km)})
			}
		}
		for _, days := range questions.Days {
			if km := p.odometer(p.at[i]+days) - p.km[i]; km > 0 {
				p.answers = append(p.answers, usageAnswer{i, km, days, 1})
			}
		}
	}
	return p
}

// reached is when the odometer passed a value; NaN when it did not.
func (p *usagePath) reached(km float64) float64 {
	i, _ := slices.BinarySearch(p.km, km)
	if i == 0 || i == len(p.km) {
		return math.NaN()
	}
	share := (km - p.km[i-1]) / (p.km[i] - p.km[i-1])
	return p.at[i-1] + share*(p.at[i]-p.at[i-1])
}

// odometer is the odometer at a time within the readings; NaN outside.
func (p *usagePath) odometer(at float64) float64 {
	i, exact := slices.BinarySearch(p.at, at)
	switch {
	case exact:
		return p.km[i]
	case i == 0 || i == len(p.at):
		return math.NaN()
	}
	share := (at - p.at[i-1]) / (p.at[i] - p.at[i-1])
	return p.km[i-1] + share*(p.km[i]-p.km[i-1])
}

const seasonRidge = 20.0

// learnSeason fits distances of up to six weeks, over those of the year around
// them, on the time of the year.
func (l *UsageLaws) learnSeason(fleet []usagePath, kinds []string) {
	rows := fitRows{kinds: kinds}
	for _, p := range fleet {
		if _, ok := l.kinds[p.kind]; !ok {
			continue
		}
		for i := 1; i < len(p.at); i++ {
			span, mid := p.at[i]-p.at[i-1], (p.at[i]+p.at[i-1])/2
			usual := (p.odometer(mid+yearDays/2) - p.odometer(mid-yearDays/2)) / yearDays
			if span > 45 || !(usual > minKmPerDay) {
				continue
			}
			ratio := min((p.km[i]-p.km[i-1])/span/usual, 3)
			sin, cos := elementary.Turn(mid / yearDays)
			rows.add(p.kind, ratio-1, 1, sin, cos, 2*sin*cos, cos*cos-sin*sin)
		}
	}
	if len(rows.y) == 0 {
		return
	}
	beta := rows.fit(free, seasonRidge)
	l.each(kinds, func(k int, law *UsageLaw) {
		c := rows.of(beta, k)[1:]
		size := math.Abs(c[0]) + math.Abs(c[1]) + math.Abs(c[2]) + math.Abs(c[3])
		for j := range law.Season {
			law.Season[j] = c[j] * min(1, 0.8/max(size, 1e-9)) // never below a fifth of the usual
		}
	})
}

// each visits the law of each kind, and that of others as number -1.
func (l *UsageLaws) each(kinds []string, visit func(k int, law *UsageLaw)) {
	for k, kind := range kinds {
		law := l.kinds[kind]
		visit(k, &law)
		l.kinds[kind] = law
	}
	visit(-1, &l.others)
}

// The coordinates of the search for variances: logs, but for the lean.
const (
	ofBetween = iota
	ofWander
	ofWanderDays
	ofScatter
	ofChange
	ofLean
)

// noiseStarts are where the search for the variances begins: vehicles that are alike and change their
// pace for half a year and more, and vehicles that differ and change it for a season. A search that
// begins far from the truth ends far from it.
var noiseStarts = [][]float64{
	{math.Log(0.05), math.Log(0.2), math.Log(200), math.Log(10), math.Log(0.05), 0},
	{math.Log(0.5), math.Log(0.1), math.Log(80), math.Log(2), math.Log(0.05), 0},
}

// learnNoise looks for the variances under which the answers come out best. A change that is put
// larger than was seen is not part of that search, which would buy fewer changes with vehicles that are
// more alike; but who believes in larger ones takes more for scatter.
func (l *UsageLaws) learnNoise(fleet []usagePath, kinds []string, leastChange float64) {
	asked := 0
	for _, p := range fleet {
		asked += len(p.answers)
	}
	if asked < 30 {
		return
	}
	set := func(p []float64) {
		l.each(kinds, func(k int, law *UsageLaw) {
			law.Between, law.Wander, law.WanderDays = bounded(p[ofBetween], 1e-3, 2), bounded(p[ofWander], 1e-3, 2), bounded(p[ofWanderDays], 20, 4000)
			law.Scatter, law.Change, law.Lean = bounded(p[ofScatter], leastScatter, mostScatter), bounded(p[ofChange], 1e-6, 2), min(max(p[ofLean], -0.5), 0.5)
			if k < 0 {
				law.Between += l.apart
			}
		})
	}
	loss := func(p []float64) float64 {
		set(p)
		sum := 0.0
		for i := range fleet {
			law := l.Of(fleet[i].kind)
			sum += fleet[i].loss(&law)
		}
		return sum
	}
	best, least := noiseStarts[0], math.Inf(1)
	for _, start := range noiseStarts {
		found, err := optimize.Minimize(optimize.Problem{Func: loss}, start,
			&optimize.Settings{FuncEvaluations: 400}, &optimize.NelderMead{})
		if found != nil && err == nil && found.F < least {
			best, least = found.X, found.F
		}
	}
	if math.IsInf(least, 1) {
		set(best)
		return
	}
	if leastChange > 0 {
		l.each(kinds, func(_ int, law *UsageLaw) { law.Lasting = 1 })
		best = withLeastChange(best, leastChange, loss)
	}
	set(best)
	l.learnLean(fleet, kinds)
}

// withLeastChange is a point of the search, but with a change that is at least so large, and with the
// scatter that goes with it: the least that answers about as well as the best. The answers hardly tell scatters
// apart that differ by half, but by the lesser one a change is seen sooner.
func withLeastChange(found []float64, leastChange float64, loss func(p []float64) float64) []float64 {
	point := slices.Clone(found)
	point[ofChange] = max(point[ofChange], math.Log(leastChange))
	point[ofScatter] = math.Log(bounded(point[ofScatter], leastScatter, mostScatter))
	best, least := slices.Clone(point), loss(point)
	for range scatterSteps {
		point[ofScatter] += scatterStep
		if v := loss(point); v < least {
			best, least = slices.Clone(point), v
		}
	}
	for range scatterStepsDown {
		point = slices.Clone(best)
		if point[ofScatter] -= scatterStep; !(loss(point) <= least*aboutAsGood) {
			break
		}
		best = point
	}
	return best
}

// From the scatter that was found on, up to four times as much is tried, and from the best of them on down to half.
const (
	scatterSteps     = 10
	scatterStepsDown = 5
	scatterStep      = 0.14
	aboutAsGood      = 1.01 // times the least loss

	leastScatter, mostScatter = 0.05, 200.0
)

// leanUnits is how many answers of a kind it takes to believe half of its lean.
const leanUnits = 30.0

// learnLean moves the median of each kind to where its answers were.
func (l *UsageLaws) learnLean(fleet []usagePath, kinds []string) {
	misses := map[string][]float64{}
	for i := range fleet {
		law := l.Of(fleet[i].kind)
		fleet[i].replay(&law, func(_ usageAnswer, miss, _, _ float64) {
			misses[fleet[i].kind] = append(misses[fleet[i].kind], miss)
		})
	}
	for _, kind := range kinds {
		m := misses[kind]
		if len(m) == 0 {
			continue
		}
		slices.Sort(m)
		law := l.kinds[kind]
		law.Lean += m[len(m)/2] * float64(len(m)) / (float64(len(m)) + leanUnits)
		l.kinds[kind] = law
	}
}

func bounded(log, low, high float64) float64 { return min(max(math.Exp(log), low), high) }

// loss is the pinball loss of P10, P50 and P90 over the answers of a replay. A
// miss of the log-distance in the days that it took is about a miss in days, as a
// share; so no law has to be turned round here.
func (p *usagePath) loss(l *UsageLaw) float64 {
	sum := 0.0
	p.replay(l, func(a usageAnswer, miss, less, more float64) {
		sum += a.weight * (math.Abs(miss) + pinball(miss+z90*less, 0.1) + pinball(miss-z90*more, 0.9))
	})
	return sum
}

// replay asks each question when it could have been asked: how far the log of the
// truth was above its median, and the standard deviations that were expected of that on either side.
func (p *usagePath) replay(l *UsageLaw, each func(a usageAnswer, miss, less, more float64)) {
	s := l.startAt(p.born, p.at[0])
	next := 0
	for i := 1; i < len(p.at); i++ {
		l.drove(&s, p.at[i], p.km[i]-p.km[i-1])
		for ; next < len(p.answers) && p.answers[next].reading == i; next++ {
			a := p.answers[next]
			m, v, doubt := l.Distance(&s, a.days)
			each(a, math.Log(a.km)-m, deviation(v, doubt, -1), deviation(v, doubt, 1))
		}
	}
}

func pinball(miss, q float64) float64 { return max(q*miss, (q-1)*miss) }

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
