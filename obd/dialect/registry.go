package dialect

// registry lists every dialect, in order of name.
func registry() []Dialect {
	return []Dialect{
		emqxGBT32960(),
		ovms3(),
		saic(),
		teslamate(),
		wican(),
	}
}
