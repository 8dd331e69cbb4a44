package vehicle_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestCodesOfEveryNamespace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code      vehicle.Code
		text      string // as a person may write it
		namespace vehicle.Namespace
	}{
		{"P0171", "p0171", vehicle.NamespaceJ2012},
		{vehicle.CodeFromDTC([3]byte{0xAB, 0xCD, 0x01}), "B2BCD-01", vehicle.NamespaceJ2012},
		{vehicle.CodeFromSPN(609, 19), "spn609-fmi19", vehicle.NamespaceJ1939},
		{vehicle.CodeFromSPN(vehicle.MaxSPN, vehicle.MaxFMI), "SPN524287-FMI31", vehicle.NamespaceJ1939},
		{vehicle.CodeFromAlarm(3), "gbt-a03", vehicle.NamespaceGBT},
		{vehicle.CodeFromFault('S', 0x3E8), "GBT-S000003e8", vehicle.NamespaceGBT},
		{vehicle.CodeFromBytes([3]byte{0xB1, 0x20, 0}), "0xb12000", vehicle.NamespaceMaker},
	} {
		got, err := vehicle.ParseCode(tc.text)
		if err != nil || got != tc.code || got.Namespace() != tc.namespace {
			t.Errorf("%q: got %q of %q, %v; want %q of %q", tc.text, got, got.Namespace(), err, tc.code, tc.namespace)
		}
		if tc.namespace == vehicle.NamespaceJ2012 {
			continue
		}
		if _, ok := got.Word(); ok || got.System() != vehicle.SystemUnknown || got.Generic() || got.Base() != got {
			t.Errorf("%q is taken for a code of SAE J2012", got)
		}
	}
}

func TestCodesOutsideTheirNamespaceAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SPN", "SPN609", "SPN524288-FMI1", "SPN1-FMI32", "SPN-1-FMI1", "SPN1-FMI", "GBT-", "GBT-A32", "GBT-A1", "GBT-X000003E8",
		"GBT-S3E8", "0x5E20", "0x5E2G00", "5E2000",
	} {
		if code, err := vehicle.ParseCode(text); err == nil || vehicle.Code(text).Namespace() != vehicle.NamespaceUnknown {
			t.Errorf("%q: got %q, want an error", text, code)
		}
	}
}

func TestMeasureReportsWhatIsOutOfRange(t *testing.T) {
	t.Parallel()
	if r := vehicle.Measure(vehicle.FuelLevel, 300); r.Quality != vehicle.QualityOutOfRange || r.Value.Num != 300 {
		t.Errorf("got %+v, want 300 out of range", r)
	}
	if r := vehicle.Measure("Maker.Own", 300); r.Quality != vehicle.QualityOK {
		t.Errorf("got %+v, want no limit for a signal that is not in the dictionary", r)
	}
}
