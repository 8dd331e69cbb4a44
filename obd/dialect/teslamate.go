package dialect

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// teslamate reads TeslaMate: one value per retained topic, as bare text.
//
//	teslamate[/<namespace>]/cars/<car id>/<key>
//
// An empty text clears a value. There is no clock: values are stamped on receipt.
// Power counts positive what leaves the battery and is in kW, although the
// product's own page says watts; tyre pressure is in bar. The car id counts cars
// of one TeslaMate, so that the namespace is part of the identity where there is one.
func teslamate() Dialect {
	return Dialect{
		Name:   "teslamate",
		Filter: "teslamate/#",
		About:  "TeslaMate: one value per topic, as text; identified by car id",
		Decode: decodeTeslaMate,
	}
}

func teslamateTable() []key {
	return []key{
		{key: "odometer", name: nameOdometer, unit: "km", signal: vehicle.TraveledDistance},
		{key: "speed", name: nameSpeed, unit: "km/h", signal: vehicle.Speed},
		{key: "power", name: "hv_power", unit: "kW", signal: tractionBattery + "CurrentPower", out: true},
		{key: "battery_level", name: nameSoC, unit: "%", signal: vehicle.TractionSoC},
		{key: "usable_battery_level", name: "hv_soc_usable", unit: "%"},
		{key: "est_battery_range_km", name: "range", unit: "km", signal: tractionBattery + "Range"},
		{key: "rated_battery_range_km", name: "range_rated", unit: "km"},
		{key: "ideal_battery_range_km", name: "range_ideal", unit: "km"},

		{key: "plugged_in", name: "plugged_in", unit: "bool", signal: isPlugged},
		{key: "charge_port_door_open", name: "charge_port_open", unit: "bool", signal: charging + "ChargingPort.IsFlapOpen"},
		{key: "charge_limit_soc", name: "charge_limit", unit: "%", signal: charging + "ChargeLimit"},
		{key: "charge_energy_added", name: "charge_energy_added", unit: "kWh"},
		{key: "charger_power", name: "charger_power", unit: "kW", signal: charging + "InputPower"},
		{key: "charger_voltage", name: "charger_voltage", unit: "V"},
		{key: "charger_actual_current", name: "charger_current", unit: "A"},
		{key: "charger_phases", name: "charger_phases"},
		{key: "charge_current_request", name: "charge_current_request", unit: "A"},
		{key: "charge_current_request_max", name: "charge_current_limit", unit: "A"},
		{key: "time_to_full_charge", name: "time_to_full", unit: "h", signal: charging + "TimeToComplete"},
		{key: "scheduled_charging_start_time", name: "charge_start", unit: "time", signal: charging + "Timer.Time"},

		{key: "inside_temp", name: "cabin_temp", unit: "degC"},
		{key: "outside_temp", name: nameAmbientTemp, unit: "degC", signal: vehicle.AirTemperature},
		{key: "latitude", name: "latitude", unit: "deg", signal: latitude},
		{key: "longitude", name: "longitude", unit: "deg", signal: longitude},
		{key: "heading", name: "heading", unit: "deg", signal: heading},
		{key: "elevation", name: "altitude", unit: "m", signal: altitude},

		{key: "tpms_pressure_fl", name: "tyre_pressure_fl", unit: "bar", signal: wheelFL + "Tire.Pressure"},
		{key: "tpms_pressure_fr", name: "tyre_pressure_fr", unit: "bar", signal: wheelFR + "Tire.Pressure"},
		{key: "tpms_pressure_rl", name: "tyre_pressure_rl", unit: "bar", signal: wheelRL + "Tire.Pressure"},
		{key: "tpms_pressure_rr", name: "tyre_pressure_rr", unit: "bar", signal: wheelRR + "Tire.Pressure"},
		{key: "tpms_soft_warning_fl", name: "tyre_warning_fl", unit: "bool", signal: wheelFL + "Tire.IsPressureLow"},
		{key: "tpms_soft_warning_fr", name: "tyre_warning_fr", unit: "bool", signal: wheelFR + "Tire.IsPressureLow"},
		{key: "tpms_soft_warning_rl", name: "tyre_warning_rl", unit: "bool", signal: wheelRL + "Tire.IsPressureLow"},
		{key: "tpms_soft_warning_rr", name: "tyre_warning_rr", unit: "bool", signal: wheelRR + "Tire.IsPressureLow"},

		{key: "state", name: "state", unit: "enum"},
		{key: "since", name: "since", unit: "time"},
		{key: "healthy", name: "healthy", unit: "bool"},
		{key: "charging_state", name: "charge_state", unit: "enum", signal: isCharging, words: map[string]bool{
			"Charging": true, "Disconnected": false, "Stopped": false, "Complete": false, "NoPower": false, "Starting": false, "Calibrating": false,
		}},
		{key: "shift_state", name: "gear", unit: "enum"},
		{key: "display_name", name: "display_name", unit: "text"},
		{key: "model", name: "model", unit: "text"},
		{key: "trim_badging", name: "trim", unit: "text"},
		{key: "exterior_color", name: "color", unit: "text"},
		{key: "wheel_type", name: "wheel_type", unit: "text"},
		{key: "spoiler_type", name: "spoiler_type", unit: "text"},
		{key: "geofence", name: "place", unit: "text"},
		{key: "version", name: "firmware", unit: "text"},
		{key: "update_version", name: "update_version", unit: "text"},
		{key: "update_available", name: "update_available", unit: "bool"},
		{key: "locked", name: "locked", unit: "bool"},
		{key: "sentry_mode", name: "sentry_mode", unit: "bool"},
		{key: "windows_open", name: "windows_open", unit: "bool"},
		{key: "doors_open", name: "doors_open", unit: "bool"},
		{key: "driver_front_door_open", name: "door_open_fl", unit: "bool"},
		{key: "passenger_front_door_open", name: "door_open_fr", unit: "bool"},
		{key: "driver_rear_door_open", name: "door_open_rl", unit: "bool"},
		{key: "passenger_rear_door_open", name: "door_open_rr", unit: "bool"},
		{key: "trunk_open", name: "trunk_open", unit: "bool"},
		{key: "frunk_open", name: "hood_open", unit: "bool"},
		{key: "is_user_present", name: "user_present", unit: "bool"},
		{key: "is_climate_on", name: "climate_on", unit: "bool"},
		{key: "is_preconditioning", name: "preconditioning", unit: "bool"},
		{key: "climate_keeper_mode", name: "climate_keeper_mode", unit: "enum"},
		{key: "center_display_state", name: "center_display_state", unit: "enum"},
		{key: "active_route_destination", name: "route_destination", unit: "text"},
		{key: "active_route_latitude", name: "route_latitude", unit: "deg"},
		{key: "active_route_longitude", name: "route_longitude", unit: "deg"},
	}
}

// teslamateRoute lists the members of active_route that are single values.
func teslamateRoute() []key {
	return []key{
		{key: "destination", name: "route_destination", unit: "text"},
		{key: "energy_at_arrival", name: "route_soc_at_arrival", unit: "%"},
		{key: "miles_to_arrival", name: "route_distance", unit: "mi"},
		{key: "minutes_to_arrival", name: "route_time", unit: "min"},
		{key: "traffic_minutes_delay", name: "route_delay", unit: "min"},
	}
}

var teslamateKeys = index(teslamateTable)

func decodeTeslaMate(m Message) (Result, error) {
	device, name := teslamateTopic(m.Topic)
	if device == "" {
		return Result{}, &vehicle.Refusal{Reason: fmt.Sprintf("topic %q is not <prefix>/cars/<car id>/<key>", cut(m.Topic, maxName))}
	}
	c := collector{dialect: "teslamate"}
	c.Device = device
	payload := string(m.Payload)
	switch k, known := teslamateKeys().find(name); {
	case name == "location":
		c.teslamateLocation(m.Payload)
	case name == "active_route":
		c.teslamateActiveRoute(m.Payload)
	case known:
		c.bare(k, payload)
		c.checkCoordinate(name)
	default:
		c.unknown(key{key: name}, payload)
	}
	c.sample(m.Received, vehicle.TimeFromReceiver)
	return c.Result, nil
}

// teslamateTopic finds the car by the level cars: what is before it can be
// configured. The last level before it is the namespace, if it is not the prefix.
func teslamateTopic(topic string) (device, name string) {
	levels := strings.Split(topic, "/")
	n := len(levels)
	if n < 3 || levels[n-3] != "cars" || levels[n-2] == "" || levels[n-1] == "" {
		return "", ""
	}
	device = levels[n-2]
	if n > 4 && levels[n-4] != "" {
		device = levels[n-4] + "/" + device
	}
	return device, levels[n-1]
}

// jsonObject reads a JSON object out of a text that may be empty. It is nil, with a
// note, if there is none.
func (c *collector) jsonObject(k key, payload []byte) map[string]any {
	if strings.TrimSpace(string(payload)) == "" {
		c.none(k)
		return nil
	}
	value, err := parseJSON(payload)
	m, isObject := value.(map[string]any)
	switch {
	case err != nil:
		c.none(k)
		c.refuseError(k.key, err)
	case value == nil:
		c.none(k)
	case !isObject:
		c.unreadable(0, k, "want a JSON object")
	}
	return m
}

func (c *collector) teslamateLocation(payload []byte) {
	m := c.jsonObject(key{key: "location"}, payload)
	for _, name := range []string{"latitude", "longitude"} {
		value, given := m[name]
		if _, isNumber := value.(json.Number); !isNumber && m != nil {
			c.refuse(0, "location."+name, "want a number of degrees")
		} else if given {
			k, _ := teslamateKeys().find(name)
			c.given(k, value, "")
		}
	}
	if len(c.readings) < 2 {
		c.readings = nil // half a position is none; what the other half lacks was refused
		return
	}
	c.checkPosition("location")
}

func (c *collector) teslamateActiveRoute(payload []byte) {
	m := c.jsonObject(key{key: "active_route"}, payload)
	if fault, isText := m["error"].(string); isText && fault != "" {
		c.none(key{key: "active_route"}) // "No active route available"
		return
	}
	for _, k := range teslamateRoute() {
		if value, given := m[k.key]; given {
			k.key = "active_route." + k.key
			c.given(k, value, "")
		}
	}
}
