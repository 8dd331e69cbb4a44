package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ovms3 reads the Open Vehicle Monitoring System, server v3. The topic prefix is
// ovms/<user>/<vehicle id> and can be configured: what counts is the level that
// says what a message is.
//
//	metric/v/b/soc                       value as bare text in the native unit; the metric is v.b.soc
//	metric/s/v3/connected                yes, and no as last will
//	event, event/vehicle/on              name of an event, as text or in the topic
//	notify/<type>/<subtype>              info, error or alert, with a text
//	notify/data/<subtype>/<id>/<-age>    stored record, its age in seconds below zero
//	client/...                           requests of apps and the answers to them: not read
//
// Booleans are yes and no, lists are joined by commas, and an empty text means that
// the metric is undefined. Current and power count positive what leaves the battery.
// Messages carry no clock: they are stamped on receipt, and records by their age.
func ovms3() Dialect {
	return Dialect{
		Name:   "ovms3",
		Filter: "ovms/+/+/#",
		About:  "Open Vehicle Monitoring System v3: one metric per topic, as text; identified by user and vehicle id",
		Decode: decodeOVMS,
	}
}

func decodeOVMS(m Message) (Result, error) {
	device, kind, rest := ovmsTopic(m.Topic)
	if device == "" {
		return Result{}, &vehicle.Refusal{Reason: fmt.Sprintf("topic %q is not <prefix>/<user>/<vehicle id>/metric, event or notify", cut(m.Topic, maxName))}
	}
	c := collector{dialect: "ovms3"}
	c.Device = device
	payload := string(m.Payload)
	switch kind {
	case "metric":
		c.ovmsMetric(strings.Join(rest, "."), payload, m.Received)
		c.sample(m.Received, vehicle.TimeFromReceiver)
	case "event":
		c.ovmsEvent(strings.Join(rest, "."), payload)
	case "notify":
		c.ovmsNotify(rest, payload, m.Received)
	}
	return c.Result, nil
}

// ovmsTopic splits a topic at the level that says what the message is. The device
// is the two levels before it, user and vehicle id.
func ovmsTopic(topic string) (device, kind string, rest []string) {
	levels := strings.Split(topic, "/")
	if levels[0] == "ovms" && len(levels) > 3 && ovmsKind(levels[3]) {
		return strings.Join(levels[1:3], "/"), levels[3], levels[4:] // a user may be called "event"
	}
	for i := 1; i < len(levels); i++ {
		if ovmsKind(levels[i]) {
			device = strings.Join(levels[max(i-2, 0):i], "/")
			return strings.Trim(device, "/"), levels[i], levels[i+1:]
		}
	}
	return "", "", nil
}

func ovmsKind(level string) bool {
	return level == "metric" || level == "event" || level == "notify" || level == "client"
}

var (
	ovmsKeys     = index(ovmsTable)
	ovmsListKeys = index(ovmsLists)
)

func (c *collector) ovmsMetric(name, payload string, received time.Time) {
	if k, known := ovmsKeys().find(name); known {
		c.bare(k, payload)
		c.checkCoordinate(name)
		return
	}
	if k, known := ovmsListKeys().find(name); known {
		c.ovmsList(k, payload)
		return
	}
	for _, w := range ovmsWheels() {
		if w.key.key == name {
			c.ovmsAllWheels(w, payload)
			return
		}
	}
	switch {
	case name == "s.v3.connected":
		if online, ok := parseTruth(strings.TrimSpace(payload)); ok {
			c.Online = &online
		} else {
			c.refuse(0, name, "want yes or no, got %q", cut(payload, 32))
		}
	case name == "v.vin":
		c.ovmsVIN(payload)
	case name == "v.e.serv.time":
		c.ovmsServiceTime(payload, received)
	case c.ovmsOneWheel(name, payload):
	case strings.Contains(payload, ",") && c.ovmsUnknownList(name, payload):
	default:
		c.unknown(key{key: name}, payload)
	}
}

// ovmsList reads numbers joined by commas. One that cannot be read is refused and NaN.
// nil means that there is none, or that none can be read.
func (c *collector) ovmsList(k key, payload string) []float64 {
	if strings.TrimSpace(payload) == "" {
		c.none(k)
		return nil
	}
	fields := strings.Split(payload, ",")
	list := make([]float64, len(fields))
	offset, sound := 0, 0
	for i, f := range fields {
		v, reason := parseNumber(strings.TrimSpace(f))
		if reason == "" {
			sound++
		} else {
			v = math.NaN()
			c.refuse(offset, k.key, "element %d: %s", i+1, reason)
		}
		list[i] = v
		offset += len(f) + 1
	}
	if sound == 0 {
		c.none(k)
		return nil
	}
	c.list(k, list)
	return list
}

// ovmsUnknownList shows a list that no table knows. It is false if it is none.
func (c *collector) ovmsUnknownList(name, payload string) bool {
	if badName(name) != "" {
		return false
	}
	for f := range strings.SplitSeq(payload, ",") {
		if _, reason := parseNumber(strings.TrimSpace(f)); reason != "" {
			return false
		}
	}
	c.ovmsList(key{key: name}, payload)
	return true
}

// ovmsAllWheels stores a list with one number per wheel. A car of another number of
// wheels has its own order, so that its list is shown only.
func (c *collector) ovmsAllWheels(w ovmsWheel, payload string) {
	list := c.ovmsList(w.key, payload)
	wheels := [...]vehicle.Signal{wheelFL, wheelFR, wheelRL, wheelRR}
	if len(list) == 0 {
		return
	}
	if len(list) != len(wheels) {
		c.refuse(0, w.key.key, "want one number for each of %d wheels, got %d: not stored", len(wheels), len(list))
		return
	}
	for i, wheel := range wheels {
		if math.IsNaN(list[i]) {
			continue // refused
		}
		c.reading(w.key.key, vehicle.Measure(wheel+w.leaf, list[i]))
	}
}

// ovmsOneWheel reads the metrics of older firmware, v.tp.fl.p. It is false for any
// other metric.
func (c *collector) ovmsOneWheel(name, payload string) bool {
	rest, ok := strings.CutPrefix(name, "v.tp.")
	place, leaf, found := strings.Cut(rest, ".")
	wheel, known := map[string]vehicle.Signal{"fl": wheelFL, "fr": wheelFR, "rl": wheelRL, "rr": wheelRR}[place]
	if !ok || !found || !known {
		return false
	}
	for _, w := range ovmsWheels() {
		if w.single != "" && w.single == leaf {
			c.bare(key{key: name, name: w.name + "_" + place, unit: w.unit, signal: wheel + w.leaf}, payload)
			return true
		}
	}
	return false
}

func (c *collector) ovmsVIN(payload string) {
	k := key{key: "v.vin", name: "vin", unit: "text"}
	vin, err := vehicle.ParseVIN(payload)
	if err == nil {
		c.VIN = vin
		k.signal = "Vehicle.VehicleIdentification.VIN"
	} else if strings.TrimSpace(payload) != "" {
		c.refuse(0, k.key, "%s", err.Error())
	}
	c.bare(k, payload)
}

// ovmsServiceTime reads when the next service is due, in seconds since 1970. VSS
// counts the seconds until then.
func (c *collector) ovmsServiceTime(payload string, received time.Time) {
	k := key{key: "v.e.serv.time", name: "service_time", unit: "time"}
	s := strings.TrimSpace(payload)
	due, reason := parseNumber(s)
	if reason != "" {
		c.bare(k, payload) // a date, or nothing
		return
	}
	if c.point(Point{Key: k.key, Name: k.name, Unit: k.unit, Value: vehicle.Number(due)}) && due > 0 && !received.IsZero() {
		left := math.Round(due - float64(received.Unix()))
		c.reading(k.key, vehicle.Measure("Vehicle.Service.TimeToService", left))
	}
}

func (c *collector) ovmsEvent(name, payload string) {
	payload = strings.TrimSpace(payload)
	switch {
	case name == "" && payload == "":
		c.refuse(0, "event", "event has no name")
	case name == "":
		c.detail("event", cut(strings.ToValidUTF8(payload, "�"), maxText))
	default:
		c.detail("event", cut(strings.ToValidUTF8(name, "�"), maxText))
		if payload != "" && payload != name {
			c.detail("text", cut(strings.ToValidUTF8(payload, "�"), maxText))
		}
	}
}

// ovmsNotify reads a notification. The text is for people; a stored record is a
// line of comma separated values whose meaning depends on its subtype.
func (c *collector) ovmsNotify(rest []string, payload string, received time.Time) {
	if len(rest) < 2 {
		c.refuse(0, "notify", "topic names no type and subtype")
		return
	}
	note := map[string]any{"type": rest[0], "subtype": strings.Join(rest[1:], ".")}
	if text := strings.TrimSpace(payload); text != "" {
		note["text"] = cut(strings.ToValidUTF8(text, "�"), maxText)
	}
	if n := len(rest); rest[0] == "data" && n >= 4 {
		note["subtype"] = strings.Join(rest[1:n-2], ".")
		note["id"] = rest[n-2]
		c.ovmsAge(note, rest[n-1], received)
	}
	c.detail("notify", note)
}

// ovmsAge reads the age of a stored record, "-120" for two minutes ago: it happened
// that long before it was received.
func (c *collector) ovmsAge(note map[string]any, level string, received time.Time) {
	age, err := strconv.ParseInt(level, 10, 64)
	const century = 100 * 366 * 24 * 3600
	if err != nil || age > 0 || age < -century {
		c.refuse(0, "notify", "want the age as seconds below zero, got %q", cut(level, 32))
		return
	}
	note["age_s"] = -age
	if received.IsZero() {
		return
	}
	at := received.Add(time.Duration(age) * time.Second)
	if reason := vehicle.Impossible(at, received); reason != "" {
		c.refuse(0, "notify", "%s", reason)
		return
	}
	note["time_source"] = "age"
	c.detail("time", stamp(at))
}
