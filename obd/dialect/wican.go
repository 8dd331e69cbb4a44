package dialect

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// wican reads MeatPi's WiCAN, a CAN adapter with wireless network. The device is
// the twelve hexadecimal digits in its topics.
//
//	wican/<device>/status       {"status":"online"}; offline as last will
//	wican/<device>/can/rx       CAN frames, {"bus","type":"rx","ts","frame":[{"id","dlc","rtr","extd","data"}]},
//	                            or in filter mode a flat object of values
//	wican/<device>/can/tx       a request to the car: shown, nothing to store
//	wican/<device>/elm327       text of the ELM327 that the device plays
//	wican/<device>/can/status, wican/<device>/cmd   not read
//	any other topic             AutoPID: a flat object of values, {"SOC":66.7,"CHARGING":"on"}
//
// Frame ids are decimal. ts counts milliseconds of a minute since start-up: it is no
// time, so that values are stamped on receipt. Tyre pressure is in psi, and
// booleans are on and off.
//
// Signs: the profiles do not agree on one. HV_A and HV_W are taken as what most
// battery controllers send, positive out of the battery.
func wican() Dialect {
	return Dialect{
		Name:   "wican",
		Filter: "wican/+/#",
		About:  "MeatPi WiCAN: CAN frames and named values as JSON; identified by the device's 12 digits",
		Decode: decodeWiCAN,
	}
}

var wicanKeys = index(wicanTable)

func decodeWiCAN(m Message) (Result, error) {
	device, kind := wicanTopic(m.Topic)
	c := collector{dialect: "wican"}
	c.Device = device
	switch kind {
	case "elm327":
		var answers ecu.Answers
		answers.Text(string(m.Payload))
		c.wicanAnswers(&answers, m.Received)
	case "cmd", "can/status":
	case "can/tx":
		c.wicanRequest(m.Payload)
	default:
		if err := c.wicanJSON(kind, m); err != nil {
			return Result{}, err
		}
	}
	c.sample(m.Received, vehicle.TimeFromReceiver)
	return c.Result, nil
}

// wicanTopic finds the device by its twelve digits, else behind the level wican.
// A topic that a user chose for a group of values may hold neither: then it is
// itself the identity.
func wicanTopic(topic string) (device, kind string) {
	levels := strings.Split(topic, "/")
	for i, level := range levels {
		if isWiCANDevice(level) || i == 1 && levels[0] == "wican" && len(levels) > 2 {
			return level, strings.Join(levels[i+1:], "/")
		}
	}
	return topic, ""
}

func isWiCANDevice(level string) bool {
	if len(level) != 12 {
		return false
	}
	for _, r := range level {
		if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}

// wicanJSON reads a status, frames, or a flat object of values.
func (c *collector) wicanJSON(kind string, message Message) error {
	value, err := parseJSON(message.Payload)
	if err != nil {
		return err
	}
	m, isObject := value.(map[string]any)
	if !isObject {
		return &vehicle.Refusal{Reason: "want a JSON object"}
	}
	switch {
	case kind == "status":
		return c.wicanStatus(m)
	case m["frame"] != nil:
		frames, count := c.wicanFrames(m["frame"])
		c.detail("frames", count)
		var answers ecu.Answers
		answers.Frames(frames)
		c.wicanAnswers(&answers, message.Received)
	default:
		c.object(m, wicanKeys())
	}
	return nil
}

func (c *collector) wicanStatus(m map[string]any) error {
	word, _ := m["status"].(string)
	online := word == "online"
	if !online && word != "offline" {
		return &vehicle.Refusal{Place: "status", Reason: "want online or offline"}
	}
	c.Online = &online
	return nil
}

// wicanFrames reads the list of frames and counts those that are well-formed.
// Remote frames ask for data and hold none: they are counted and left out.
func (c *collector) wicanFrames(value any) (frames []ecu.Frame, count int) {
	list, isList := value.([]any)
	if !isList {
		c.refuse(0, "frame", "want a list of frames")
		return nil, 0
	}
	for i, item := range list {
		f, remote, reason := readWiCANFrame(item)
		switch {
		case reason != "":
			c.refuse(0, fmt.Sprintf("frame[%d]", i), "%s", reason)
			continue
		case !remote:
			frames = append(frames, ecu.Frame{Frame: f, Index: i})
		}
		count++
	}
	return frames, count
}

func readWiCANFrame(item any) (f can.Frame, remote bool, reason string) {
	m, isObject := item.(map[string]any)
	if !isObject {
		return f, false, "want an object"
	}
	id, ok := wholeNumber(m["id"], 0x1FFFFFFF)
	extended, _ := m["extd"].(bool)
	switch {
	case !ok:
		return f, false, "want a decimal id of at most 29 bits"
	case !extended && id > 0x7FF:
		return f, false, fmt.Sprintf("id %d does not fit into 11 bits, and extd is not true", id)
	case extended:
		f.ID = can.Extended(uint32(id))
	default:
		f.ID = can.Standard(uint32(id))
	}
	if remote, _ = m["rtr"].(bool); remote {
		return f, true, ""
	}
	data, isList := m["data"].([]any)
	if !isList || len(data) > can.MaxData {
		return f, false, fmt.Sprintf("want a list of at most %d data bytes", can.MaxData)
	}
	f.Data = make([]byte, len(data))
	for i, d := range data {
		b, ok := wholeNumber(d, 0xFF)
		if !ok {
			return f, false, fmt.Sprintf("data byte %d is not 0 to 255", i)
		}
		f.Data[i] = byte(b)
	}
	if m["dlc"] != nil {
		dlc, ok := wholeNumber(m["dlc"], can.MaxData)
		if !ok || int(dlc) > len(f.Data) {
			return f, false, fmt.Sprintf("dlc does not fit %d data bytes", len(f.Data))
		}
		f.Data = f.Data[:dlc]
	}
	return f, false, ""
}

// wholeNumber reads a JSON number from 0 to limit without fraction.
func wholeNumber(value any, limit uint64) (uint64, bool) {
	n, isNumber := value.(json.Number)
	if !isNumber {
		return 0, false
	}
	v, reason := parseNumber(n.String())
	if reason != "" || v < 0 || v > float64(limit) || v != float64(uint64(v)) {
		return 0, false
	}
	return uint64(v), true
}

// wicanRequest shows what was asked of the car. The documented example ends in a
// semicolon that is no JSON; whatever is wrong here, nothing is lost by it.
func (c *collector) wicanRequest(payload []byte) {
	text := strings.TrimRight(string(payload), "; \t\r\n\x00")
	value, err := parseJSON([]byte(text))
	if err != nil {
		c.refuseError("can/tx", err)
		return
	}
	m, _ := value.(map[string]any)
	list, _ := m["frame"].([]any)
	frames, _ := c.wicanFrames(list)
	for _, f := range frames {
		if request := obdRequest(f.Frame); request != nil {
			c.detail("request", request)
			return
		}
	}
}

// obdRequest reads a request in a single frame: service, and the parameter in two
// hexadecimal digits, or four where the service takes an identifier of two bytes.
func obdRequest(f can.Frame) map[string]any {
	if len(f.Data) < 2 || f.Data[0] == 0 || int(f.Data[0]) >= len(f.Data) {
		return nil
	}
	message := f.Data[1 : 1+f.Data[0]]
	request := map[string]any{"can_id": f.ID.String(), "service": int(message[0])}
	const readDataByIdentifier = 0x22 // ISO 14229
	switch {
	case len(message) > 2 && message[0] == readDataByIdentifier:
		request["pid"] = fmt.Sprintf("%02X%02X", message[1], message[2])
	case len(message) > 1:
		request["pid"] = fmt.Sprintf("%02X", message[1])
	}
	return request
}
