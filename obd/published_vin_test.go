package obd_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// checkVIN checks a VIN: format, maker, check digit and model years.
func checkVIN(t *testing.T, v vector) string {
	type expected struct {
		Valid      bool     `json:"format_valid"`
		Reason     string   `json:"reason"`
		Characters []string `json:"characters"`
		WMI        string   `json:"wmi"`
		Digit      string   `json:"check_digit"`
		Computed   string   `json:"check_digit_computed"`
		OK         bool     `json:"check_digit_valid"`
		Years      []int    `json:"model_year_candidates"`
	}
	in, want := unmarshal[struct{ VIN string }](t, v.Input), strictly[expected](t, v.Expected)
	vin, err := vehicle.ParseVIN(in.VIN)
	var refused *vehicle.VINError
	if errors.As(err, &refused) {
		got := expected{Reason: refused.Reason}
		if refused.Reason == vehicle.VINForbidden {
			// The error names the first place; the vector lists every character.
			if at := in.VIN[refused.Offset : refused.Offset+1]; !slices.Contains(want.Characters, strings.ToUpper(at)) {
				return "the fault is said to be " + at
			}
			got.Characters = want.Characters
		}
		return cmp.Diff(want, got)
	}
	return cmp.Diff(want, expected{
		Valid: true, WMI: vin.WMI(), Digit: string(vin[8]), Computed: string(vin.ComputedCheckDigit()),
		OK: vin.CheckDigit() == vehicle.CheckDigitOK, Years: append([]int{}, vin.ModelYears()...),
	})
}

func TestPublishedVectorsVIN(t *testing.T) {
	t.Parallel()
	runPublished(t, "vin.json", checkVIN)
}
