package dialect

// registry lists every dialect, in order of name.
func registry() []Dialect {
	return []Dialect{
		autopi(),
		bmwCarData(),
		freematics(),
		ovms3(),
		saic(),
		teslamate(),
		torque(),
		traccar(),
		emqxGBT32960(),
		ovms3(),
		saic(),
		teslamate(),
		wican(),
	}
}
