package dialect

import (
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
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
// The units are put together again as the bytes that the gateway had, so that all
// they mean is in package gbt32960. A number that is missing, or does not fit its
// width, is refused, and invalid.
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
	if encryption, given := wholeNumber(root["Encrypt"], 0xFF); given {
		if reason := gbt32960.Edition2016.Unreadable(uint8(encryption)); reason != "" {
			c.refuse(0, "Encrypt", "%s: not read", reason)
			return c.Result, nil
		}
	}
	data, _ := root["Data"].(map[string]any)
	at, reason := emqxTime(data["Time"])
	if reason == "" {
		reason = vehicle.Impossible(at, m.Received)
	}
	if reason != "" {
		return Result{}, &vehicle.Refusal{Place: "Data.Time", Reason: reason}
	}
	c.Sent, c.at = at.UTC(), at.UTC()
	c.emqxCommand(gbt32960.Command(command), data)
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
	named, isText := root["Vin"].(string)
	if !isText && root["Vin"] != nil {
		return &vehicle.Refusal{Place: "Vin", Reason: "want a text"}
	}
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

func (c *collector) emqxCommand(command gbt32960.Command, data map[string]any) {
	if seq, ok := wholeNumber(data["Seq"], 0xFFFF); ok {
		c.detail("sequence", int(seq))
	}
	if iccid, ok := data["ICCID"].(string); ok {
		c.detail("iccid", cut(strings.Trim(iccid, " \x00"), maxName))
	}
	online := command == gbt32960.CommandLogin
	switch command {
	case gbt32960.CommandLogin, gbt32960.CommandLogout:
		c.Online = &online
	case gbt32960.CommandRealTime, gbt32960.CommandReissue:
		c.emqxInfos(data["Infos"])
	default: // answers of the vehicle, and what platforms say
	}
}

// emqxInfos reads the units of real-time data.
func (c *collector) emqxInfos(infos any) {
	const place = "Data.Infos"
	list, isList := infos.([]any)
	if !isList {
		c.refuse(0, place, "want a list of units")
	}
	if len(list) > gbt32960.MaxUnits {
		c.refuse(0, place, "more than %d units: the rest is not read", gbt32960.MaxUnits)
		list = list[:gbt32960.MaxUnits]
	}
	w := emqxWriter{collector: c}
	for i, info := range list {
		w.unit(fmt.Sprintf("%s[%d]", place, i), info)
	}
	var f gbt32960.Frame
	f.DecodeUnits(gbt32960.Edition2016, w.dst)
	f.Time = c.at
	for _, r := range f.Refusals {
		c.refuse(0, place, "%s", r.Reason)
	}
	c.gbtPoints(f.Units)
	for _, r := range f.AppendReadings(nil) {
		c.reading(place, r)
	}
	if codes, ok := f.Codes(); ok {
		if w.alarmsCut { // a code that is absent would count as gone
			codes.Covers = []vehicle.CodeStatus{vehicle.CoversNone}
		}
		c.Codes = append(c.Codes, codes)
	}
}
