package dialect

// registry lists every dialect, in order of name.
func registry() []Dialect {
	return []Dialect{
		autopi(),
		bmwCarData(),
		emqxGBT32960(),
		freematics(),
		gbt32960Frames(),
		jtt808Frames(),
		ovms3(),
		saic(),
		teslamate(),
		torque(),
		traccar(),
		wican(),
	}
}
