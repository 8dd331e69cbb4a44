package dialect_test

import "testing"

func TestTeslaMate(t *testing.T) {
	t.Parallel()
	const car = "teslamate/cars/1/"
	run(t, "teslamate", []message{
		{name: "power into the battery", topic: car + "power", payload: "-9", device: "1",
			points: []string{"hv_power=-9 kW"}, stored: []string{"Powertrain.TractionBattery.CurrentPower=9000"}},
		{name: "bar to kilopascal", topic: car + "tpms_pressure_fl", payload: "2.3", device: "1",
			points: []string{"tyre_pressure_fl=2.3 bar"}, stored: []string{"Chassis.Axle.Row1.Wheel.Left.Tire.Pressure=230"}},
		{name: "tyre warning", topic: car + "tpms_soft_warning_rr", payload: "true", device: "1",
			points: []string{"tyre_warning_rr=true bool"}, stored: []string{"Chassis.Axle.Row2.Wheel.Right.Tire.IsPressureLow=true"}},
		{name: "hours to seconds", topic: car + "time_to_full_charge", payload: "1.83", device: "1",
			points: []string{"time_to_full=1.83 h"}, stored: []string{"Powertrain.TractionBattery.Charging.TimeToComplete=6588"}},
		{name: "namespace", topic: "teslamate/home/cars/2/battery_level", payload: "88", device: "home/2",
			points: []string{"hv_soc=88 %"}, stored: []string{"Powertrain.TractionBattery.StateOfCharge.Current=88"}},
		{name: "cleared", topic: car + "charger_power", payload: "", device: "1", points: []string{"charger_power=none kW"}},
		{name: "date that does not exist", topic: car + "since", payload: "2019-02-29T23:00:07Z", device: "1",
			points: []string{"since=none time"}, refusals: []string{"since@0: want a time that exists"}},
		{name: "date", topic: car + "since", payload: "2019-02-28T23:00:07Z", device: "1", points: []string{"since=2019-02-28T23:00:07Z time"}},
		{name: "charging", topic: car + "charging_state", payload: "Charging", device: "1",
			points: []string{"charge_state=Charging enum"}, stored: []string{"Powertrain.TractionBattery.Charging.IsCharging=true"}},
		{name: "location", topic: car + "location", payload: `{"latitude":48.137,"longitude":-11.575}`, device: "1",
			points: []string{"latitude=48.137 deg", "longitude=-11.575 deg"}, stored: []string{"CurrentLocation.Latitude=48.137", "CurrentLocation.Longitude=-11.575"}},
		{name: "half a location", topic: car + "location", payload: `{"latitude":48.137,"longitude":"x"}`, device: "1",
			points: []string{"latitude=48.137 deg"}, refusals: []string{"location.longitude@-1: want a number"}},
		{name: "location without a fix", topic: car + "location", payload: `{"latitude":0,"longitude":0.0}`, device: "1",
			points: []string{"latitude=0 deg", "longitude=0 deg"}, refusals: []string{"location@-1: latitude and longitude are 0"}},
		{name: "location outside the globe", topic: car + "location", payload: `{"latitude":91,"longitude":11.5}`, device: "1",
			points: []string{"latitude=91 deg", "longitude=11.5 deg"}, refusals: []string{"location@-1: latitude or longitude is out of range"}},
		{name: "latitude outside the globe", topic: car + "latitude", payload: "-91", device: "1",
			points: []string{"latitude=-91 deg"}, refusals: []string{"latitude@0: want at most 90 degrees"}},
		{name: "longitude of 0", topic: car + "longitude", payload: "0.0", device: "1",
			points: []string{"longitude=0 deg"}, refusals: []string{"longitude@0: exactly 0 degrees"}},
		{name: "longitude", topic: car + "longitude", payload: "-170", device: "1",
			points: []string{"longitude=-170 deg"}, stored: []string{"CurrentLocation.Longitude=-170"}},
		{name: "no longer charging", topic: car + "charging_state", payload: "Complete", device: "1",
			points: []string{"charge_state=Complete enum"}, stored: []string{"Powertrain.TractionBattery.Charging.IsCharging=false"}},
		{name: "unknown state of charging", topic: car + "charging_state", payload: "Unplugging", device: "1",
			points: []string{"charge_state=Unplugging enum"}},
		{name: "NaN in a location", topic: car + "location", payload: `{"latitude":NaN,"longitude":1}`, device: "1",
			points: []string{"longitude=1 deg"}, refusals: []string{"location.latitude@-1: want a number"}},
		{name: "location that is none", topic: car + "location", payload: `{"latitude":48`, device: "1",
			points: []string{"location=none"}, refusals: []string{"location@14: JSON ends in the middle"}},
		{name: "location cleared", topic: car + "location", payload: "", device: "1", points: []string{"location=none"}},
		{name: "route", topic: car + "active_route", payload: `{"energy_at_arrival":73,"miles_to_arrival":21.5,"error":null}`, device: "1",
			points: []string{"route_soc_at_arrival=73 %", "route_distance=21.5 mi"}},
		{name: "no route", topic: car + "active_route", payload: `{"error":"No active route available"}`, device: "1", points: []string{"active_route=none"}},
		{name: "model is a text", topic: car + "model", payload: "3", device: "1", points: []string{"model=3 text"}},
		{name: "unknown number", topic: car + "x", payload: "3", device: "1", points: []string{"x=3"}, stored: []string{"teslamate.x=3"}},
		{name: "other topic", topic: "teslamate/cars/1", payload: "3", fails: `@0: topic "teslamate/cars/1" is not`},
	})
}

func TestSAIC(t *testing.T) {
	t.Parallel()
	const vin = "LSJW74090PZ000001"
	const car = "saic/me@example.com/vehicles/" + vin + "/"
	run(t, "saic", []message{
		{name: "mileage", topic: car + "drivetrain/mileage", payload: "1234.5", device: vin,
			points: []string{"odometer=1234.5 km"}, stored: []string{"TraveledDistance=1.2345e+06"}},
		{name: "charging current", topic: car + "drivetrain/current", payload: "-16.4", device: vin,
			points: []string{"hv_current=-16.4 A"}, stored: []string{"Powertrain.TractionBattery.CurrentCurrent=16.4"}},
		{name: "capital word", topic: car + "drivetrain/charging", payload: "True", device: vin,
			points: []string{"charging=true bool"}, stored: []string{"Powertrain.TractionBattery.Charging.IsCharging=true"}},
		{name: "tyre", topic: car + "tyres/rearLeftPressure", payload: "2.44", device: vin,
			points: []string{"tyre_pressure_rl=2.44 bar"}, stored: []string{"Chassis.Axle.Row2.Wheel.Left.Tire.Pressure=244"}},
		{name: "other prefix", topic: "home/mg/vehicles/" + vin + "/drivetrain/soc", payload: "50", device: vin,
			points: []string{"hv_soc=50 %"}, stored: []string{"Powertrain.TractionBattery.StateOfCharge.Current=50"}},
		{name: "latitude of 0", topic: car + "location/latitude", payload: "0", device: vin,
			points: []string{"latitude=0 deg"}, refusals: []string{"location/latitude@0: exactly 0 degrees"}},
		{name: "longitude outside the globe", topic: car + "location/longitude", payload: "181", device: vin,
			points: []string{"longitude=181 deg"}, refusals: []string{"location/longitude@0: want at most 180 degrees"}},
		{name: "available", topic: car + "available", payload: "online", device: vin, online: "true"},
		{name: "available in other words", topic: car + "available", payload: "?", device: vin, refusals: []string{"available@0: want online or offline"}},
		{name: "command", topic: car + "drivetrain/charging/set", payload: "true", device: vin},
		{name: "object", topic: car + "location/position", payload: `{"latitude":1}`, device: vin, refusals: []string{"location/position@-1: objects are not read"}},
		{name: "no VIN", topic: "saic/me/vehicles/X/drivetrain/soc", payload: "50", device: "X",
			points: []string{"hv_soc=50 %"}, stored: []string{"Powertrain.TractionBattery.StateOfCharge.Current=50"}, refusals: []string{"topic@0: parse VIN"}},
		{name: "other topic", topic: "saic/me/_internal/lwt", payload: "1", fails: "@0: topic"},
	})
}
