package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Feed says on which topics messages of a dialect arrive.
type Feed struct {
	Dialect string // see All
	Filter  string // MQTT topic filter; empty: the product's default, Dialect.Filter. A level may be Device
}

// Device, as a level of Feed.Filter, stands for any level, as + does, and names the
// device: for products whose messages do not.
const Device = "{device}"

// ParseFeed reads "wican", or "ovms3=fleet/ovms/#" with a topic filter.
func ParseFeed(s string) Feed {
	name, filter, _ := strings.Cut(s, "=")
	return Feed{Dialect: strings.TrimSpace(name), Filter: strings.TrimSpace(filter)}
}

// Router decodes the messages of several feeds and finds the vehicle of each
// device. It is only read after NewRouter: many goroutines may use it.
type Router struct {
	routes   []route
	vehicles map[device]vehicle.VIN
}

type route struct {
	dialect Dialect
	filter  string // Device is + here
	level   int    // of the topic that names the device; -1: the message does
}

// device is a device in the terms of its dialect.
type device struct{ dialect, id string }

// NewRouter checks the feeds, and the vehicles that devices are in. The keys of
// vehicles are DIALECT/DEVICE: "wican/a1b2c3d4e5f6", "ovms3/alice/CAR1". Of two
// feeds that match a topic the first counts.
func NewRouter(feeds []Feed, vehicles map[string]string) (*Router, error) {
	r := &Router{vehicles: make(map[device]vehicle.VIN, len(vehicles))}
	for _, f := range feeds {
		d, known := Lookup(f.Dialect)
		if !known {
			return nil, fmt.Errorf("feed %q: no such dialect; there are %s", f.Dialect, strings.Join(names(), ", "))
		}
		if f.Filter == "" {
			f.Filter = d.Filter
		}
		if f.Filter == "" {
			return nil, fmt.Errorf("feed %q: the product has no topics of its own: say which, as %s=TOPIC", f.Dialect, f.Dialect)
		}
		levels := strings.Split(f.Filter, "/")
		at := slices.Index(levels, Device)
		if at >= 0 {
			levels[at] = "+"
		}
		if err := checkFilter(levels); err != nil {
			return nil, fmt.Errorf("feed %q: topic filter %q: %w", f.Dialect, f.Filter, err)
		}
		r.routes = append(r.routes, route{d, strings.Join(levels, "/"), at})
	}
	for key, text := range vehicles {
		name, id, ok := strings.Cut(key, "/")
		if _, known := Lookup(name); !ok || !known || id == "" {
			return nil, fmt.Errorf("device %q: want DIALECT/DEVICE, such as wican/a1b2c3d4e5f6; dialects are %s", key, strings.Join(names(), ", "))
		}
		vin, err := vehicle.ParseVIN(text)
		if err != nil {
			return nil, fmt.Errorf("device %q: %w", key, err)
		}
		if !slices.ContainsFunc(feeds, func(f Feed) bool { return f.Dialect == name }) {
			return nil, fmt.Errorf("device %q: no feed reads %s", key, name)
		}
		r.vehicles[device{name, id}] = vin
	}
	return r, nil
}

func names() []string {
	var all []string
	for _, d := range All() {
		all = append(all, d.Name)
	}
	return all
}

// checkFilter applies MQTT 3.1.1 §4.7.1.
func checkFilter(levels []string) error {
	for i, level := range levels {
		if strings.Contains(level, "#") && (level != "#" || i < len(levels)-1) || strings.Contains(level, "+") && level != "+" {
			return errors.New("+ stands for a whole level, # for all that follow and comes last")
		}
		if strings.ContainsAny(level, "{}") {
			return fmt.Errorf("%s stands for a whole level, and only once", Device)
		}
	}
	return nil
}

// Filters lists the topic filters to subscribe to, each once.
func (r *Router) Filters() []string {
	var filters []string
	for _, route := range r.routes {
		if !slices.Contains(filters, route.filter) {
			filters = append(filters, route.filter)
		}
	}
	return filters
}

// Matches reports whether a topic belongs to a feed.
func (r *Router) Matches(topic string) bool {
	_, ok := r.find(topic)
	return ok
}

func (r *Router) find(topic string) (route, bool) {
	for _, route := range r.routes {
		if matches(route.filter, topic) {
			return route, true
		}
	}
	return route{}, false
}

// matches applies a filter to a topic (MQTT 3.1.1 §4.7): topics of the broker
// itself, $SYS, match no wildcard in the first level.
func matches(filter, topic string) bool {
	if strings.HasPrefix(topic, "$") && (strings.HasPrefix(filter, "+") || strings.HasPrefix(filter, "#")) {
		return false
	}
	for {
		want, filterRest, moreFilter := strings.Cut(filter, "/")
		level, topicRest, moreTopic := strings.Cut(topic, "/")
		switch {
		case want == "#":
			return true
		case want != "+" && want != level:
			return false
		case !moreTopic:
			return !moreFilter || filterRest == "#"
		case !moreFilter:
			return false
		}
		filter, topic = filterRest, topicRest
	}
}

// Redact takes out of a payload what must not be kept, see Dialect.Redact.
func (r *Router) Redact(topic string, payload []byte) []byte {
	if route, ok := r.find(topic); ok && route.dialect.Redact != nil {
		return route.dialect.Redact(payload)
	}
	return payload
}

// WithoutLocation takes out of a payload the places in it, as far as it can be read:
// see Dialect.WithoutLocation. Of a topic that itself names a place, whose payload is
// the bare value, nothing is left.
func (r *Router) WithoutLocation(topic string, payload []byte) []byte {
	route, ok := r.find(topic)
	switch {
	case ok && route.dialect.WithoutLocation != nil:
		return route.dialect.WithoutLocation(payload)
	case isJSON(payload):
		return jsonmsg.WithoutLocation(payload)
	case vehicle.NamesLocation(topic[strings.LastIndexByte(topic, '/')+1:]):
		return nil
	}
	return payload
}

// Decode reads a message of a feed. The vehicle is the one that the message names,
// else the one that its device is bound to, else the device itself where its name,
// or the last part of it, is a VIN. A message that names another vehicle than
// either is refused. The error, a *vehicle.Refusal, says that nothing can be used; a message whose device is bound to no vehicle can be
// replayed once it is. Its report says what it holds, of no vehicle.
func (r *Router) Decode(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	route, ok := r.find(topic)
	if !ok {
		return vehicle.Report{}, nil, &vehicle.Refusal{Offset: -1, Place: "topic", Reason: "no feed reads this topic"}
	}
	result, err := route.dialect.Decode(Message{Topic: topic, Payload: payload, Received: received})
	if err != nil {
		return vehicle.Report{}, result.Refusals, err
	}
	if route.level >= 0 {
		result.Device = strings.Split(topic, "/")[route.level]
	}
	report := vehicle.Report{Sent: result.Sent, Samples: result.Samples, Codes: result.Codes, Online: result.Online}
	if len(report.Samples) == 0 && len(report.Codes) == 0 && report.Online == nil {
		return vehicle.Report{}, result.Refusals, nil // nothing to store of anybody
	}
	if report.VIN, err = r.vehicleOf(route.dialect.Name, result); err != nil {
		return report, nil, err
	}
	return report, result.Refusals, nil
}

func (r *Router) vehicleOf(dialect string, result Result) (vehicle.VIN, error) {
	bound, isBound := r.vehicles[device{dialect, result.Device}]
	switch {
	case isBound && result.VIN != "" && result.VIN != bound:
		return "", &vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: fmt.Sprintf(
			"the message names %s, and its device %s/%s is bound to %s", result.VIN, dialect, result.Device, bound)}
	case isBound:
		return bound, nil
	}
	own, err := vehicle.ParseVIN(result.Device[strings.LastIndexByte(result.Device, '/')+1:])
	switch {
	case err == nil && result.VIN != "" && result.VIN != own:
		return "", &vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: fmt.Sprintf("the message names %s, and its device %s", result.VIN, own)}
	case result.VIN != "":
		return result.VIN, nil
	case err == nil:
		return own, nil
	}
	if result.Device == "" {
		return "", &vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: fmt.Sprintf(
			"the message names neither a vehicle nor a device: put %s into the topic filter of feed %s", Device, dialect)}
	}
	return "", &vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: fmt.Sprintf(
		"device %s/%s is bound to no vehicle: set device %s/%s=VIN and replay", dialect, result.Device, dialect, result.Device)}
}
