package dialect

import (
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// saic reads the MQTT gateway of SAIC's iSMART (MG): one value per topic, as bare
// text.
//
//	saic/<user>/vehicles/<VIN>/drivetrain/soc
//
// The topic names the VIN; what is before vehicles can be configured. Topics that
// end in set and result are commands and their outcomes: not read. There is no
// clock: values are stamped on receipt. Current and power count positive what
// leaves the battery; tyre pressure is in bar.
func saic() Dialect {
	return Dialect{
		Name:   "saic",
		Filter: "saic/+/vehicles/+/#",
		About:  "SAIC iSMART gateway (MG): one value per topic, as text; the topic names the VIN",
		Decode: decodeSAIC,
	}
}

func saicTable() []key {
	return []key{
		{key: "drivetrain/soc", name: nameSoC, unit: "%", signal: vehicle.TractionSoC},
		{key: "drivetrain/soc_kwh", name: "hv_energy", unit: "kWh", signal: tractionBattery + "StateOfCharge.CurrentEnergy"},
		{key: "drivetrain/totalBatteryCapacity", name: "hv_energy_capacity", unit: "kWh", signal: tractionBattery + "NetCapacity"},
		{key: "drivetrain/voltage", name: "hv_voltage", unit: "V", signal: tractionBattery + "CurrentVoltage"},
		{key: "drivetrain/current", name: "hv_current", unit: "A", signal: tractionBattery + "CurrentCurrent", out: true},
		{key: "drivetrain/power", name: "hv_power", unit: "kW", signal: tractionBattery + "CurrentPower", out: true},
		{key: "drivetrain/hvBatteryActive", name: "hv_active", unit: "bool", signal: tractionBattery + "IsPowerConnected"},
		{key: "drivetrain/batteryHeating", name: "hv_heating", unit: "bool", signal: tractionBattery + "BatteryConditioning.IsOngoing"},
		{key: "drivetrain/batteryHeatingStopReason", name: "hv_heating_stop_reason", unit: "enum"},
		{key: "drivetrain/auxiliaryBatteryVoltage", name: nameAuxVoltage, unit: "V", signal: vehicle.LowVoltage},

		{key: "drivetrain/mileage", name: nameOdometer, unit: "km", signal: vehicle.TraveledDistance},
		{key: "drivetrain/mileageOfTheDay", name: "distance_today", unit: "km"},
		{key: "drivetrain/mileageSinceLastCharge", name: "distance_since_charge", unit: "km"},
		{key: "drivetrain/powerUsageOfDay", name: "energy_today", unit: "kWh"},
		{key: "drivetrain/powerUsageSinceLastCharge", name: "energy_since_charge", unit: "kWh"},
		{key: "drivetrain/lastChargeEndingPower", name: "energy_at_last_charge", unit: "kWh"},
		{key: "drivetrain/range", name: "range", unit: "km", signal: tractionBattery + "Range"},
		{key: "drivetrain/hybrid_electrical_range", name: "range_electric", unit: "km"},
		{key: "drivetrain/fossilFuel/percentage", name: nameFuelLevel, unit: "%", signal: vehicle.FuelLevel},
		{key: "drivetrain/fossilFuel/range", name: "fuel_range", unit: "km", signal: "Vehicle.Powertrain.FuelSystem.Range"},
		{key: "drivetrain/running", name: "ignition", unit: "bool"},

		{key: "drivetrain/charging", name: "charging", unit: "bool", signal: isCharging},
		{key: "drivetrain/chargerConnected", name: "plugged_in", unit: "bool", signal: isPlugged},
		{key: "drivetrain/chargingCableLock", name: "cable_locked", unit: "bool", signal: charging + "ChargingPort.IsChargingCableLocked"},
		{key: "drivetrain/remainingChargingTime", name: "time_to_full", unit: "s", signal: charging + "TimeToComplete"},
		{key: "drivetrain/socTarget", name: "charge_limit", unit: "%", signal: charging + "ChargeLimit"},
		{key: "drivetrain/chargeCurrentLimit", name: "charge_current_limit", unit: "enum"}, // "6A", "Max"
		{key: "drivetrain/chargingType", name: "charge_type", unit: "enum"},
		{key: "drivetrain/chargingStopReason", name: "charge_stop_reason", unit: "enum"},
		{key: "drivetrain/charging/lastStart", name: "charge_started", unit: "s"},
		{key: "drivetrain/charging/lastEnd", name: "charge_ended", unit: "s"},
		{key: "obc/current", name: "charger_current", unit: "A"},
		{key: "obc/voltage", name: "charger_voltage", unit: "V"},
		{key: "obc/powerSinglePhase", name: "charger_power_single_phase", unit: "W"},
		{key: "obc/powerThreePhase", name: "charger_power_three_phase", unit: "W"},
		{key: "ccu/onboardChargerPlugStatus", name: "plug_status_ac", unit: "enum"},
		{key: "ccu/offboardChargerPlugStatus", name: "plug_status_dc", unit: "enum"},
		{key: "bms/chargeStatus", name: "charge_state", unit: "enum"},

		{key: "climate/exteriorTemperature", name: nameAmbientTemp, unit: "degC", signal: vehicle.AirTemperature},
		{key: "climate/interiorTemperature", name: "cabin_temp", unit: "degC"},
		{key: "climate/remoteTemperature", name: "cabin_setpoint", unit: "degC"},
		{key: "climate/remoteClimateState", name: "climate_state", unit: "enum"},
		{key: "climate/heatedSeatsFrontLeftLevel", name: "seat_heating_left"},
		{key: "climate/heatedSeatsFrontRightLevel", name: "seat_heating_right"},

		{key: "location/latitude", name: "latitude", unit: "deg", signal: latitude},
		{key: "location/longitude", name: "longitude", unit: "deg", signal: longitude},
		{key: "location/heading", name: "heading", unit: "deg", signal: heading},
		{key: "location/elevation", name: "altitude", unit: "m", signal: altitude},
		{key: "location/speed", name: nameSpeed, unit: "km/h", signal: vehicle.Speed},

		{key: "tyres/frontLeftPressure", name: "tyre_pressure_fl", unit: "bar", signal: wheelFL + "Tire.Pressure"},
		{key: "tyres/frontRightPressure", name: "tyre_pressure_fr", unit: "bar", signal: wheelFR + "Tire.Pressure"},
		{key: "tyres/rearLeftPressure", name: "tyre_pressure_rl", unit: "bar", signal: wheelRL + "Tire.Pressure"},
		{key: "tyres/rearRightPressure", name: "tyre_pressure_rr", unit: "bar", signal: wheelRR + "Tire.Pressure"},

		{key: "doors/locked", name: "locked", unit: "bool"},
		{key: "doors/bonnet", name: "hood_open", unit: "bool"},
		{key: "doors/boot", name: "trunk_open", unit: "bool"},
		{key: "info/brand", name: "brand", unit: "text", signal: vehicle.Brand},
		{key: "info/model", name: "model", unit: "text", signal: vehicle.Model},
		{key: "info/year", name: "model_year", signal: vehicle.ModelYear},
		{key: "info/series", name: "series", unit: "text"},
		{key: "info/color", name: "color", unit: "text"},
		{key: "refresh/mode", name: "refresh_mode", unit: "enum"},
		{key: "refresh/period/active", name: "refresh_active", unit: "s"},
		{key: "refresh/period/inActive", name: "refresh_inactive", unit: "s"},
		{key: "refresh/period/afterShutdown", name: "refresh_after_shutdown", unit: "s"},
		{key: "refresh/period/inActiveGrace", name: "refresh_grace", unit: "s"},
		{key: "refresh/period/charging", name: "refresh_charging", unit: "s"},
		{key: "refresh/period/error", name: "refresh_error", unit: "s"},
	}
}

var saicKeys = index(saicTable)

func decodeSAIC(m Message) (Result, error) {
	vin, name := saicTopic(m.Topic)
	if vin == "" {
		return Result{}, &vehicle.Refusal{Reason: fmt.Sprintf("topic %q is not <prefix>/vehicles/<VIN>/<key>", cut(m.Topic, maxName))}
	}
	c := collector{dialect: "saic"}
	c.Device = vin
	if parsed, err := vehicle.ParseVIN(vin); err == nil {
		c.VIN = parsed
	} else {
		c.refuse(0, "topic", "%s", err.Error())
	}
	payload := string(m.Payload)
	switch k, known := saicKeys().find(name); {
	case strings.HasSuffix(name, "/set"), strings.HasSuffix(name, "/result"), strings.HasPrefix(name, "_internal/"):
	case name == "available":
		c.saicAvailable(strings.TrimSpace(payload))
	case known:
		c.bare(k, payload)
		c.checkCoordinate(name)
	case strings.HasPrefix(strings.TrimSpace(payload), "{"):
		c.refuse(0, name, "objects are not read: their values have topics of their own")
	default:
		c.unknown(key{key: name}, payload)
	}
	c.sample(m.Received, vehicle.TimeFromReceiver)
	return c.Result, nil
}

// saicTopic finds the vehicle by the level vehicles.
func saicTopic(topic string) (vin, name string) {
	levels := strings.Split(topic, "/")
	for i := len(levels) - 3; i >= 0; i-- {
		if levels[i] == "vehicles" && levels[i+1] != "" {
			return levels[i+1], strings.Join(levels[i+2:], "/")
		}
	}
	return "", ""
}

func (c *collector) saicAvailable(payload string) {
	online, ok := parseTruth(payload)
	switch payload {
	case "online", "available":
		online, ok = true, true
	case "offline", "not_available":
		online, ok = false, true
	}
	if !ok {
		c.refuse(0, "available", "want online or offline, got %q", cut(payload, 32))
		return
	}
	c.Online = &online
}
