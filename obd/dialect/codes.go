package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// confirmed adds the confirmed codes of an ECU that the device does not name, each
// once. With a text among them that is no code, which is refused, they are not the
// full set. place is that of a text by its index.
func (c *collector) confirmed(texts []string, when moment, place func(int) string) {
	if len(texts) > maxValues {
		c.refuse(0, place(maxValues), "more than %d codes: none is read", maxValues)
		return
	}
	var set []vehicle.CodeEntry
	covers := vehicle.CodeConfirmed
	seen := make(map[string]bool, 2*len(texts))
	for i, text := range texts {
		code, err := vehicle.ParseCode(text)
		switch {
		case seen[text] || seen[string(code)]:
		case err != nil:
			c.refuse(0, place(i), "%s", cut(err.Error(), maxName))
			covers = vehicle.CoversNone
		default:
			set = append(set, vehicle.CodeEntry{Code: code, Status: vehicle.CodeConfirmed})
		}
		seen[text], seen[string(code)] = true, err == nil
	}
	if !when.refused && (len(set) > 0 || covers == vehicle.CodeConfirmed) {
		c.Codes = append(c.Codes, vehicle.CodeReport{
			Time: when.at.UTC(), TimeSource: when.source, Covers: []vehicle.CodeStatus{covers}, Codes: set,
		})
	}
}
