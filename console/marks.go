package console

import "strconv"

// marks are the shapes that go with a badge's colour: an octagon for stop, a
// triangle for soon, and so on. Paths in a box of 12 by 12.
var marks = map[string]string{
	"stop":    "M3.7 0h4.6L12 3.7v4.6L8.3 12H3.7L0 8.3V3.7z",
	"soon":    "M6 .6 12 11.4H0z",
	"monitor": "M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0zm0 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
	"good":    "M4.4 11 0 6.6l1.6-1.6 2.8 2.7L10.3 1.8 12 3.4z",
	"quiet":   "M0 4.8h12v2.4H0z",
	"wait":    "M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0zm-.9 2.4v4.2l3.3 2 .9-1.5-2.4-1.5V2.4z",
}

// glyphs are the drawings of the navigation. Paths in a box of 20 by 20.
var glyphs = map[string]string{
	"fleet":      "M4.5 4h11l2 6v6.5h-2.6v-2H5.1v2H2.500V10zm1.300 1.700L4.700 9.200h10.600l-1.100-3.500zM5.600 10.800a1.200 1.200 0 1 0 0 2.400 1.200 1.200 0 0 0 0-2.400zm8.800 0a1.200 1.200 0 1 0 0 2.400 1.200 1.200 0 0 0 0-2.400z",
	"orders":     "M3 3h14v14H3zm1.700 1.700v10.600h10.600V4.700zM6.500 6.500h7v1.600h-7zm0 2.900h7V11h-7zm0 2.900h4.500v1.600H6.500z",
	"reminders":  "M10 2a1.300 1.300 0 0 1 1.300 1.400A5 5 0 0 1 15 8.200v3.600l1.600 2.100v.9H3.400v-.9L5 11.800V8.200a5 5 0 0 1 3.700-4.800A1.300 1.300 0 0 1 10 2zM8.200 15.800h3.600a1.800 1.800 0 0 1-3.600 0z",
	"models":     "M3 16.500V3h1.600v11.900H17v1.600zM6.200 13.300V9.500h2v3.800zm3.400 0V6h2v7.300zm3.400 0V8h2v5.300z",
	"quarantine": "M10 2.200 18.500 17h-17zm0 3.400L4.400 15.300h11.200zM9.200 8.500h1.600v3.500H9.200zm0 4.300h1.600v1.500H9.200z",
}

// toneOf is the badge of a drivability call.
func toneOf(drivability string) string {
	switch drivability {
	case "stop", "soon", "monitor":
		return drivability
	case "":
		return "good"
	}
	return "quiet"
}

// pressed is the value of aria-pressed.
func pressed(on bool) string { return strconv.FormatBool(on) }
