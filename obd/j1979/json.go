package j1979

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		b.WriteByte("{,"[min(i, 1)])
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func hex2(b byte) string { return fmt.Sprintf("%02X", b) }

// hexList is never null.
func hexList(b []byte) []string {
	all := make([]string, 0, len(b))
	for _, v := range b {
		all = append(all, hex2(v))
	}
	return all
}

// values lists the fields by name; one that says it is absent is null.
func (a Answer) values() object {
	next := 0
	all := object{}
	for i := range a.PID.Fields {
		f := &a.PID.Fields[i]
		switch {
		case next < len(a.Values) && a.Values[next].Field == f:
			all = append(all, member{f.Name, a.Values[next].Number})
			next++
		case f.Bit+f.Bits <= 8*len(a.Data):
			all = append(all, member{f.Name, nil})
		}
	}
	return all
}

// members are the parts of an answer that services 01 and 02 share.
func (a Answer) members() object {
	o := object{{"values", a.values()}}
	switch n := a.PID.Number; {
	case n%0x20 == 0 && len(a.Data) == 4:
		o = append(o, member{"supported", hexList(SupportedPIDs(n, [4]byte(a.Data)))})
	case (n == 0x01 || n == 0x41) && len(a.Data) == 4:
		if r, err := DecodeReadiness(a.Data); err == nil {
			o = append(o, member{"readiness", r})
		}
	}
	if a.Short {
		o = append(o, member{"short", true})
	}
	return o.warned(a.Warning())
}

// MarshalJSON prints {"pid", "values"} and what else the PID tells.
func (a Answer) MarshalJSON() ([]byte, error) {
	return append(object{{"pid", hex2(a.PID.Number)}}, a.members()...).MarshalJSON()
}

// MarshalJSON prints {"service", "pid", "values"}, or {"service", "answers"} for
// several PIDs.
func (c Current) MarshalJSON() ([]byte, error) {
	o := object{{"service", CurrentData}}
	if len(c) != 1 {
		return append(o, member{"answers", []Answer(c)}).MarshalJSON()
	}
	o = append(o, member{"pid", hex2(c[0].PID.Number)})
	return append(o, c[0].members()...).MarshalJSON()
}

// MarshalJSON prints {"service", "pid", "frame", "values"}; for PID 02 "freeze_dtc"
// instead of values, null when there is no frame.
func (f Freeze) MarshalJSON() ([]byte, error) {
	o := object{{"service", FreezeFrame}}
	if len(f.Answers) > 0 {
		o = append(o, member{"pid", hex2(f.Answers[0].PID.Number)})
	}
	if f.HasFrame {
		o = append(o, member{"frame", f.Frame})
	}
	switch {
	case f.Names() && f.Code == "":
		o = append(o, member{"freeze_dtc", nil}).warned(f.Answers[0].Warning())
	case f.Names():
		o = append(o, member{"freeze_dtc", f.Code}).warned(f.Answers[0].Warning())
	case len(f.Answers) == 1:
		o = append(o, f.Answers[0].members()...)
	default:
		o = append(o, member{"answers", f.Answers})
	}
	return o.MarshalJSON()
}

// MarshalJSON prints {"service", "status", "dtcs"}.
func (c Codes) MarshalJSON() ([]byte, error) {
	dtcs := []string{}
	for _, code := range c.Codes {
		dtcs = append(dtcs, string(code))
	}
	o := object{{"service", serviceOf(c.Status)}, {"status", c.Status}, {"dtcs", dtcs}}
	return o.warned(c.Warning).MarshalJSON()
}

func (o object) warned(warning string) object {
	if warning == "" {
		return o
	}
	return append(o, member{"warning", warning})
}

// MarshalJSON prints {"service": 4, "cleared": true}.
func (c Cleared) MarshalJSON() ([]byte, error) {
	return object{{"service", ClearCodes}, {"cleared", true}}.warned(c.Warning).MarshalJSON()
}

// MarshalJSON prints {"service", "mid", "tests"}, or "supported" instead of tests.
func (t Tests) MarshalJSON() ([]byte, error) {
	o := object{{"service", TestResults}, {"mid", hex2(t.MID)}}
	if t.Supported != nil {
		return append(o, member{"supported", hexList(t.Supported)}).MarshalJSON()
	}
	tests := []object{}
	for _, one := range t.Tests {
		tests = append(tests, one.object(t.MID))
	}
	return append(o, member{"tests", tests}).MarshalJSON()
}

// object leaves the monitor away where the whole message is about it.
func (t Test) object(mid byte) object {
	o := object{{"tid", hex2(t.TID)}, {"uas", hex2(t.Unit.ID)}, {"value", t.Value}, {"min", t.Min}, {"max", t.Max}}
	if t.Unit.IsKnown {
		o = append(o, member{"unit", t.Unit.Unit})
	}
	if t.MID != mid {
		o = append(o, member{"mid", hex2(t.MID)})
	}
	return o
}

// MarshalJSON prints {"tid", "uas", "value", "min", "max", "unit", "mid"}; no unit
// when the scaling is not known.
func (t Test) MarshalJSON() ([]byte, error) { return t.object(0).MarshalJSON() }

// MarshalJSON prints {"service", "pid"} and what the PID tells: "supported",
// "message_count", "vin", "calids", "cvns", "counters" or "ecu_name".
func (i Info) MarshalJSON() ([]byte, error) {
	o := object{{"service", VehicleInfo}, {"pid", hex2(i.PID)}}
	switch i.PID {
	case infoSupported:
		o = append(o, member{"supported", hexList(i.Supported)})
	case infoVIN:
		o = append(o, member{"vin", i.VIN})
	case infoCalibration:
		o = append(o, member{"calids", append([]string{}, i.Calibrations...)})
	case infoCVN:
		cvns := []string{}
		for _, n := range i.CVNs {
			cvns = append(cvns, fmt.Sprintf("%X", n[:]))
		}
		o = append(o, member{"cvns", cvns})
	case infoSpark, infoCompression:
		counters := object{}
		for _, c := range i.Counters {
			counters = append(counters, member{c.Name, c.Count})
		}
		o = append(o, member{"counters", counters})
	case infoName:
		o = append(o, member{"ecu_name", i.ECU})
	default:
		o = append(o, member{"message_count", i.Messages})
	}
	return o.warned(i.Warning).MarshalJSON()
}

// MarshalJSON prints {"mil_on", "dtc_count", "ignition", "monitors"}, the monitors by
// name with "supported" and "complete".
func (r Readiness) MarshalJSON() ([]byte, error) {
	ignition := "spark"
	if r.Compression {
		ignition = "compression"
	}
	monitors := object{}
	for _, m := range r.Monitors {
		monitors = append(monitors, member{string(m.Name), object{{"supported", m.Supported}, {"complete", m.Complete}}})
	}
	return object{{"mil_on", r.MIL}, {"dtc_count", r.Codes}, {"ignition", ignition}, {"monitors", monitors}}.MarshalJSON()
}
