package dialect

import (
	"math"
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// emqxGear reads the gear byte: bits 3 to 0 are the gear, 0 neutral, 1 to 12, 13
// reverse, 14 drive, 15 park; bit 4 is set while brake force acts and bit 5 while
// drive force does. VSS selects -1 for reverse, 126 for park and 127 for drive; the
// gear that is engaged is known where the position is one.
func (c *collector) emqxGear(place string, value any) {
	if value == nil {
		return
	}
	const selected vehicle.Signal = "Vehicle.Powertrain.Transmission.SelectedGear"
	const engaged vehicle.Signal = "Vehicle.Powertrain.Transmission.CurrentGear"
	k := key{key: "Gear", name: "gear", unit: "enum"}
	raw, quality, ok := gbtField{bytes: 1, max: 0xFF}.mark(value)
	if !ok {
		c.none(k)
		c.refuse(0, place+".Gear", "want a whole number of 1 byte")
		return
	}
	if quality != vehicle.QualityOK {
		c.none(k)
		c.reading(place, vehicle.Reading{Signal: selected, Quality: quality})
		return
	}
	const reverse, drive, park = 13, 14, 15
	gear, number := strconv.FormatUint(raw&15, 10), float64(raw&15)
	switch raw & 15 {
	case 0:
		gear = "N"
	case reverse:
		gear, number = "R", -1
	case drive:
		gear, number = "D", 127
	case park:
		gear, number = "P", 126
	}
	c.text(k, gear)
	c.reading(place, vehicle.Measure(selected, number))
	if number < reverse {
		c.reading(place, vehicle.Measure(engaged, number))
	}
}

// emqxLocation reads the position. Bit 0 of its state is set when it is not valid,
// bit 1 in the south, bit 2 in the west. 0/0 is a receiver without a fix.
func (c *collector) emqxLocation(place string, unit map[string]any) {
	const invalid, south, west = 1, 2, 4
	state, stateOK := wholeNumber(unit["Status"], 0xFF)
	lat, latOK := wholeNumber(unit["Latitude"], math.MaxUint32)
	lon, lonOK := wholeNumber(unit["Longitude"], math.MaxUint32)
	if !stateOK || !latOK || !lonOK {
		c.refuse(0, place, "want Status, Latitude and Longitude as whole numbers")
		return
	}
	axes := [...]struct {
		key
		raw      uint64
		negative bool
	}{
		{key{key: "Latitude", name: "latitude", unit: "deg", signal: location + "Latitude"}, lat, state&south != 0},
		{key{key: "Longitude", name: "longitude", unit: "deg", signal: location + "Longitude"}, lon, state&west != 0},
	}
	const abnormal = math.MaxUint32 - 1
	noFix := state&invalid != 0 || lat == 0 && lon == 0 || lat >= abnormal || lon >= abnormal
	for _, a := range axes {
		degrees := float64(a.raw) / 1e6
		switch {
		case noFix:
			c.none(a.key)
		case a.negative:
			c.number(a.key, -degrees)
		default:
			c.number(a.key, degrees)
		}
	}
}

// emqxList shows a list of raw numbers. Elements that are abnormal or invalid are
// NaN.
func (c *collector) emqxList(place string, unit map[string]any, f gbtField, suffix string) []float64 {
	value, given := unit[f.key.key]
	if !given {
		return nil
	}
	f = f.part(suffix)
	items, isList := value.([]any)
	if !isList {
		c.none(f.key)
		c.refuse(0, place+"."+f.key.key, "want a list")
		return nil
	}
	list := make([]float64, len(items))
	for i, item := range items {
		raw, quality, ok := f.mark(item)
		if !ok {
			c.none(f.key)
			c.refuse(0, place+"."+f.key.key+"["+strconv.Itoa(i)+"]", "want a whole number of %d bytes", f.bytes)
			return nil
		}
		list[i] = math.NaN()
		if quality == vehicle.QualityOK || quality == vehicle.QualityOutOfRange {
			list[i] = f.value(raw)
		}
	}
	c.list(f.key, list)
	return list
}

// motor reads one drive motor. They are numbered in the order of the message.
func (u *emqxUnits) motor(place string, unit map[string]any) {
	number := ""
	if u.motors++; u.motors > 1 {
		number = strconv.Itoa(u.motors)
	}
	if u.motors > gbtMotors {
		u.refuse(0, place, "more than %d motors: not stored", gbtMotors)
		return
	}
	u.emqxNumbers(place, unit, "DriveMotor", number)
}

// pack reads the voltages of one subsystem, or as many of its cells as the message
// holds: FrameCellsIndex is the first of them, from 1.
func (u *emqxUnits) pack(place string, unit map[string]any) {
	number := subsystem(unit)
	u.emqxNumbers(place, unit, "ChargeableVoltage", strconv.Itoa(number))
	list := u.emqxList(place, unit, gbtCell, strconv.Itoa(number))
	first, _ := wholeNumber(unit["FrameCellsIndex"], math.MaxUint16)
	if total, ok := wholeNumber(unit["CellsTotal"], math.MaxUint16); ok && first <= 1 {
		u.cellsTotal += int(total)
	}
	u.cells.add(list, number, max(int(first), 1))
}

func (u *emqxUnits) temperatures(place string, unit map[string]any) {
	number := subsystem(unit)
	u.probes.add(u.emqxList(place, unit, gbtProbe, strconv.Itoa(number)), number, 1)
}

func subsystem(unit map[string]any) int {
	number, _ := wholeNumber(unit["ChargeableSubsysNo"], math.MaxUint8)
	return int(number)
}

// emqxAlarm reads the alarm unit into one full set of trouble codes. If a part of
// it cannot be read there is no set: a code that is absent would count as gone.
func (c *collector) emqxAlarm(place string, unit map[string]any) {
	report := vehicle.CodeReport{
		Time: c.at.UTC(), TimeSource: vehicle.TimeFromDevice, ECU: "GBT",
		Covers: []vehicle.CodeStatus{vehicle.CodeConfirmed}, Broadcast: true,
	}
	severity := c.emqxLevel(place, unit["MaxAlarmLevel"])
	seen := map[vehicle.Code]bool{}
	if len(c.Codes) > 0 { // a second unit of alarms
		report = c.Codes[0]
		for _, e := range report.Codes {
			seen[e.Code] = true
		}
	}
	add := func(code vehicle.Code) {
		if seen[code] {
			return
		}
		seen[code] = true
		report.Codes = append(report.Codes, vehicle.CodeEntry{Code: code, Status: vehicle.CodeConfirmed, Severity: severity})
	}
	flags, ok := wholeNumber(unit["GeneralAlarmFlag"], math.MaxUint32)
	const abnormal = math.MaxUint32 - 1
	switch {
	case !ok:
		c.refuse(0, place+".GeneralAlarmFlag", "want a number of 32 bits: the alarms are not read")
		return
	case flags >= abnormal:
		return // the vehicle does not know
	}
	for bit := range uint8(32) {
		if flags>>bit&1 == 1 {
			add(vehicle.CodeFromAlarm(bit))
		}
	}
	for _, faults := range gbtFaults() {
		items, isList := unit[faults.key].([]any)
		if !isList && unit[faults.key] != nil {
			c.refuse(0, place+"."+faults.key, "want a list: the alarms are not read")
			return
		}
		for i, item := range items {
			code, ok := faultNumber(item)
			if !ok {
				c.refuse(0, place+"."+faults.key+"["+strconv.Itoa(i)+"]", "want 32 bits in hexadecimal digits or as a number: the alarms are not read")
				return
			}
			add(vehicle.CodeFromFault(faults.list, code))
		}
	}
	c.Codes = []vehicle.CodeReport{report}
}

// faultNumber reads a fault code, "00C8" or 200.
func faultNumber(item any) (uint32, bool) {
	if s, isText := item.(string); isText {
		code, err := strconv.ParseUint(s, 16, 32)
		return uint32(code), err == nil
	}
	code, ok := wholeNumber(item, math.MaxUint32)
	return uint32(code), ok
}

// emqxLevel reads the highest alarm level and gives the severity of ISO 14229 that
// is closest: 1 maintenance only, 2 check at next halt, 3 check immediately.
func (c *collector) emqxLevel(place string, value any) *uint8 {
	f := gbtField{key: key{key: "MaxAlarmLevel", name: "alarm_level"}, bytes: 1, max: 3}
	c.gbtNumber(place, f, value)
	raw, _, _ := f.mark(value)
	if raw < 1 || raw > 3 {
		return nil
	}
	severity := [...]uint8{1: 0x20, 2: 0x40, 3: 0x80}[raw]
	return &severity
}
