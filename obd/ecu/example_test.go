package ecu_test

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
)

// Two ECUs give a speed and a list of codes; a third answer is cut.
func ExampleAnswers() {
	var answers ecu.Answers
	answers.Text("7E8 03 41 0D 3C\r7E9 03 41 0D 3D\r>7E8 04 43 01 01 71\r>7E8 03 41 0C 1A\r>")
	said, err := answers.Settle("", at)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range said.Readings {
		fmt.Println(r.Signal, r.Value)
	}
	for _, c := range said.Codes {
		fmt.Println(c.ECU, c.Covers, c.Codes[0].Code)
	}
	fmt.Println(len(said.Refusals), "refused")
	// Output:
	// Vehicle.Speed 60
	// 7E8 [confirmed] P0171
	// 2 refused
}
