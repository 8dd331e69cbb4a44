package uds

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Snapshot is the data of one DID, frozen when a code was set. A record of n DIDs
// gives n of them, with the same Record.
type Snapshot struct {
	Record      uint8     `json:"record"`
	Identifiers int       `json:"identifiers"` // DIDs that the record says it has; 0: it does not say
	DID         DIDNumber `json:"did"`
	Data        Bytes     `json:"data"`
	Values      Values    `json:"values,omitempty"` // where Options.Table or service 01 names them

	readings []vehicle.Reading
}

// Readings returns the values that have a VSS signal, in VSS units.
func (s Snapshot) Readings() []vehicle.Reading { return s.readings }

// Extended is one extended data record. What stands in it is the maker's.
type Extended struct {
	Record uint8 `json:"record"`
	Data   Bytes `json:"data"`
}

// snapshots reads (record 1, n 1, n times (DID 2, data))* after the head of
// sub-function 04.
func (r *reader) snapshots() {
	d := &r.codes.DTCs[0]
	d.Snapshots = []Snapshot{}
	for !allZero(r.rest()) {
		if len(r.rest()) < 2 {
			r.cut(fmt.Sprintf("snapshot record %02X", r.rest()[0]), 2)
			return
		}
		record := r.rest()[0]
		r.pos++
		if !r.identifiers(d, record) {
			return
		}
	}
}

// byRecord reads (record 1, code 3, status 1, n 1, n times (DID 2, data))* of
// sub-function 05. A record number alone says that nothing is stored under it.
func (r *reader) byRecord() {
	r.codes.DTCs = []DTC{}
	if len(r.rest()) == 1 {
		r.pos++
		return
	}
	for !allZero(r.rest()) {
		const head = len("RDDDS")
		if len(r.rest()) < head {
			r.cut(fmt.Sprintf("stored record %02X", r.rest()[0]), head)
			return
		}
		var d DTC
		r.take("RDS", &d)
		d = r.named(d)
		d.Snapshots = []Snapshot{}
		if last := len(r.codes.DTCs) - 1; last < 0 || r.codes.DTCs[last].ID != d.ID || r.codes.DTCs[last].Status != d.Status {
			r.codes.DTCs = append(r.codes.DTCs, d)
		}
		if len(r.rest()) == 0 {
			return
		}
		if !r.identifiers(&r.codes.DTCs[len(r.codes.DTCs)-1], r.record) {
			return
		}
	}
}

// identifiers reads n and n times (DID, data). A count of 0 means that their number
// is not defined: they go on until the end. It is false when the reader cannot.
func (r *reader) identifiers(d *DTC, record uint8) bool {
	place := fmt.Sprintf("snapshot record %02X", record)
	n := int(r.rest()[0])
	r.pos++
	for i := 0; i < n || n == 0 && !allZero(r.rest()); i++ {
		if len(r.rest()) < 2 {
			r.cut(place, 2)
			return false
		}
		number := DIDNumber(r.rest()[0])<<8 | DIDNumber(r.rest()[1])
		at := fmt.Sprintf("%s, DID %s", place, number)
		known := r.options.find(number)
		switch {
		case !known.ok:
			r.refuse(r.pos, at, "length of the data is not known: give it in a table")
			r.pos = len(r.message)
			return false
		case known.length > len(r.rest())-2:
			r.cut(at, known.length)
			return false
		}
		s := Snapshot{Record: record, Identifiers: n, DID: number, Data: Bytes(r.rest()[2 : 2+known.length])}
		var reason string
		if s.Values, s.readings, reason = known.decode(s.Data); reason != "" {
			r.refuse(r.pos+2, at, "%s", reason)
		}
		d.Snapshots = append(d.Snapshots, s)
		r.pos += 2 + known.length
	}
	return true
}

// extended reads (record 1, data)* after the head of sub-function 06.
func (r *reader) extended() {
	d := &r.codes.DTCs[0]
	d.Extended = []Extended{}
	for !allZero(r.rest()) {
		record := r.rest()[0]
		place := fmt.Sprintf("extended data record %02X", record)
		length, ok := r.options.Records[record]
		if !ok {
			length, ok = r.options.Records[0]
		}
		switch {
		case !ok || length < 0:
			r.refuse(r.pos, place, "length of the record is not known: give it in the options")
			r.pos = len(r.message)
			return
		case length > len(r.rest())-1:
			r.cut(place, length)
			return
		}
		d.Extended = append(d.Extended, Extended{record, Bytes(r.rest()[1 : 1+length])})
		r.pos += 1 + length
	}
}

// cut refuses the rest, which is shorter than its part.
func (r *reader) cut(place string, want int) {
	r.refuse(r.pos, place, "answer ends within its %d bytes", want)
	r.pos = len(r.message)
}
