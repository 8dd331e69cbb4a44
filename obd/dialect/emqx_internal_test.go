package dialect

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
)

// TestEMQXUnitsFit writes each unit with all fields invalid, and with one element
// in each list: they must be as long as gbt32960 reads them.
func TestEMQXUnitsFit(t *testing.T) {
	t.Parallel()
	for name, layout := range emqxUnits {
		one := map[string]any{"Type": name}
		for _, f := range layout.fields {
			if f.count > 0 {
				one[f.key] = []any{map[string]any{}}
			}
		}
		for _, object := range []map[string]any{{"Type": name}, one} {
			w := emqxWriter{collector: &collector{}}
			w.unit("", object)
			var f gbt32960.Frame
			f.DecodeUnits(gbt32960.Edition2016, w.dst)
			if len(f.Units) != 1 || len(f.Refusals) > 0 {
				t.Fatalf("%s: %X gives %d units, %v", name, w.dst, len(f.Units), f.Refusals)
			}
			if kind, ok := f.Units[0].Type(gbt32960.Edition2016); !ok || kind != layout.kind {
				t.Errorf("%s: type %02X", name, kind)
			}
			if len(w.Refusals) < len(layout.fields) {
				t.Errorf("%s: %d refusals of %d fields", name, len(w.Refusals), len(layout.fields))
			}
		}
	}
}
