package vehicle_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestCodeWordRoundTrip(t *testing.T) {
	t.Parallel()
	for w := 1; w <= 0xFFFF; w++ {
		c, ok := vehicle.CodeFromWord(uint16(w))
		if !ok {
			t.Fatalf("%04X is no code", w)
		}
		parsed, err := vehicle.ParseCode(string(c))
		if err != nil || parsed != c {
			t.Fatalf("%04X: %s parses as %s, %v", w, c, parsed, err)
		}
		if back, ok := c.Word(); !ok || back != uint16(w) {
			t.Fatalf("%04X: %s goes back to %04X", w, c, back)
		}
	}
	if c, ok := vehicle.CodeFromWord(0); ok {
		t.Errorf("padding became %s", c)
	}
}

func TestParseCodeRefuses(t *testing.T) {
	t.Parallel()
	for give, offset := range map[string]int{
		"": 0, "P017": 4, "P01711": 6, "X0171": 0, "P4171": 1, "P01G1": 3, "P0133+11": 5, "P0133-1Z": 7, "P0133-111": 8,
	} {
		c, err := vehicle.ParseCode(give)
		var got *vehicle.CodeError
		if c != "" || !errors.As(err, &got) || got.Offset != offset {
			t.Errorf("%q: got %q, %v, want a fault at byte %d", give, c, err, offset)
		}
	}
}

func TestCodeGeneric(t *testing.T) {
	t.Parallel()
	for code, want := range map[vehicle.Code]bool{
		"P0171": true, "P2187": true, "P1135": false, "P3000": false, "P3399": false, "P3400": true, "P39FF": true, "P3A00": false,
		"B0001": true, "B1000": false, "C0035": true, "C1234": false, "U0100": true, "U3106": true, "U1000": false, "": false,
	} {
		if got := code.Generic(); got != want {
			t.Errorf("%s: got %v", code, got)
		}
	}
}

func TestCodeSystem(t *testing.T) {
	t.Parallel()
	for code, want := range map[vehicle.Code]vehicle.System{
		"P0171": vehicle.SystemPowertrain, "C0035": vehicle.SystemChassis, "B0001": vehicle.SystemBody,
		"U0100": vehicle.SystemNetwork, "": vehicle.SystemUnknown, "X": vehicle.SystemUnknown,
	} {
		if got := code.System(); got != want {
			t.Errorf("%s: got %s", code, got)
		}
	}
}

func TestCodeFailureType(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Uint8().Draw(t, "failure type")
		c, err := vehicle.ParseCode(fmt.Sprintf("p0133-%02x", want))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := c.FailureType(); !ok || got != want || c.Base() != "P0133" {
			t.Fatalf("%s: got %02X, %v, %s", c, got, ok, c.Base())
		}
	})
	if _, ok := vehicle.Code("P0133").FailureType(); ok {
		t.Error("P0133 has no failure type")
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"P0171", "u3106", "P0133-11", "", "P\xff\xff\xff\xff", "SPN609-FMI19", "GBT-A13", "gbt-s000003e8", "0x5E2000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := vehicle.ParseCode(s)
		if err != nil {
			return
		}
		again, err := vehicle.ParseCode(string(c))
		isJ2012 := c.Namespace() == vehicle.NamespaceJ2012
		if err != nil || again != c || c.Namespace() == vehicle.NamespaceUnknown || isJ2012 == (c.System() == vehicle.SystemUnknown) {
			t.Fatalf("%q became %q of %q and %q, then %q, %v", s, c, c.Namespace(), c.System(), again, err)
		}
	})
}

func ExampleCodeFromWord() {
	c, _ := vehicle.CodeFromWord(0xC100)
	fmt.Println(c, c.System(), c.Generic())
	// Output: U0100 network true
}
