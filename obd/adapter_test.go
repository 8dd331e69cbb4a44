package obd_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// saying is what an adapter shows of the messages of one ECU, given in hexadecimal.
func saying(t *testing.T, id string, messages ...string) string {
	t.Helper()
	var text []byte
	for _, m := range messages {
		payload, err := hex.DecodeString(strings.ReplaceAll(m, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = elm327.AppendMessage(text, id, payload); err != nil {
			t.Fatal(err)
		}
		text = elm327.AppendPrompt(text)
	}
	return string(text)
}

// vinAnswer is an answer to 0902.
func vinAnswer(vin vehicle.VIN) string { return "490201" + hex.EncodeToString([]byte(vin)) }

func TestDecodeAdapterFreezeFrames(t *testing.T) {
	t.Parallel()
	confirmed := []vehicle.CodeStatus{vehicle.CodeConfirmed}
	freezeDTC := vehicle.Reading{Signal: "Vehicle.OBD.FreezeDTC", Value: vehicle.Text("P0171")}
	entry := func(frozen ...vehicle.Reading) []vehicle.CodeReport {
		return []vehicle.CodeReport{{Time: sampled, ECU: "7E8", Covers: confirmed, Codes: []vehicle.CodeEntry{
			{Code: "P0171", Status: vehicle.CodeConfirmed, FreezeFrame: frozen},
		}}}
	}
	stored := func(ecu string, c vehicle.Code) vehicle.CodeReport {
		return vehicle.CodeReport{Time: sampled, ECU: ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: []vehicle.CodeEntry{
			{Code: c, Status: vehicle.CodeStored, FreezeFrame: []vehicle.Reading{number(vehicle.EngineSpeed, 1726)}},
		}}
	}
	tests := map[string]struct {
		text    string
		samples []vehicle.Reading
		codes   []vehicle.CodeReport
		refused []string
	}{
		"attached": {
			saying(t, "7E8", "42 0C 00 1A F8", "42 02 00 01 71", "42 05 00 5A", "43 01 01 71", "41 0D 00"),
			[]vehicle.Reading{freezeDTC, number(vehicle.Speed, 0)},
			entry(number(vehicle.EngineSpeed, 1726), number(vehicle.CoolantTemperature, 50)), nil,
		},
		"the code is not listed": {
			saying(t, "7E8", "42 0C 00 1A F8", "42 02 00 03 00", "43 01 01 71"),
			[]vehicle.Reading{{Signal: "Vehicle.OBD.FreezeDTC", Value: vehicle.Text("P0300")}},
			append(entry(), stored("7E8", "P0300")), nil,
		},
		"listed by another ECU": {
			saying(t, "7E9", "42 0C 00 1A F8", "42 02 00 01 71") + saying(t, "7E8", "43 01 01 71"),
			[]vehicle.Reading{freezeDTC}, append(entry(), stored("7E9", "P0171")), nil,
		},
		"no list":                 {saying(t, "7E8", "42 0C 00 1A F8", "42 02 00 01 71"), []vehicle.Reading{freezeDTC}, []vehicle.CodeReport{stored("7E8", "P0171")}, nil},
		"the code was not asked":  {saying(t, "7E8", "42 0C 00 1A F8", "43 01 01 71"), nil, entry(), []string{"its code (PID 02) was not asked"}},
		"a frame of another code": {saying(t, "7E8", "42 0C 01 1A F8", "42 02 00 01 71", "43 01 01 71"), []vehicle.Reading{freezeDTC}, entry(), []string{"freeze frame 1 is not used"}},
		"no frame":                {saying(t, "7E8", "42 02 00 00 00"), nil, nil, nil},
		"cut short":               {saying(t, "7E8", "42 0C 00", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, nil, []string{"too short"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused, err := decodeText(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var samples []vehicle.Reading
			if len(got.Samples) > 0 {
				samples = got.Samples[0].Readings
			}
			if diff := cmp.Diff(tt.samples, samples) + cmp.Diff(tt.codes, got.Codes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkRefusals(t, refused, tt.refused)
		})
	}
}

func TestDecodeAdapterOtherServices(t *testing.T) {
	t.Parallel()
	sameVIN := []vehicle.Reading{{Signal: "Vehicle.VehicleIdentification.VIN", Value: vehicle.Text(string(vin))}}
	tests := map[string]struct {
		text    string
		want    []vehicle.Reading
		refused []string
	}{
		"cleared":          {"44\r>", nil, nil},
		"cleared and OK":   {"44 OK\r>", nil, nil},
		"tests":            {saying(t, "7E8", "46 01 01 0A 0B B0 0B B0 0B B0"), nil, nil},
		"VIN":              {saying(t, "7E8", vinAnswer(vin)), sameVIN, nil},
		"VIN, pre-CAN":     {"490201000000314902024847434D490203383236334902043341303049020534333532\r>", sameVIN, nil},
		"calibration":      {saying(t, "7E8", "49 04 01 4D 53 56 38 30"), nil, nil},
		"VIN of a part":    {saying(t, "7E9", vinAnswer("WP0ZZZ99ZTS392124")) + saying(t, "7E8", vinAnswer(vin)), sameVIN, []string{"ECU 7E9 has the VIN of another vehicle"}},
		"cut test":         {saying(t, "7E8", "46 01 01 0A 0B B0 0B B0 0B", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, []string{"last test result is cut"}},
		"no VIN":           {saying(t, "7E8", "49 02 01 FF FF FF FF", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, []string{"no VIN is programmed"}},
		"negative":         {saying(t, "7E8", "7F 09 12", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, []string{"service 09 refused"}},
		"request is seen":  {saying(t, "7E0", "01 0D") + saying(t, "7E8", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, nil},
		"maker's own data": {saying(t, "7EC", "62 01 01 FF", "41 0D 00"), []vehicle.Reading{number(vehicle.Speed, 0)}, []string{"not in the table"}},
		"voltage too high": {"35.9V\r>", []vehicle.Reading{vehicle.Measure(vehicle.LowVoltage, 35.9)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused, err := decodeText(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var readings []vehicle.Reading
			if len(got.Samples) > 0 {
				readings = got.Samples[0].Readings
			}
			erased := slices.DeleteFunc(slices.Clone(got.Codes), func(r vehicle.CodeReport) bool { return !r.Erased || len(r.Codes) > 0 })
			wantErased := 0
			if strings.HasPrefix(tt.text, "44") {
				wantErased = 1
			}
			if diff := cmp.Diff(tt.want, readings); diff != "" || len(got.Codes) != wantErased || len(erased) != wantErased {
				t.Errorf("%+v (-want +got):\n%s", got.Codes, diff)
			}
			checkRefusals(t, refused, tt.refused)
		})
	}
}

// TestAnotherVehicle makes sure that nothing is taken from an adapter that was moved
// to another car.
func TestAnotherVehicle(t *testing.T) {
	t.Parallel()
	_, _, err := decodeText(saying(t, "7E8", "41 0D 3C", vinAnswer("WP0ZZZ99ZTS392124"), "43 01 01 71"))
	var typed *vehicle.Refusal
	if !errors.As(err, &typed) || !strings.Contains(err.Error(), "the car says it is another vehicle: WP0ZZZ99ZTS392124") {
		t.Errorf("got %v", err)
	}
}

// TestFramesOfOtherECUs takes frames of ids that makers use: the answers count, the
// tester's requests do not.
func TestFramesOfOtherECUs(t *testing.T) {
	t.Parallel()
	payload := `{"time":"2026-11-22T09:59:58Z","frames":[{"id":"7C6","data":"0322B002"},{"id":"7CE","data":"03410D3C"},
 {"id":"18DB33F1","data":"02010D"},{"id":"18DAF110","data":"1008410C1AF8055A"},{"id":"18DA10F1","data":"300000"},
 {"id":"18DAF110","data":"21FFFF"},{"id":"7C6","data":"1009220101010201"},{"id":"7C6","data":"21030104"},{"id":"7E8","data":"1008"}]}`
	got, refused, err := obd.Decode(obd.Adapter, vin, []byte(payload), received)
	if err != nil {
		t.Fatal(err)
	}
	want := []vehicle.Reading{number(vehicle.EngineSpeed, 1726), number(vehicle.Speed, 60)}
	if diff := cmp.Diff(want, got.Samples[0].Readings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	checkRefusals(t, refused, []string{"4 bytes after PID 0C are not read", "first frame is cut short"})
}
