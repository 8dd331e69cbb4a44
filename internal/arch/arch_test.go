// Package arch_test holds the import rules of the project as a test.
package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pitcrew-telematics/pitcrew"

// graph maps a package below the module to what its non-test files import:
// packages of this module by their path below it, others as they are.
type graph map[string][]string

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	g, _ := load(t)
	for pkg, imports := range g {
		r, ok := ruleFor(pkg)
		if !ok {
			t.Errorf("package %s has no rule: give it a layer in rules_test.go and docs/architecture.md", pkg)
			continue
		}
		for _, imp := range imports {
			below, ours := strings.CutPrefix(imp, module+"/")
			if !ours || below == pkg {
				continue
			}
			if !allowed(r, below) || forbiddenSibling(pkg, below) {
				t.Errorf("%s must not import %s", pkg, below)
			}
		}
	}
}

func TestPureCodeDoesNoIO(t *testing.T) {
	t.Parallel()
	g, _ := load(t)
	for pkg := range g {
		if !slices.ContainsFunc(pure, func(p string) bool { return under(pkg, p) }) {
			continue
		}
		for _, bad := range impure {
			if chain := reach(g, pkg, bad, nil); chain != nil {
				t.Errorf("%s must do no I/O, but: %s", pkg, strings.Join(chain, " -> "))
			}
		}
	}
}

func TestTransportsNeverReachAdapters(t *testing.T) {
	t.Parallel()
	g, _ := load(t)
	for _, from := range []string{"api", "console", "planner", "simulator"} {
		for _, bad := range []string{"store", "telemetry/embedded", "telemetry/influx", "ingest/mqtt", "ingest/broker"} {
			if chain := reach(g, from, module+"/"+bad, nil); chain != nil {
				t.Errorf("offending chain: %s", strings.Join(chain, " -> "))
			}
		}
	}
	if chain := reach(g, "simulator", module+"/predict", nil); chain != nil {
		t.Errorf("the simulator must not know the model: %s", strings.Join(chain, " -> "))
	}
}

// Pure code is given the time; asking for it would make a replay answer
// differently from the first run.
func TestPureCodeNeverAsksForTheTime(t *testing.T) {
	t.Parallel()
	_, files := load(t)
	for name, f := range files {
		pkg := path.Dir(name)
		if !slices.ContainsFunc(append([]string{"telemetry", "reminders"}, pure...), func(p string) bool { return pkg == p || (p == "obd" && under(pkg, p)) }) {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since") {
					t.Errorf("%s asks for the time: take it as an argument", name)
				}
			}
			return true
		})
	}
}

// The race detector does not look into these packages (see the Makefile), which makes
// the tests twice as fast. They may start nothing that runs beside them.
func TestCodeWithoutRaceDetectorRunsAlone(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	g, files := load(t)
	unwatched := regexp.MustCompile(`-gcflags=`+regexp.QuoteMeta("$(MODULE)/")+`(\S+)=-race=false`).FindAllStringSubmatch(string(makefile), -1)
	if len(unwatched) == 0 {
		t.Fatal("the Makefile names no package of ours: take this test away")
	}
	for _, m := range unwatched {
		pkg := m[1]
		if _, ok := g[pkg]; !ok {
			t.Errorf("the Makefile names %s: there is no such package", pkg)
		}
		for _, imp := range g[pkg] {
			if under(imp, "sync") || under(imp, "golang.org/x/sync") {
				t.Errorf("%s imports %s: let the race detector see it", pkg, imp)
			}
		}
		for name, f := range files {
			if path.Dir(name) != pkg {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if _, ok := n.(*ast.GoStmt); ok {
					t.Errorf("%s starts a goroutine: let the race detector see it", name)
				}
				return true
			})
		}
	}
}

func TestNoDrawerForOddments(t *testing.T) {
	t.Parallel()
	g, _ := load(t)
	for pkg := range g {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "pkg", "manager", "misc"}, path.Base(pkg)) {
			t.Errorf("%s: name a package after what it is about", pkg)
		}
	}
}

func ruleFor(pkg string) (best rule, ok bool) {
	for _, r := range rules {
		if under(pkg, r.pkg) && len(r.pkg) >= len(best.pkg) {
			best, ok = r, true
		}
	}
	return best, ok
}

func allowed(r rule, imp string) bool {
	return slices.ContainsFunc(r.may, func(p string) bool { return under(imp, p) })
}

func forbiddenSibling(pkg, imp string) bool {
	for _, a := range siblings {
		for _, b := range siblings {
			if a != b && under(pkg, a) && under(imp, b) {
				return true
			}
		}
	}
	return false
}

func under(pkg, prefix string) bool {
	return prefix == "" || pkg == prefix || strings.HasPrefix(pkg, prefix+"/")
}

// reach returns the chain of imports from pkg to target, nil when there is none.
func reach(g graph, pkg, target string, seen map[string]bool) []string {
	if seen == nil {
		seen = map[string]bool{}
	}
	if seen[pkg] {
		return nil
	}
	seen[pkg] = true
	for _, imp := range g[pkg] {
		if imp == target {
			return []string{pkg, imp}
		}
		if below, ours := strings.CutPrefix(imp, module+"/"); ours {
			if rest := reach(g, below, target, seen); rest != nil {
				return append([]string{pkg}, rest...)
			}
		}
	}
	return nil
}

func load(t *testing.T) (graph, map[string]*ast.File) {
	t.Helper()
	root := filepath.Join("..", "..")
	g, files := graph{}, map[string]*ast.File{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.ContainsAny(d.Name()[:1], "._") || d.Name() == "testdata" || rel == "tools") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files[rel] = f
		pkg := path.Dir(rel)
		for _, s := range f.Imports {
			g[pkg] = append(g[pkg], strings.Trim(s.Path.Value, `"`))
		}
		if g[pkg] == nil {
			g[pkg] = []string{}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(g) < 5 {
		t.Fatalf("only %d packages found below %s", len(g), root)
	}
	return g, files
}
