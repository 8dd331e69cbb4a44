package thin_test

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

func ExampleEvenly() {
	weeks := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	fmt.Println(thin.Evenly(weeks, 4), len(thin.Evenly(weeks, 20)))
	// Output: [1 3 6 8] 10
}
