package diagnosis

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Assessment is everything a diagnosis says: what to act on, and which active
// codes it left alone and why. Every active code is in exactly one of the two.
type Assessment struct {
	Findings []Finding
	Observed []Observation
}

// Observation is an active code that is not, or not yet, worth a job.
type Observation struct {
	Code   vehicle.Code
	ECU    string
	Reason lang.Text
}

// Evaluate returns what is wrong with a vehicle, most urgent first. The same
// input gives the same findings, in whatever order its slices are.
func Evaluate(in Input) []Finding { return Assess(in).Findings }

// Assess is Evaluate with the codes that are only watched.
func Assess(in Input) Assessment {
	c := newCar(in)
	b := newBoard(c)
	for _, r := range rules() {
		r.apply(b)
	}
	var a Assessment
	for _, key := range b.keys() {
		a.Findings = append(a.Findings, b.finding(b.groups[key]))
	}
	a.Findings = append(a.Findings, c.wearFindings()...)
	slices.SortFunc(a.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Drivability.rank(), y.Drivability.rank()),
			cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Family, y.Family))
	})
	a.Observed = b.observed
	slices.SortFunc(a.Observed, func(x, y Observation) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.ECU, y.ECU))
	})
	return a
}

// rank is 0 for the most urgent call.
func (d Drivability) rank() int {
	return slices.Index([]Drivability{Stop, Soon, Monitor}, d)
}

// worseThan reports whether d asks for a workshop sooner than e.
func (d Drivability) worseThan(e Drivability) bool { return d.rank() < e.rank() }

// group is the codes of one finding to be.
type group struct {
	family   *Family
	own      []CodeState // codes of the family
	absorbed []absorbed  // codes that the family explains
	since    time.Time   // start of the occurrence
}

// absorbed is a code that belongs to another family but to this job.
type absorbed struct {
	CodeState
	why lang.Text
}

// all returns every code state of the group.
func (g *group) all() []CodeState {
	states := slices.Clone(g.own)
	for _, a := range g.absorbed {
		states = append(states, a.CodeState)
	}
	return states
}

// board is the working state of the rules: groups by family key.
type board struct {
	car      *car
	groups   map[string]*group
	watched  []CodeState // pending in one cycle only: evidence at most
	observed []Observation
}

func newBoard(c *car) *board {
	b := &board{car: c, groups: make(map[string]*group)}
	for _, s := range c.codes {
		switch reason := notYet(s, c.in.Now); {
		case !s.Active:
		case reason.IsZero():
			b.group(c.family(s.Code)).own = append(b.group(c.family(s.Code)).own, s)
		default:
			b.watched = append(b.watched, s)
			b.observe(s, reason)
		}
	}
	return b
}

// group returns the group of a family and makes it when there is none.
func (b *board) group(f *Family) *group {
	g := b.groups[f.Key]
	if g == nil {
		g = &group{family: f}
		b.groups[f.Key] = g
	}
	return g
}

func (b *board) observe(s CodeState, reason lang.Text) {
	b.observed = append(b.observed, Observation{Code: s.Code, ECU: s.ECU, Reason: reason})
}

// absorb moves all codes of one group into another.
func (b *board) absorb(into, from string, why lang.Text) {
	parent, child := b.groups[into], b.groups[from]
	if parent == nil || child == nil || into == from {
		return
	}
	for _, s := range child.own {
		parent.absorbed = append(parent.absorbed, absorbed{CodeState: s, why: why})
	}
	parent.absorbed = append(parent.absorbed, child.absorbed...)
	delete(b.groups, from)
}

func (b *board) keys() []string {
	keys := make([]string, 0, len(b.groups))
	for key := range b.groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// finding turns a group into a finding.
func (b *board) finding(g *group) Finding {
	c, f := b.car, g.family
	g.since = c.occurrence(g)
	causes, checkOf := c.rankCauses(g)
	call, why := c.drivability(g)
	out := Finding{
		VIN: c.in.VIN, Kind: FromCodes, Family: f.Key, Cycle: vehicle.DayOf(g.since).String(),
		Title: f.Title, Detail: withSafety(f.Detail, f.Safety), Drivability: call, Why: why,
		Confidence: c.confidence(g, causes), Causes: causes.texts(), FirstCheck: checkOf,
		Operations: c.operations(f, causes), Parts: c.parts(f, causes), Evidence: c.evidence(g),
		FirstSeen: g.since, LastSeen: lastSeen(g.all()),
		Knowledge: knowledge().Version, Skill: f.Skill,
	}
	for _, s := range g.all() {
		out.Codes = append(out.Codes, s.Code)
	}
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	out.ID = findingID(out.VIN, out.Family, out.Cycle)
	return out
}

// withSafety adds what can hurt the person who does the work.
func withSafety(detail, safety lang.Text) lang.Text {
	if safety.IsZero() {
		return detail
	}
	return lang.Text{EN: detail.EN + " " + safety.EN, ZH: detail.ZH + safety.ZH}
}

// findingID names a finding by what it is about, so that the same facts give
// the same id wherever and whenever they are looked at.
func findingID(vin vehicle.VIN, family, cycle string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(vin), family, cycle}, "|")))
	return hex.EncodeToString(sum[:16])
}

func lastSeen(states []CodeState) time.Time {
	var last time.Time
	for _, s := range states {
		if s.LastSeen.After(last) {
			last = s.LastSeen
		}
	}
	return last
}
