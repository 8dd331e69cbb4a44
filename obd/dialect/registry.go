package dialect

// registry lists every dialect, in order of name.
func registry() []Dialect {
	return []Dialect{
		ovms3(),
		saic(),
		teslamate(),
	}
}
