package dialect

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// emqxGBT32960 reads the JSON that EMQX's gateway makes of GB/T 32960.3-2016
// frames. Numbers are raw, as on the wire.
//
//	<mountpoint>/<VIN>/upstream/vlogin, vlogout    Cmd 1 and 4: {"Data":{"Time","Seq","ICCID",...}}
//	<mountpoint>/<VIN>/upstream/info, reinfo       Cmd 2 and 3: {"Data":{"Time","Infos":[{"Type":"Vehicle",...}]}}
//	<mountpoint>/<VIN>/upstream/response           Cmd 128 to 130: answer to a command
//	<mountpoint>/<VIN>/dnstream                    a command to the vehicle: not read
//
// Time is the collection time in GMT+8 with a year of two digits; reinfo repeats
// what could not be sent in time. A message without a time that can be is refused
// whole, and so is one that names another vehicle than its topic. Of data that is
// encrypted only the header is read.
//
// The highest number of a width means invalid and the one below it abnormal: the
// reading says so and has no value. Signals are those of the binary frames: motors
// after the first are ElectricMotor2 to ElectricMotor4, and of cells and probes the
// highest, the lowest and the average are stored.
func emqxGBT32960() Dialect {
	return Dialect{
		Name:   "emqx_gbt32960",
		Filter: "gbt32960/+/upstream/#",
		About:  "EMQX gateway for GB/T 32960.3-2016: JSON with raw numbers; the topic names the VIN",
		Decode: decodeEMQX,
	}
}

// gmt8 is the clock of GB/T 32960.
var gmt8 = time.FixedZone("GMT+8", 8*3600)

const (
	gbtLogin, gbtRealTime, gbtReissue, gbtLogout = 1, 2, 3, 4

	gbtPlain = 1 // Encrypt: not encrypted
)

func decodeEMQX(m Message) (Result, error) {
	topicVIN, stream := emqxTopic(m.Topic)
	if stream == "dnstream" {
		return Result{Device: topicVIN}, nil
	}
	value, err := parseJSON(m.Payload)
	if err != nil {
		return Result{}, err
	}
	root, isObject := value.(map[string]any)
	if !isObject {
		return Result{}, &vehicle.Refusal{Reason: "want a JSON object"}
	}
	c := collector{dialect: "emqx_gbt32960"}
	if refusal := c.emqxIdentity(topicVIN, root); refusal != nil {
		return Result{}, refusal
	}
	command, ok := wholeNumber(root["Cmd"], 0xFF)
	if !ok {
		return Result{}, &vehicle.Refusal{Place: "Cmd", Reason: "want a command from 0 to 255"}
	}
	c.detail("command", int(command))
	if encryption, given := wholeNumber(root["Encrypt"], 0xFF); given && encryption != gbtPlain {
		c.refuse(0, "Encrypt", "data is encrypted (%d): not read", encryption)
		return c.Result, nil
	}
	data, _ := root["Data"].(map[string]any)
	at, reason := emqxTime(data["Time"])
	if reason == "" {
		reason = impossible(at, m.Received)
	}
	if reason != "" {
		return Result{}, &vehicle.Refusal{Place: "Data.Time", Reason: reason}
	}
	c.Sent, c.at = at, at
	c.emqxCommand(command, data)
	c.sample(at, vehicle.TimeFromDevice)
	return c.Result, nil
}

// emqxTopic finds the vehicle before the level of the direction.
func emqxTopic(topic string) (vin, stream string) {
	levels := strings.Split(topic, "/")
	for i := len(levels) - 1; i > 0; i-- {
		if levels[i] == "upstream" || levels[i] == "dnstream" {
			return levels[i-1], levels[i]
		}
	}
	return "", ""
}

// emqxIdentity names the device after the topic, or after the message where the
// topic does not. They must not disagree. A platform code in place of a VIN is
// allowed: it identifies no vehicle.
func (c *collector) emqxIdentity(topicVIN string, root map[string]any) *vehicle.Refusal {
	named, _ := root["Vin"].(string)
	named = strings.Trim(named, " \x00")
	switch {
	case topicVIN == "" && named == "":
		return &vehicle.Refusal{Place: "Vin", Reason: "neither topic nor message names the vehicle"}
	case topicVIN == "":
		c.Device = named
	case named != "" && !strings.EqualFold(named, topicVIN):
		return &vehicle.Refusal{Place: "Vin", Reason: fmt.Sprintf("message is of %q and the topic of %q", cut(named, 32), cut(topicVIN, 32))}
	default:
		c.Device = topicVIN
	}
	if vin, err := vehicle.ParseVIN(c.Device); err == nil {
		c.VIN = vin
	}
	return nil
}

// emqxTime reads {"Year":16,"Month":1,...}, or says why it is no time.
func emqxTime(value any) (time.Time, string) {
	m, isObject := value.(map[string]any)
	if !isObject {
		return time.Time{}, "missing"
	}
	fields := [...]struct {
		name  string
		limit uint64
	}{{"Year", 9999}, {"Month", 12}, {"Day", 31}, {"Hour", 23}, {"Minute", 59}, {"Second", 59}}
	var v [len(fields)]int
	for i, f := range fields {
		n, ok := wholeNumber(m[f.name], f.limit)
		if !ok {
			return time.Time{}, fmt.Sprintf("want %s of 0 to %d", f.name, f.limit)
		}
		v[i] = int(n)
	}
	if v[0] < 100 {
		v[0] += 2000
	}
	at := time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], 0, gmt8)
	if at.Month() != time.Month(v[1]) || at.Day() != v[2] {
		return time.Time{}, "day does not exist"
	}
	return at, ""
}

func (c *collector) emqxCommand(command uint64, data map[string]any) {
	if seq, ok := wholeNumber(data["Seq"], 0xFFFF); ok {
		c.detail("sequence", int(seq))
	}
	if iccid, ok := data["ICCID"].(string); ok {
		c.detail("iccid", cut(strings.Trim(iccid, " \x00"), maxName))
	}
	online := command == gbtLogin
	switch command {
	case gbtLogin, gbtLogout:
		c.Online = &online
	case gbtRealTime, gbtReissue:
		infos, isList := data["Infos"].([]any)
		if !isList {
			c.refuse(0, "Data.Infos", "want a list of units")
		}
		u := emqxUnits{collector: c}
		for i, info := range infos {
			u.unit(fmt.Sprintf("Data.Infos[%d]", i), info)
		}
		u.condense()
	}
}

var (
	gbtFieldsOf = sync.OnceValue(gbtFields)
	gbtStatesOf = sync.OnceValue(gbtStates)
)

// emqxUnits is the units of one message while they are read.
type emqxUnits struct {
	*collector

	cells, probes gbtStats
	cellsTotal    int // cells of the battery, by the groups that begin with the first
	motors        int
}

func (u *emqxUnits) unit(place string, info any) {
	unit, isObject := info.(map[string]any)
	if !isObject {
		u.refuse(0, place, "want an object")
		return
	}
	switch kind, _ := unit["Type"].(string); kind {
	case "Vehicle":
		u.emqxNumbers(place, unit, kind, "")
		u.emqxGear(place, unit["Gear"])
	case "DriveMotor":
		u.emqxParts(place, unit, "Motors", u.motor)
	case "FuelCell":
		u.emqxNumbers(place, unit, kind, "")
		u.emqxList(place, unit, gbtStack, "")
	case "Engine", "Extreme":
		u.emqxNumbers(place, unit, kind, "")
	case "Location":
		u.emqxLocation(place, unit)
	case "Alarm":
		u.emqxAlarm(place, unit)
	case "ChargeableVoltage":
		u.emqxParts(place, unit, "SubSystems", u.pack)
	case "ChargeableTemp":
		u.emqxParts(place, unit, "SubSystems", u.temperatures)
	default:
		u.refuse(0, place, "unknown unit %q", cut(kind, 32))
	}
}

// emqxParts calls read for each motor or subsystem of a unit.
func (c *collector) emqxParts(place string, unit map[string]any, list string, read func(place string, part map[string]any)) {
	parts, isList := unit[list].([]any)
	if !isList {
		c.refuse(0, place+"."+list, "want a list")
		return
	}
	for i, p := range parts {
		at := fmt.Sprintf("%s.%s[%d]", place, list, i)
		part, isObject := p.(map[string]any)
		if !isObject {
			c.refuse(0, at, "want an object")
			continue
		}
		read(at, part)
	}
}

// emqxNumbers adds the numbers and states of a unit. A suffix tells the parts of a
// unit apart.
func (c *collector) emqxNumbers(place string, unit map[string]any, kind, suffix string) {
	for _, f := range gbtFieldsOf()[kind] {
		if value, given := unit[f.key.key]; given {
			c.gbtNumber(place, f.part(suffix), value)
		}
	}
	for _, s := range gbtStatesOf()[kind] {
		if value, given := unit[s.key.key]; given {
			s.name = partName(s.name, suffix)
			c.gbtWord(place, s, value)
		}
	}
}

// part is the field of a numbered part of a unit: motor2_temp, pack_voltage_1.
func (f gbtField) part(number string) gbtField {
	f.name = partName(f.name, number)
	if leaf, isMotor := strings.CutPrefix(string(f.signal), string(gbtMotor)+"."); isMotor {
		f.signal = gbtMotor + vehicle.Signal(number+"."+leaf)
	}
	return f
}

func partName(name, number string) string {
	if number == "" {
		return name
	}
	for _, part := range [...]string{"motor", "inverter"} {
		if rest, ok := strings.CutPrefix(name, part+"_"); ok {
			return part + number + "_" + rest
		}
	}
	return name + "_" + number
}

// mark reads a raw number and tells what its highest values mean.
func (f gbtField) mark(value any) (raw uint64, quality vehicle.Quality, ok bool) {
	highest := uint64(1)<<(8*f.bytes) - 1
	raw, ok = wholeNumber(value, highest)
	switch {
	case raw == highest:
		quality = vehicle.QualityInvalid
	case raw == highest-1:
		quality = vehicle.QualityAbnormal
	case raw > uint64(f.max):
		quality = vehicle.QualityOutOfRange
	}
	return raw, quality, ok
}

func (f gbtField) value(raw uint64) float64 {
	if f.div == 0 {
		return float64(raw) - f.zero
	}
	return (float64(raw) - f.zero) / f.div
}

func (c *collector) gbtNumber(place string, f gbtField, value any) {
	place += "." + f.key.key
	raw, quality, ok := f.mark(value)
	if !ok {
		c.none(f.key)
		c.refuse(0, place, "want a whole number of %d bytes", f.bytes)
		return
	}
	if f.key.key == gbtBrake && raw == gbtPressed {
		quality = vehicle.QualityInvalid
	}
	p, r := f.key.number(f.value(raw))
	switch {
	case quality == vehicle.QualityOutOfRange:
		r.Quality = quality
	case quality != vehicle.QualityOK:
		p.None, p.Value = true, vehicle.Value{}
		r.Value, r.Quality = vehicle.Value{}, quality
	}
	if c.point(p) && f.signal != "" {
		r.Value.Num = tidy(r.Value.Num)
		c.reading(place, r)
	}
}

func (c *collector) gbtWord(place string, s gbtState, value any) {
	raw, quality, ok := gbtField{bytes: 1, max: 0xFF}.mark(value)
	word, known := s.words[raw]
	switch {
	case !ok:
		c.none(s.key)
		c.refuse(0, place+"."+s.key.key, "want a whole number of 1 byte")
		return
	case quality != vehicle.QualityOK:
		c.none(s.key)
	case known:
		c.point(Point{Key: s.key.key, Name: s.name, Unit: s.unit, Value: vehicle.Text(word)})
	default:
		c.none(s.key)
		c.refuse(0, place+"."+s.key.key, "state %d is not defined", raw)
		return
	}
	if s.signal == "" {
		return
	}
	if value, stored := s.is[raw]; stored || quality != vehicle.QualityOK {
		c.reading(place, vehicle.Reading{Signal: s.signal, Value: value, Quality: quality})
	}
}
