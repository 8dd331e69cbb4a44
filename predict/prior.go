package predict

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// When a path is worth learning from, and when a fleet is.
const (
	minPathReadings = 4
	minPathWear     = 0.15 // wear between its first and last reading
	minComplete     = 5    // complete paths before the fleet's own variance is trusted
	leastSensed     = 20   // or so many that sensors follow, before their rate is
	expertUnits     = 3.0  // paths that the expert prior counts for beside the fleet's
	maxPathPoints   = 60   // readings of one path that its line is drawn through
)

// PathsOf sums up what one vehicle teaches: the wear paths that are long enough to learn
// from, each by its own least-squares line of wear on the clock or, where it has worn little,
// by how far it has come since its first day, and how long its parts lasted. Paths that do
// not rise are left out.
func PathsOf(in Input) []FleetPath {
	in.Now = in.Now.UTC()
	t := newTimeline(&in)
	t.recognise()
	var out []FleetPath
	for row := range t.table.rows {
		if !t.has(row) {
			continue
		}
		out = append(out, t.fleetLives(row)...)
		if len(t.readings[row]) >= minPathReadings {
			out = append(out, t.fleetPaths(row)...)
		}
	}
	return out
}

// fleetPaths cuts the readings of a component at its services.
func (t *timeline) fleetPaths(row int) []FleetPath {
	var out []FleetPath
	rest := slices.DeleteFunc(slices.Clone(t.believed(row)), func(r Reading) bool { return r.Bound || r.AtLeast }) // no line leads through the end of a scale
	p := t.blank(row)
	p.prior = t.priorOf(row)
	p.model = p.prior.model(t.table.experts[row], false)
	p.open(t, row)
	p.begun = p.tau(p.at, p.km)
	name, cycle := "", ""
	cut := func(n int, end ending) {
		part := rest[:n]
		rest = rest[n:]
		if topped := t.toppedUp(row, p.at, end.Time); !topped.IsZero() { // what it would have been is not known
			m, _ := slices.BinarySearchFunc(part, topped, func(r Reading, at time.Time) int { return r.Time.Compare(at) })
			part, end = part[:m], ending{}
		}
		f := t.summary(&p, part)
		f.Complete, f.Failed, f.Part = !end.Time.IsZero() && end.inferred == nil, end.Failed, name
		if cycle != "" {
			f.Cycle = cycle
		}
		if f.Complete && p.known() {
			f.Run = p.tau(end.Time, end.OdometerKm) - p.begun
		}
		if f.Failed {
			t.wearAtEnd(&f, &p, part, end.Service)
			var late time.Duration
			if late, f.Seen = t.reaction(row, &p.prior, end.Service); f.Seen {
				f.LateDays = late.Hours() / 24
			}
		}
		if curve := t.table.experts[row].Forms[0].Curve; f.draw(curve, 1) || end.Time.IsZero() && f.young(curve) {
			out = append(out, f)
		}
	}
	for _, s := range t.ends[row] {
		if s.OdometerKm == 0 {
			s.OdometerKm = t.odometer(s.Time)
		}
		n, _ := slices.BinarySearchFunc(rest, s, func(r Reading, s ending) int { return r.Time.Compare(s.Time) })
		cut(n, s)
		name = s.Part
		p.from, p.at, p.km, p.begun = openRecorded, s.Time, s.OdometerKm, p.tau(s.Time, s.OdometerKm)
		if cycle = ""; s.inferred != nil {
			p.from, cycle = openUnknown, "serviced-"+s.Time.UTC().Format(time.DateOnly)
		}
		if astride := func(r Reading) bool { return r.astride(s.Time) }; slices.ContainsFunc(rest, astride) {
			rest = slices.DeleteFunc(slices.Clone(rest), astride)
		}
	}
	cut(len(rest), ending{})
	return out
}

// summary of a path with its points; how it ended is not in it.
func (t *timeline) summary(p *wearPath, readings []Reading) FleetPath {
	f := FleetPath{
		VIN: t.in.VIN, Component: p.spec.Component, Cycle: p.cycle(), Readings: len(readings),
	}
	f.live(t)
	step := (len(readings) + maxPathPoints - 1) / maxPathPoints
	for i := 0; i < len(readings); i += max(step, 1) {
		r := readings[i]
		tau := p.tau(r.of(), t.kmOf(&r)) - p.begun
		if n := len(f.Points); n > 0 { // what sums up looks may be of a time before one that was known sooner
			tau = max(tau, f.Points[n-1].Tau)
		}
		f.Points = append(f.Points, Point{Tau: tau, Wear: r.Wear, Noise: r.Noise, Source: r.Source, Fuel: t.diluted(&r)})
	}
	if n := len(f.Points); n > 0 && p.known() {
		f.Run = f.Points[n-1].Tau
	}
	return f
}

// What is looked at to see at which wear a part failed: the readings of its last months,
// and some more of one that is seldom read.
const (
	lastLook  = 90 * 24 * time.Hour
	lastLooks = 4
)

// wearAtEnd is where the line through the last readings leads to at the end of a path,
// with its standard error; nothing when they make no line.
func (t *timeline) wearAtEnd(f *FleetPath, p *wearPath, readings []Reading, end Service) {
	until := p.tau(end.Time, end.OdometerKm)
	var x, y, fuel, w []float64
	first := end.Time
	total := 0.0
	for i, r := range readings {
		if end.Time.Sub(r.Time) > lastLook && len(readings)-i > lastLooks || !(r.Noise > 0) {
			continue
		}
		x, y, w = append(x, p.tau(r.of(), t.kmOf(&r))-until), append(y, r.Wear), append(w, 1/(r.Noise*r.Noise))
		fuel, first = append(fuel, t.diluted(&r)), earlier(first, r.of())
		total += w[len(w)-1]
	}
	mean, spread := stat.MeanVariance(x, w)
	if len(x) < lastLooks || !(spread > 0) {
		return
	}
	wear, rise := stat.LinearRegression(x, y, w, false)
	along := stat.MomentAbout(2, x, mean, w) // weighted mean square
	f.FailedAt, f.FailedAtSE = max(wear, 0), math.Sqrt(1/total+mean*mean/(along*total))
	f.FailedPerDay = rise * -x[0] / (end.Time.Sub(first).Hours() / 24)
	f.FailedFuel, _ = stat.LinearRegression(x, fuel, w, false)
}

// lastSource is where the newest of its readings came from.
func (f *FleetPath) lastSource() string {
	if n := len(f.Points); n > 0 {
		return f.Points[n-1].Source
	}
	return ""
}

// draw gives a path its rate along a curve to a wear of scale: that of its life, where all of it was
// seen, or the slope of its least-squares line (the stage-one fit). False of a path
// that has too few readings or does not rise.
func (f *FleetPath) draw(along *degradation.Curve, scale float64) bool {
	if len(f.Points) < minPathReadings {
		return false
	}
	if f.Failed && f.Run > 0 {
		f.LogRate, f.LogRateSE = -math.Log(f.Run), failureNoise
		return true
	}
	x, y := make([][]float64, len(f.Points)), make([]float64, len(f.Points))
	for i, p := range f.Points {
		x[i], y[i] = []float64{p.Tau}, along.Progress(max(p.Wear, 0)/scale)
	}
	l, x, err := lineThrough(x, y)
	if err != nil || !(l.Slopes[0] > 0) {
		return false
	}
	gained := l.Slopes[0] * (x[len(x)-1][0] - x[0][0])
	if gained < minPathWear {
		return false
	}
	// Wear scatters along the path too, not only the readings.
	f.LogRate, f.LogRateSE = math.Log(l.Slopes[0]), math.Hypot(l.SlopeSE[0]/l.Slopes[0], math.Sqrt(expertNoise.Level/gained))
	return true
}

// lineThrough is the least-squares line through points but for strays, and where those of it are.
func lineThrough(x [][]float64, y []float64) (Linear, [][]float64, error) {
	l, err := Fit(y, x)
	if err != nil {
		return l, x, err
	}
	near, at := withoutStrays(&l, x, y)
	if len(at) < len(y) {
		l, err = Fit(at, near)
	}
	return l, near, err
}

// withoutStrays leaves out the points that lie far off a line, by the median of what they do
// and by more than wear scatters along its path: one wrong reading turns the line of a part
// that has hardly worn.
func withoutStrays(l *Linear, x [][]float64, y []float64) ([][]float64, []float64) {
	off, sizes := make([]float64, len(y)), make([]float64, len(y))
	for i := range y {
		off[i] = math.Abs(y[i] - l.At(x[i]...))
		sizes[i] = off[i]
	}
	slices.Sort(sizes)
	most := max(strayPair*1.4826*sizes[len(sizes)/2], mostGap) // 1.4826: to a standard deviation
	var keptX [][]float64
	var keptY []float64
	for i := range y {
		if off[i] <= most {
			keptX, keptY = append(keptX, x[i]), append(keptY, y[i])
		}
	}
	return keptX, keptY
}

// LearnPrior turns the paths of a fleet into its prior, per component of the table: the median
// rate, the spread between vehicles with the error of the single fits taken out,
// and what use and climate explain. A component with fewer than five complete
// paths keeps the expert's prior, and the expert's counts for three paths beside
// every other. The order of the paths does not matter. The version is a hash of
// what was learned.
func LearnPrior(t *Table, paths []FleetPath) Prior {
	rows := t.orStandard().rows
	p := Prior{Components: map[Component]LifePrior{}}
	sorted := slices.Clone(paths)
	slices.SortFunc(sorted, func(a, b FleetPath) int {
		return cmp.Or(cmp.Compare(a.VIN, b.VIN), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.LogRate, b.LogRate), cmp.Compare(a.LogRateSE, b.LogRateSE), cmp.Compare(a.Run, b.Run))
	})
	late := lateness(sorted)
	for i := range rows {
		var paths, lives []FleetPath
		for _, f := range sorted {
			switch {
			case f.Component != rows[i].Component:
			case f.Readings == 0:
				lives = append(lives, f)
			case finite(f.LogRate) && finite(f.LogRateSE) && f.LogRateSE >= 0:
				paths = append(paths, f)
			}
		}
		l, ok := learnRate(&rows[i], early(paths, late), late)
		life := learnLives(&rows[i], l, lives, late)
		if !ok && life != nil {
			l, ok = life.asRate(), true
		}
		if l.Life = life; ok {
			p.Components[rows[i].Component] = l
		}
	}
	p.Usage = learnUsage(sorted)
	return p.named()
}

// named gives a prior its version: a hash of what was learned, nothing if that is
// nothing.
func (p Prior) named() Prior {
	p.Version = ""
	if len(p.Components) == 0 && p.Usage == (UsagePrior{}) {
		return p
	}
	content, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("predict: a prior that cannot be written: %v", err)) // learned numbers are finite
	}
	sum := sha256.Sum256(content)
	p.Version = "fleet-" + hex.EncodeToString(sum[:6])
	return p
}

// learnRate is the moment form of empirical Bayes for one component. Of parts that wear so
// slowly that hardly one has come to its end, those that sensors follow teach the rate, and
// nothing else: how their readings scatter says little where errors stay for months.
func learnRate(s *Spec, own []FleetPath, late float64) (LifePrior, bool) {
	l := LifePrior{}
	sensed := 0
	for i := range own {
		if own[i].Complete {
			l.Units++
		}
		if own[i].sensed() {
			sensed++
		}
	}
	ended := l.Units >= minComplete
	switch {
	case ended:
		own = grown(own)
	case sensed < leastSensed:
		return LifePrior{}, false
	default:
		l.Units = sensed
	}
	l.learnNew(s, own)
	l.Hides = learnHidden(own)
	own = rescaled(own, l.ShowsNew, l.Hides)
	if ended {
		l.Trust = learnTrust(own)
	}
	l.learnSteady(own)
	own = steadied(own, &l)
	l.learnMakes(own)
	own = ofMakes(own, l.Makes)
	own = youngAgain(own, s.expert().Forms[0].Curve)
	learnFailures(&l, own, late)
	own = learnForms(&l, s, own)
	if len(own) < minComplete {
		return LifePrior{}, false
	}
	for i := range own { // what is known of a class is not to be learned as a difference of vehicles
		own[i].LogRate -= math.Log(s.regen(own[i].Powertrain))
	}
	l.OfClass = true
	explained := explain(&l, own)
	n := float64(len(own))
	mean, noise := 0.0, 0.0
	for i, f := range own {
		mean += (f.LogRate - explained[i]) / n
		noise += f.LogRateSE * f.LogRateSE / n
	}
	spread := 0.0
	for i, f := range own {
		d := f.LogRate - explained[i] - mean
		spread += d * d / (n - 1)
	}
	l.PartShare = partShareOf(own, explained, spread-noise)
	expertMean, expertSpread := math.Log(s.RatePer1000Km), math.Log1p(s.RateCV*s.RateCV)
	mean = (n*mean + expertUnits*expertMean) / (n + expertUnits)
	spread = (n*max(spread-noise, 0) + expertUnits*expertSpread) / (n + expertUnits)
	if !ended { // those that wear the least are not among them, and differ the most
		spread = max(spread, expertSpread)
	}
	l.RatePer1000Km, l.CV = math.Exp(mean), math.Sqrt(math.Expm1(max(spread, 0.0025)))
	l.learnSigns(s, own, late)
	return l, usablePrior(l)
}

// partShareOf is how much of the variance of log-rates lies between the parts of one vehicle, whose paths follow each
// other: the rest is between vehicles.
func partShareOf(own []FleetPath, explained []float64, variance float64) float64 {
	within, free := 0.0, 0.0
	for i := 0; i < len(own); {
		first, mean, noise := i, 0.0, 0.0
		for ; i < len(own) && own[i].VIN == own[first].VIN; i++ {
			mean += own[i].LogRate - explained[i]
			noise += own[i].LogRateSE * own[i].LogRateSE
		}
		n := float64(i - first)
		for j := first; j < i; j++ {
			off := own[j].LogRate - explained[j] - mean/n
			within += off * off
		}
		within -= noise * (n - 1) / n
		free += n - 1
	}
	if free == 0 || !(variance > 0) {
		return degradation.ExpertPart
	}
	share := min(max(within/free/variance, leastPart), 1)
	return (free*share + expertUnits*degradation.ExpertPart) / (free + expertUnits)
}

// leastPart is the least share of the variance that is believed to be the parts'.
const leastPart = 0.02

// learnUsage is the spread of use between the vehicles; each counts once.
func learnUsage(sorted []FleetPath) UsagePrior {
	var logs []float64
	for i, f := range sorted {
		if finite(math.Log(f.KmPerDay)) && (i == 0 || sorted[i-1].VIN != f.VIN) {
			logs = append(logs, math.Log(f.KmPerDay))
		}
	}
	n := float64(len(logs))
	if n < minComplete {
		return UsagePrior{}
	}
	mean, spread := expertUnits*math.Log(priorKmPerD), expertUnits*math.Log1p(priorUseCV*priorUseCV)
	for _, v := range logs {
		mean += v
	}
	mean /= n + expertUnits
	for _, v := range logs {
		spread += (v - mean) * (v - mean)
	}
	return UsagePrior{KmPerDay: math.Exp(mean), CV: math.Sqrt(math.Expm1(spread / (n + expertUnits - 1)))}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
