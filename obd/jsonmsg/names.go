package jsonmsg

import (
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// names remembers what the signals of earlier samples were called, by their place.
// Cars say the same signals in the same order, so most names are found by comparing
// them with one, without reading, looking up or checking them again.
type names struct {
	at       []known
	distinct int  // so many at the start are known to be different from each other
	inOrder  bool // each signal of this sample stands at its place in at
}

// known is a name that is well-formed JSON as it stands.
type known struct {
	signal vehicle.Signal
	def    *vehicle.Definition // nil: not in the dictionary
}

// rememberedNames bounds the memory; a sample has rarely more signals.
const rememberedNames = 64

func (n *names) begin() { n.inOrder = true }

// next returns the name at a place, if that is what data goes on with, and how long it
// is with its quotes and colon.
func (n *names) next(place int, data []byte) (*known, int) {
	if place >= len(n.at) {
		return nil, 0
	}
	k := &n.at[place]
	end := 1 + len(k.signal) // of the name, after its quote
	if len(data) < end+2 || data[0] != '"' || data[end] != '"' || data[end+1] != ':' || string(data[1:end]) != string(k.signal) {
		return nil, 0
	}
	return k, end + 2
}

// areDistinct reports that no signal of the sample was given twice, up to the one at
// place, whose name was found by next. false: it has to be looked up.
func (n *names) areDistinct(place int) bool { return n.inOrder && place < n.distinct }

// put remembers a name at its place; it was not given before in this sample.
func (n *names) put(place int, k known) {
	switch {
	case !n.inOrder:
		return
	case place >= rememberedNames, strings.ContainsFunc(string(k.signal), func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }):
		n.inOrder = false
		return
	case place == len(n.at):
		n.at = append(n.at, k)
	default:
		n.at[place] = k
	}
	n.distinct = place + 1
}

// skip says that the name at a place of this sample was not put there.
func (n *names) skip() { n.inOrder = false }
