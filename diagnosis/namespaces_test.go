package diagnosis_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A battery that is too hot is one kind of trouble, whether the car says so by a
// code of SAE J2012 or by an alarm of GB/T 32960.
func TestAlarmsOfGBTAreDiagnosed(t *testing.T) {
	t.Parallel()
	for code, want := range map[vehicle.Code]struct {
		family string
		call   diagnosis.Drivability
	}{
		"GBT-A01":       {"hv_overheat", diagnosis.Stop},
		"GBT-A11":       {"hv_isolation", diagnosis.Stop},
		"GBT-A13":       {"unknown_gbt", diagnosis.Monitor},
		"GBT-S000003E8": {"unknown_gbt_maker", diagnosis.Monitor},
		"SPN110-FMI0":   {"unknown_j1939", diagnosis.Monitor},
	} {
		reports := []vehicle.CodeReport{full(hour(0), vehicle.CodeEntry{Code: code, Status: confirmed})}
		got := diagnosis.Evaluate(diagnosis.Input{Now: hour(1), Codes: diagnosis.FoldCodes(reports)})
		if len(got) != 1 || got[0].Family != want.family || got[0].Drivability != want.call {
			t.Errorf("%s: got %+v, want one finding of %s, %s", code, got, want.family, want.call)
		}
	}
	if title, known := diagnosis.CodeTitle("GBT-A13"); !known || title.EN == "" || title.ZH == "" {
		t.Errorf("title of GBT-A13 is %v", title)
	}
}

func TestLowChargeIsNoJob(t *testing.T) {
	t.Parallel()
	codes := diagnosis.FoldCodes([]vehicle.CodeReport{full(hour(0), code("GBT-A04", confirmed), code("GBT-A11", confirmed))})
	a := diagnosis.Assess(diagnosis.Input{Now: hour(1), Codes: codes})
	if len(a.Findings) != 1 || len(a.Observed) != 1 || a.Observed[0].Code != "GBT-A04" {
		t.Errorf("got %+v, want the low charge to be observed only", a)
	}
}
