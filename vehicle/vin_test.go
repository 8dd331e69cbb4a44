package vehicle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestParseVIN(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]string{
		"plain":         "1HGCM82633A004352",
		"small letters": "1hgcm82633a004352",
		"blanks":        " \t1HGCM82633A004352\r\n",
		"NUL padding":   "1HGCM82633A004352\x00\x00",
		"full width":    "　１ＨＧＣＭ８２６３３Ａ００４３５２　",
		"mixed":         "１hgCM82633a004352",
	} {
		if vin, err := vehicle.ParseVIN(give); err != nil || vin != "1HGCM82633A004352" {
			t.Errorf("%s: got %q, %v", name, vin, err)
		}
	}
}

func TestParseVINRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		give   string
		offset int
		reason string
	}{
		"empty":            {"", 0, vehicle.VINLength},
		"too short":        {"1HGCM82633A00435", 16, vehicle.VINLength},
		"too long":         {"1HGCM82633A0043521", 17, vehicle.VINLength},
		"forbidden letter": {" 1HGCM82633A00435O", 17, vehicle.VINForbidden},
		"dash inside":      {"1HGCM82-33A004352", 7, vehicle.VINInvalid},
		"NUL inside":       {"1HGCM82\x0033A004352", 7, vehicle.VINInvalid},
		"not UTF-8":        {"1HGCM82633A00435\xff", 16, vehicle.VINInvalid},
		"Cyrillic A":       {"1HGCM82633А004352", 10, vehicle.VINInvalid},
	}
	for name, tt := range tests {
		vin, err := vehicle.ParseVIN(tt.give)
		var got *vehicle.VINError
		if !errors.As(err, &got) || vin != "" {
			t.Errorf("%s: got %q, %v", name, vin, err)
			continue
		}
		if diff := cmp.Diff(&vehicle.VINError{Input: tt.give, Offset: tt.offset, Reason: tt.reason}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestVINCheckDigitByRegion(t *testing.T) {
	t.Parallel()
	tests := map[vehicle.VIN]vehicle.CheckDigit{
		"1HGCM82633A004352": vehicle.CheckDigitOK,
		"1HGCM82633A004353": vehicle.CheckDigitMismatch,    // United States
		"LWXCS201711070000": vehicle.CheckDigitMismatch,    // China
		"WVWZZZ1JZ3W386752": vehicle.CheckDigitNotRequired, // Germany fills with Z
		"JF2GPABC1G8201636": vehicle.CheckDigitOK,          // right although Japan does not ask
		"":                  vehicle.CheckDigitNotRequired,
	}
	for vin, want := range tests {
		if got := vin.CheckDigit(); got != want {
			t.Errorf("%s: got %s, want %s", vin, got, want)
		}
	}
}

func TestVINRegionAndMaker(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		maker  string
		region vehicle.Region
	}{
		"1HGCM82633A004352": {"1HG", vehicle.NorthAmerica},
		"7SAYGDEE0NA000001": {"7SA", vehicle.NorthAmerica},
		"6FPAAAJGSW9L40345": {"6FP", vehicle.Oceania},
		"7A8FG2J00JM000001": {"7A8", vehicle.Oceania},
		"9BWZZZ377VT004251": {"9BW", vehicle.SouthAmerica},
		"LSJE36096MS140495": {"LSJ", vehicle.China},
		"KM8K2CAB4PU001140": {"KM8", vehicle.Asia},
		"WBA71DC010CH14720": {"WBA", vehicle.Europe},
		"AAVZZZ6SZEU012345": {"AAV", vehicle.Africa},
		"SA9ABCDE1FG123456": {"SA9123", vehicle.Europe}, // a maker of fewer than 500 a year
	}
	for s, want := range tests {
		vin, err := vehicle.ParseVIN(s)
		if err != nil {
			t.Fatal(err)
		}
		if vin.Maker() != want.maker || vin.WMI() != want.maker[:3] || vin.Region() != want.region {
			t.Errorf("%s: got %s, %s", s, vin.Maker(), vin.Region())
		}
	}
}

func ExampleParseVIN() {
	vin, err := vehicle.ParseVIN(" 1hgcm82633a004352 ")
	fmt.Println(vin, vin.WMI(), vin.CheckDigit(), vin.ModelYears(), err)
	// Output: 1HGCM82633A004352 1HG ok [2003 2033] <nil>
}

func FuzzParseVIN(f *testing.F) {
	for _, s := range []string{"1HGCM82633A004352", "１ＨＧＣＭ８２６３３Ａ００４３５２", "", "\x00", "1HGCM82\xff33A004352"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		vin, err := vehicle.ParseVIN(s)
		var typed *vehicle.VINError
		if err != nil {
			if !errors.As(err, &typed) || typed.Offset < 0 || typed.Offset > len(s) {
				t.Fatalf("got %v", err)
			}
			return
		}
		again, err := vehicle.ParseVIN(string(vin))
		if err != nil || again != vin || len(vin) != 17 || strings.ContainsAny(string(vin), "IOQ") {
			t.Fatalf("%q became %q, then %q, %v", s, vin, again, err)
		}
	})
}
