package dialect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BMW CarData, the maker's own platform. The stream publishes on <gcid>/<vin>
//
//	{"vin", "entityId", "topic", "timestamp", "data": {"<descriptor>": {"timestamp", "value", "unit"}}}
//
// the REST form is {"telematicData": {...the same...}}, and programs that pass
// CarData on use a list: "data": [{"name", "value", "timestamp": unix seconds}].
// Every point has a time of its own, hours older than the message at times: each
// distinct one makes a Sample. A point without a time has that of the message. A
// value is a number, the same as text, a word or null; its unit counts where it is
// given. Batches without data are common and say nothing: they are no errors.

func bmwCarData() Dialect {
	return Dialect{
		Name:   "bmw_cardata",
		About:  "BMW CarData stream, REST answer or list: JSON of data points with their own times; VIN in payload and topic",
		Decode: decodeBMW,
	}
}

var bmwKeys = index(bmwTable)

// bmwTable lists descriptors, of several for one quantity the better one first.
func bmwTable() []key {
	table := []key{
		{key: "vehicle.vehicle.travelledDistance", name: nameOdometer, unit: "km", signal: vehicle.TraveledDistance},
		{key: "vehicle.trip.segment.end.travelledDistance", unit: "km", signal: vehicle.TraveledDistance},
		{key: "vehicle.drivetrain.batteryManagement.header", name: nameSoC, unit: "%", signal: vehicle.TractionSoC},
		{key: "vehicle.drivetrain.electricEngine.charging.level", name: nameSoC, unit: "%", signal: vehicle.TractionSoC},
		{key: "vehicle.powertrain.electric.battery.stateOfCharge.displayed", name: nameSoC, unit: "%", signal: tractionBattery + "StateOfCharge.Displayed"},
		{key: "vehicle.trip.segment.end.drivetrain.batteryManagement.hvSoc", unit: "%", signal: vehicle.TractionSoC},
		{key: "vehicle.powertrain.electric.battery.stateOfHealth.displayed", name: nameSoH, unit: "%", signal: vehicle.TractionSoH},
		{key: "vehicle.powertrain.electric.battery.stateOfCharge.target", unit: "%", signal: charging + "ChargeLimit"},
		{key: "vehicle.drivetrain.batteryManagement.maxEnergy", unit: "kWh", signal: tractionBattery + "NetCapacity"},
		{key: "vehicle.drivetrain.batteryManagement.batterySizeMax", unit: "kWh", signal: tractionBattery + "GrossCapacity"},
		{key: "vehicle.powertrain.electric.battery.charging.power", unit: "W", signal: charging + "AveragePower"},
		{key: "vehicle.drivetrain.electricEngine.charging.timeRemaining", unit: "min", signal: charging + "TimeToComplete"},
		{key: "vehicle.drivetrain.electricEngine.charging.timeToFullyCharged", unit: "min", signal: charging + "TimeToComplete"},
		{key: "vehicle.drivetrain.electricEngine.charging.hvStatus", signal: isCharging, words: map[string]bool{"CHARGING": true, "NOT_CHARGING": false}},
		{key: "vehicle.drivetrain.electricEngine.charging.status", signal: isCharging, words: map[string]bool{"CHARGINGACTIVE": true, "NOCHARGING": false}},
		{key: "vehicle.powertrain.tractionBattery.charging.port.anyPosition.isPlugged", unit: "bool", signal: isPlugged},
		{key: "vehicle.body.chargingPort.status", signal: isPlugged, words: map[string]bool{"CONNECTED": true, "DISCONNECTED": false}},
		{key: "vehicle.drivetrain.electricEngine.kombiRemainingElectricRange", unit: "km", signal: tractionBattery + "Range"},
		{key: "vehicle.drivetrain.electricEngine.remainingElectricRange", unit: "km", signal: tractionBattery + "Range"},
		{key: "vehicle.drivetrain.totalRemainingRange", unit: "km", signal: "Vehicle.Powertrain.Range"},
		{key: "vehicle.drivetrain.lastRemainingRange", unit: "km", signal: "Vehicle.Powertrain.Range"},
		{key: "vehicle.drivetrain.fuelSystem.level", name: nameFuelLevel, unit: "%", signal: vehicle.FuelLevel},
		{key: "vehicle.drivetrain.fuelSystem.remainingFuel", unit: "l", signal: "Vehicle.Powertrain.FuelSystem.AbsoluteLevel"},
		{key: "vehicle.electricalSystem.battery.voltage", name: nameAuxVoltage, unit: "V", signal: vehicle.LowVoltage},
		{key: "vehicle.status.serviceDistance.next", name: "service_distance", unit: "km", signal: "Vehicle.Service.DistanceToService"},
		{key: "vehicle.isMoving", unit: "bool", signal: "Vehicle.IsMoving"},
		{key: bmwPlace + "latitude", name: "latitude", unit: "deg", signal: latitude},
		{key: bmwPlace + "longitude", name: "longitude", unit: "deg", signal: longitude},
		{key: bmwPlace + "altitude", name: "altitude", unit: "m", signal: altitude},
		{key: bmwPlace + "heading", name: "heading", unit: "deg", signal: heading},
	}
	for _, wheel := range []struct {
		theirs, name string
		ours         vehicle.Signal
	}{{"row1.wheel.left", "fl", wheelFL}, {"row1.wheel.right", "fr", wheelFR}, {"row2.wheel.left", "rl", wheelRL}, {"row2.wheel.right", "rr", wheelRR}} {
		tyre := "vehicle.chassis.axle." + wheel.theirs + ".tire."
		table = append(table,
			key{key: tyre + "pressure", name: "tyre_pressure_" + wheel.name, unit: "kPa", signal: wheel.ours + "Tire.Pressure"},
			key{key: tyre + "temperature", name: "tyre_temp_" + wheel.name, unit: "degC", signal: wheel.ours + "Tire.Temperature"},
		)
	}
	return table
}

const bmwPlace = "vehicle.cabin.infotainment.navigation.currentLocation."

// bmwPoint is one data point.
type bmwPoint struct {
	name  string
	rank  int // see table.rank
	row   key
	known bool
	value any
	unit  string
	when  moment
}

func decodeBMW(m Message) (Result, error) {
	c := &collector{dialect: "bmw_cardata", namesUnits: true}
	whole, err := parseJSON(m.Payload)
	if err != nil {
		return Result{}, err
	}
	message, ok := whole.(map[string]any)
	if !ok && whole != nil {
		return Result{}, &vehicle.Refusal{Reason: "want an object with data points"}
	}
	if err := c.bmwVehicle(message["vin"], m); err != nil {
		return Result{}, err
	}
	undated := moment{at: m.Received, source: vehicle.TimeFromReceiver}
	if sent, given := message["timestamp"]; given && sent != nil {
		if when := c.clock("timestamp", sent, time.Second, m.Received); !when.refused {
			c.Sent, undated = when.at, when
		}
	}
	var points []bmwPoint
	for _, part := range []string{"data", "telematicData"} {
		points = append(points, c.bmwPoints(message[part], part, undated, m.Received)...)
	}
	c.bmwSamples(points)
	return c.Result, nil
}

// bmwVehicle reads who sent the message: the VIN of payload and topic, which must
// be the same where both give one.
func (c *collector) bmwVehicle(given any, m Message) *vehicle.Refusal {
	_, last, _ := strings.Cut(m.Topic, "/")
	topic, err := vehicle.ParseVIN(last)
	if err == nil {
		c.VIN, c.Device = topic, string(topic)
	}
	text, isText := given.(string)
	switch {
	case given == nil || isText && strings.TrimSpace(text) == "":
		return nil
	case !isText:
		c.refuse(0, "vin", "want a text")
		return nil
	}
	vin, err := vehicle.ParseVIN(text)
	switch {
	case err != nil && c.VIN == "":
		c.Device = cut(text, maxName)
		c.refuse(0, "vin", "not a VIN: %v", cut(err.Error(), maxName))
	case c.VIN != "" && vin != c.VIN:
		return &vehicle.Refusal{Place: "vin", Reason: "another VIN than in the topic, " + string(c.VIN)}
	default:
		c.VIN, c.Device = vin, string(vin)
	}
	return nil
}

// bmwPoints reads the data points of either form.
func (c *collector) bmwPoints(data any, place string, undated moment, received time.Time) []bmwPoint {
	var points []bmwPoint
	add := func(at, name string, item any) {
		object, ok := item.(map[string]any)
		if !ok {
			if item != nil {
				c.refuse(0, at, "a data point is an object with value and time")
			}
			return
		}
		p := bmwPoint{name: name, value: object["value"], when: undated}
		p.unit, _ = object["unit"].(string)
		if at := object["timestamp"]; at != nil {
			p.when = c.clock(cut(name, maxName), at, time.Second, received)
		}
		p.rank = bmwKeys().rank(name)
		p.row, p.known = bmwKeys().find(name)
		points = append(points, p)
	}
	switch data := data.(type) {
	case nil:
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(data)) {
			add(cut(name, maxName), name, data[name])
			if len(points) > maxValues {
				break
			}
		}
	case []any:
		for i, item := range data {
			at := fmt.Sprintf("%s[%d]", place, i)
			object, isObject := item.(map[string]any)
			name, isText := object["name"].(string)
			if isObject && !isText {
				c.refuse(0, at, "a data point has a name, a value and a time")
				continue
			}
			add(at, name, item)
			if len(points) > maxValues {
				break
			}
		}
	default:
		c.refuse(0, place, "want an object or a list of data points")
	}
	return points
}

// bmwSamples makes a sample of each distinct time. A refused time comes with its
// reason already: its values are shown, not stored.
func (c *collector) bmwSamples(points []bmwPoint) {
	slices.SortStableFunc(points, func(a, b bmwPoint) int {
		return cmp.Or(a.when.compare(b.when), a.rank-b.rank)
	})
	for i, p := range points {
		if i == 0 || p.when.compare(points[i-1].when) != 0 {
			c.begin(p.when)
		}
		if p.known {
			c.given(p.row, p.value, p.unit)
		} else {
			c.unknown(key{key: p.name, unit: p.unit}, p.value)
		}
		if i == len(points)-1 || p.when.compare(points[i+1].when) != 0 {
			c.checkPosition(bmwPlace + "latitude")
			c.end(p.when)
		}
	}
}
