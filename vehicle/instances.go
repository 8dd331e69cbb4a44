package vehicle

import (
	"strconv"
	"strings"
)

// instanceNames returns the instances that VSS puts behind a branch: axles are
// Row1, Row2, ..., wheels Left and Right, oxygen sensors Sensor1 to Sensor8.
func instanceNames(branch string) []string {
	switch branch {
	case "Axle":
		return []string{"Row1", "Row2", "Row3", "Row4"}
	case "Wheel":
		return []string{"Left", "Right"}
	case "O2", "O2WR":
		return []string{"Sensor1", "Sensor2", "Sensor3", "Sensor4", "Sensor5", "Sensor6", "Sensor7", "Sensor8"}
	}
	return nil
}

// instances expands a generic path into its usual instances. It is empty for a
// path that has none.
func instances(path string) []string {
	all := []string{""}
	for segment := range strings.SplitSeq(path, ".") {
		var next []string
		for _, prefix := range all {
			if prefix != "" {
				prefix += "."
			}
			names := instanceNames(segment)
			if names == nil {
				next = append(next, prefix+segment)
			}
			for _, name := range names {
				next = append(next, prefix+segment+"."+name)
			}
		}
		all = next
	}
	if len(all) == 1 && all[0] == path {
		return nil
	}
	return all
}

// withoutInstances removes instance segments, whatever their number: a lorry
// can have more axles than a car. It is false when there was none to remove.
func withoutInstances(path string) (string, bool) {
	var kept []string
	parent, removed := "", false
	for segment := range strings.SplitSeq(path, ".") {
		if isInstance(parent, segment) {
			parent, removed = "", true
			continue
		}
		kept = append(kept, segment)
		parent = segment
	}
	return strings.Join(kept, "."), removed
}

func isInstance(branch, segment string) bool {
	switch branch {
	case "Axle":
		return isNumbered(segment, "Row")
	case "Wheel":
		return segment == "Left" || segment == "Right"
	case "O2", "O2WR":
		return isNumbered(segment, "Sensor")
	}
	return false
}

// isNumbered reports whether s is the prefix and a number from 1 to 99.
func isNumbered(s, prefix string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok || len(digits) > 2 || strings.HasPrefix(digits, "0") {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && n > 0
}
