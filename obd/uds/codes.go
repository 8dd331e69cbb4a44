package uds

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Subfunction is a sub-function of service 19.
type Subfunction uint8

// String names the report, as ISO 14229-1 does.
func (s Subfunction) String() string {
	if l := layouts[s]; l != nil {
		return l.name
	}
	return fmt.Sprintf("sub-function %02X", uint8(s))
}

// MarshalText prints two hexadecimal digits.
func (s Subfunction) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%02X", uint8(s)), nil }

// Codes is one answer to service 19. What the sub-function does not report is nil;
// a list that is empty is not.
type Codes struct {
	Subfunction          Subfunction `json:"subfunction"`
	Group                *Group      `json:"functional_group,omitempty"`
	Availability         *Status     `json:"status_availability,omitempty"` // the status bits that the ECU knows
	SeverityAvailability *Severity   `json:"severity_availability,omitempty"`
	Format               *Format     `json:"format,omitempty"`
	Count                *int        `json:"count,omitempty"`
	DTCs                 []DTC       `json:"dtcs,omitzero"`
	Snapshots            []Stored    `json:"snapshots,omitzero"`      // sub-function 03
	Counters             []Counter   `json:"fault_counters,omitzero"` // sub-function 14

	request Request
	damaged bool // a record was refused: codes may be missing
}

// DTC is one code with all that the sub-function says of it.
type DTC struct {
	ID        ID           `json:"dtc"`
	Code      vehicle.Code `json:"text"`
	Failure   string       `json:"failure,omitempty"` // failure type in words, where SAE J2012 gives it one
	Status    Status       `json:"status"`
	Severity  *Severity    `json:"severity,omitempty"`
	Unit      *Unit        `json:"functional_unit,omitempty"`
	Snapshots []Snapshot   `json:"snapshots,omitzero"` // sub-functions 04 and 05
	Extended  []Extended   `json:"extended,omitzero"`  // sub-function 06
}

// Stored says that the ECU holds a snapshot.
type Stored struct {
	ID     ID    `json:"dtc"`
	Record uint8 `json:"record"`
}

// Counter is a fault detection counter: +127 when the test has failed, -128 when
// it has passed, steps between while it is not sure yet.
type Counter struct {
	ID    ID   `json:"dtc"`
	Value int8 `json:"value"`
}

// A layout is an answer in letters, one for each part of head and record.
//
//	A  status availability      F  format             D  code (3 bytes)   R  record number
//	M  severity availability    G  functional group   S  status           C  fault counter
//	N  count (2 bytes)                                V  severity         U  functional unit
//
// Snapshots and extended data have lengths that letters cannot give: read does.
type layout struct {
	name         string
	head, record string
	least        int           // bytes that must follow, where the head does not say it
	read         func(*reader) // what letters cannot say; leaves the place at what it could not use
}

// layouts are the sub-functions of service 19 that can be read (ISO 14229-1,
// ReadDTCInformation, positive response message definition).
var layouts = [256]*layout{
	0x01: {name: "number of DTCs by status mask", head: "AFN"},
	0x02: {name: "DTCs by status mask", head: "A", record: "DS"},
	0x03: {name: "snapshot identification", record: "DR"},
	0x04: {name: "snapshots by DTC", head: "DS", read: (*reader).snapshots},
	0x05: {name: "stored data by record number", least: 1, read: (*reader).byRecord},
	0x06: {name: "extended data by DTC", head: "DS", read: (*reader).extended},
	0x07: {name: "number of DTCs by severity mask", head: "AFN"},
	0x08: {name: "DTCs by severity mask", head: "A", record: "VUDS"},
	0x09: {name: "severity of a DTC", head: "A", record: "VUDS"},
	0x0A: {name: "supported DTCs", head: "A", record: "DS"},
	0x0B: {name: "first test failed DTC", head: "A", record: "DS"},
	0x0C: {name: "first confirmed DTC", head: "A", record: "DS"},
	0x0D: {name: "most recent test failed DTC", head: "A", record: "DS"},
	0x0E: {name: "most recent confirmed DTC", head: "A", record: "DS"},
	0x0F: {name: "mirror memory DTCs by status mask", head: "A", record: "DS"},
	0x11: {name: "number of mirror memory DTCs by status mask", head: "AFN"},
	0x12: {name: "number of emissions OBD DTCs by status mask", head: "AFN"},
	0x13: {name: "emissions OBD DTCs by status mask", head: "A", record: "DS"},
	0x14: {name: "fault detection counters", record: "DC"},
	0x15: {name: "DTCs with permanent status", head: "A", record: "DS"},
	0x42: {name: "WWH-OBD DTCs by mask", head: "GAMF", record: "VDS"},
	0x55: {name: "WWH-OBD DTCs with permanent status", head: "GAF", record: "DS"},
}

// width returns the bytes of a part.
func width(part byte) int {
	switch part {
	case 'D':
		return 3
	case 'N':
		return 2
	}
	return 1
}

func widthOf(parts string) (n int) {
	for i := range len(parts) {
		n += width(parts[i])
	}
	return n
}

// DecodeCodes reads an answer to service 19. The error is an *Error, or a
// *j1979.NegativeError where the ECU refused.
func DecodeCodes(message []byte, o Options) (Codes, []*vehicle.Refusal, error) {
	if err := check(message, ReadDTCInformation); err != nil {
		return Codes{}, nil, err
	}
	if len(message) < 2 {
		return Codes{}, nil, fail(TooShort, len(message), "answer ends before its sub-function")
	}
	sub := Subfunction(message[1])
	l := layouts[sub]
	switch {
	case o.Request.Subfunction != 0 && sub != o.Request.Subfunction:
		return Codes{}, nil, fail(UnexpectedSubfunction, 1, "answer to sub-function %02X, and %02X was asked", uint8(sub), uint8(o.Request.Subfunction))
	case l == nil:
		return Codes{}, nil, fail(UnknownSubfunction, 1, "sub-function %02X cannot be read", uint8(sub))
	}
	r := reader{message: message, pos: 2, options: o, codes: Codes{Subfunction: sub, request: o.Request}}
	if need := r.pos + max(widthOf(l.head), l.least); len(message) < need {
		return Codes{}, nil, fail(TooShort, len(message), "%s: answer has %d bytes, want at least %d", l.name, len(message), need)
	}
	var head DTC
	r.take(l.head, &head)
	switch {
	case l.read != nil:
		if len(l.head) > 0 {
			r.codes.DTCs = []DTC{r.named(head)}
		}
		l.read(&r)
	case l.record != "":
		r.list(l.record)
	}
	if end := r.rest(); !allZero(end) {
		r.refuse(r.pos, "", "%d bytes after the end of the answer", len(end))
	}
	return r.codes, r.refusals, nil
}

// reader is an answer while it is read.
type reader struct {
	message  []byte
	pos      int
	options  Options
	codes    Codes
	refusals []*vehicle.Refusal

	record  uint8 // the last of its kind
	counter int8
}

func (r *reader) rest() []byte { return r.message[r.pos:] }

// refuse notes a part that is not used. A list with such a part may lack codes.
func (r *reader) refuse(offset int, place, format string, args ...any) {
	r.codes.damaged = true
	r.refusals = append(r.refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: fmt.Sprintf(format, args...)})
}

// take reads the parts at the reader's place, which are there. What they say of
// one code goes to d.
func (r *reader) take(parts string, d *DTC) {
	for i := range len(parts) {
		b := r.message[r.pos:]
		switch parts[i] {
		case 'A':
			r.codes.Availability = new(Status(b[0]))
		case 'F':
			r.codes.Format = new(Format(b[0]))
		case 'G':
			r.codes.Group = new(Group(b[0]))
		case 'N':
			r.codes.Count = new(int(b[0])<<8 | int(b[1]))
		case 'M':
			r.codes.SeverityAvailability = new(Severity(b[0]))
		case 'V':
			d.Severity = new(Severity(b[0]))
		case 'U':
			d.Unit = new(Unit(b[0]))
		case 'D':
			d.ID = ID(b[:3])
		case 'S':
			d.Status = Status(b[0])
		case 'R':
			r.record = b[0]
		case 'C':
			r.counter = int8(b[0])
		}
		r.pos += width(parts[i])
	}
}

// named gives a code its text.
func (r *reader) named(d DTC) DTC {
	naming := r.options.Naming.in(r.codes.Format)
	d.Code = naming.code(d.ID)
	if naming == NamingJ2012 {
		d.Failure = FailureType(d.ID[2])
	}
	return d
}

// list reads records until only padding is left.
func (r *reader) list(parts string) {
	size := widthOf(parts)
	count := (unpadded(r.rest()) + size - 1) / size
	switch parts {
	case "DR":
		r.codes.Snapshots = make([]Stored, 0, count)
	case "DC":
		r.codes.Counters = make([]Counter, 0, count)
	default:
		r.codes.DTCs = make([]DTC, 0, count)
	}
	gap := false // the record before is zero: one refusal for all of them
	for i := range count {
		if have := len(r.rest()); have < size {
			r.refuse(r.pos, place(i), "record has %d of %d bytes", have, size)
			r.pos = len(r.message)
			return
		}
		if allZero(r.rest()[:size]) {
			if !gap {
				r.refuse(r.pos, place(i), "record is zero and others follow: neither a code nor padding")
			}
			gap = true
			r.pos += size
			continue
		}
		gap = false
		var d DTC
		r.take(parts, &d)
		switch parts {
		case "DR":
			r.codes.Snapshots = append(r.codes.Snapshots, Stored{d.ID, r.record})
		case "DC":
			r.codes.Counters = append(r.codes.Counters, Counter{d.ID, r.counter})
		default:
			r.codes.DTCs = append(r.codes.DTCs, r.named(d))
		}
	}
}

func place(i int) string { return fmt.Sprintf("record %d", i) }

// unpadded returns the length without the zero bytes at the end.
func unpadded(b []byte) int {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	return n
}
