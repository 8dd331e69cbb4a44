package uds

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// columns are the header of a table as text.
var columns = []string{
	"did", "ecu", "bytes", "name", "bit", "bits", "signed", "num", "den", "offset", "unit", "absent", "with", "signal", "scale",
}

// MaxTableBytes is the longest table that ParseTable reads.
const MaxTableBytes = 1 << 20

// ParseTable reads a table of a car line: comma-separated values (RFC 4180), one
// line per signal, the header first, lines that begin with # ignored.
//
//	did     four hexadecimal digits
//	ecu     CAN id of the answer, "7EC"; empty for any ECU
//	bytes   data bytes after the DID: the same in all lines of one DID and ECU
//	name    the signal's own name; empty: the DID has a length and no signal
//	bit     first bit, 0 is the most significant of the first byte
//	bits    width, 1 to 48
//	signed  yes or no; empty is no
//	num     raw*num/den + offset is the value; empty is 1, 1 and 0
//	den
//	offset
//	unit    such as %, degC, V, A, kWh, km, mi, psi, or cluster (the odometer unit of the
//	        instrument cluster); empty for none
//	absent  raw value that means no reading; empty for none
//	with    name of a signal that must be absent too
//	signal  VSS path; empty: the value is printed only
//	scale   from unit to the signal's unit, negative to turn the sign; empty is 1
//
// Every fault is returned, with the offset in the text and the line and column as its
// place; what Lint finds has those of its signal. With a fault there is no table.
func ParseTable(name string, text []byte) (*Table, []*vehicle.Refusal) {
	if len(text) > MaxTableBytes {
		return nil, []*vehicle.Refusal{{Offset: MaxTableBytes, Reason: fmt.Sprintf("table is longer than %d bytes", MaxTableBytes)}}
	}
	p := tableParser{csv: csv.NewReader(bytes.NewReader(text)), table: &Table{Name: name}, index: make(map[string]int), places: make(map[string]position)}
	p.csv.Comment = '#'
	p.csv.FieldsPerRecord = len(columns)
	p.csv.ReuseRecord = true
	p.starts = append(p.starts, 0)
	for i, c := range text {
		if c == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	p.read()
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	for _, f := range p.table.Lint() {
		if at, known := p.places[f.Place]; known {
			f.Offset, f.Place = at.offset, fmt.Sprintf("line %d, %s", at.line, f.Place)
		}
		p.faults = append(p.faults, f)
	}
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	return p.table, nil
}

type tableParser struct {
	csv    *csv.Reader
	starts []int // where each line begins
	table  *Table
	index  map[string]int      // DIDs by ECU and number
	places map[string]position // by the places of Lint
	faults []*vehicle.Refusal

	position
	row []string
}

// position is where a line begins.
type position struct{ offset, line int }

func (p *tableParser) read() {
	for header := true; ; {
		row, err := p.csv.Read()
		if errors.Is(err, io.EOF) {
			if header {
				p.faults = append(p.faults, &vehicle.Refusal{Reason: "table has no header: want " + strings.Join(columns, ",")})
			}
			return
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			place := fmt.Sprintf("line %d", bad.StartLine)
			p.faults = append(p.faults, &vehicle.Refusal{Offset: p.starts[bad.StartLine-1], Place: place, Reason: bad.Err.Error()})
			if !errors.Is(err, csv.ErrFieldCount) {
				return // where the next line begins is not sure
			}
			continue
		}
		p.row = row
		p.line, _ = p.csv.FieldPos(0)
		p.offset = p.starts[p.line-1]
		if !header {
			p.signal()
			continue
		}
		header = false
		if !slices.Equal(row, columns) {
			p.fault(0, "header: want "+strings.Join(columns, ","))
			return
		}
	}
}

// fault notes what is wrong in a column of the line.
func (p *tableParser) fault(column int, reason string) {
	place := fmt.Sprintf("line %d, column %s", p.line, columns[column])
	p.faults = append(p.faults, &vehicle.Refusal{Offset: p.offset, Place: place, Reason: reason})
}

// signal reads one line.
func (p *tableParser) signal() {
	before := len(p.faults)
	d := DID{Number: DIDNumber(p.whole(0, 16, 16)), ECU: p.row[1], Bytes: int(p.whole(2, 10, 16))}
	s := Signal{
		Name: p.row[3], Unit: p.row[10], With: p.row[12], VSS: vehicle.Signal(p.row[13]), Signed: p.yes(6),
		Num: p.factor(7), Den: p.factor(8), Offset: p.number(9), Scale: p.factor(14), HasAbsent: p.row[11] != "",
	}
	if s.Name != "" {
		s.Bit, s.Bits = int(p.whole(4, 10, 16)), int(p.whole(5, 10, 8))
	} else if slices.ContainsFunc(p.row[4:], func(v string) bool { return v != "" }) {
		p.fault(3, "signal without a name")
	}
	if s.HasAbsent {
		s.Absent = p.whole(11, 10, MaxBits)
	}
	key := d.ECU + " " + d.Number.String()
	at, known := p.index[key]
	if known && p.table.DIDs[at].Bytes != d.Bytes {
		p.fault(2, fmt.Sprintf("%d bytes, and a line before says %d", d.Bytes, p.table.DIDs[at].Bytes))
	}
	if len(p.faults) > before {
		return
	}
	place := "DID " + d.Number.String()
	if !known {
		at = len(p.table.DIDs)
		p.index[key], p.places[place] = at, p.position
		p.table.DIDs = append(p.table.DIDs, d)
	}
	if s.Name != "" {
		p.places[place+", "+s.Name] = p.position
		p.table.DIDs[at].Signals = append(p.table.DIDs[at].Signals, s)
	}
}

func (p *tableParser) whole(column, base, bits int) uint64 {
	v, err := strconv.ParseUint(p.row[column], base, bits)
	if err != nil || base == 16 && len(p.row[column]) != bits/4 {
		want := fmt.Sprintf("want a whole number up to %d", uint64(1)<<bits-1)
		if base == 16 {
			want = "want four hexadecimal digits"
		}
		p.fault(column, fmt.Sprintf("%q: %s", p.row[column], want))
	}
	return v
}

// number reads a number; an empty column is 0.
func (p *tableParser) number(column int) float64 {
	if p.row[column] == "" {
		return 0
	}
	v, err := strconv.ParseFloat(p.row[column], 64)
	if err != nil {
		p.fault(column, fmt.Sprintf("%q: want a number", p.row[column]))
	}
	return v
}

// factor reads a number that is not 0; an empty column is 0, which stands for 1.
func (p *tableParser) factor(column int) float64 {
	before := len(p.faults)
	v := p.number(column)
	if v == 0 && p.row[column] != "" && len(p.faults) == before {
		p.fault(column, "want a number that is not 0")
	}
	return v
}

func (p *tableParser) yes(column int) bool {
	switch p.row[column] {
	case "yes":
		return true
	case "", "no":
	default:
		p.fault(column, fmt.Sprintf("%q: want yes or no", p.row[column]))
	}
	return false
}

// CSV writes the table as ParseTable reads it. Name and Cluster are not part of it.
func (t *Table) CSV() []byte {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write(columns) // a buffer takes everything
	for i := range t.DIDs {
		d := &t.DIDs[i]
		head := []string{d.Number.String(), d.ECU, strconv.Itoa(d.Bytes)}
		if len(d.Signals) == 0 {
			_ = w.Write(append(head, make([]string, len(columns)-len(head))...))
		}
		for j := range d.Signals {
			_ = w.Write(append(head[:3:3], d.Signals[j].columns()...))
		}
	}
	w.Flush()
	return text.Bytes()
}

func (s *Signal) columns() []string {
	number := func(f float64) string {
		if f == 0 {
			return ""
		}
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	signed, absent := "", ""
	if s.Signed {
		signed = "yes"
	}
	if s.HasAbsent {
		absent = strconv.FormatUint(s.Absent, 10)
	}
	return []string{
		s.Name, strconv.Itoa(s.Bit), strconv.Itoa(s.Bits), signed, number(s.Num), number(s.Den), number(s.Offset),
		s.Unit, absent, s.With, string(s.VSS), number(s.Scale),
	}
}
