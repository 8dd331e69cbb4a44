package vehicle

import (
	_ "embed" // the dictionary files
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// VSSVersion is the version of the COVESA Vehicle Signal Specification whose
// names and units are used everywhere.
const VSSVersion = "6.0"

// DataType is a VSS data type, such as "uint8", "boolean" or "string[]".
type DataType string

// Kind returns how a value of the type is held. Lists of text are held as one
// text, joined by commas; lists of numbers have no Kind and are false.
func (d DataType) Kind() (Kind, bool) {
	switch d {
	case "boolean":
		return KindBool, true
	case "string", "string[]":
		return KindText, true
	}
	return KindNumber, !strings.HasSuffix(string(d), "[]")
}

// Definition is what the dictionary says about a signal.
type Definition struct {
	Path      string // VSS path without instances: Vehicle.Chassis.Axle.Wheel.Tire.Pressure
	Type      DataType
	Unit      string  // VSS unit; empty when the signal has none
	Min, Max  float64 // inclusive; infinite when there is no limit
	Extension bool    // not part of VSS 6.0
	Class     Class   // what it tells
}

// Contains reports whether a number is within the limits of the signal.
func (d Definition) Contains(f float64) bool { return f >= d.Min && f <= d.Max }

// Lookup returns the definition of a signal. Instance segments (Row1, Left,
// Sensor3) resolve to the path without them. It is false for signals that are
// neither in VSS 6.0 nor among pitcrew's extensions.
func Lookup(s Signal) (Definition, bool) {
	dict := dictionary()
	if e, ok := dict[string(s)]; ok {
		return e.def, true
	}
	generic, ok := withoutInstances(string(s))
	if !ok {
		return Definition{}, false
	}
	if e, ok := dict[generic]; ok {
		return e.def, true
	}
	return Definition{}, false
}

// LookupBytes is Lookup for a path still in its message. A known path returns
// the dictionary's own string and definition, so that a decoder allocates
// nothing; an unknown path returns a new string and nil.
func LookupBytes(path []byte) (Signal, *Definition) {
	if e, ok := dictionary()[string(path)]; ok {
		return e.signal, &e.def
	}
	s := Signal(path)
	if d, ok := Lookup(s); ok {
		return s, &d
	}
	return s, nil
}

// Definitions lists the dictionary, without instances, in no set order.
func Definitions() []Definition {
	var all []Definition
	for path, e := range dictionary() {
		if path == e.def.Path {
			all = append(all, e.def)
		}
	}
	return all
}

//go:embed vss6.csv
var vss6 string

//go:embed extensions.csv
var extensions string

type entry struct {
	signal Signal
	def    Definition
}

// dictionary holds every path and its usual instances (four axles, eight oxygen
// sensors). It is built once and only read afterwards.
var dictionary = sync.OnceValue(func() map[string]*entry {
	dict := make(map[string]*entry, 512)
	addAll(dict, vss6, false)
	addAll(dict, extensions, true)
	table := parseClasses(classes)
	for _, e := range dict {
		e.def.Class = classIn(table, e.def.Path)
	}
	return dict
})

func addAll(dict map[string]*entry, csv string, extension bool) {
	for line := range strings.Lines(csv) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		d, err := parseDefinition(line)
		if err != nil {
			panic("embedded signal dictionary: " + err.Error()) // a broken build, not bad input
		}
		if dict[d.Path] != nil {
			panic("embedded signal dictionary: " + d.Path + " is defined twice")
		}
		d.Extension = extension
		for _, path := range append(instances(d.Path), d.Path) {
			dict[path] = &entry{Signal(path), d}
		}
	}
}

func parseDefinition(line string) (Definition, error) {
	f := strings.Split(line, ",")
	if len(f) != 5 {
		return Definition{}, fmt.Errorf("read %q: want 5 columns", line)
	}
	d := Definition{Path: f[0], Type: DataType(f[1]), Unit: f[2]}
	d.Min, d.Max = typeLimits(d.Type)
	for i, limit := range []*float64{&d.Min, &d.Max} {
		if f[3+i] == "" {
			continue
		}
		v, err := strconv.ParseFloat(f[3+i], 64)
		if err != nil {
			return Definition{}, fmt.Errorf("read limit of %s: %w", d.Path, err)
		}
		*limit = v
	}
	return d, nil
}

// typeLimits gives the limits of the whole-number types of VSS.
func typeLimits(t DataType) (lo, hi float64) {
	switch t {
	case "uint8":
		return 0, math.MaxUint8
	case "uint16":
		return 0, math.MaxUint16
	case "uint32":
		return 0, math.MaxUint32
	case "int8":
		return math.MinInt8, math.MaxInt8
	case "int16":
		return math.MinInt16, math.MaxInt16
	case "int32":
		return math.MinInt32, math.MaxInt32
	}
	return math.Inf(-1), math.Inf(1)
}
