package vehicle

import (
	_ "embed" // the table of classes
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Class says what a signal tells of a vehicle and of who drives it. It decides
// whether and how long samples are kept, never how they are read.
type Class string

// The classes of signals. classes.csv says which signals of the dictionary are of
// which class.
const (
	ClassLocation Class = "location" // where it is, was, or was charged
	ClassDriving  Class = "driving"  // how it is driven: speed, engine speed, pedals, trips
	ClassOdometer Class = "odometer" // what counts up over its life: distance, engine hours
	ClassHealth   Class = "health"   // all else in the dictionary: wear, voltages, temperatures, levels
	ClassOther    Class = "other"    // signals that the dictionary does not know
)

// Classes lists every class.
func Classes() []Class {
	return []Class{ClassLocation, ClassDriving, ClassOdometer, ClassHealth, ClassOther}
}

// ParseClass reads a class; the error lists those there are.
func ParseClass(s string) (Class, error) {
	if c := Class(s); slices.Contains(Classes(), c) {
		return c, nil
	}
	return "", fmt.Errorf("%q is no class of signals: there are %s, %s, %s, %s and %s", s,
		ClassLocation, ClassDriving, ClassOdometer, ClassHealth, ClassOther)
}

// ClassOf returns the class of a signal. One that the dictionary does not know is of
// ClassLocation when NamesLocation says so: of a latitude that a device sends under a
// name of its own nobody would learn otherwise.
func ClassOf(s Signal) Class {
	if d, ok := Lookup(s); ok {
		return d.Class
	}
	if NamesLocation(string(s)) {
		return ClassLocation
	}
	return ClassOther
}

// locationWords make a name one of a location wherever they stand in it, and
// locationNames where they are all of its last part.
var (
	locationWords = []string{
		"latitude", "longitude", "lat", "lon", "lng", "altitude", "elevation", "heading",
		"location", "coordinate", "coordinates", "geo", "geohash", "geofence", "evse",
	}
	locationNames = []string{"loc", "long", "gps", "gnss", "pos", "position", "course", "cog", "alt", "direction", "accuracy", "address"}
	locationHan   = []string{"纬度", "经度", "海拔", "方位", "定位", "坐标"}
)

// NamesLocation reports whether a name that the dictionary does not know sounds like
// one of a location, in English or Chinese: "wican.GPS_LAT", "loc", "startLatitude".
func NamesLocation(name string) bool {
	for _, term := range locationHan {
		if strings.Contains(name, term) {
			return true
		}
	}
	last := strings.ToLower(name[strings.LastIndexAny(name, "./")+1:])
	return slices.Contains(locationNames, last) ||
		slices.ContainsFunc(words(name), func(w string) bool { return slices.Contains(locationWords, w) })
}

// words cuts a name into its words, in lower case: at what is no letter, and at
// capitals, so that "GPSLat" is "gps" and "lat".
func words(name string) []string {
	var out []string
	runes := []rune(name)
	start := 0
	cut := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			cut(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			cut(i)
		}
	}
	cut(len(runes))
	return out
}

//go:embed classes.csv
var classes string

// parseClasses reads the table of classes, by branch.
func parseClasses(csv string) map[string]Class {
	table := make(map[string]Class)
	for line := range strings.Lines(csv) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		branch, name, _ := strings.Cut(line, ",")
		class, err := ParseClass(name)
		if err != nil {
			panic("embedded table of classes: " + branch + ": " + err.Error()) // a broken build, not bad input
		}
		table[branch] = class
	}
	return table
}

// classIn looks up a path of the dictionary in the table of classes.
func classIn(table map[string]Class, path string) Class {
	for branch := path; branch != ""; branch = branch[:max(0, strings.LastIndexByte(branch, '.'))] {
		if class, ok := table[branch]; ok {
			return class
		}
	}
	return ClassHealth
}
