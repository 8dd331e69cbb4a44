package j1979

// scalingTable is the units and scalings of service 06 (SAE J1979 appendix E), as
// far as public sources agree on them, in order of id.
func scalingTable() []Scaling {
	row := func(id byte, num, den, offset float64, unit string) Scaling {
		return Scaling{ID: id, Num: num, Den: den, Offset: offset, Unit: unit, IsKnown: true}
	}
	return []Scaling{
		row(0x01, 1, 1, 0, ""),                  // raw
		row(0x02, 1, 10, 0, ""),                 // raw, tenths
		row(0x03, 1, 100, 0, ""),                // raw, hundredths
		row(0x04, 1, 1000, 0, ""),               // raw, thousandths
		row(0x05, 305, 10000000, 0, ""),         // raw
		row(0x06, 305, 1000000, 0, ""),          // raw
		row(0x07, 1, 4, 0, "rpm"),               // rotation
		row(0x08, 1, 100, 0, "km/h"),            // speed
		row(0x09, 1, 1, 0, "km/h"),              // speed
		row(0x0A, 122, 1000, 0, "mV"),           // voltage
		row(0x0B, 1, 1000, 0, "V"),              // voltage
		row(0x0C, 1, 100, 0, "V"),               // voltage
		row(0x0D, 1, 256, 0, "mA"),              // current
		row(0x0E, 1, 1000, 0, "A"),              // current
		row(0x0F, 1, 100, 0, "A"),               // current
		row(0x10, 1, 1, 0, "ms"),                // time
		row(0x11, 100, 1, 0, "ms"),              // time
		row(0x12, 1, 1, 0, "s"),                 // time
		row(0x13, 1, 1, 0, "mOhm"),              // resistance
		row(0x14, 1, 1, 0, "Ohm"),               // resistance
		row(0x15, 1, 1, 0, "kOhm"),              // resistance
		row(0x16, 1, 10, -40, "degC"),           // temperature
		row(0x17, 1, 100, 0, "kPa"),             // gauge pressure
		row(0x18, 117, 10000, 0, "kPa"),         // air pressure
		row(0x19, 79, 1000, 0, "kPa"),           // fuel pressure
		row(0x1A, 1, 1, 0, "kPa"),               // gauge pressure
		row(0x1B, 10, 1, 0, "kPa"),              // diesel pressure
		row(0x1C, 1, 100, 0, "deg"),             // angle
		row(0x1D, 1, 2, 0, "deg"),               // angle
		row(0x1E, 305, 10000000, 0, "ratio"),    // lambda
		row(0x1F, 1, 20, 0, "ratio"),            // air to fuel
		row(0x20, 1, 256, 0, "ratio"),           // ratio
		row(0x21, 1, 1, 0, "mHz"),               // frequency
		row(0x22, 1, 1, 0, "Hz"),                // frequency
		row(0x23, 1, 1, 0, "kHz"),               // frequency
		row(0x24, 1, 1, 0, "counts"),            // counts
		row(0x25, 1, 1, 0, "km"),                // distance
		row(0x26, 1, 10, 0, "mV/ms"),            // voltage per time
		row(0x27, 1, 100, 0, "g/s"),             // mass per time
		row(0x28, 1, 1, 0, "g/s"),               // mass per time
		row(0x29, 1, 4, 0, "Pa/s"),              // pressure per time
		row(0x2A, 1, 1000, 0, "kg/h"),           // mass per time
		row(0x2B, 1, 1, 0, "switches"),          // switches
		row(0x2C, 1, 100, 0, "g/cyl"),           // mass per cylinder
		row(0x2D, 1, 100, 0, "mg/stroke"),       // mass per stroke
		row(0x2E, 1, 1, 0, ""),                  // true or false
		row(0x2F, 1, 100, 0, "%"),               // percent
		row(0x30, 1526, 1000000, 0, "%"),        // percent
		row(0x31, 1, 1000, 0, "L"),              // volume
		row(0x33, 24414, 100000000, 0, "ratio"), // lambda
		row(0x34, 1, 1, 0, "min"),               // time
		row(0x35, 10, 1, 0, "ms"),               // time
		row(0x36, 1, 100, 0, "g"),               // weight
		row(0x37, 1, 10, 0, "g"),                // weight
		row(0x38, 1, 1, 0, "g"),                 // weight
		row(0x81, 1, 1, 0, ""),                  // raw
		row(0x82, 1, 10, 0, ""),                 // raw, tenths
		row(0x83, 1, 100, 0, ""),                // raw, hundredths
		row(0x84, 1, 1000, 0, ""),               // raw, thousandths
		row(0x85, 305, 10000000, 0, ""),         // raw
		row(0x86, 305, 1000000, 0, ""),          // raw
		row(0x8A, 122, 1000, 0, "mV"),           // voltage
		row(0x8B, 1, 1000, 0, "V"),              // voltage
		row(0x8C, 1, 100, 0, "V"),               // voltage
		row(0x8D, 1, 256, 0, "mA"),              // current
		row(0x8E, 1, 1000, 0, "A"),              // current
		row(0x90, 1, 1, 0, "ms"),                // time
		row(0x96, 1, 10, 0, "degC"),             // temperature
		row(0x9C, 1, 100, 0, "deg"),             // angle
		row(0x9D, 1, 2, 0, "deg"),               // angle
		row(0xA8, 1, 1, 0, "g/s"),               // mass per time
		row(0xA9, 1, 4, 0, "Pa/s"),              // pressure per time
		row(0xAF, 1, 100, 0, "%"),               // percent
		row(0xB0, 3052, 1000000, 0, "%"),        // percent
		row(0xFC, 1, 100, 0, "kPa"),             // pressure
		row(0xFD, 1, 1000, 0, "kPa"),            // pressure
		row(0xFE, 1, 4, 0, "Pa"),                // pressure
	}
}
