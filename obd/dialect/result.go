package dialect

import (
	"encoding/json"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MarshalJSON prints a result as `pitcrew decode` shows it. What the message did
// not say is left out.
//
//	device, vin   who sent it
//	values        by Point.Name: {value, unit, time}; a list is an array, no value is null.
//	              Of a name that comes more than once the last one stands
//	time          event time, the device's own: of the first sample, else Sent, else of the first value
//	samples       number of moments
//	dtcs          trouble codes
//	online        what a status message said
//
// The keys of Details stand beside these and give way to them.
func (r Result) MarshalJSON() ([]byte, error) {
	all := make(map[string]any, len(r.Details)+8)
	if at, ok := r.eventTime(); ok {
		all["time"] = stamp(at)
	}
	for name, value := range r.Details {
		all[name] = value
	}
	if r.Device != "" {
		all["device"] = r.Device
	}
	if r.VIN != "" {
		all["vin"] = r.VIN
	}
	if r.Online != nil {
		all["online"] = *r.Online
	}
	if len(r.Points) > 0 {
		all["values"] = r.values()
	}
	if len(r.Samples) > 0 {
		all["samples"] = len(r.Samples)
	}
	if len(r.Codes) > 0 {
		all["dtcs"] = r.dtcs()
	}
	return json.Marshal(all)
}

// eventTime is the time that the message itself gives.
func (r Result) eventTime() (time.Time, bool) {
	for _, s := range r.Samples {
		if s.TimeSource != vehicle.TimeFromReceiver {
			return s.Time, true
		}
	}
	if !r.Sent.IsZero() {
		return r.Sent, true
	}
	for _, p := range r.Points {
		if !p.Time.IsZero() {
			return p.Time, true // no value has a signal: nothing is stored of it
		}
	}
	return time.Time{}, false
}

type valueJSON struct {
	Value any    `json:"value"`
	Unit  string `json:"unit"`
	Time  string `json:"time,omitempty"`
}

func (r Result) values() map[string]valueJSON {
	values := make(map[string]valueJSON, len(r.Points))
	for _, p := range r.Points {
		v := valueJSON{Value: p.Value.Plain(), Unit: p.Unit}
		switch {
		case p.None:
			v.Value = nil
		case p.List != nil:
			v.Value = plainList(p.List)
		}
		if !p.Time.IsZero() {
			v.Time = stamp(p.Time)
		}
		values[p.Name] = v
	}
	return values
}

func (r Result) dtcs() []vehicle.Code {
	dtcs := []vehicle.Code{}
	for _, report := range r.Codes {
		for _, c := range report.Codes {
			dtcs = append(dtcs, c.Code)
		}
	}
	return dtcs
}

func plainList(list []float64) []any {
	all := make([]any, len(list))
	for i, f := range list {
		all[i] = vehicle.Number(f).Plain()
	}
	return all
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
