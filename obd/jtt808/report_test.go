package jtt808_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var received = time.Date(2026, 11, 22, 10, 0, 10, 0, time.UTC)

func TestReport(t *testing.T) {
	t.Parallel()
	const fuel, state = "Vehicle.Powertrain.FuelSystem.AbsoluteLevel", "Vehicle.LowVoltageSystemState"
	number := func(s vehicle.Signal, n float64) vehicle.Reading {
		return vehicle.Reading{Signal: s, Value: vehicle.Number(n)}
	}
	text := func(s string) vehicle.Reading { return vehicle.Reading{Signal: state, Value: vehicle.Text(s)} }
	position := []vehicle.Reading{
		number("Vehicle.CurrentLocation.Latitude", -33.86882), number("Vehicle.CurrentLocation.Longitude", -70.6693),
		number("Vehicle.CurrentLocation.Altitude", 520), number("Vehicle.CurrentLocation.Heading", 271),
	}
	tests := map[string]struct {
		change func(*jtt808.Location)
		want   []vehicle.Reading
	}{
		"all": {func(*jtt808.Location) {}, append(append([]vehicle.Reading{
			number(vehicle.TraveledDistance, 9791700), number(fuel, 40), number(vehicle.Speed, 63.2)}, position...), text("ACC"))},
		"recorder speed": {func(l *jtt808.Location) { l.Items = []jtt808.Item{{ID: 3, Value: []byte{0x02, 0x80}}} },
			append(append([]vehicle.Reading{number(vehicle.Speed, 64)}, position...), text("ACC"))},
		"recorder speed of a wrong length": {func(l *jtt808.Location) { l.Items = []jtt808.Item{{ID: 3, Value: []byte{0x02}}} },
			append(append([]vehicle.Reading{number(vehicle.Speed, 63.2)}, position...), text("ACC"))},
		"no fix": {func(l *jtt808.Location) { l.Status = 0; l.Items = l.Items[:1] },
			[]vehicle.Reading{number(vehicle.TraveledDistance, 9791700), text("OFF")}},
		"fix at 0, 0": {func(l *jtt808.Location) { l.Latitude, l.Longitude, l.Items = 0, 0, nil },
			[]vehicle.Reading{text("ACC")}},
		"latitude of 100": {func(l *jtt808.Location) { l.Latitude, l.Items = 100, nil },
			append([]vehicle.Reading{number(vehicle.Speed, 63.2), {Signal: "Vehicle.CurrentLocation.Latitude", Value: vehicle.Number(100), Quality: vehicle.QualityOutOfRange}},
				append(position[1:len(position):len(position)], text("ACC"))...)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := somewhere()
			tt.change(&l)
			device, got, _, err := jtt808.DecodeReport(frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, l)), received)
			if err != nil || device != "013812345678" {
				t.Fatalf("device %q, %v", device, err)
			}
			want := vehicle.Report{Samples: []vehicle.Sample{{Time: time.Date(2026, 11, 22, 10, 0, 5, 0, time.UTC), Readings: tt.want}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReportOfStoredLocations(t *testing.T) {
	t.Parallel()
	body, err := jtt808.AppendBatch(nil, 1, locations(5))
	if err != nil {
		t.Fatal(err)
	}
	h := jtt808.Header{ID: jtt808.LocationBatch, Edition2019: true, Version: 1, Phone: "00000000013812345678"}
	device, got, refusals, err := jtt808.DecodeReport(frame(t, h, body), received)
	if err != nil || device != h.Phone || len(refusals) > 0 || len(got.Samples) != 5 {
		t.Fatalf("device %q, %d samples, %v, %v", device, len(got.Samples), refusals, err)
	}
	for i, s := range got.Samples {
		if want := time.Date(2026, 11, 22, 10, 0, 5+i, 0, time.UTC); !s.Time.Equal(want) || s.TimeSource != vehicle.TimeFromDevice {
			t.Errorf("sample %d: %v", i, s.Time)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	t.Parallel()
	at := func(at time.Time) []byte {
		l := somewhere()
		l.Time = at
		return frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, l))
	}
	noTime := somewhere()
	noTime.Time = time.Time{}
	good := at(received)
	other := frame(t, jtt808.Header{ID: jtt808.LocationReport, Phone: "013800000000"}, locationBody(t, somewhere()))
	beat := frame(t, jtt808.Header{ID: jtt808.Heartbeat}, nil)
	broken := bytes.Clone(good)
	broken[20] ^= 1
	tests := map[string]struct {
		payload []byte
		samples int
		reasons []string
		err     bool
	}{
		"good":              {good, 1, nil, false},
		"heartbeat":         {beat, 0, nil, false},
		"almost a day":      {at(received.Add(24*time.Hour - time.Second)), 1, nil, false},
		"a day ahead":       {at(received.Add(24 * time.Hour)), 0, []string{"time is 24h0m0s or more ahead of the receive time"}, true},
		"1999 in UTC":       {at(time.Date(2000, 1, 1, 7, 59, 59, 0, jtt808.Zone)), 0, []string{"time is before the year 2000: the clock was not set"}, true},
		"2000 in UTC":       {at(time.Date(2000, 1, 1, 8, 0, 0, 0, jtt808.Zone)), 1, nil, false},
		"no time":           {frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, noTime)), 0, []string{"000000000000 is no time"}, true},
		"another terminal":  {append(bytes.Clone(good), other...), 1, []string{"frame of another terminal, 013800000000: want 013812345678"}, false},
		"broken, then good": {append(bytes.Clone(broken), good...), 1, []string{fmt.Sprintf("checksum is %02X, want %02X", good[len(good)-2], good[len(good)-2]^1)}, false},
		"empty":             {nil, 0, []string{"no frame in 0 bytes: nothing is between two 7E"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, refusals, err := jtt808.DecodeReport(tt.payload, received)
			if len(got.Samples) != tt.samples || (err != nil) != tt.err {
				t.Errorf("%d samples, %v", len(got.Samples), err)
			}
			var reasons []string
			for _, r := range refusals {
				reasons = append(reasons, r.Reason)
			}
			if diff := cmp.Diff(tt.reasons, reasons); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, _, _, err := jtt808.DecodeReport(at(received.Add(24*time.Hour)), received); err == nil || !strings.HasPrefix(err.Error(), "frames[0], byte 35: time ") {
		t.Errorf("got %v", err)
	}
	if _, got, _, err := jtt808.DecodeReport(at(received.AddDate(10, 0, 0)), time.Time{}); err != nil || len(got.Samples) != 1 {
		t.Errorf("without a receive time: %v", err)
	}
}

// The signals of locations are in the dictionary, with the unit that is meant.
func TestSignals(t *testing.T) {
	t.Parallel()
	units := map[vehicle.Signal]string{
		vehicle.TraveledDistance: "m", vehicle.Speed: "km/h", "Vehicle.Powertrain.FuelSystem.AbsoluteLevel": "l",
		"Vehicle.CurrentLocation.Latitude": "degrees", "Vehicle.CurrentLocation.Longitude": "degrees",
		"Vehicle.CurrentLocation.Altitude": "m", "Vehicle.CurrentLocation.Heading": "degrees",
		"Vehicle.LowVoltageSystemState": "",
	}
	_, got, _, err := jtt808.DecodeReport(frame(t, jtt808.Header{ID: jtt808.LocationReport}, locationBody(t, somewhere())), received)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Samples[0].Readings {
		unit, known := units[r.Signal]
		def, found := vehicle.Lookup(r.Signal)
		if !known || !found || def.Unit != unit {
			t.Errorf("%s: %+v", r.Signal, def)
		}
	}
	if len(got.Samples[0].Readings) != len(units) {
		t.Errorf("%d readings", len(got.Samples[0].Readings))
	}
}

func ExampleDecodeReport() {
	l := jtt808.Location{
		Status: jtt808.StatusACC | jtt808.StatusFix, Latitude: 22.6426, Longitude: 114.032984, Speed: 63.2,
		Time:  time.Date(2026, 11, 22, 18, 0, 0, 0, jtt808.Zone),
		Items: []jtt808.Item{{ID: 0x01, Value: []byte{0, 0, 0x02, 0xF5}}},
	}
	body, err := jtt808.AppendLocation(nil, l)
	if err != nil {
		fmt.Println(err)
		return
	}
	payload, err := jtt808.AppendFrame(nil, jtt808.Header{ID: jtt808.LocationReport, Phone: "013812345678"}, body)
	if err != nil {
		fmt.Println(err)
		return
	}
	device, report, _, err := jtt808.DecodeReport(payload, time.Date(2026, 11, 22, 10, 0, 1, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(device, report.Samples[0].Time)
	for _, r := range report.Samples[0].Readings[:2] {
		fmt.Println(r.Signal, r.Value)
	}
	// Output:
	// 013812345678 2026-11-22 10:00:00 +0000 UTC
	// Vehicle.TraveledDistance 75700
	// Vehicle.Speed 63.2
}

func ExampleDecode() {
	payload := []byte{0x7E, 0x00, 0x02, 0x00, 0x00, 0x04, 0x30, 0x48, 0x32, 0x54, 0x65, 0x00, 0xB7, 0xCA, 0x7E}
	header, err := json.Marshal(jtt808.Decode(payload).Frames[0].Header)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(header))
	// Output: {"msg_id":"0002","body_length":0,"encrypted":false,"subpackage":false,"version_2019":false,"phone":"043048325465","serial":183,"length_valid":true,"checksum_valid":true}
}
