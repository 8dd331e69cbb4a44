package dialect

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// emqxField is a member of a unit, in the order of the wire: a number, a list of
// numbers, or a list of objects.
type emqxField struct {
	key   string
	bytes int         // of the number, or of each number in the list
	count int         // a list: bytes of the count before it; 0 for a number
	parts []emqxField // a list of objects: what each holds
}

// emqxUnit is a unit: its type byte and what follows.
type emqxUnit struct {
	kind   byte
	fields []emqxField
}

// emqxUnits lists the units by their Type (GB/T 32960.3-2016 tables 9 to 18, keys
// of the gateway's data exchange guide). Counts stand in the JSON as well; what
// counts is the length of the list.
var emqxUnits = map[string]emqxUnit{
	"Vehicle": {0x01, []emqxField{
		{key: "Status", bytes: 1}, {key: "Charging", bytes: 1}, {key: "Mode", bytes: 1},
		{key: "Speed", bytes: 2}, {key: "Mileage", bytes: 4}, {key: "Voltage", bytes: 2}, {key: "Current", bytes: 2},
		{key: "SOC", bytes: 1}, {key: "DC", bytes: 1}, {key: "Gear", bytes: 1}, {key: "Resistance", bytes: 2},
		{key: "AcceleratorPedal", bytes: 1}, {key: "BrakePedal", bytes: 1},
	}},
	"DriveMotor": {0x02, []emqxField{{key: "Motors", count: 1, parts: []emqxField{
		{key: "No", bytes: 1}, {key: "Status", bytes: 1}, {key: "CtrlTemp", bytes: 1}, {key: "Rotating", bytes: 2}, {key: "Torque", bytes: 2},
		{key: "MotorTemp", bytes: 1}, {key: "InputVoltage", bytes: 2}, {key: "DCBusCurrent", bytes: 2},
	}}}},
	"FuelCell": {0x03, []emqxField{
		{key: "CellVoltage", bytes: 2}, {key: "CellCurrent", bytes: 2}, {key: "FuelConsumption", bytes: 2},
		{key: "ProbeTemps", count: 2, bytes: 1},
		{key: "H_MaxTemp", bytes: 2}, {key: "H_TempProbeCode", bytes: 1}, {key: "H_MaxConc", bytes: 2}, {key: "H_ConcSensorCode", bytes: 1},
		{key: "H_MaxPress", bytes: 2}, {key: "H_PressSensorCode", bytes: 1}, {key: "DCStatus", bytes: 1},
	}},
	"Engine":   {0x04, []emqxField{{key: "Status", bytes: 1}, {key: "CrankshaftSpeed", bytes: 2}, {key: "FuelConsumption", bytes: 2}}},
	"Location": {0x05, []emqxField{{key: "Status", bytes: 1}, {key: "Longitude", bytes: 4}, {key: "Latitude", bytes: 4}}},
	"Extreme": {0x06, []emqxField{
		{key: "MaxVoltageBatterySubsysNo", bytes: 1}, {key: "MaxVoltageBatteryCode", bytes: 1}, {key: "MaxBatteryVoltage", bytes: 2},
		{key: "MinVoltageBatterySubsysNo", bytes: 1}, {key: "MinVoltageBatteryCode", bytes: 1}, {key: "MinBatteryVoltage", bytes: 2},
		{key: "MaxTempSubsysNo", bytes: 1}, {key: "MaxTempProbeNo", bytes: 1}, {key: "MaxTemp", bytes: 1},
		{key: "MinTempSubsysNo", bytes: 1}, {key: "MinTempProbeNo", bytes: 1}, {key: "MinTemp", bytes: 1},
	}},
	emqxAlarm: {0x07, []emqxField{
		{key: "MaxAlarmLevel", bytes: 1}, {key: "GeneralAlarmFlag", bytes: 4},
		{key: "FaultChargeableDeviceList", count: 1, bytes: faultBytes}, {key: "FaultDriveMotorList", count: 1, bytes: faultBytes},
		{key: "FaultEngineList", count: 1, bytes: faultBytes}, {key: "FaultOthersList", count: 1, bytes: faultBytes},
	}},
	"ChargeableVoltage": {0x08, []emqxField{{key: "SubSystems", count: 1, parts: []emqxField{
		{key: "ChargeableSubsysNo", bytes: 1}, {key: "ChargeableVoltage", bytes: 2}, {key: "ChargeableCurrent", bytes: 2},
		{key: "CellsTotal", bytes: 2}, {key: "FrameCellsIndex", bytes: 2}, {key: "CellsVoltage", count: 1, bytes: 2},
	}}}},
	"ChargeableTemp": {0x09, []emqxField{{key: "SubSystems", count: 1, parts: []emqxField{
		{key: "ChargeableSubsysNo", bytes: 1}, {key: "ProbesTemp", count: 2, bytes: 1},
	}}}},
}

// isFault tells a list of fault codes: they are hexadecimal digits.
func (f emqxField) isFault() bool { return f.count > 0 && f.bytes == faultBytes }

// most is the highest number of the field. It means invalid.
func (f emqxField) most() uint64 { return math.MaxUint64 >> (64 - 8*f.bytes) }

// want is the reason for a number that cannot be used.
func (f emqxField) want() string {
	if f.isFault() {
		return "want 32 bits in hexadecimal digits or as a number"
	}
	return fmt.Sprintf("want a whole number from 0 to %d", f.most())
}

const (
	emqxAlarm  = "Alarm"
	faultBytes = 4 // of a fault code
)

// emqxWriter appends units in the bytes of the wire. What is wrong in the JSON is
// refused and written as invalid, which is all bits set.
type emqxWriter struct {
	*collector

	dst       []byte
	alarmsCut bool // a part of the alarms was refused
}

func (w *emqxWriter) unit(place string, info any) {
	object, isObject := info.(map[string]any)
	if !isObject {
		w.refuse(0, place, "want an object")
		return
	}
	name, _ := object["Type"].(string)
	unit, known := emqxUnits[name]
	if !known {
		w.refuse(0, place, "unknown unit %q", cut(name, 32))
		return
	}
	w.dst = append(w.dst, unit.kind)
	whole := w.fields(place, unit.fields, object)
	w.alarmsCut = w.alarmsCut || name == emqxAlarm && !whole
}

// fields reports whether all fields were sound, as do number and list.
func (w *emqxWriter) fields(place string, fields []emqxField, object map[string]any) bool {
	whole := true
	for _, f := range fields {
		var ok bool
		if f.count > 0 {
			ok = w.list(place, f, object[f.key])
		} else if ok = w.number(f, object[f.key]); !ok {
			w.refuse(0, place+"."+f.key, "%s", f.want())
		}
		whole = whole && ok
	}
	return whole
}

func (w *emqxWriter) list(place string, f emqxField, value any) bool {
	place += "." + f.key
	list, whole := value.([]any)
	if !whole {
		w.refuse(0, place, "want a list")
		w.put(f.count, math.MaxUint64)
		return false
	}
	if most := 1<<(8*f.count) - 3; len(list) > most { // the two numbers above are marks
		w.refuse(0, place, "more than %d elements: the rest is not read", most)
		list, whole = list[:most], false
	}
	count := len(w.dst)
	w.put(f.count, uint64(len(list)))
	for i, item := range list {
		if f.parts != nil {
			whole = w.part(fmt.Sprintf("%s[%d]", place, i), f.parts, item) && whole
			continue
		}
		if !w.number(f, item) {
			w.refuse(0, fmt.Sprintf("%s[%d]", place, i), "%s", f.want())
			whole = false
			if f.isFault() { // has no mark: it is left out
				w.dst = w.dst[:len(w.dst)-faultBytes]
				w.dst[count]--
			}
		}
	}
	return whole
}

// part appends an element of a list of objects. One that is none keeps its place.
func (w *emqxWriter) part(place string, fields []emqxField, item any) bool {
	if object, isObject := item.(map[string]any); isObject {
		return w.fields(place, fields, object)
	}
	w.refuse(0, place, "want an object")
	for _, f := range fields {
		size := f.bytes
		if f.count > 0 {
			size = f.count // a list that is invalid
		}
		w.put(size, math.MaxUint64)
	}
	return false
}

// number appends a number, or an element of a list.
func (w *emqxWriter) number(f emqxField, value any) bool {
	n, ok := wholeNumber(value, f.most())
	if digits, isText := value.(string); isText && f.isFault() {
		var err error
		n, err = strconv.ParseUint(digits, 16, 8*faultBytes)
		ok = err == nil
	}
	if !ok {
		n = f.most()
	}
	w.put(f.bytes, n)
	return ok
}

// put appends the lowest bytes of a number.
func (w *emqxWriter) put(bytes int, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	w.dst = append(w.dst, b[len(b)-bytes:]...)
}
