package can_test

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

func ExampleParse() {
	f, err := can.Parse("(1700000000.123456) can0 18DAF110#03410D3C")
	fmt.Println(f, f.ID.IsExtended(), err)
	_, err = can.Parse("18DAF110")
	fmt.Println(err)
	// Output:
	// 18DAF110#03410D3C true <nil>
	// parse CAN frame "18DAF110": want ID#DATA, such as 7E8#04410C1AF8
}
