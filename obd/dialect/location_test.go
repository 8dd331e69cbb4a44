package dialect_test

import (
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What is left of a message without its places is a message without places: of the
// same values otherwise, and of no more refusals.
func TestWithoutLocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dialect, topic, payload string }{
		"traccar":    {"traccar", "t/p", `{"device":{"uniqueId":"1"},"position":{"latitude":52.5,"longitude":13.4,"altitude":34,"course":90,"accuracy":5,"address":"Hauptstr. 7","deviceTime":"2026-11-25T08:00:00Z","attributes":{"power":12.6,"startLat":52.5}}}`},
		"torque":     {"torque", "t/p", "eml=a&id=bcc&time=1795593600000&kc=1726.0&kff1005=13.4&kff1006=52.5&kff1010=34&kff1007=9"},
		"freematics": {"freematics", "freematics/x", summed("CAR#0:1000,11:251126,10:8000000,10C:1726,A:52.5,B:13.4,C:34,E:90,24:1252")},
		"bmw":        {"bmw_cardata", "bmw/WBAVA31070NL00000", `{"vin":"WBAVA31070NL00000","data":{"vehicle.isMoving":{"value":true,"timestamp":"2026-11-25T08:00:00Z"},"vehicle.cabin.infotainment.navigation.currentLocation.latitude":{"value":52.5,"timestamp":"2026-11-25T08:00:00Z","unit":"degrees"},"vehicle.cabin.infotainment.navigation.currentLocation.longitude":{"value":13.4,"timestamp":"2026-11-25T08:00:00Z","unit":"degrees"}}}`},
		"autopi":     {"autopi", "unit/track/pos", `{"_type":"track.pos","_stamp":"2026-11-25T08:00:00Z","loc":{"lat":52.5,"lon":13.4},"alt":34,"cog":90,"nsat":9}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filter, _, _ := strings.Cut(c.topic, "/")
			r, err := dialect.NewRouter([]dialect.Feed{{Dialect: c.dialect, Filter: filter + "/#"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			blank := r.WithoutLocation(c.topic, []byte(c.payload))
			for _, secret := range []string{"52.5", "13.4", "Hauptstr"} {
				if strings.Contains(string(blank), secret) {
					t.Errorf("left: %s", blank)
				}
			}
			if again := r.WithoutLocation(c.topic, blank); string(again) != string(blank) {
				t.Errorf("of %s is left %s", blank, again)
			}
			d, _ := dialect.Lookup(c.dialect)
			read := func(payload string) (values map[vehicle.Signal]vehicle.Value, located int, refused []string) {
				got, err := d.Decode(dialect.Message{Topic: c.topic, Payload: []byte(payload), Received: receivedAt})
				if err != nil {
					t.Fatalf("%s: %v", payload, err)
				}
				values = map[vehicle.Signal]vehicle.Value{}
				for _, s := range got.Samples {
					for _, reading := range s.Readings {
						if vehicle.ClassOf(reading.Signal) == vehicle.ClassLocation {
							located++
							continue
						}
						values[reading.Signal] = reading.Value
					}
				}
				return values, located, refusals(got)
			}
			want, located, _ := read(c.payload)
			got, left, refused := read(string(blank))
			if located == 0 || left > 0 || len(refused) > 0 {
				t.Errorf("%d readings of a place, left are %d; refused %v", located, left, refused)
			}
			if len(got) != len(want) {
				t.Errorf("other readings are %v, want %v", got, want)
			}
		})
	}
}
