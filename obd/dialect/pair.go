package dialect

// pair is a key with its value in a text, and where it begins.
type pair struct {
	key, value string
	offset     int
}

// offsetOf returns where a key stands; 0 if it does not.
func offsetOf(pairs []pair, key string) int {
	for _, p := range pairs {
		if p.key == key {
			return p.offset
		}
	}
	return 0
}

// placed gives the refusals since from the offset of the value they are about.
func (c *collector) placed(from, offset int) {
	for _, r := range c.Refusals[from:] {
		if r.Offset == 0 {
			r.Offset = offset
		}
	}
}
