package gbt32960_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestWithoutLocation(t *testing.T) {
	t.Parallel()
	for _, edition := range []gbt32960.Edition{gbt32960.Edition2016, gbt32960.Edition2025} {
		position := func() *gbt32960.Position {
			return &gbt32960.Position{Status: 6, Longitude: num(-116.327459), Latitude: num(-39.999999)}
		}
		payload := append(write(t, realTime(edition, position(), &gbt32960.Engine{Speed: num(800)})), write(t, realTime(edition, position()))...)
		before := bytes.Clone(payload)
		blank := gbt32960.WithoutLocation(payload)
		if !bytes.Equal(payload, before) {
			t.Fatal("the payload was changed")
		}
		with, _, err := gbt32960.DecodeReport(testVIN, payload, at)
		if err != nil {
			t.Fatal(err)
		}
		without, refusals, err := gbt32960.DecodeReport(testVIN, blank, at)
		if err != nil || len(refusals) > 0 {
			t.Fatalf("refused: %v, %v", refusals, err)
		}
		var want []vehicle.Reading
		for _, r := range with.Samples[0].Readings {
			if vehicle.ClassOf(r.Signal) != vehicle.ClassLocation {
				want = append(want, r)
			}
		}
		if len(want) == len(with.Samples[0].Readings) || len(want) == 0 {
			t.Fatalf("the test's frame says %v", with.Samples[0].Readings)
		}
		if diff := cmp.Diff(want, without.Samples[0].Readings); diff != "" {
			t.Errorf("%s: readings (-want +got):\n%s", edition, diff)
		}
		if again := gbt32960.WithoutLocation(blank); !bytes.Equal(again, blank) {
			t.Errorf("%s: taking out twice is more than once", edition)
		}
		damaged := bytes.Clone(payload)
		damaged[30] ^= 1
		for name, as := range map[string][]byte{"damaged": damaged[:50], "noise": []byte("##noise"), "nothing": nil} {
			if got := gbt32960.WithoutLocation(as); !bytes.Equal(got, as) {
				t.Errorf("%s, %s: %x became %x", edition, name, as, got)
			}
		}
	}
}
