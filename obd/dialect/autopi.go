package dialect

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// AutoPi publishes the results of its jobs on <module>/<type>, or <module>:
//
//	{"_stamp": "2024-05-01T12:00:00.000000", "value": 1726}     a single value
//	{"_stamp": ..., "values": [...]}                            a list
//	{"_stamp": ..., "_type": "pos", "loc": {"lat", "lon"}, ...} a dictionary, as it is
//
// The stamp is UTC without a zone letter. The type is _type, else the last segment
// of the topic. The values of module obd have the names of python-OBD and the
// units of SAE J1979, which messages seldom name. Topics hold no device unless
// whoever bridges them puts one before the module: it is what stands there.
//
// obd/dtc is the list of confirmed codes, of no known ECU.

func autopi() Dialect {
	return Dialect{
		Name:   "autopi",
		Filter: "obd/#",
		About:  "AutoPi MQTT returner: JSON results of jobs on <module>/<type>; the topic names no vehicle",
		Decode: decodeAutopi,
	}
}

var autopiKeys = index(autopiTable)

// autopiTable lists the members of dictionaries by type and name; names stay
// AutoPi's own, as those of single values do. Speed over ground is shown only:
// its unit is not documented.
func autopiTable() []key {
	return []key{
		{key: "bat.voltage", name: "voltage", signal: vehicle.LowVoltage, wire: "V"},
		{key: "bat.level", name: "level"},
		{key: "pos.loc.lat", name: "latitude", signal: latitude, wire: "deg"},
		{key: "pos.loc.lon", name: "longitude", signal: longitude, wire: "deg"},
		{key: "pos.alt", name: "alt", signal: altitude, wire: "m"},
		{key: "pos.cog", name: "cog", signal: heading, wire: "deg"},
		{key: "pos.sog", name: "sog"},
		{key: "pos.nsat", name: "nsat"},
	}
}

// autopiPIDs gives the PID of a python-OBD name.
var autopiPIDs = map[string]byte{
	"engine_load": 0x04, "coolant_temp": 0x05, "short_fuel_trim_1": 0x06, "long_fuel_trim_1": 0x07, "short_fuel_trim_2": 0x08,
	"long_fuel_trim_2": 0x09, "fuel_pressure": 0x0A, "intake_pressure": 0x0B, "rpm": 0x0C, "speed": 0x0D, "timing_advance": 0x0E,
	"intake_temp": 0x0F, "maf": 0x10, "throttle_pos": 0x11, "run_time": 0x1F, "distance_w_mil": 0x21, "fuel_rail_pressure_vac": 0x22,
	"fuel_rail_pressure_direct": 0x23, "commanded_egr": 0x2C, "egr_error": 0x2D, "evaporative_purge": 0x2E, "fuel_level": 0x2F,
	"warmups_since_dtc_clear": 0x30, "distance_since_dtc_clear": 0x31, "evap_vapor_pressure": 0x32, "barometric_pressure": 0x33,
	"catalyst_temp_b1s1": 0x3C, "catalyst_temp_b2s1": 0x3D, "catalyst_temp_b1s2": 0x3E, "catalyst_temp_b2s2": 0x3F,
	"control_module_voltage": 0x42, "absolute_load": 0x43, "commanded_equiv_ratio": 0x44, "relative_throttle_pos": 0x45,
	"ambiant_air_temp": 0x46, "ambient_air_temp": 0x46, "throttle_pos_b": 0x47, "throttle_pos_c": 0x48, "accelerator_pos_d": 0x49,
	"accelerator_pos_e": 0x4A, "accelerator_pos_f": 0x4B, "throttle_actuator": 0x4C, "run_time_mil": 0x4D,
	"time_since_dtc_cleared": 0x4E, "max_maf": 0x50, "ethanol_percent": 0x52, "fuel_rail_pressure_abs": 0x59,
	"relative_accel_pos": 0x5A, "hybrid_battery_remaining": 0x5B, "oil_temp": 0x5C, "fuel_inject_timing": 0x5D, "fuel_rate": 0x5E,
	"odometer": 0xA6,
}

// autopiModules are the modules whose results are data of a vehicle.
const autopiModules = " obd bat track ec2x acc modem "

func decodeAutopi(m Message) (Result, error) {
	whole, err := parseJSON(m.Payload)
	if err != nil {
		return Result{}, err
	}
	message, ok := whole.(map[string]any)
	if !ok {
		return Result{}, &vehicle.Refusal{Reason: `want an object with "_stamp"`}
	}
	c := &collector{dialect: "autopi", namesUnits: true}
	name := c.autopiTopic(m.Topic, message)
	if reason := badName(name); reason != "" {
		return Result{}, &vehicle.Refusal{Place: "_type", Reason: reason}
	}
	when := moment{at: m.Received, source: vehicle.TimeFromReceiver}
	if stamp := message["_stamp"]; stamp != nil {
		when = c.clock("_stamp", stamp, time.Second, m.Received)
	}
	c.begin(when)
	unit, _ := message["unit"].(string)
	for _, member := range slices.Sorted(maps.Keys(message)) {
		v := message[member]
		if c.values > maxValues {
			break
		}
		switch {
		case strings.HasPrefix(member, "_") || member == "unit":
		case (name == "dtc" || name == "get_dtc") && (member == "values" || member == "value"):
			c.autopiCodes(v, when)
		case member == "value":
			c.autopiValue(name, v, unit)
		case member == "values":
			c.autopiList(name, v, unit)
		default:
			c.autopiMember(name, member, v)
		}
	}
	c.checkPosition("loc")
	c.end(when)
	return c.Result, nil
}

// autopiTopic returns the type of the result, and notes the device where the
// topic begins with one.
func (c *collector) autopiTopic(topic string, message map[string]any) string {
	segments := strings.Split(topic, "/")
	isModule := func(segment string) bool { return strings.Contains(autopiModules, " "+segment+" ") }
	if i := slices.IndexFunc(segments, isModule); i > 0 {
		c.Device = cut(strings.Join(segments[:i], "/"), maxName)
	}
	if name, ok := message["_type"].(string); ok && name != "" {
		return name
	}
	return segments[len(segments)-1]
}

// autopiValue adds a single value.
func (c *collector) autopiValue(name string, v any, unit string) {
	if pid, ok := autopiPIDs[strings.ToLower(name)]; ok {
		f, _ := pidField(pid)
		k := key{key: name, name: name, unit: unit}
		if text, isText := plainText(v); isText && text != "" {
			c.pid(f, k, text, unit, 0)
			return
		}
		c.given(k, v, "")
		return
	}
	c.autopiKey(key{key: name, name: name, unit: unit}, v)
}

// autopiMember adds a member of a dictionary, and those of one inside it.
func (c *collector) autopiMember(name, member string, v any) {
	inner, ok := v.(map[string]any)
	if !ok {
		c.autopiKey(key{key: name + "." + member, name: member}, v)
		return
	}
	for _, leaf := range slices.Sorted(maps.Keys(inner)) {
		if c.values > maxValues {
			return
		}
		short := member + "." + leaf
		c.autopiKey(key{key: name + "." + short, name: short}, inner[leaf])
	}
}

// autopiKey adds a value by its row, or as one that no table knows.
func (c *collector) autopiKey(k key, v any) {
	if r, known := autopiKeys().find(k.key); known {
		c.given(r, v, k.unit)
		return
	}
	c.unknown(k, v)
}

// autopiList adds a list of numbers as one value.
func (c *collector) autopiList(name string, v any, unit string) {
	items, ok := v.([]any)
	k := key{key: name, unit: unit}
	list := make([]float64, 0, min(len(items), maxValues))
	for _, item := range items {
		number, isNumber := item.(json.Number)
		f, reason := parseNumber(number.String())
		if ok = ok && isNumber && reason == "" && len(list) < maxValues; !ok {
			break
		}
		list = append(list, f)
	}
	if !ok {
		c.unreadable(0, k, "want a list of numbers")
		return
	}
	c.list(k, list)
}

// autopiCodes reads the trouble codes: texts, objects with a code, or pairs of
// code and description.
func (c *collector) autopiCodes(v any, when moment) {
	items, ok := v.([]any)
	if !ok {
		c.refuse(0, "values", "want a list of trouble codes")
		return
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		switch one := item.(type) {
		case map[string]any:
			item = one["code"]
		case []any:
			if len(one) > 0 {
				item = one[0]
			}
		}
		text, _ := plainText(item) // what is no text is no code
		texts = append(texts, text)
	}
	c.confirmed(texts, when, func(i int) string { return fmt.Sprintf("values[%d]", i) })
}
