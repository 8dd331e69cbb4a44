package jsonmsg_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
)

func TestWithoutLocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"telemetry": {
			`{"samples":[{"time":"x","signals":{"Vehicle.Speed":60,"Vehicle.CurrentLocation.Latitude":52.5,"Vehicle.CurrentLocation.Longitude":13.4}}]}`,
			`{"samples":[{"time":"x","signals":{"Vehicle.Speed":60}}]}`,
		},
		"first, middle and last": {`{"lat":1, "a":2, "lng" : 3 , "b":4,"lon":5}`, `{ "a":2, "b":4}`},
		"nothing else":           {`{"lat":1,"lon":2}`, `{}`},
		"freeze frame":           {`{"codes":[{"freezeFrame":{"Vehicle.CurrentLocation.Altitude":34,"Vehicle.Speed":40}}]}`, `{"codes":[{"freezeFrame":{"Vehicle.Speed":40}}]}`},
		"a charger":              {`{"Vehicle.Powertrain.TractionBattery.Charging.Location.Latitude":1,"Vehicle.Powertrain.TractionBattery.Charging.EvseId":"DE*ABC"}`, `{}`},
		"an object of a place":   {`{"a":1,"location":{"name":"home","xy":[52,13]},"loc":[{"x":3}],"b":2}`, `{"a":1,"b":2}`},
		"an object of a moment":  {`{"position":{"latitude":1,"speed":2}}`, `{"position":{"speed":2}}`},
		"lists and texts":        {`{"position":[52.5,[13.4]],"address":"Hauptstr. \"7\", Berlin","a":1}`, `{"a":1}`},
		"escapes":                {`{"\u004catitude":52.5,"a":"\"lat\":7"}`, `{"a":"\"lat\":7"}`},
		"cut":                    {`{"a":1,"lat":52.5163`, `{"a":1`},
		"a broken text":          {"{\"a\":\"x\ny\",\"lat\":52.5}", "{\"a\":\"x\ny\"}"},
		"no value":               {`{"a":1,"lat":`, `{"a":1`},
		"no end":                 {`{"a":"lat`, `{"a":"lat`},
		"nothing to do":          {`{"Vehicle.Speed":1,"PedalPosition":2,"x":"lat"}`, `{"Vehicle.Speed":1,"PedalPosition":2,"x":"lat"}`},
		"no JSON":                {"\x00\xff lat=52.5", "\x00\xff lat=52.5"},
		"nothing":                {"", ""},
		"a name and a cut":       {`{"lat"`, `{"lat"`},
	} {
		if got := string(jsonmsg.WithoutLocation([]byte(c.in))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWithoutLocationTwiceIsOnce(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{`"lat"`, `"loc"`, `"a"`, ":", ",", "{", "}", "[", "]", "1", " ", `\`, `"`, "\n"})
	rapid.Check(t, func(t *rapid.T) {
		var payload []byte
		for _, p := range rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces") {
			payload = append(payload, p...)
		}
		before := bytes.Clone(payload)
		once := jsonmsg.WithoutLocation(payload)
		if !bytes.Equal(before, payload) {
			t.Fatalf("the payload was changed: %q to %q", before, payload)
		}
		if twice := jsonmsg.WithoutLocation(once); !bytes.Equal(once, twice) {
			t.Fatalf("of %q is left %q, and of that %q", payload, once, twice)
		}
	})
}
