package diagnosis_test

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A car reports lean mixture on both banks and, a little later, misfire: one
// job, with the likeliest cause and what to check first.
func ExampleEvaluate() {
	morning := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	lean := []vehicle.CodeEntry{{
		Code: "P0171", Status: vehicle.CodeConfirmed,
		FreezeFrame: []vehicle.Reading{
			{Signal: vehicle.EngineSpeed, Value: vehicle.Number(760)},
			{Signal: vehicle.LongTermTrim1, Value: vehicle.Number(21)},
			{Signal: vehicle.LongTermTrim2, Value: vehicle.Number(19)},
		},
	}, {Code: "P0174", Status: vehicle.CodeConfirmed}}
	misfire := vehicle.CodeEntry{Code: "P0300", Status: vehicle.CodeConfirmed}

	findings := diagnosis.Evaluate(diagnosis.Input{
		VIN: "LSVAA4182E2123456", Powertrain: vehicle.Petrol, Now: morning.Add(3 * time.Hour),
		Codes: diagnosis.FoldCodes([]vehicle.CodeReport{
			{Time: morning, ECU: "7E8", Codes: lean},
			{Time: morning.Add(time.Hour), ECU: "7E8", Codes: append(lean, misfire)},
		}),
	})
	for _, f := range findings {
		fmt.Println(f.Family, f.Codes, f.Drivability)
		fmt.Println(f.Causes[0].Text.EN)
		fmt.Println(f.Causes[0].Reason.EN)
		fmt.Println(f.FirstCheck.In("zh-CN"))
	}
	// Output:
	// fuel_lean [P0171 P0174 P0300] soon
	// Air leak in the intake or a vacuum hose
	// More likely here: P0171 and P0174 together, so both banks: air leaks in after the meter, where both banks share it; fuel trim +21 % and +19 % at idle: unmetered air is made up for with fuel; set at idle (760 rpm): a leak weighs most at idle.
	// 进气系统烟雾测漏。
}
