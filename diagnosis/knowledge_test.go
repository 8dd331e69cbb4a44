package diagnosis_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestKnowledgeHasEveryFamily(t *testing.T) {
	t.Parallel()
	base := diagnosis.Knowledge()
	if n := len(base.Families); n < 64 {
		t.Errorf("%d families, want at least 64", n)
	}
	if !strings.HasPrefix(base.Version, "kb-") || len(base.Version) != 15 {
		t.Errorf("version %q, want kb- and twelve hex digits", base.Version)
	}
	seen := map[string]bool{}
	for _, f := range base.Families {
		if seen[f.Key] {
			t.Errorf("%s is there twice", f.Key)
		}
		seen[f.Key] = true
	}
}

// Each pass is one thing that can be wrong with an entry.
func TestKnowledgeLint(t *testing.T) {
	t.Parallel()
	passes := map[string]func(*testing.T, diagnosis.Family){
		"languages":  lintLanguages,
		"call":       lintCall,
		"causes":     lintCauses,
		"operations": lintOperations,
		"parts":      lintParts,
		"conditions": lintConditions,
		"related":    lintRelated,
		"safety":     lintSafety,
	}
	for name, pass := range passes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, f := range diagnosis.Knowledge().Families {
				pass(t, f)
			}
		})
	}
}

func lintLanguages(t *testing.T, f diagnosis.Family) {
	check := func(what string, x lang.Text) {
		t.Helper()
		if strings.TrimSpace(x.EN) == "" || !slices.ContainsFunc([]rune(x.ZH), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %s is not in both languages: %+v", f.Key, what, x)
		}
	}
	check("name", f.Name)
	check("title", f.Title)
	check("detail", f.Detail)
	check("why", f.Why)
	check("check", f.Check)
	if !f.Safety.IsZero() {
		check("safety", f.Safety)
	}
	for _, c := range f.Causes {
		check("cause "+c.Key, c.Text)
		if !c.Check.IsZero() {
			check("check of "+c.Key, c.Check)
		}
		for _, a := range c.Adjust {
			check("adjust of "+c.Key, a.So)
		}
	}
	for _, o := range f.Operations {
		check("operation "+o.Code, o.Text)
	}
	for _, p := range f.Parts {
		check("part", p.Name)
	}
	for _, w := range f.Worse {
		check("worse", w.Why)
	}
}

func lintCall(t *testing.T, f diagnosis.Family) {
	calls := []diagnosis.Drivability{diagnosis.Stop, diagnosis.Soon, diagnosis.Monitor}
	if !slices.Contains(calls, f.Call) {
		t.Errorf("%s: call %q", f.Key, f.Call)
	}
	for _, w := range f.Worse {
		if !slices.Contains(calls, w.Call) || slices.Index(calls, w.Call) > slices.Index(calls, f.Call) {
			t.Errorf("%s: %s makes it %q, which is not worse than %q", f.Key, w.If, w.Call, f.Call)
		}
	}
}

func lintCauses(t *testing.T, f diagnosis.Family) {
	sum := 0.0
	keys := map[string]bool{}
	for _, c := range f.Causes {
		sum += c.Share
		if c.Share <= 0 || c.Share > 1 || keys[c.Key] {
			t.Errorf("%s: cause %q is there twice or has share %v", f.Key, c.Key, c.Share)
		}
		keys[c.Key] = true
	}
	if math.Abs(sum-1) > 0.01 {
		t.Errorf("%s: shares sum to %.3f", f.Key, sum)
	}
	if len(f.Causes) < 2 && !f.Pointer {
		t.Errorf("%s: %d causes, nothing to rank", f.Key, len(f.Causes))
	}
}

func lintOperations(t *testing.T, f diagnosis.Family) {
	if len(f.Operations) == 0 {
		t.Errorf("%s: no operation", f.Key)
	}
	for _, o := range f.Operations {
		if lo, hi := o.Hours[0], o.Hours[1]; lo < 0.1 || hi < lo || hi > 16 {
			t.Errorf("%s: %s takes %v to %v hours", f.Key, o.Code, lo, hi)
		}
		if o.For != "" && !hasCause(f, o.For) {
			t.Errorf("%s: %s is for the unknown cause %q", f.Key, o.Code, o.For)
		}
	}
}

func lintParts(t *testing.T, f diagnosis.Family) {
	for _, p := range f.Parts {
		if p.Quantity <= 0 || !hasCause(f, p.For) {
			t.Errorf("%s: part %q, quantity %v, cause %q", f.Key, p.Name.EN, p.Quantity, p.For)
		}
	}
}

func lintConditions(t *testing.T, f diagnosis.Family) {
	var asked []string
	for _, c := range f.Causes {
		for _, a := range c.Adjust {
			asked = append(asked, a.If)
			if a.Times <= 0 || a.Times > 5 || a.Times == 1 {
				t.Errorf("%s: %s times %v", f.Key, a.If, a.Times)
			}
		}
	}
	for _, w := range f.Worse {
		asked = append(asked, w.If)
	}
	for _, name := range asked {
		kind, arg, named := strings.Cut(name, ":")
		ok := false
		switch {
		case !named:
			ok = slices.Contains(diagnosis.Conditions(), name)
		case kind == "also":
			ok = slices.ContainsFunc(diagnosis.Knowledge().Families, func(o diagnosis.Family) bool { return o.Key == arg })
		case kind == "worn":
			_, ok = predict.Standard().Of(predict.Component(arg))
		case kind == "code":
			key, known := diagnosis.FamilyOf(vehicle.Code(arg))
			ok = known && key == f.Key
		}
		if !ok {
			t.Errorf("%s: unknown condition %q", f.Key, name)
		}
	}
}

func lintRelated(t *testing.T, f diagnosis.Family) {
	if _, taken := predict.Standard().Of(predict.Component(f.Key)); taken {
		t.Errorf("%s: is also a component: reminders could not tell the two apart", f.Key)
	}
	for _, r := range f.Related {
		if _, ok := predict.Standard().Of(r.Component); !ok || r.Days < 1 || r.Days > 30 {
			t.Errorf("%s: related work %+v", f.Key, r)
		}
	}
}

// High voltage is not worked on without a note and a certificate, and the
// vehicle cannot talk a dangerous fault down.
func lintSafety(t *testing.T, f diagnosis.Family) {
	if strings.HasPrefix(f.Key, "hv_") && (f.Safety.IsZero() || f.Skill != "high_voltage" || !f.KeepCall) {
		t.Errorf("%s: high voltage without safety note, skill or kept call", f.Key)
	}
	if f.Call == diagnosis.Stop && !f.KeepCall {
		t.Errorf("%s: a stop call that the vehicle could lower", f.Key)
	}
}

func hasCause(f diagnosis.Family, key string) bool {
	return slices.ContainsFunc(f.Causes, func(c diagnosis.KnownCause) bool { return c.Key == key })
}

// Of two families that list a code, the one with the narrower pattern has it; as
// narrow as each other they would have it by chance.
func TestKnowledgeCodesBelongToOneFamily(t *testing.T) {
	t.Parallel()
	type claim struct {
		family string
		width  int
	}
	narrowest := map[vehicle.Code]claim{}
	for _, f := range diagnosis.Knowledge().Families {
		if len(f.Codes) == 0 {
			t.Errorf("%s: no codes", f.Key)
		}
		for _, p := range f.Codes {
			codes := p.Codes()
			for _, c := range codes {
				old, taken := narrowest[c]
				if taken && old.width == len(codes) && old.family != f.Key {
					t.Errorf("%s is in %s and %s", c, old.family, f.Key)
				}
				if !taken || len(codes) < old.width {
					narrowest[c] = claim{f.Key, len(codes)}
				}
			}
		}
	}
	for c, want := range narrowest {
		if got, ok := diagnosis.FamilyOf(c); !ok || got != want.family {
			t.Errorf("family of %s is %q, want %q", c, got, want.family)
		}
		if title, ok := diagnosis.CodeTitle(c); !ok || title.EN == "" || title.ZH == "" {
			t.Errorf("%s has no title in both languages: %+v", c, title)
		}
	}
}

func TestPatternText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"P0171", "P0301-P0312", "U0104-U0297", "B0001-B0081", "C0031-C0052", "P0A8B-P0A8F"} {
		var p diagnosis.Pattern
		if err := p.UnmarshalText([]byte(s)); err != nil || p.String() != s {
			t.Errorf("%q reads as %q, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "P01", "P017", "P01711", "P4000", "X0100", "p0171", "P0312-P0301", "P0300-P0300", "P0300-C0312", "P0171-11", "P-171", "P01 1"} {
		var p diagnosis.Pattern
		if err := p.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was read as %q", s, p)
		}
	}
}

func TestFamilyOf(t *testing.T) {
	t.Parallel()
	tests := map[vehicle.Code]string{
		"P0171": "fuel_lean", "P0171-1F": "fuel_lean", "P0300": "misfire_random", "P0304": "misfire_cylinder",
		"P0455": "evap_large", "C0051": "steering_angle", "C0035": "wheel_speed", "U0121": "abs_unit",
		"U0199": "lost_module", "U0167": "immobiliser", "P0AA6": "hv_isolation",
	}
	for c, want := range tests {
		if got, ok := diagnosis.FamilyOf(c); !ok || got != want {
			t.Errorf("family of %s is %q, want %q", c, got, want)
		}
	}
	for _, c := range []vehicle.Code{"", "P", "P1234", "B1800", "P0171x", "hello"} {
		if got, ok := diagnosis.FamilyOf(c); ok {
			t.Errorf("%q belongs to %q", c, got)
		}
	}
}

// A wheel is never named from the code alone: makers and editions disagree.
func TestWheelSpeedCodesNameNoWheel(t *testing.T) {
	t.Parallel()
	for _, c := range []vehicle.Code{"C0035", "C0040"} {
		title, _ := diagnosis.CodeTitle(c)
		text, err := json.Marshal(title)
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"left", "right", "左", "右"} {
			if strings.Contains(string(text), side) {
				t.Errorf("%s says %s", c, text)
			}
		}
	}
}
