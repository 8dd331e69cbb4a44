package gbt32960

// Unit is one information unit of a real-time frame: *Vehicle, *Motors,
// *FuelCell, *Engine, *Position, *Extremes, *Alarm, *CellVoltages,
// *Temperatures, *Maker, *Signature or *Unknown.
type Unit interface {
	// Type is the unit's type byte in the edition; false when the edition has no
	// such unit.
	Type(Edition) (uint8, bool)
	name() string
	walk(coder, Edition)
}

// lister is a unit of lists. cut notes that they end early, of a unit that has n
// bytes; it is false if nothing of them is worth keeping.
type lister interface{ cut(n int) bool }

// Types of units that are not the same in both editions, or are a range.
const (
	typeFirstMaker = 0x80
	typeLastMaker  = 0xFE
	typeSignature  = 0xFF
)

// newUnit returns an empty unit of the pool for a type byte; nil for types that
// the edition does not have, or whose layout is not known.
func (p *pool) newUnit(e Edition, t uint8) Unit {
	if t >= typeFirstMaker && t <= typeLastMaker {
		m := one(&p.makers)
		m.Kind = t
		return m
	}
	switch t {
	case 0x01:
		return one(&p.vehicles)
	case 0x02:
		return one(&p.motorUnits)
	case 0x04:
		return one(&p.engines)
	case 0x05:
		return one(&p.positions)
	}
	if e == Edition2025 {
		switch t {
		case 0x06:
			return one(&p.alarms)
		case 0x07:
			return one(&p.voltageUnits)
		case 0x08:
			return one(&p.tempUnits)
		case typeSignature:
			return one(&p.signatures)
		}
		return nil
	}
	switch t {
	case 0x03:
		return one(&p.fuelCells)
	case 0x06:
		return one(&p.extremes)
	case 0x07:
		return one(&p.alarms)
	case 0x08:
		return one(&p.voltageUnits)
	case 0x09:
		return one(&p.tempUnits)
	}
	return nil
}

// byEdition returns the type of a unit that both editions have.
func byEdition(e Edition, in2016, in2025 uint8) (uint8, bool) {
	if e == Edition2025 {
		return in2025, true
	}
	return in2016, true
}

// Maker is a unit of the vehicle's maker, type 80 to FE: a length and bytes that
// the standard does not describe.
type Maker struct {
	Kind uint8 // type byte
	Data []byte
}

// Type implements Unit.
func (u *Maker) Type(Edition) (uint8, bool) {
	return u.Kind, u.Kind >= typeFirstMaker && u.Kind <= typeLastMaker
}

func (u *Maker) name() string { return "custom" }

func (u *Maker) walk(c coder, _ Edition) {
	c.raw("data", c.length("length", len(u.Data)), &u.Data)
}

// Signature is the last unit of a frame of 2025, type FF. It is shown, not
// verified.
type Signature struct {
	Algorithm uint8 // 1 SM2, 2 RSA, 3 ECC
	R, S      []byte
}

// Type implements Unit.
func (u *Signature) Type(e Edition) (uint8, bool) { return typeSignature, e == Edition2025 }

func (u *Signature) name() string { return "signature" }

func (u *Signature) walk(c coder, _ Edition) {
	c.code("algorithm", &u.Algorithm)
	c.lower("r", c.length("", len(u.R)), &u.R)
	c.lower("s", c.length("", len(u.S)), &u.S)
}

// Unknown is a unit that cannot be read: its type has no known layout, or it does
// not fit the frame. Types carry no length, so that it reaches to the end of the
// data unit, or to a signature that is certain.
type Unknown struct {
	Kind uint8 // type byte
	Data []byte
}

// Type implements Unit.
func (u *Unknown) Type(Edition) (uint8, bool) { return u.Kind, true }

func (u *Unknown) name() string { return "unknown" }

func (u *Unknown) walk(c coder, _ Edition) { c.rest("data", &u.Data) }
