package dialect

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// codeSet reads the codes of one set, each once. A set with a text that is no
// code is refused whole: its other codes are not the full set.
func codeSet(texts []string) ([]vehicle.CodeEntry, string) {
	if len(texts) > maxValues {
		return nil, fmt.Sprintf("more than %d codes", maxValues)
	}
	seen := make(map[vehicle.Code]bool, len(texts))
	set := make([]vehicle.CodeEntry, 0, len(texts))
	for _, text := range texts {
		code, err := vehicle.ParseCode(text)
		if err != nil {
			return nil, cut(err.Error(), maxName)
		}
		if !seen[code] {
			seen[code] = true
			set = append(set, vehicle.CodeEntry{Code: code, Status: vehicle.CodeConfirmed})
		}
	}
	return set, ""
}

// confirmed adds the full set of confirmed codes of an ECU that the device does not
// name.
func (c *collector) confirmed(set []vehicle.CodeEntry, when moment) {
	if !when.refused {
		c.Codes = append(c.Codes, vehicle.CodeReport{
			Time: when.at.UTC(), TimeSource: when.source, Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed}, Codes: set,
		})
	}
}
