package dialect

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Freematics sends text over UDP, HTTP or MQTT:
//
//	<id>#<key>:<value>,<key>:<value>,...*<checksum>   samples; a comma at the end is legal
//	<id>#EV=<event>,TS=<uptime>,ID=<device>,VIN=<vin>*<checksum>
//
// The checksum is the sum of all characters before the asterisk, modulo 256, in
// hexadecimal without padding: a message without the right one is refused. Keys
// are hexadecimal. 0 is the uptime in milliseconds and starts a sample, 10 the
// time hhmmsscc without leading zeros, 11 the date ddmmyy, 100 to 1FF the PIDs of
// SAE J1979 service 01, scaled. A date counts for the later samples of its message
// too. A sample without date or time is as old as its uptime is behind that of the
// last one, which was sent at once: it has the receive time.

func freematics() Dialect {
	return Dialect{
		Name:   "freematics",
		Filter: "freematics/#",
		About:  "Freematics firmware text with hexadecimal keys and checksum; the id before # identifies the device",
		Decode: decodeFreematics,

		WithoutLocation: freematicsWithoutLocation,
	}
}

// freematicsWithoutLocation takes the keys of the place out of a frame, and makes its
// checksum right again if it was.
func freematicsWithoutLocation(frame []byte) []byte {
	sum := func(b []byte) (x byte) {
		for _, c := range b {
			x += c
		}
		return x
	}
	hash, star := bytes.IndexByte(frame, '#'), bytes.LastIndexByte(frame, '*')
	if hash < 0 || star < hash {
		star = len(frame)
	}
	kept := bytes.Clone(frame[:hash+1])
	for i, part := range bytes.Split(frame[hash+1:star], []byte(",")) {
		name := part[:max(0, bytes.IndexAny(part, ":="))]
		id, err := strconv.ParseUint(string(name), 16, 16)
		k, known := freematicsKeys().find(strings.ToUpper(strconv.FormatUint(id, 16)))
		if err == nil && known && vehicle.ClassOf(k.signal) == vehicle.ClassLocation {
			continue
		}
		if i > 0 {
			kept = append(kept, ',')
		}
		kept = append(kept, part...)
	}
	if star == len(frame) {
		return kept
	}
	tail := frame[star:]
	given, err := strconv.ParseUint(strings.TrimRight(string(tail[1:]), "\r\n\x00 "), 16, 8)
	if err != nil || byte(given) != sum(frame[:star]) {
		return append(kept, tail...)
	}
	return fmt.Appendf(kept, "*%X", sum(kept))
}

const (
	freematicsUptime = 0x00
	freematicsTime   = 0x10
	freematicsDate   = 0x11
	freematicsMotion = 0x20 // acceleration, three numbers between semicolons
	freematicsPower  = 0x24
	freematicsPIDs   = 0x100

	// leastSupply is the voltage below which key 24 is not the vehicle's supply:
	// boards without a wire to it measure their own battery, of 3 to 4.2 V.
	leastSupply = 6.0
)

var freematicsKeys = index(freematicsTable)

func freematicsTable() []key {
	return []key{
		{key: "A", name: "latitude", unit: "deg", signal: latitude},
		{key: "B", name: "longitude", unit: "deg", signal: longitude},
		{key: "C", name: "altitude", unit: "m", signal: altitude},
		{key: "D", name: "gps_speed", unit: "km/h", signal: vehicle.Speed},
		{key: "E", name: "heading", unit: "deg", signal: heading},
		{key: "F", name: "satellites"},
		{key: "12", name: "hdop"},
		{key: "24", name: nameAuxVoltage, unit: "V", signal: vehicle.LowVoltage, wire: "0.01V"},
		{key: "81", name: "rssi"},
		{key: "82", name: "device_temp", unit: "degC", wire: "0.1degC"},
	}
}

func decodeFreematics(m Message) (Result, error) {
	c := &collector{dialect: "freematics"}
	pairs, err := c.freematicsFrame(string(m.Payload))
	if err != nil {
		return c.Result, err
	}
	if len(pairs) > 0 && strings.EqualFold(pairs[0].key, "EV") {
		c.freematicsEvent(pairs)
		return c.Result, nil
	}
	samples := c.freematicsSamples(pairs)
	c.freematicsTimes(samples, m.Received)
	for _, s := range samples {
		c.freematicsSample(s)
	}
	if n := len(samples); n > 0 {
		c.detail("samples", n)
		if samples[n-1].hasUptime {
			c.detail("uptime_ms", samples[n-1].uptime)
		}
	}
	return c.Result, nil
}

// freematicsFrame checks the frame, and cuts it into its pairs.
func (c *collector) freematicsFrame(text string) ([]pair, *vehicle.Refusal) {
	text = strings.TrimRight(text, "\r\n\x00 ")
	hash, star := strings.IndexByte(text, '#'), strings.LastIndexByte(text, '*')
	switch {
	case hash <= 0:
		return nil, &vehicle.Refusal{Reason: "want the id of the device and #"}
	case star < hash:
		return nil, &vehicle.Refusal{Offset: len(text), Reason: "want * and a checksum at the end"}
	}
	if reason := badName(text[:hash]); reason != "" {
		return nil, &vehicle.Refusal{Reason: "id: " + reason}
	}
	c.Device = text[:hash]
	sum := byte(0)
	for i := range star {
		sum += text[i]
	}
	given, err := strconv.ParseUint(text[star+1:], 16, 8)
	c.detail("checksum_valid", err == nil && byte(given) == sum)
	if err != nil || byte(given) != sum {
		return nil, &vehicle.Refusal{Offset: star + 1, Place: "checksum", Reason: fmt.Sprintf("want %X, got %q", sum, cut(text[star+1:], 8))}
	}
	var pairs []pair
	for offset := hash + 1; offset < star; {
		part, _, _ := strings.Cut(text[offset:star], ",")
		at := strings.IndexAny(part, ":=")
		switch {
		case at >= 0:
			pairs = append(pairs, pair{part[:at], part[at+1:], offset})
		case part != "":
			c.refuse(offset, cut(part, maxName), "want a key, : and a value")
		}
		if len(pairs) > 16*maxValues {
			c.refuse(offset, "", "message holds more than %d keys: the rest is not read", 16*maxValues)
			break
		}
		offset += len(part) + 1
	}
	return pairs, nil
}

// freematicsEvent reads a notice of the firmware: it logs in and out.
func (c *collector) freematicsEvent(pairs []pair) {
	const login, logout, reconnect = 1, 2, 4
	for _, p := range pairs {
		switch strings.ToUpper(p.key) {
		case "EV":
			event, err := strconv.Atoi(p.value)
			if err != nil {
				c.refuse(p.offset, p.key, "want the number of an event, got %q", cut(p.value, 32))
				continue
			}
			c.detail("event", event)
			online := event == login || event == reconnect
			if online || event == logout {
				c.Online = &online
			}
		case "TS":
			if ms, err := strconv.ParseUint(p.value, 10, 32); err == nil {
				c.detail("uptime_ms", ms)
			}
		case "VIN":
			vin, err := vehicle.ParseVIN(p.value)
			if err != nil {
				c.refuse(p.offset, p.key, "not a VIN: %v", cut(err.Error(), maxName))
				continue
			}
			c.VIN = vin
		}
	}
}

// freematicsMoment is one sample of a message.
type freematicsMoment struct {
	pairs     []pair
	uptime    uint64
	hasUptime bool
	clock     *pair // key 10
	date      *pair // key 11, of this sample or of one before it
	when      moment
}

// freematicsSamples cuts the pairs at each key 0.
func (c *collector) freematicsSamples(pairs []pair) []*freematicsMoment {
	var samples []*freematicsMoment
	var s *freematicsMoment
	for i := range pairs {
		p := &pairs[i]
		id, err := strconv.ParseUint(p.key, 16, 16)
		if err != nil {
			c.refuse(p.offset, cut(p.key, maxName), "want a key of hexadecimal digits")
			continue
		}
		if s == nil || id == freematicsUptime {
			date := (*pair)(nil)
			if s != nil {
				date = s.date
			}
			s = &freematicsMoment{date: date}
			samples = append(samples, s)
		}
		switch id {
		case freematicsUptime:
			if s.uptime, err = strconv.ParseUint(p.value, 10, 32); err != nil {
				c.refuse(p.offset, p.key, "want the uptime in milliseconds, got %q", cut(p.value, 32))
			}
			s.hasUptime = err == nil
		case freematicsTime:
			s.clock = p
		case freematicsDate:
			s.date = p
		default:
			p.key = strings.ToUpper(strconv.FormatUint(id, 16))
			s.pairs = append(s.pairs, *p)
		}
	}
	return samples
}

// freematicsTimes dates the samples.
func (c *collector) freematicsTimes(samples []*freematicsMoment, received time.Time) {
	const longest = uint64(vehicle.MaxClockLead / time.Millisecond) // an older sample has been through a restart
	for _, s := range samples {
		last := samples[len(samples)-1]
		s.when = moment{at: received, source: vehicle.TimeFromReceiver}
		if s.hasUptime && last.hasUptime && s.uptime < last.uptime && last.uptime-s.uptime <= longest {
			s.when = moment{at: received.Add(-time.Duration(last.uptime-s.uptime) * time.Millisecond), source: vehicle.TimeFromAge}
		}
		if s.clock == nil || s.date == nil {
			continue
		}
		at, ok := freematicsClock(s.date.value, s.clock.value)
		reason := vehicle.Impossible(at, received)
		if !ok {
			reason = fmt.Sprintf("want a date ddmmyy and a time hhmmsscc that exist, got %q and %q", cut(s.date.value, 16), cut(s.clock.value, 16))
		}
		s.when = moment{at: at, refused: reason != ""}
		if s.when.refused {
			c.refuse(s.clock.offset, s.clock.key, "%s", reason)
			s.when.at = time.Time{}
		}
	}
}

// freematicsClock reads 140221 and 8445000 as 2021-02-14 08:44:50.
func freematicsClock(date, clock string) (time.Time, bool) {
	const day, hour = "000000", "00000000"
	if date == "" || clock == "" || len(date) > len(day) || len(clock) > len(hour) {
		return time.Time{}, false
	}
	text := day[len(date):] + date + hour[len(clock):] + clock
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return time.Time{}, false
		}
	}
	digits := func(i int) string { return text[i : i+2] }
	at, err := time.Parse(time.RFC3339, "20"+digits(4)+"-"+digits(2)+"-"+digits(0)+"T"+digits(6)+":"+digits(8)+":"+digits(10)+"."+digits(12)+"Z")
	return at, err == nil
}

// freematicsSample adds the values of a sample.
func (c *collector) freematicsSample(s *freematicsMoment) {
	c.begin(s.when)
	speed := -1
	for i, p := range s.pairs {
		if c.values > maxValues {
			break
		}
		id, _ := strconv.ParseUint(p.key, 16, 16)
		r, known := freematicsKeys().find(p.key)
		value, before := strings.TrimSpace(p.value), len(c.Refusals)
		switch {
		case r.signal == vehicle.Speed:
			speed = i // after the wheels' own
		case id >= freematicsPIDs && id <= freematicsPIDs+0xFF:
			c.freematicsPID(byte(id), p.key, value, p.offset)
		case id == freematicsMotion && strings.Contains(value, ";"):
			c.freematicsList(p, value)
		case !known:
			c.unknown(key{key: p.key}, value)
		default:
			if v, reason := parseNumber(value); id == freematicsPower && reason == "" && v < leastSupply*100 {
				r.signal = ""
			}
			c.given(r, value, "")
		}
		c.placed(before, p.offset)
	}
	before := len(c.Refusals)
	sound := c.checkPosition("A")
	c.placed(before, offsetOf(s.pairs, "A"))
	if speed >= 0 {
		p, before := s.pairs[speed], len(c.Refusals)
		r, _ := freematicsKeys().find(p.key)
		c.receiverSpeed(r, p.value, sound)
		c.placed(before, p.offset)
	}
	c.end(s.when)
}

// freematicsPID adds a PID's value, or keeps it under the dialect's own name.
func (c *collector) freematicsPID(pid byte, name, value string, offset int) {
	f, ok := pidField(pid)
	if !ok {
		c.unknown(key{key: name}, value)
		return
	}
	c.pid(f, key{key: name, name: pidName(f), unit: f.Unit}, value, "", offset)
}

// freematicsList adds numbers between semicolons.
func (c *collector) freematicsList(p pair, value string) {
	k := key{key: p.key, name: "acceleration"}
	var list []float64
	for part := range strings.SplitSeq(value, ";") {
		v, reason := parseNumber(part)
		if reason != "" || len(list) >= maxValues {
			c.unreadable(p.offset, k, "want numbers between semicolons")
			return
		}
		list = append(list, v)
	}
	c.list(k, list)
}
