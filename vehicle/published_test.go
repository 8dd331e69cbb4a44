package vehicle_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// published reads a file of published vectors from $PITCREW_VECTORS, by default
// the shared folder beside the repository.
func published[T any](t *testing.T, file string) []T {
	t.Helper()
	dir := os.Getenv("PITCREW_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "vectors")
	}
	b, err := os.ReadFile(filepath.Join(dir, file))
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skipf("no published vectors: %v; set PITCREW_VECTORS", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Vectors []T }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Vectors) == 0 {
		t.Fatalf("%s holds no vectors", file)
	}
	return all.Vectors
}

func TestPublishedVectorsVIN(t *testing.T) {
	t.Parallel()
	type expected struct {
		Valid    bool   `json:"format_valid"`
		Reason   string `json:"reason"`
		WMI      string `json:"wmi"`
		Computed string `json:"check_digit_computed"`
		OK       bool   `json:"check_digit_valid"`
		Years    []int  `json:"model_year_candidates"`
	}
	type vector struct {
		ID    string
		Input struct{ VIN string }
		Want  expected `json:"expected"`
	}
	vectors := published[vector](t, "vin.json")
	failed := 0
	for _, v := range vectors {
		var got expected
		vin, err := vehicle.ParseVIN(v.Input.VIN)
		if e, ok := err.(*vehicle.VINError); ok { //nolint:errorlint // the contract says the error is a *VINError, not wraps one
			got.Reason = e.Reason
		} else {
			got = expected{
				Valid: true, WMI: vin.WMI(), Computed: string(vin.ComputedCheckDigit()),
				OK: vin.CheckDigit() == vehicle.CheckDigitOK, Years: append([]int{}, vin.ModelYears()...),
			}
		}
		if diff := cmp.Diff(v.Want, got); diff != "" {
			failed++
			t.Errorf("%s %q (-want +got):\n%s", v.ID, v.Input.VIN, diff)
		}
	}
	t.Logf("vin.json: %d vectors, %d passed, %d failed", len(vectors), len(vectors)-failed, failed)
}
