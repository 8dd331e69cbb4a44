package uds

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Data is one answer to service 22.
type Data struct {
	Length      int          `json:"payload_length"` // bytes of the message, 62 included
	Values      Values       `json:"values"`         // of all identifiers; of two with one name, the first
	Identifiers []Identifier `json:"identifiers"`
}

// Identifier is the data of one DID.
type Identifier struct {
	DID    DIDNumber `json:"did"`
	Data   Bytes     `json:"data"`
	Values Values    `json:"-"`

	readings []vehicle.Reading
}

// Readings returns the values that have a VSS signal, in VSS units.
func (i Identifier) Readings() []vehicle.Reading { return i.readings }

// Readings returns the values of all identifiers that have a VSS signal, in VSS
// units.
func (d Data) Readings() []vehicle.Reading {
	var all []vehicle.Reading
	for _, i := range d.Identifiers {
		all = append(all, i.readings...)
	}
	return all
}

// Value is one native value, as the car sends it.
type Value struct {
	Name   string
	Unit   string // unit of Number
	Number float64
	Text   string // set instead of Number where the value is a text
}

// Values are in the order of their table. Their JSON is an object by name.
type Values []Value

// MarshalJSON prints {"soc_pct": 46.5, "charging_bit": 0}.
func (v Values) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, value := range v {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(value.Name)
		if err != nil {
			return nil, err
		}
		var content any = value.Number
		if value.Text != "" {
			content = value.Text
		}
		text, err := json.Marshal(content)
		if err != nil {
			return nil, fmt.Errorf("print %s: %w", value.Name, err)
		}
		b = append(append(append(b, name...), ':'), text...)
	}
	return append(b, '}'), nil
}

// DecodeData reads an answer to service 22. The data of a DID that is not known reach
// to the end of the message, and a refusal says so. The first DID may be shorter than
// its table says, as some model years send it: the signals that are whole are
// read. The error is an *Error, or a *j1979.NegativeError where the ECU refused.
func DecodeData(message []byte, o Options) (Data, []*vehicle.Refusal, error) {
	if err := check(message, ReadDataByIdentifier); err != nil {
		return Data{}, nil, err
	}
	if len(message) < 3 {
		return Data{}, nil, fail(TooShort, len(message), "answer ends before its DID")
	}
	d := Data{Length: len(message), Values: Values{}}
	var refusals []*vehicle.Refusal
	for pos := 1; pos < len(message); {
		rest := message[pos:]
		if pos > 1 && allZero(rest) {
			break // padding
		}
		number, reason := DIDNumber(0), ""
		var known knowledge
		if len(rest) >= 2 {
			number = DIDNumber(rest[0])<<8 | DIDNumber(rest[1])
			known = o.find(number)
		}
		whole := known.length <= len(rest)-2
		switch first := len(d.Identifiers) == 0; {
		case first && !known.ok:
			known.length = len(rest) - 2
			reason = "DID is not in the table: its data cannot be read"
		case first && !whole:
			reason = fmt.Sprintf("data have %d of %d bytes", len(rest)-2, known.length)
			known.length = len(rest) - 2
		case !known.ok, !whole, d.has(number):
			return d, append(refusals, &vehicle.Refusal{Offset: pos, Reason: fmt.Sprintf("%d bytes after the data of the last DID", len(rest))}), nil
		}
		if reason != "" {
			refusals = append(refusals, &vehicle.Refusal{Offset: pos, Place: "DID " + number.String(), Reason: reason})
		}
		i := Identifier{DID: number, Data: Bytes(rest[2 : 2+known.length])}
		if i.Values, i.readings, reason = known.decode(i.Data); reason != "" {
			refusals = append(refusals, &vehicle.Refusal{Offset: pos + 2, Place: "DID " + number.String(), Reason: reason})
		}
		d.add(i)
		pos += 2 + known.length
	}
	return d, refusals, nil
}

func (d *Data) has(number DIDNumber) bool {
	return slices.ContainsFunc(d.Identifiers, func(i Identifier) bool { return i.DID == number })
}

func (d *Data) add(i Identifier) {
	d.Identifiers = append(d.Identifiers, i)
	if len(d.Identifiers) == 1 {
		d.Values = append(d.Values, i.Values...)
		return
	}
	for _, v := range i.Values {
		if !slices.ContainsFunc(d.Values, func(have Value) bool { return have.Name == v.Name }) {
			d.Values = append(d.Values, v)
		}
	}
}

// DIDs that the standards give a meaning.
const (
	didVIN       DIDNumber = 0xF190 // ISO 14229-1 C.1
	didOBDVIN    DIDNumber = 0xF802 // SAE J1979-2: InfoType 02
	firstPID     DIDNumber = 0xF400
	firstMonitor DIDNumber = 0xF500 // behind the PIDs

	vinBytes = 17
)

// PID returns the PID of service 01 that a DID stands for (SAE J1979-2: F400 and the
// PID).
func (n DIDNumber) PID() (uint8, bool) { return uint8(n), n >= firstPID && n < firstMonitor }

// InfoType returns the InfoType of service 09 that a DID stands for (SAE J1979-2: F800
// and the InfoType).
func (n DIDNumber) InfoType() (uint8, bool) { return uint8(n), n&0xFF00 == 0xF800 }

// knowledge is what can be known about a DID: its length, and who reads it.
type knowledge struct {
	ok     bool
	length int
	number DIDNumber
	table  *Table
	did    *DID // nil: a DID of the standards, or one whose length only is known
	opaque bool // nothing but the length is known
}

// find looks the DID up in the table, for the ECU of the options, then among those of
// the standards, then in the lengths. One that the table has for several ECUs is
// unknown while the ECU is.
func (o *Options) find(number DIDNumber) knowledge {
	k := knowledge{number: number}
	if o.Table != nil {
		for i := range o.Table.DIDs {
			d := &o.Table.DIDs[i]
			if d.Number != number || d.Bytes < 0 || o.ECU != "" && d.ECU != "" && !strings.EqualFold(d.ECU, o.ECU) {
				continue
			}
			if k.ok {
				return knowledge{number: number}
			}
			k = knowledge{ok: true, length: d.Bytes, number: number, table: o.Table, did: d}
		}
	}
	if k.ok {
		return k
	}
	if number == didVIN || number == didOBDVIN {
		return knowledge{ok: true, length: vinBytes, number: number}
	}
	if n, mirror := number.PID(); mirror {
		if pid, listed := j1979.Lookup(n); listed {
			return knowledge{ok: true, length: pid.Bytes, number: number}
		}
	}
	if length, given := o.Lengths[uint16(number)]; given && length >= 0 {
		return knowledge{ok: true, length: length, number: number, opaque: true}
	}
	return k
}

// decode reads the data, as far as they are there. The reason says why they could not
// be read.
func (k knowledge) decode(data []byte) (values Values, readings []vehicle.Reading, reason string) {
	pid, mirror := k.number.PID()
	switch {
	case !k.ok, k.opaque:
		return nil, nil, ""
	case k.did != nil:
		values, readings = k.table.decode(k.did, data)
		return values, readings, ""
	case mirror:
		return decodePID(pid, data)
	}
	return decodeVIN(data)
}

// decodePID reads the data of a PID of service 01.
func decodePID(pid uint8, data []byte) (Values, []vehicle.Reading, string) {
	answers, err := j1979.DecodeCurrent(append([]byte{j1979.CurrentData + positive, pid}, data...))
	if err != nil {
		return nil, nil, err.Error()
	}
	var values Values
	for _, v := range answers[0].Values {
		values = append(values, Value{Name: v.Field.Name, Unit: v.Field.Unit, Number: v.Number})
	}
	return values, answers[0].Readings(), ""
}

func decodeVIN(data []byte) (Values, []vehicle.Reading, string) {
	vin, err := vehicle.ParseVIN(strings.Trim(string(data), " \x00"))
	if err != nil {
		return nil, nil, err.Error()
	}
	return Values{{Name: "vin", Text: string(vin)}},
		[]vehicle.Reading{{Signal: "Vehicle.VehicleIdentification.VIN", Value: vehicle.Text(string(vin))}}, ""
}
