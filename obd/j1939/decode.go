package j1939

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Options say what the frames themselves do not.
type Options struct {
	// Ambiguous is how trouble codes with CM bit 1 are packed: Version1, Version2
	// or Version3; 0 stands for DefaultConversion.
	Ambiguous Conversion
}

// Content is what a message says: one of its fields is set.
type Content struct {
	DM     *DM     // DM1 and DM2
	Values Values  // the groups of the table
	VIN    *string // vehicle identification, as sent: not always a VIN
}

// MarshalJSON prints the one part that is set.
func (c Content) MarshalJSON() ([]byte, error) {
	switch {
	case c.DM != nil:
		return json.Marshal(c.DM)
	case c.VIN != nil:
		return json.Marshal(map[string]string{"vin": *c.VIN})
	default:
		return c.Values.MarshalJSON()
	}
}

// Known reports whether the content of a parameter group can be read.
func Known(pgn PGN) bool {
	if pgn == PGNDM1 || pgn == PGNDM2 || pgn == PGNVIN {
		return true
	}
	_, inTable := groups()[pgn]
	return inTable
}

// DecodePGN reads the data of one parameter group after transport. The refusal
// says what is wrong with it, by its offset in the data; a DM keeps what came
// before, and a group that ends early has the values that are there. An unknown
// group is refused: see Known.
func DecodePGN(pgn PGN, data []byte, o Options) (Content, *vehicle.Refusal) {
	switch pgn {
	case PGNDM1, PGNDM2:
		dm, refusal := DecodeDM(data, o.Ambiguous)
		return Content{DM: &dm}, refusal
	case PGNVIN:
		vin := decodeVIN(data)
		return Content{VIN: &vin}, nil
	default:
		values, refusal := decodeValues(pgn, data)
		return Content{Values: values}, refusal
	}
}

// decodeVIN reads SPN 237: text up to an asterisk, padded with blanks, 00 or FF.
func decodeVIN(data []byte) string {
	text, _, _ := bytes.Cut(data, []byte{'*'})
	return strings.ToValidUTF8(string(bytes.Trim(text, " \x00\xFF")), "\uFFFD")
}

// Decoded is one message that could be read, at least in part, and its content.
type Decoded struct {
	Header
	Frame   int     `json:"frame"`   // position of the frame that ended the message
	Repeats int     `json:"repeats"` // equal DMs of the same station right after it
	Content Content `json:"content"`

	data  []byte
	whole bool // no refusal: a DM that is not whole is no set of codes
}

// Ignored is how often a parameter group came that is not read.
type Ignored struct {
	PGN      PGN `json:"pgn"`
	Messages int `json:"messages"`
}

// Result is what the frames of a bus say.
type Result struct {
	Messages []Decoded          `json:"messages"`
	Ignored  []Ignored          `json:"ignored"` // by PGN
	Refusals []*vehicle.Refusal `json:"refusals"`
}

// Decode reads frames in the order of the bus. A DM that repeats what the same
// station said last is only counted. Of a group that ends early the values that are
// there are kept and the others refused; a vehicle identification that is no VIN is
// refused. Groups that are not read are normal traffic: they are counted in Ignored.
func Decode(frames []can.Frame, o Options) Result {
	d := decoder{
		options: o,
		result:  Result{Messages: []Decoded{}, Ignored: []Ignored{}, Refusals: []*vehicle.Refusal{}},
		lastDM:  map[station]int{},
		ignored: map[PGN]int{},
	}
	var transport Reassembler
	for i, f := range frames {
		m, refusal := transport.Push(i, f)
		if refusal != nil {
			d.result.Refusals = append(d.result.Refusals, refusal)
		}
		switch {
		case m == nil:
		case !Known(m.PGN):
			d.ignored[m.PGN]++
		default:
			d.message(m)
		}
	}
	d.result.Refusals = append(d.result.Refusals, transport.Flush()...)
	for pgn, n := range d.ignored {
		d.result.Ignored = append(d.result.Ignored, Ignored{pgn, n})
	}
	slices.SortFunc(d.result.Ignored, func(a, b Ignored) int { return cmp.Compare(a.PGN, b.PGN) })
	return d.result
}

// station is who sends a group.
type station struct {
	pgn    PGN
	source uint8
}

// decoder collects a Result.
type decoder struct {
	options Options
	result  Result
	lastDM  map[station]int // its position in result.Messages
	ignored map[PGN]int
}

// message takes one message of a known group.
func (d *decoder) message(m *Message) {
	from, isDM := station{m.PGN, m.Source}, m.PGN == PGNDM1 || m.PGN == PGNDM2
	if last, found := d.lastDM[from]; isDM && found {
		if previous := &d.result.Messages[last]; bytes.Equal(previous.data, m.Data) {
			previous.Repeats++
			return
		}
	}
	content, refusal := DecodePGN(m.PGN, m.Data, d.options)
	if content.Values != nil {
		refusal = tooShort(m.PGN, m.Data)
	}
	if content.VIN != nil && *content.VIN != "" {
		if _, err := vehicle.ParseVIN(*content.VIN); err != nil {
			refusal = &vehicle.Refusal{Offset: -1, Reason: fmt.Sprintf("vehicle identification: %v", err)}
			content.VIN = nil
		}
	}
	if refusal != nil {
		refusal.Place = place(m.Frame)
		d.result.Refusals = append(d.result.Refusals, refusal)
		if content.Values == nil && (!isDM || len(m.Data) < lampBytes) {
			return
		}
	}
	if isDM {
		d.lastDM[from] = len(d.result.Messages)
	}
	d.result.Messages = append(d.result.Messages, Decoded{
		Header: m.Header, Frame: m.Frame, Content: content, data: m.Data, whole: refusal == nil,
	})
}
