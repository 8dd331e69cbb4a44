package obd_test

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// checkVIN checks a VIN: format, maker, check digit and model years.
func checkVIN(v vector) string {
	in := unmarshal[struct{ VIN string }](v.Input)
	vin, err := vehicle.ParseVIN(in.VIN)
	var refused *vehicle.VINError
	if errors.As(err, &refused) {
		got := object{"format_valid": false, "reason": refused.Reason}
		if refused.Reason != vehicle.VINLength {
			got["reason"] = vehicle.VINForbidden // vectors have one word for I, O, Q and for what is no letter
			got["characters"] = anyList(forbidden(in.VIN))
		}
		return diffTrees(asked(v), got)
	}
	return diffTrees(asked(v), printed(struct {
		Valid    bool   `json:"format_valid"`
		WMI      string `json:"wmi"`
		Digit    string `json:"check_digit"`
		Computed string `json:"check_digit_computed"`
		OK       bool   `json:"check_digit_valid"`
		Years    []int  `json:"model_year_candidates"`
	}{
		true, vin.WMI(), string(vin[8]), string(vin.ComputedCheckDigit()), vin.CheckDigit() == vehicle.CheckDigitOK,
		append([]int{}, vin.ModelYears()...),
	}))
}

// forbidden lists the characters that ParseVIN refuses, once each. It names the first
// only: the others show when that one is replaced.
func forbidden(s string) []string {
	var all []string
	var refused *vehicle.VINError
	for {
		_, err := vehicle.ParseVIN(s)
		if !errors.As(err, &refused) || refused.Reason == vehicle.VINLength {
			slices.Sort(all)
			return slices.Compact(all)
		}
		at := refused.Offset
		_, size := utf8.DecodeRuneInString(s[at:])
		all = append(all, strings.ToUpper(s[at:at+size]))
		s = s[:at] + "A" + s[at+size:]
	}
}
