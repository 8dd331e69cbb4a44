package obd_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// These read parts of a vector. What they cannot read is no fault of a decoder: they
// panic, and checkVector tells.

// unmarshal reads JSON and refuses keys that it has no place for: an input is
// understood whole or not at all.
func unmarshal[T any](b json.RawMessage) T {
	var v T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		panic(fmt.Sprintf("the checker cannot read %s: %v", shown(b), err))
	}
	return v
}

// object is a JSON object; its numbers are json.Number, as they were written.
type object = map[string]any

// readObject reads a JSON object.
func readObject(b json.RawMessage) object {
	var o object
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		panic(fmt.Sprintf("no object in %s: %v", shown(b), err))
	}
	return o
}

// printed is a result as its JSON prints it.
func printed(result any) object {
	b, err := json.Marshal(result)
	if err != nil {
		panic(fmt.Sprintf("print %T: %v", result, err))
	}
	return readObject(b)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// unhexWord reads the four digits of an identifier.
func unhexWord(s string) uint16 {
	b := unhex(s)
	if len(b) != 2 {
		panic(fmt.Sprintf("%q is no word", s))
	}
	return uint16(b[0])<<8 | uint16(b[1])
}

// whole is a whole number as readObject has it.
func whole(n int) json.Number { return json.Number(strconv.Itoa(n)) }
