package dialect_test

import (
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	all := dialect.All()
	if !slices.IsSortedFunc(all, func(a, b dialect.Dialect) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}) {
		t.Error("dialects are not in order of name")
	}
	for _, d := range all {
		if found, ok := dialect.Lookup(d.Name); !ok || found.Name != d.Name || d.About == "" || d.Decode == nil {
			t.Errorf("%q: %+v", d.Name, d)
		}
	}
	if _, ok := dialect.Lookup("nobody"); ok {
		t.Error("found a dialect that does not exist")
	}
}
