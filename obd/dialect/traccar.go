package dialect

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Traccar passes on what its two hundred protocols decode, on one topic:
//
//	{"position": {"deviceTime", "fixTime", "serverTime", "valid", "latitude", ..., "attributes": {...}},
//	 "device": {"uniqueId", ...}}
//
// speed is in knots, odometers are in metres, hours in milliseconds. Attributes
// have the time of the device; place, course and the speed of the receiver have
// that of the fix, which is older where the receiver has none. A time that cannot
// be is refused, and what belongs to it is shown and not stored; one that is not
// given falls back to the other, then to the server's. With valid false the place
// is not used. totalDistance is the server's own sum of legs and no odometer.
// dtcs says neither which ECU nor which status: the set is taken for all confirmed
// codes of an unknown ECU. An empty text says nothing, since most protocols send
// it for "not asked".
//
// The events that Traccar passes on with them, {"event": {"type": "deviceOnline"}},
// tell whether the device is connected.

func traccar() Dialect {
	return Dialect{
		Name:   "traccar",
		Filter: "positions",
		About:  "Traccar position forwarding: JSON of position and device; device.uniqueId identifies the vehicle",
		Decode: decodeTraccar,
	}
}

var traccarKeys = index(traccarTable)

// traccarTable lists the attributes. Battery and batteryLevel are those of the
// tracker, power is the supply by the vehicle.
func traccarTable() []key {
	return []key{
		{key: "obdOdometer", name: "obd_odometer", unit: "km", signal: vehicle.TraveledDistance, wire: "m"},
		{key: "odometer", name: nameOdometer, unit: "km", signal: vehicle.TraveledDistance, wire: "m"},
		{key: "totalDistance", name: "total_distance", unit: "km", wire: "m"},
		{key: "distance", unit: "m"},
		{key: "tripOdometer", name: "trip_odometer", unit: "km", signal: "Vehicle.TripMeterReading", wire: "m"},
		{key: "serviceOdometer", name: "service_odometer", unit: "km", wire: "m"},
		{key: "hours", name: "engine_hours", unit: "h", signal: vehicle.EngineHours, wire: "ms"},
		{key: "obdSpeed", name: nameSpeed, unit: "km/h", signal: vehicle.Speed},
		{key: "rpm", name: nameEngineSpeed, unit: "rpm", signal: vehicle.EngineSpeed},
		{key: "coolantTemp", name: nameCoolantTemp, unit: "degC", signal: vehicle.CoolantTemperature},
		{key: "engineTemp", name: "engine_temp", unit: "degC"},
		{key: "engineLoad", name: "engine_load", unit: "%", signal: "Vehicle.OBD.EngineLoad"},
		{key: "throttle", name: "throttle", unit: "%", signal: "Vehicle.Powertrain.CombustionEngine.TPS"},
		{key: "fuelLevel", name: nameFuelLevel, unit: "%", signal: vehicle.FuelLevel},
		{key: "fuel", name: "fuel_volume", unit: "l", signal: "Vehicle.Powertrain.FuelSystem.AbsoluteLevel"},
		{key: "fuelUsed", name: "fuel_used", unit: "l"},
		{key: "fuelConsumption", name: "fuel_rate", unit: "l/h", signal: "Vehicle.OBD.FuelRate"},
		{key: "power", name: nameAuxVoltage, unit: "V", signal: vehicle.LowVoltage},
		{key: "battery", name: "device_battery_voltage", unit: "V"},
		{key: "batteryLevel", name: "device_battery", unit: "%"},
		{key: "deviceTemp", name: "device_temp", unit: "degC"},
		{key: "ignition", name: "ignition", unit: "bool"},
		{key: "motion", name: "moving", unit: "bool", signal: "Vehicle.IsMoving"},
		{key: "charge", name: "device_charging", unit: "bool"},
		{key: "armed", unit: "bool"},
		{key: "blocked", unit: "bool"},
		{key: "alarm", unit: "text"},
		{key: "sat", name: "satellites"},
		{key: "satVisible", name: "satellites_visible"},
		{key: "hdop"}, {key: "vdop"}, {key: "pdop"}, {key: "rssi"},
	}
}

func decodeTraccar(m Message) (Result, error) {
	whole, err := parseJSON(m.Payload)
	if err != nil {
		return Result{}, err
	}
	message, _ := whole.(map[string]any)
	device, _ := message["device"].(map[string]any)
	position, hasPosition := message["position"].(map[string]any)
	event, hasEvent := message["event"].(map[string]any)
	if !hasPosition && !hasEvent {
		return Result{}, &vehicle.Refusal{Place: "position", Reason: "want an object with position and device"}
	}
	c := &collector{dialect: "traccar"}
	c.Device, _ = plainText(device["uniqueId"])
	if c.Device == "" {
		c.Device, _ = plainText(position["deviceId"])
	}
	if hasEvent {
		c.traccarEvent(event)
	}
	if hasPosition {
		c.traccarPosition(position, m.Received)
	}
	return c.Result, nil
}

func (c *collector) traccarEvent(event map[string]any) {
	name, _ := event["type"].(string)
	c.detail("event", cut(name, maxName))
	online := name == "deviceOnline"
	if online || name == "deviceOffline" {
		c.Online = &online
	}
}

// traccarPosition adds the attributes, and the place at the time of its fix.
func (c *collector) traccarPosition(position map[string]any, received time.Time) {
	measured, fixed := c.traccarTimes(position, received)
	c.begin(measured)
	attributes, _ := position["attributes"].(map[string]any)
	c.traccarAttributes(attributes)
	if codes, ok := attributes["dtcs"].(string); ok && strings.TrimSpace(codes) != "" {
		c.traccarCodes(codes, measured)
	}
	if fixed.compare(measured) != 0 {
		c.end(measured)
		c.begin(fixed)
	}
	if valid, given := position["valid"].(bool); valid || !given {
		for _, r := range traccarPlace() {
			v, given := position[r.key]
			if zero, ok := v.(json.Number); r.key == "accuracy" && ok && strings.Trim(zero.String(), "0.") == "" {
				continue // Traccar's word for "not known"
			}
			if given {
				c.given(r, v, "")
			}
		}
		sound := c.checkPosition("latitude")
		if v, given := position["speed"]; given {
			c.receiverSpeed(key{key: "speed", name: "gps_speed", unit: "km/h", signal: vehicle.Speed, wire: "kn"}, v, sound)
		}
	}
	c.end(fixed)
}

func traccarPlace() []key {
	return []key{
		{key: "latitude", name: "latitude", unit: "deg", signal: latitude},
		{key: "longitude", name: "longitude", unit: "deg", signal: longitude},
		{key: "altitude", name: "altitude", unit: "m", signal: altitude},
		{key: "course", name: "heading", unit: "deg", signal: heading},
		{key: "accuracy", name: "gps_accuracy", unit: "m", signal: accuracy},
	}
}

// traccarTimes returns the event times of attributes and place.
func (c *collector) traccarTimes(position map[string]any, received time.Time) (measured, fixed moment) {
	read := func(name string) (moment, bool) {
		v := position[name]
		if v == nil {
			return moment{}, false
		}
		return c.clock(name, v, time.Millisecond, received), true
	}
	measured, hasDevice := read("deviceTime")
	fixed, hasFix := read("fixTime")
	switch {
	case hasDevice && hasFix:
	case hasDevice:
		fixed = measured
	case hasFix:
		measured = fixed
	default:
		measured, hasDevice = read("serverTime")
		if !hasDevice {
			measured.at = received
		}
		measured.source = vehicle.TimeFromReceiver
		fixed = measured
	}
	return measured, fixed
}

// traccarAttributes adds the attributes in order of the table, then the unknown
// ones in order of name.
func (c *collector) traccarAttributes(attributes map[string]any) {
	for _, r := range traccarKeys().rows {
		if v, given := attributes[r.key]; given {
			c.given(r, v, "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if _, known := traccarKeys().find(name); known || name == "dtcs" {
			continue
		}
		if c.values > maxValues {
			return
		}
		if name == "vin" || name == "obdVin" {
			text, _ := attributes[name].(string)
			if vin, err := vehicle.ParseVIN(text); err == nil {
				c.VIN = vin
			} else {
				c.refuse(0, name, "not a VIN: %v", cut(err.Error(), maxName))
			}
			continue
		}
		c.unknown(key{key: name}, attributes[name])
	}
}

func (c *collector) traccarCodes(text string, when moment) {
	texts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	c.confirmed(texts, when, func(int) string { return "dtcs" })
}
