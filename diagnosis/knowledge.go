package diagnosis

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Base is the knowledge base: trade knowledge as data, not measured on anybody's
// fleet. Version changes with every byte of it.
type Base struct {
	Version  string
	Families []Family
	titles   []codeTitle
	wear     map[predict.Component]wornPart
	byKey    map[string]*Family
}

// Family is one kind of fault: the codes that show it and what is known of it.
type Family struct {
	System     string        `json:"-"` // name of the file
	Key        string        `json:"key"`
	Codes      []Pattern     `json:"codes"`
	Name       lang.Text     `json:"name"`   // a few words
	Title      lang.Text     `json:"title"`  // one sentence for the owner
	Detail     lang.Text     `json:"detail"` // for the technician
	Call       Drivability   `json:"call"`
	Why        lang.Text     `json:"why"`
	Worse      []Worse       `json:"worse"`
	KeepCall   bool          `json:"keep_call"` // the vehicle's own rating may raise the call, not lower it
	Causes     []KnownCause  `json:"causes"`
	Check      lang.Text     `json:"check"` // splits the two likeliest causes
	Operations []KnownWork   `json:"operations"`
	Parts      []KnownPart   `json:"parts"`
	Related    []RelatedWork `json:"related"`
	Pointer    bool          `json:"pointer"` // only says that another module has a code, or what Aside says
	Aside      lang.Text     `json:"aside"`   // why a pointer is never a finding, where it does not point to another module
	Safety     lang.Text     `json:"safety"`
	Skill      string        `json:"skill"` // certificate the work needs
}

// Worse raises the call when a condition holds.
type Worse struct {
	If   string      `json:"if"`
	Call Drivability `json:"call"`
	Why  lang.Text   `json:"why"`
}

// KnownCause is a possible cause with its usual share and what moves it.
type KnownCause struct {
	Key         string          `json:"key"`
	Text        lang.Text       `json:"text"`
	Share       float64         `json:"share"`
	Adjust      []Adjust        `json:"adjust"`
	Check       lang.Text       `json:"check"` // first check when evidence puts this cause first
	Powertrains powertrainsOnly `json:"powertrains"`
}

// Adjust multiplies the share of a cause when a condition holds.
type Adjust struct {
	If    string    `json:"if"`
	Times float64   `json:"times"`
	So    lang.Text `json:"so"` // what the fact means for this cause
}

// KnownWork is an operation, done for a cause; empty For is always first. Its
// text comes from the list of operations.
type KnownWork struct {
	Code        string          `json:"code"`
	For         string          `json:"for"`
	Text        lang.Text       `json:"-"`
	Hours       [2]float64      `json:"hours"`
	Powertrains powertrainsOnly `json:"powertrains"`
}

// KnownPart is material for the work on a cause.
type KnownPart struct {
	For         string          `json:"for"`
	Name        lang.Text       `json:"name"`
	Quantity    float64         `json:"quantity"`
	Powertrains powertrainsOnly `json:"powertrains"`
}

// RelatedWork is a service that can bring this fault about when it was done
// shortly before.
type RelatedWork struct {
	Component predict.Component `json:"component"`
	Days      int               `json:"days"`
}

// powertrainsOnly limits an entry to some powertrains; empty means all.
type powertrainsOnly []vehicle.Powertrain

// covers is true for an unknown powertrain: better a cause too many than one
// withheld.
func (only powertrainsOnly) covers(p vehicle.Powertrain) bool {
	if len(only) == 0 || p == vehicle.PowertrainUnknown {
		return true
	}
	for _, o := range only {
		if o == p {
			return true
		}
	}
	return false
}

type codeTitle struct {
	Codes Pattern `json:"code"`
	lang.Text
}

type operationName struct {
	Code string `json:"code"`
	lang.Text
}

// wornPart is what is known of a component at its limit, beside its predict.Spec.
type wornPart struct {
	Component predict.Component `json:"component"`
	Call      Drivability       `json:"call"` // at the limit
	Title     lang.Text         `json:"title"`
	Detail    lang.Text         `json:"detail"`
	Why       lang.Text         `json:"why"`
	Check     lang.Text         `json:"check"`
	TestOnly  bool              `json:"test_only"` // nothing is renewed before the test: reserve no part
	Safety    lang.Text         `json:"safety"`
	Skill     string            `json:"skill"`
}

//go:embed knowledge/*.json
var knowledgeFiles embed.FS

// Knowledge returns the knowledge base in the binary. Callers must not change
// what it points to.
func Knowledge() Base { return *knowledge() }

// knowledge is read once and only read afterwards.
var knowledge = sync.OnceValue(func() *Base {
	b, err := readKnowledge(knowledgeFiles)
	if err != nil {
		panic("embedded knowledge base: " + err.Error()) // a broken build, not bad input
	}
	return b
})

func readKnowledge(files fs.FS) (*Base, error) {
	names, err := fs.Glob(files, "knowledge/*.json") // in order of name
	if err != nil {
		return nil, fmt.Errorf("list knowledge files: %w", err)
	}
	b := &Base{byKey: make(map[string]*Family), wear: make(map[predict.Component]wornPart)}
	operations := make(map[string]lang.Text)
	sum := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read knowledge file: %w", err)
		}
		sum.Write(text)
		if err := b.add(text, operations); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	b.Version = "kb-" + hex.EncodeToString(sum.Sum(nil)[:6])
	for i := range b.Families {
		f := &b.Families[i]
		b.byKey[f.Key] = f
		for j := range f.Operations {
			f.Operations[j].Text = operations[f.Operations[j].Code]
		}
	}
	return b, nil
}

func (b *Base) add(text []byte, operations map[string]lang.Text) error {
	var file struct {
		System     string          `json:"system"`
		Families   []Family        `json:"families"`
		Titles     []codeTitle     `json:"titles"`
		Operations []operationName `json:"operations"`
		Wear       []wornPart      `json:"wear"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	for i := range file.Families {
		file.Families[i].System = file.System
	}
	b.Families = append(b.Families, file.Families...)
	b.titles = append(b.titles, file.Titles...)
	for _, o := range file.Operations {
		operations[o.Code] = o.Text
	}
	for _, w := range file.Wear {
		b.wear[w.Component] = w
	}
	return nil
}

// family returns the family of a code: the one with the narrowest pattern that
// covers it. It is nil for a code the knowledge base does not know.
func (b *Base) family(c vehicle.Code) *Family {
	var best *Family
	narrowest := 1 << 16
	for i := range b.Families {
		for _, p := range b.Families[i].Codes {
			if width, ok := p.contains(c); ok && width < narrowest {
				best, narrowest = &b.Families[i], width
			}
		}
	}
	return best
}

// FamilyOf returns the key of the fault family a code belongs to. It is false
// for a code that the knowledge base does not know.
func FamilyOf(c vehicle.Code) (string, bool) {
	f := knowledge().family(c)
	if f == nil {
		return "", false
	}
	return f.Key, true
}

// CodeTitle says in a few words what a code means, in our own words. It is
// false for a code that the knowledge base does not know, whose title then only
// says that.
func CodeTitle(c vehicle.Code) (lang.Text, bool) {
	b := knowledge()
	best, narrowest := lang.Text{}, 1<<16
	for _, t := range b.titles {
		if width, ok := t.Codes.contains(c); ok && width < narrowest {
			best, narrowest = t.Text, width
		}
	}
	if !best.IsZero() {
		return best, true
	}
	if f := b.family(c); f != nil {
		return f.Name, true
	}
	if makerCode(c) {
		return lang.Text{EN: "maker's own code", ZH: "厂家自定义故障码"}, false
	}
	return lang.Text{EN: "code without an entry", ZH: "知识库未收录的故障码"}, false
}
